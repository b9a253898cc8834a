"""Paint first what a change is made for, and the rest afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, QTimer
from PySide6.QtWidgets import QWidget

_AFTER_MS: Final = 30
"""In which an ordinary run is back and painted."""
_BETWEEN_MS: Final = 8
_APART_MS: Final = 90
"""How long the picture of shapes may stand while a slider is dragged on."""


class DeferredPaint(QObject):
    """Hold the painting of some widgets back until the plots have had their turn.

    The widgets themselves follow every change at once; what they paint is always their newest.
    While changes keep coming they take turns, none of them starved, so that the plots follow the
    hand.

    Parameters
    ----------
    widgets : sequence of QWidget
    parent : QObject
    """

    def __init__(self, widgets: Sequence[QWidget], parent: QObject) -> None:
        super().__init__(parent)
        self._widgets = tuple(widgets)
        self._waiting: list[QWidget] = []
        self._since_last = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._release)

    def hold(self) -> None:
        """Let the widgets wait from now on."""
        for widget in self._widgets:
            widget.setUpdatesEnabled(False)
            if widget not in self._waiting:
                self._waiting.append(widget)
        if not self._timer.isActive():
            elapsed = self._since_last.elapsed() if self._since_last.isValid() else _APART_MS
            self._timer.start(max(_AFTER_MS, _APART_MS - elapsed))

    def finish(self) -> None:
        """Let them all paint now."""
        self._timer.stop()
        for widget in self._waiting:
            widget.setUpdatesEnabled(True)
        self._waiting.clear()

    def _release(self) -> None:
        self._waiting.pop(0).setUpdatesEnabled(True)
        self._since_last.start()
        if self._waiting:
            self._timer.start(_BETWEEN_MS)
