"""The laboratory's child process, seen from its parent."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

import lstmviz

MODULE: Final = "lstmviz.engine.lab.laboratory"
START_SECONDS: Final = 60.0
"""Longest wait for a child to import torch."""
_ACCESS_VIOLATION: Final = 0xC0000005

Reply = dict[str, Any]


class LaboratoryError(RuntimeError):
    """The child did not start; the message is the sentence to show."""


class Child:
    """One child process and the thread that reads what it writes.

    Attributes
    ----------
    torch : str
        The version of torch that it runs.

    Raises
    ------
    LaboratoryError
        It did not start.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            # -P keeps modules of the user's folder from standing in for the library's own.
            [sys.executable, "-P", "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        self._replies: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="laboratory", daemon=True)
        self._reader.start()
        with contextlib.suppress(TimeoutError):
            hello = self.reply(START_SECONDS)
            if hello:
                self.torch = str(hello["torch"])
                return
        raise LaboratoryError(f"The error lab's process did not start ({self.end()}).")

    def ask(self, request: Reply) -> None:
        """Send a request; a child that has died says so when its reply is read."""
        stdin = self._process.stdin
        if stdin:
            with contextlib.suppress(OSError):
                stdin.write(json.dumps(request).encode() + b"\n")
                stdin.flush()

    def reply(self, seconds: float) -> Reply | None:
        """Return the next reply, or None if the child has died.

        Raises
        ------
        TimeoutError
            There was none within `seconds`.
        """
        try:
            line = self._replies.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if not line.endswith(b"\n"):
            return None
        reply: Reply = json.loads(line)
        return reply

    def end(self) -> str:
        """End the child, and return how it had ended, e.g. ``"SIGSEGV"`` or ``"exit code 1"``."""
        if self._reader.is_alive():
            # Killing what is dying already leaves its exit code as it was.
            self._process.kill()
        code = self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()
        return _ended(code)

    def _read(self) -> None:
        if self._process.stdout:
            for line in self._process.stdout:
                self._replies.put(line)
        self._replies.put(b"")


def _environment() -> dict[str, str]:
    home = str(Path(lstmviz.__file__).parents[1])
    given = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([home, given] if given else [home])}


def _ended(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return "SIGSEGV" if code & 0xFFFFFFFF == _ACCESS_VIOLATION else f"exit code {code}"
