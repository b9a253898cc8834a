"""A panel that is made when it is first looked at, so that the window need not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

PanelT = TypeVar("PanelT", bound=QWidget)


class LazyPanel(QWidget, Generic[PanelT]):
    """Stand in for a panel until it is shown.

    Parameters
    ----------
    make : callable
        Makes the panel; called once.
    waits : bool
        Whether being shown is not enough: only `make_now` makes it.

    Attributes
    ----------
    panel : QWidget or None
        The panel; None until it is made.
    """

    def __init__(
        self, make: Callable[[], PanelT], *, waits: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._waits = waits
        self._acts: list[Callable[[PanelT], object]] = []
        self.panel: PanelT | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._waits:
            self.make_now()

    def make_now(self) -> PanelT:
        """Return the panel, made now if it is not there yet."""
        if self.panel is None:
            self.panel = self._make()
            layout = self.layout()
            if layout is not None:
                layout.addWidget(self.panel)
            for act in self._acts:
                act(self.panel)
            self._acts.clear()
        return self.panel

    def then(self, act: Callable[[PanelT], object]) -> None:
        """Call `act` with the panel: now, or right after it is made."""
        if self.panel is None:
            self._acts.append(act)
        else:
            act(self.panel)
