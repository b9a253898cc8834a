"""No file keeps a reader waiting, fills its memory or makes a device act."""

from __future__ import annotations

import os
import socket
import stat
import threading
import time

import pytest

from lstmviz.core.asking.session import SessionError, read_session
from lstmviz.core.files import foreignfile
from lstmviz.core.files.foreignfile import (
    MissingFileError,
    UnreadableFileError,
    open_foreign,
    read_foreign,
    within,
)
from lstmviz.core.files.pngtext import read_text
from lstmviz.core.trace import Trace
from lstmviz.gui.app import preferences
from lstmviz.gui.app.preferences import Preferences


def special_files(folder):
    """Make one of each; return its path and what it is."""
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(folder / "socket"))
    names = ["folder", "pipe", "socket"]
    if os.geteuid() == 0:
        try:
            # Its own /dev/zero: endless.
            os.mknod(folder / "device", stat.S_IFCHR | 0o666, os.makedev(1, 5))
            names.append("device")
        except PermissionError:
            pass
    for name in names:
        (folder / f"link-to-{name}").symlink_to(name)
        for ending in (".json", ".png", ".npz"):
            (folder / f"{name}{ending}").symlink_to(name)
    return names


def refusal(act, kind=UnreadableFileError):
    start = time.monotonic()
    with pytest.raises(kind) as caught:
        act()
    assert time.monotonic() - start < 60  # none of these ends by itself
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert len(sentence) < 600
    return sentence


def test_every_reader_takes_regular_files_only(tmp_path):
    for name in special_files(tmp_path):
        word = f"it is a {name}."
        for path in (tmp_path / name, tmp_path / f"link-to-{name}"):
            assert word in refusal(lambda path=path: read_foreign(path, 100))
            assert preferences.load(path) == Preferences()
        for ending, read, kind in (
            (".json", read_session, SessionError),
            (".png", read_session, SessionError),
            (".png", lambda path: read_text(path, "lstmviz"), OSError),
            (".npz", Trace.load, OSError),
        ):
            path = tmp_path / f"{name}{ending}"
            assert word in refusal(lambda path=path, read=read: read(path), kind)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    (tmp_path / "dangling").symlink_to("none")
    for path in (tmp_path / "none", tmp_path / "dangling"):
        assert refusal(lambda path=path: read_foreign(path, 9), MissingFileError) == (
            f"there is no file {path}."
        )


def test_what_is_opened_counts_and_not_what_stood_there_before(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"quiet")
    real = os.open

    def swapped(given, *arguments, **options):
        path.unlink()
        os.mkfifo(path)
        return real(given, *arguments, **options)

    monkeypatch.setattr(foreignfile.os, "open", swapped)
    assert "it is a pipe" in refusal(lambda: read_foreign(path, 100))


def test_no_more_is_read_than_may_be(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_foreign(path, 5) == b"12345"
    assert "too large" in refusal(lambda: read_foreign(path, 4))
    with path.open("wb") as file:
        file.truncate(1 << 42)
    assert "too large: more than 1.0 MiB" in refusal(lambda: read_foreign(path, 1 << 20))
    assert preferences.load(path) == Preferences()


def test_sizes_that_lie_are_not_believed():
    # The system says of these that they hold nothing.
    assert read_foreign("/proc/self/status", 1 << 20).startswith(b"Name:")
    assert "too large" in refusal(lambda: read_foreign("/proc/self/status", 10))


def test_a_picture_without_an_end_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "endless.png"
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.truncate(1 << 40)
    assert read_text(path, "lstmviz") == ""
    with path.open("wb") as file:
        # Well-formed pieces without anything in them, more than any picture has.
        file.write(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0IDAT\0\0\0\0" * 300_000)
    assert read_text(path, "lstmviz") == ""


def test_a_reader_that_is_kept_waiting_gives_up():
    end = threading.Event()
    try:
        assert "longer than 0.05 s" in refusal(lambda: within(0.05, end.wait, "file"))
    finally:
        end.set()
    assert within(60, lambda: 7, "file") == 7
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 / 0, "file")


def test_a_name_is_shown_without_being_obeyed(tmp_path):
    path = tmp_path / "\x1b[31mred\nnew"
    sentence = refusal(lambda: read_foreign(path, 9))
    assert "\\x1b[31mred\\nnew" in sentence
    assert sentence.isprintable()


def test_what_is_done_with_a_file_keeps_its_own_errors(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"")
    with pytest.raises(KeyError), open_foreign(path):
        raise KeyError
