"""A panel that is made when it is first looked at, so that the window need not wait for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget


class LazyPanel(QWidget):
    """Stand in for a panel until it is shown.

    Parameters
    ----------
    make : callable
        Makes the panel; called once.
    waits : bool
        Whether being shown is not enough: only `make_now` makes it.
    """

    made = Signal(object)
    """The panel, right after it was made."""

    def __init__(
        self, make: Callable[[], QWidget], *, waits: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._waits = waits
        self.panel: QWidget | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._waits:
            self.make_now()

    def make_now(self) -> None:
        """Make the panel, if it is not there yet."""
        if self.panel is None:
            self.panel = self._make()
            layout = self.layout()
            if layout is not None:
                layout.addWidget(self.panel)
            self.made.emit(self.panel)
