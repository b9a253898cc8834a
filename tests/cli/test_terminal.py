"""Every command, in every encoding, on every kind of stream."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lstmviz.cli import run, terminal

SMALL = ("--seq-len", "5", "--batch-size", "2", "--hidden-size", "3", "--num-layers", "1")
MESSAGE = "RuntimeError: input.size(-1) must be equal to input_size. Expected 10, got 11"

TALKING = {
    "help": ("--help",),
    "version": ("--version",),
    "shapes": ("shapes", *SMALL),
    "shapes of a scenario": ("shapes", "--scenario", "encoder-decoder"),
    "facts": ("facts", *SMALL),
    "facts of a scenario": ("facts", "--scenario", "counter"),
    "code": ("code", *SMALL),
    "code of a scenario": ("code", "--scenario", "forecaster"),
    "explain": ("explain", MESSAGE),
    "scenarios": ("scenarios",),
    "refused": ("shapes", "--proj-size", "99"),
}
RUNS = {"shapes of a scenario", "facts", "facts of a scenario", "trace"}
"""Commands that load torch and run something: they are tried in fewer ways, for time."""

ENCODINGS = {
    "C": {"LC_ALL": "C"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "cp437": {"PYTHONIOENCODING": "cp437"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
}


def said(arguments, **settings):
    """Return what a command writes on both streams, as bytes."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONIOENCODING", "LC_ALL")}
    done = subprocess.run(
        [sys.executable, "-m", "lstmviz", *arguments],
        check=False,
        capture_output=True,
        timeout=120,
        env={**environment, **settings},
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("command", TALKING)
def test_every_letter_has_a_word_in_every_encoding(command):
    """What one encoding writes, another writes in words: all of it, and no two things alike."""
    whole = said(TALKING[command], **ENCODINGS["utf-8"]).decode("utf-8")
    for name in ("C",) if command in RUNS else ("C", "cp1252", "cp437"):
        codec = "ascii" if name == "C" else name
        text = said(TALKING[command], **ENCODINGS[name]).decode(codec)
        assert text.replace("\r", "") == in_words(whole, codec)
        assert text.count("?") == whole.count("?")
        assert "\\u" not in text


def in_words(text, codec):
    buffer = io.BytesIO()
    terminal.prepare()
    stream = io.TextIOWrapper(buffer, encoding=codec, errors="lstmviz.in_words", newline="")
    stream.write(text)
    stream.flush()
    return buffer.getvalue().decode(codec)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_true_and_false_look_different_in_every_encoding(encoding):
    codec = "ascii" if encoding == "C" else encoding
    marks = [in_words(mark, codec) for mark in "✓✕≠≈→"]
    assert len(set(marks)) == len(marks)
    assert "?" not in marks
    if codec == "ascii":
        assert marks == ["yes", "no", "!=", "~", "->"]
        assert in_words("D·num_layers 3×4 … ≤ Größe 日", codec) == (
            "D*num_layers 3x4 ... <= Grosse \\u65e5"
        )


def test_nothing_a_terminal_would_obey_is_written(tmp_path):
    evil = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e"
    for arguments in (
        ("shapes", f"{tmp_path}/{evil}"),
        ("shapes", "--dtype", evil),
        ("shapes", f"--{evil}"),
        ("shapes", "--device", evil),
        ("facts", "--scenario", evil),
        ("facts", "--call", evil),
        ("render", "-o", f"{evil}.jpg"),
        ("trace", "-o", f"{tmp_path}/{evil}/x.npz"),
        ("explain", f"RuntimeError: {evil}"),
        ("code", "--scenario", "counter", "--values", evil),
    ):
        text = said(arguments, **ENCODINGS["utf-8"]).decode("utf-8")
        assert text
        assert not set(text) & {"\x1b", "\x07", "\x9b", "\u202e"}, arguments


COMMANDS = {**TALKING, "trace": ("trace", "-o", "x.npz", *SMALL)}


@pytest.mark.parametrize("name", COMMANDS)
def test_full_and_closed_streams_are_an_exit_code_and_no_traceback(name, tmp_path):
    program = " ".join([sys.executable, "-m", "lstmviz", *map(repr, COMMANDS[name])])
    is_refused = name == "refused"
    ways = {
        ">/dev/full": {2},
        "<&- >&- 2>&-": {2},
        "2>&-": {2} if is_refused else {0},
        ">&-": {2},
        "2>/dev/full": {2} if is_refused else {0},
        ">/dev/full 2>&-": {2},
        "<&-": {2} if is_refused else {0},
    }
    for redirection, codes in list(ways.items())[: 2 if name in RUNS else None]:
        done = subprocess.run(
            ["/bin/sh", "-c", f"{program} {redirection}"],
            check=False,
            capture_output=True,
            timeout=120,
            cwd=tmp_path,
        )
        assert done.returncode in codes, (redirection, done)
        assert b"Traceback" not in done.stderr
        assert b"Exception" not in done.stderr.replace(b"SpecError", b"")


def test_a_closed_input_is_nothing_to_explain():
    for redirection in ("<&-", "</dev/null"):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{sys.executable} -m lstmviz explain {redirection}"],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith("lstmviz: ")


def test_a_message_is_also_read_from_a_file(tmp_path, capsys):
    message = "Expected hidden[0] size (2, 4, 16), got [4, 2, 16]"
    file = tmp_path / "an error.txt"
    file.write_text(f"\x1b[31mRuntimeError: {message}\x1b[0m", encoding="utf-8")
    assert run(["explain", str(file)]) == 0
    read = capsys.readouterr().out
    assert run(["explain", message]) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[-5:] == read.splitlines()[-5:]
    assert "\x1b" not in read
    # What is there and cannot be read is no message.
    assert run(["explain", str(tmp_path)]) == 2
    assert "folder" in capsys.readouterr().err


def test_no_file_gets_the_number_of_a_closed_stream(tmp_path):
    """Else a warning would be written into the middle of the numbers."""
    import numpy as np

    command = f"{sys.executable} -m lstmviz trace -o x.npz --proj-size 2 {' '.join(SMALL)}"
    subprocess.run(["/bin/sh", "-c", f"{command} >&- 2>&-"], check=False, cwd=tmp_path, timeout=60)
    with np.load(tmp_path / "x.npz", allow_pickle=False) as saved:
        assert {saved[name].dtype.kind for name in saved.files} <= {"f", "i", "U"}


def test_qt_says_nothing_of_the_machine_on_the_user_s_screen(tmp_path):
    plain = {k: v for k, v in os.environ.items() if k not in ("LANG", "XDG_RUNTIME_DIR", "LC_ALL")}
    done = subprocess.run(
        [sys.executable, "-m", "lstmviz", "render", "-o", "x.png", *SMALL],
        check=False,
        capture_output=True,
        timeout=120,
        cwd=tmp_path,
        env={**plain, "LC_ALL": "C"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert Path(tmp_path / "x.png").is_file()
