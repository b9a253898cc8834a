"""A call of PyTorch that its caller has given up, and the end of the interpreter."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

PROGRAM = """
import os, signal, sys, threading, torch
from lstmviz.engine.opening.trace import trace

kind, how = sys.argv[1:]
lstm = torch.nn.LSTM(256, 512, proj_size=64 if kind == "projected" else 0)
x = torch.randn(2000, 8, 256)
if kind == "double":
    lstm, x = lstm.double(), x.double()
told = 0

def progress(fraction):
    global told
    told += 1
    if told < 2:
        return
    beside = [t for t in threading.enumerate() if t.name == "lstmviz forward"]
    print("running" if beside else "ended", flush=True)
    if how == "raise":
        raise ValueError("enough")
    elif how == "leave":
        sys.exit(7)
    os.kill(os.getpid(), signal.SIGINT)

trace(lstm, x, progress=progress)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent as POSIX systems do")
@pytest.mark.parametrize("kind", ["fused", "projected", "double"])
@pytest.mark.parametrize(
    ("how", "code", "words"),
    [
        ("raise", 1, "ValueError: enough"),
        ("leave", 7, ""),
        ("interrupt", -signal.SIGINT, "KeyboardInterrupt"),
    ],
)
def test_an_interpreter_that_leaves_amid_a_call_ends_as_it_was_told(kind, how, code, words):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, kind, how],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.stdout.startswith("running"), done.stderr
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    for crash in ("terminate called", "Fatal Python error"):
        assert crash not in done.stderr


def test_a_call_when_no_thread_can_be_started_any_more_is_made_all_the_same():
    program = """
import atexit, torch
from lstmviz.engine.progress import Pace

@atexit.register
def late():
    print(Pace(lambda _: None).call(lambda: 41 + 1, 10.0, 0.5))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "42"), done.stderr
