"""Controls that a wheel passing over them leaves alone: it changes them once they have the focus.

A wheel over any other scrolls what the control stands in.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QWidget


class _Unwheeled:
    """Leaves the wheel to what it stands in, until it has the focus; goes before a widget."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():  # type: ignore[attr-defined]
            super().wheelEvent(event)  # type: ignore[misc]
        else:
            event.ignore()


class ChoiceBox(_Unwheeled, QComboBox):
    """One of a few, to choose."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Qt's own policy lets the wheel bring the focus.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


class NumberBox(_Unwheeled, QDoubleSpinBox):
    """A number between two ends, typed or stepped.

    Parameters
    ----------
    low, high, value : float
    suffix : str
        What it is in.
    """

    def __init__(self, low: float, high: float, value: float, suffix: str = "") -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setDecimals(1)
        self.setRange(low, high)
        self.setValue(value)
        self.setSuffix(suffix)


class StepSlider(_Unwheeled, QSlider):
    """A row of whole numbers, to drag along."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
