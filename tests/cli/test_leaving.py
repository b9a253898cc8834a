"""A signal ends every command at every moment: its code, no file, no traceback, no process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import hypothesis
import psutil
import pytest

COMMANDS = {
    "render": ("render", "-o", "x.png"),
    "trace": ("trace", "-o", "x.npz", "--seq-len", "20000", "--hidden-size", "64"),
    "facts": ("facts", "--scenario", "sentence-classifier"),
    "shapes": ("shapes",),
    "explain": ("explain",),
    "window": (),
}
IS_LONG = hypothesis.settings.default.max_examples > 1000
MOMENTS = [0.02 * k for k in range(200)] if IS_LONG else [0.0, 0.3, 1.0]
"""Seconds after the program has taken over from Python's own start."""


def take_over(process):
    """Wait until the program hears signals itself: Python's own start is not ours to interrupt."""
    status = f"/proc/{process.pid}/status"
    while process.poll() is None:
        with open(status, encoding="utf-8") as file:  # noqa: PTH123 - may go at any time
            caught = next(line for line in file if line.startswith("SigCgt"))
        if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.005)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_signal_ends_a_command_at_any_moment(name, number, tmp_path, request):
    # Kept open: a command that reads must wait for its signal.
    heard, said = os.pipe()
    request.addfinalizer(lambda: [os.close(end) for end in (heard, said)])
    for moment in MOMENTS:
        process = psutil.Popen(
            [sys.executable, "-m", "lstmviz", *COMMANDS[name]],
            cwd=tmp_path,
            stdin=heard,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        take_over(process)
        time.sleep(moment)
        children = process.children(recursive=True) if process.is_running() else []
        process.send_signal(number)
        _out, err = process.communicate(timeout=120)
        assert b"Traceback" not in err
        assert b"Fatal" not in err
        _, alive = psutil.wait_procs(children, timeout=20)
        assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]
        left = [path.name for path in tmp_path.iterdir()]
        if process.returncode in (0, -number):
            # It was done before, and Python itself, which hears no more, was at its end.
            assert [name for name in left if name.startswith(".")] == []
            for path in tmp_path.iterdir():
                path.unlink()
        else:
            assert process.returncode == 128 + number, err
            assert left == []


def test_an_ignored_signal_stays_ignored(tmp_path):
    """As under nohup."""
    program = f"trap '' HUP INT; exec {sys.executable} -m lstmviz trace -o x.npz --seq-len 500"
    process = psutil.Popen(["/bin/sh", "-c", program], cwd=tmp_path, stdout=subprocess.DEVNULL)
    take_over(process)
    for number in (signal.SIGHUP, signal.SIGINT):
        os.kill(process.pid, number)
    assert process.wait(timeout=120) == 0
    assert (tmp_path / "x.npz").is_file()
