"""Progress and cancelling: told between pieces of work, and while one call cannot be stopped."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

POLL_SECONDS = 0.05
_WORTH_A_THREAD_SECONDS = 0.05
_FORWARD_SHARE = 0.5


class Pace:
    """Tells a caller how far the work is; the caller may raise to cancel.

    One call of PyTorch cannot be stopped. Where it may take long it runs on a thread of its own
    while this one polls, so a cancel is honoured at once; PyTorch's call then runs to its end
    unseen, and what it made is dropped.

    Parameters
    ----------
    progress : callable or None
        Called with the fraction done, rising to 1.
    """

    def __init__(self, progress: Callable[[float], None] | None) -> None:
        self._progress = progress
        self._told = self._finished = 0.0
        self._start = 0.0

    @property
    def listening(self) -> bool:
        """Whether anybody wants to know."""
        return self._progress is not None

    def tell(self, fraction: float) -> None:
        """Report `fraction`; it never falls."""
        if self._progress is not None:
            self._told = max(self._told, min(1.0, fraction))
            self._progress(self._told)

    def advance(self, fraction: float) -> None:
        """Report that a further `fraction` of the work after the forward call is done."""
        self._finished += fraction
        if self._progress is not None:
            self.tell(self._start + (1 - self._start) * self._finished)

    def call(self, work: Callable[[], T], seconds: float) -> T:
        """Run `work`, one call of PyTorch that is expected to take `seconds`."""
        if self._progress is None or seconds < _WORTH_A_THREAD_SECONDS or _thread_matters():
            return work()
        begun = time.monotonic()
        running = _Running(work)
        while not running.wait(POLL_SECONDS):
            self.waited(time.monotonic() - begun, seconds)
        return running.result()

    def waited(self, elapsed: float, expected: float) -> None:
        """Report `elapsed` seconds of a call that takes some `expected`."""
        self.tell(_FORWARD_SHARE * elapsed / (elapsed + expected))
        self._start = self._told


class _Running:
    """A call on a thread of its own."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._value: object = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="lstmviz forward", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._value = self._work()
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            self._error = error

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds`; return whether the call has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> T:  # type: ignore[type-var]
        """Return what the call returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]


def _thread_matters() -> bool:
    """Return whether this thread has settings that another would not share."""
    return bool(torch._C._is_any_autocast_enabled()) or torch._C._len_torch_dispatch_stack() > 0  # noqa: SLF001
