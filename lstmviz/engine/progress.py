"""Progress and cancelling: told between pieces of work, and while one call cannot be stopped."""

from __future__ import annotations

import atexit
import contextlib
import signal
import threading
import time
from typing import TYPE_CHECKING, ClassVar, TypeVar

from lstmviz.engine.torch_internals import dispatch_keys, thread_matters, under

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

POLL_SECONDS = 0.05
_WORTH_A_THREAD_SECONDS = 0.05
FORWARD_SHARE = 0.5
"""Part of the work that PyTorch's own call is taken to be."""


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
        self._cancelled: BaseException | None = None
        if progress is not None:
            # What the caller is told amid PyTorch's call is told as if it were outside.
            self._keys = dispatch_keys()

    @property
    def listening(self) -> bool:
        """Whether anybody wants to know."""
        return self._progress is not None

    def tell(self, fraction: float) -> None:
        """Report `fraction`; it never falls."""
        if self._progress is not None:
            self._told = max(self._told, min(1.0, fraction))
            try:
                with under(self._keys):
                    self._progress(self._told)
            except BaseException as cancelled:
                self._cancelled = cancelled
                raise

    def require_going_on(self) -> None:
        """Raise what the caller raised, if code of the module's own has caught it."""
        if self._cancelled is not None:
            raise self._cancelled

    def advance(self, fraction: float) -> None:
        """Report that a further `fraction` of the work is done."""
        self._finished += fraction
        self.tell(self._finished)

    def call(self, work: Callable[[], T], seconds: float, share: float) -> T:
        """Run `work`, a call of PyTorch that should take `seconds` and is `share` of the whole."""
        if self._progress is None or seconds < _WORTH_A_THREAD_SECONDS or thread_matters():
            result = work()
        else:
            result = self._aside(work, seconds, share)
        self.advance(share)
        return result

    def _aside(self, work: Callable[[], T], seconds: float, share: float) -> T:
        """Run `work` on a thread of its own and report while it runs."""
        begun, running = time.monotonic(), _Running(work)
        if not running.start():
            return work()
        while not running.wait(POLL_SECONDS):
            self.waited(time.monotonic() - begun, seconds, share)
        return running.result()

    def waited(self, elapsed: float, expected: float, share: float) -> None:
        """Report `elapsed` of the `expected` seconds of a call that is `share` of the whole."""
        self.tell(self._finished + share * elapsed / (elapsed + expected))


class _Running:
    """A call on a thread of its own."""

    unfinished: ClassVar[set[threading.Thread]] = set()
    """Threads in a call that nobody may be waiting for any more."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._value: object = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="lstmviz forward", daemon=True)

    def start(self) -> bool:
        """Start the call; return False where the interpreter, on its way out, starts no thread."""
        self.unfinished.add(self._thread)
        try:
            self._thread.start()
        except RuntimeError:
            self.unfinished.discard(self._thread)
            return False
        return True

    def _run(self) -> None:
        try:
            self._value = self._work()
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            self._error = error
        finally:
            self.unfinished.discard(self._thread)

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds`; return whether the call has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> T:  # type: ignore[type-var]
        """Return what the call returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]


@atexit.register
def wait_for_calls() -> None:
    """Wait for the calls that their callers have given up.

    An interpreter that ends while PyTorch computes on a thread of it crashes. Ctrl+C now ends the
    process as it ends one that never heard of Python, since there is nobody left to tell.
    """
    if not _Running.unfinished:
        return
    with contextlib.suppress(ValueError):  # Only the main thread may say so.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    for thread in tuple(_Running.unfinished):
        thread.join()
