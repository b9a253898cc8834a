"""End the program at once when it is asked to by a signal, whatever it is doing.

Python hands a signal to the main thread, which may be deep in a call of PyTorch's or in Qt's loop
for minutes. A thread of its own hears of it first.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_LAST_SECONDS: Final = 0.6
"""How long the program may take to end by itself, where it is nearly done or has a farewell."""

_told: Final = threading.Event()
_one_file: Final[list[bool]] = []
_farewells: Final[list[Callable[[float], object]]] = []


def watch_for_signals() -> None:
    """End with code 128 + the signal's number, from now on, on Ctrl+C, SIGTERM and SIGHUP.

    Files that are being written are removed, and processes that were started are ended.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        # There, Ctrl+C is a KeyboardInterrupt; and a thread may set no handlers.
        return
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # What was ignored when we started, as under nohup, stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _hear)
    threading.Thread(target=_leave_when_told, args=(heard,), daemon=True).start()


def before_leaving(farewell: Callable[[float], object]) -> None:
    """Call `farewell` with the seconds it may take, on a thread of its own, before the end."""
    _farewells.append(farewell)


def one_file_is_all() -> None:
    """Say that the program is done once it has written a file: a signal then comes too late."""
    _one_file.append(True)


def stay_if_told_to_leave() -> None:
    """Let nothing end the program with another code once a signal has come."""
    if _told.is_set():
        time.sleep(4 * _LAST_SECONDS)


def _hear(*_: object) -> None:
    """Be there, since only what Python handles is told to the thread; and let nothing else end."""
    _told.set()


def _leave_when_told(heard: int) -> None:
    number = os.read(heard, 1)[0]
    _told.set()
    for farewell in _farewells:
        farewell(_LAST_SECONDS)
    # Whatever is half imported is not half done either.
    files = sys.modules.get("lstmviz.core.files.atomic_file")
    if files is None or not hasattr(files, "has_written"):
        _end(128 + number)
        return
    with files.nothing_half_done():
        if _one_file and files.has_written():
            # It is done, and only has to end.
            time.sleep(_LAST_SECONDS)
            _end(0)
        _end(128 + number)


def _end(code: int) -> None:
    launched = getattr(sys.modules.get("lstmviz.bridge.launch"), "living", ())
    for pid in tuple(launched):
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    os._exit(code)
