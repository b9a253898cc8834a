"""The old file or the new one, whole, and nothing beside it, whatever happens in between."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time

import pytest

from lstmviz.core.files import draftfile
from lstmviz.core.files.atomic_file import UnwritableFileError, check_place, whole_file, write_whole


@pytest.fixture(params=["nameless", "named"])
def way(request, monkeypatch):
    """Both ways in which a draft stands: where the system can have it without a name, and not."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    return request.param


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "old"
    path.write_bytes(b"old")
    return path


def refusal(path, act=write_whole):
    with pytest.raises(UnwritableFileError) as caught:
        act(path, b"new") if act is write_whole else act(path)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.mark.usefixtures("way")
def test_a_file_is_replaced_whole_and_keeps_its_permissions(old, tmp_path):
    old.chmod(0o640)
    write_whole(old, b"new")
    assert old.read_bytes() == b"new"
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    write_whole(tmp_path / "fresh", memoryview(b"x" * 100_000))
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "fresh").stat().st_mode) == 0o666 & ~umask
    assert sorted(p.name for p in tmp_path.iterdir()) == ["fresh", "old"]


@pytest.mark.usefixtures("way")
def test_a_link_is_followed_and_what_it_leads_to_replaced(old, tmp_path):
    (tmp_path / "deep").mkdir()
    link, dangling = tmp_path / "deep" / "link", tmp_path / "deep" / "dangling"
    link.symlink_to("../old")
    dangling.symlink_to("../made")
    write_whole(link, b"new")
    write_whole(dangling, b"made")
    assert link.is_symlink()
    assert old.read_bytes() == b"new"
    assert (tmp_path / "made").read_bytes() == b"made"
    assert sorted(p.name for p in (tmp_path / "deep").iterdir()) == ["dangling", "link"]


def special_files(folder):
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    found = ["folder", "pipe"]
    if os.geteuid() == 0:
        try:
            os.mknod(folder / "device", stat.S_IFCHR | 0o666, os.makedev(1, 3))
            found.append("device")
        except PermissionError:
            pass
    return found


@pytest.mark.usefixtures("way")
def test_a_link_into_a_folder_that_is_not_there_says_which(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("nowhere/file")
    with pytest.raises(UnwritableFileError, match=f"it is a link into {tmp_path}/nowhere, and"):
        write_whole(link, b"new")
    assert link.is_symlink()


def test_only_regular_files_are_written_to_also_behind_links(tmp_path):
    for name in special_files(tmp_path):
        link = tmp_path / f"link-to-{name}"
        link.symlink_to(name)
        before = (tmp_path / name).lstat()
        for path in (tmp_path / name, link):
            assert f"it is a {name}." in refusal(path)
            assert f"it is a {name}." in refusal(path, check_place)
        after = (tmp_path / name).lstat()
        assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino)
        assert link.is_symlink()


def test_a_place_that_cannot_be_is_refused_before_anything_is_written(old, tmp_path):
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    for path, reason in (
        (f"{tmp_path}/new/", "it names a folder"),
        (tmp_path / "none" / "new", "there is no folder"),
        (tmp_path / ("n" * 300), "File name too long"),
        (loop, "Too many levels of symbolic links"),
        (old / "new", "Not a directory"),
        (f"{tmp_path}/a\0b", "null byte"),
        ("", "it names a folder"),
    ):
        assert reason in refusal(path, check_place)
        assert reason in refusal(path)
    check_place(old)
    check_place(tmp_path / "new")
    assert old.read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["loop", "old"]


@pytest.mark.usefixtures("way")
def test_what_fails_on_the_way_leaves_the_old_file_and_nothing_else(old, tmp_path):
    def cut_short():
        with whole_file(old) as file:
            file.write(b"half of the n")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_short()
    assert old.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["old"]
    assert not draftfile.under_way


@pytest.mark.usefixtures("way")
def test_a_system_that_takes_a_few_bytes_at_once_gets_them_all(old, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:7]))
    data = bytes(range(250)) * 4
    write_whole(old, data)
    assert old.read_bytes() == data


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, 0])
@pytest.mark.parametrize("at", ["write", "fsync"])
def test_a_refusal_late_in_the_file_names_file_and_reason(old, tmp_path, monkeypatch, number, at):
    real, count = getattr(os, at), iter(range(100))

    def refuse(*arguments):
        if at == "write" and next(count) < 3:
            return real(arguments[0], arguments[1][:5])
        if number == 0 and at == "write":
            return 0
        raise OSError(number or errno.EIO, os.strerror(number or errno.EIO))

    monkeypatch.setattr(os, at, refuse)
    sentence = refusal(old) if at == "fsync" else refusal_of_many(old)
    assert str(old) in sentence
    assert number == 0 or os.strerror(number) in sentence
    monkeypatch.undo()
    assert old.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["old"]


def refusal_of_many(path):
    with pytest.raises(UnwritableFileError) as caught:
        write_whole(path, b"n" * 1000)
    return str(caught.value)


@pytest.mark.usefixtures("way")
def test_a_limit_on_the_size_of_files_is_said(old, tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    try:
        assert "File too large" in refusal_of_many(old)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert old.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["old"]


@pytest.fixture
def small_disk(tmp_path):
    """A real disk of 64 KiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("only root mounts a disk")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=64k", "none", place], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("no disk may be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)  # noqa: S607 - the system's


@pytest.mark.usefixtures("way")
def test_a_full_disk_keeps_the_old_file(small_disk):
    path = small_disk / "old"
    write_whole(path, b"old")
    assert "No space left on device" in refusal_of_large(path)
    assert path.read_bytes() == b"old"
    assert [p.name for p in small_disk.iterdir()] == ["old"]
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)  # noqa: S607
    assert "Read-only file system" in refusal_of_many(path)
    assert path.read_bytes() == b"old"


def refusal_of_large(path):
    with pytest.raises(UnwritableFileError) as caught:
        write_whole(path, b"n" * 200_000)
    return str(caught.value)


SAVES = """
import os, sys
from lstmviz.core.leaving import watch_for_signals
from lstmviz.core.files.atomic_file import write_whole
if sys.argv[2] == "named":
    del os.O_TMPFILE
watch_for_signals()
print("ready", flush=True)
k = 0
while True:
    k += 1
    write_whole(sys.argv[1], bytes([k % 256]) * 300_000)
"""


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_program_ended_in_mid_save_leaves_a_whole_file(tmp_path, end, way):
    path = tmp_path / "file"
    for moment in (0, 0.01, 0.05, 0.1, 0.13, 0.2):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVES, path, way], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        with process:
            assert process.stdout.readline() == b"ready\n"
            time.sleep(moment)
            process.send_signal(end)
            _, said = process.communicate(timeout=60)
        assert said == b""
        assert process.returncode == (-end if end == signal.SIGKILL else 128 + end)
        if path.exists():
            assert path.stat().st_size == 300_000
            assert len(set(path.read_bytes())) == 1
        left = [p.name for p in tmp_path.iterdir() if p.name != "file"]
        if end == signal.SIGKILL and way == "named":
            # Nobody was asked; what is left is hidden and small, and stands in nothing's place.
            assert all(name.startswith(".lstmviz-") for name in left)
        elif end != signal.SIGKILL:
            assert left == []
