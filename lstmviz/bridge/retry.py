"""When another engine is started after some that died: at once, or after a growing pause."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

_MOST_DEATHS: Final = 3
"""Engines that may die one after the other with no run to blame before the next one waits."""
_FIRST_PAUSE_SECONDS: Final = 1
_LONGEST_PAUSE_SECONDS: Final = 60
_SECOND_MS: Final = 1000


class Retry(QObject):
    """Count deaths, and count down to the next start; each pause is twice the one before.

    Attributes
    ----------
    deaths : int
        Engines that died in a row with no run to blame.
    """

    due = Signal()
    """Another engine is to be started."""
    awaited = Signal(int)
    """Seconds until then; 0 once it is."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.deaths = 0
        self._pause = _FIRST_PAUSE_SECONDS
        self._left = 0
        self._countdown = QTimer(self, interval=_SECOND_MS)
        self._countdown.timeout.connect(self._count_down)

    @property
    def has_to_wait(self) -> bool:
        """Whether so many died that another one at once would only die too."""
        return self.deaths >= _MOST_DEATHS

    def succeed(self) -> None:
        """Forget all deaths: an engine has done its work."""
        self.deaths = 0
        self._pause = _FIRST_PAUSE_SECONDS

    def wait(self) -> None:
        """Begin a pause."""
        self._left, self._pause = self._pause, min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        self._countdown.start()
        self.awaited.emit(self._left)

    def hurry(self) -> None:
        """End the pause now, and let the next one be short again."""
        self._pause = _FIRST_PAUSE_SECONDS
        self._end()

    def stop(self) -> None:
        """Start nothing any more."""
        self._countdown.stop()

    def _count_down(self) -> None:
        self._left -= 1
        if self._left > 0:
            self.awaited.emit(self._left)
        else:
            self._end()

    def _end(self) -> None:
        self._countdown.stop()
        self.awaited.emit(0)
        self.due.emit()
