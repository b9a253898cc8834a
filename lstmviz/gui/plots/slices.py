"""Long work on the window's thread, done a little at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Final, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer

_Result = TypeVar("_Result")

_BUDGET_SECONDS: Final = 0.008


class Slices(QObject, Generic[_Result]):
    """Run one generator at a time, in slices short enough that nobody feels them.

    Small work is done before `start` returns; the rest goes on between the window's events. A new
    start drops what was under way.

    Parameters
    ----------
    finished : callable
        Given the generator's return value.
    """

    def __init__(self, finished: Callable[[_Result], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._finished = finished
        self._work: Generator[None, None, _Result] | None = None
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._slice)

    @property
    def is_busy(self) -> bool:
        """Whether work is left."""
        return self._work is not None

    def start(self, work: Generator[None, None, _Result]) -> None:
        """Do `work` instead of whatever was under way."""
        self._work = work
        self._slice()
        if self._work is not None:
            self._timer.start()

    def finish(self) -> None:
        """Do all that is left now, as a picture for export needs."""
        while self._work is not None:
            self._slice()

    def _slice(self) -> None:
        work = self._work
        end = time.perf_counter() + _BUDGET_SECONDS
        while work is not None and time.perf_counter() < end:
            try:
                next(work)
            except StopIteration as stop:
                self._work = work = None
                self._timer.stop()
                self._finished(stop.value)
