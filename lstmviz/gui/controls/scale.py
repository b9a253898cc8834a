"""A slider over a wide range: even steps for the eye, whole numbers for the setting."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

from lstmviz.core.spec import Bound

_POSITIONS: Final = 1000
_STEPS: Final = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -10,
    Qt.Key.Key_PageUp: 10,
}


def to_position(value: float, bound: Bound) -> int:
    """Return where `value` stands on a slider of 0 to 1000: by ratio over whole-number ranges.

    A refused value, which may be any number there is, stands at the end it is beyond.
    """
    value = min(bound.high, max(bound.low, value))
    if not bound.is_whole:
        share = (value - bound.low) / (bound.high - bound.low)
    else:
        # From zero the first step cannot be a ratio, so the scale is shifted by one.
        shift = 1 if bound.low == 0 else 0
        share = math.log((value + shift) / (bound.low + shift)) / math.log(
            (bound.high + shift) / (bound.low + shift)
        )
    return round(_POSITIONS * share)


def to_value(position: int, bound: Bound) -> float:
    """Return the value at a slider's position; a whole number where the range is."""
    share = position / _POSITIONS
    if not bound.is_whole:
        return round(bound.low + share * (bound.high - bound.low), 2)
    shift = 1 if bound.low == 0 else 0
    low, high = bound.low + shift, bound.high + shift
    return round(float(low * (high / low) ** share)) - shift


class ScaleSlider(QSlider):
    """Drag over a range in equal ratios; arrow keys move by one, page keys by ten.

    Parameters
    ----------
    bound : Bound
        A range of real numbers is linear and moves by hundredths.
    """

    value_requested = Signal(object)

    def __init__(self, bound: Bound, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._bound = bound
        self._value = bound.low
        self.setRange(0, _POSITIONS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.actionTriggered.connect(self._moved)

    def show_value(self, value: float) -> None:
        """Show `value` without asking for anything."""
        self._value = value
        if not self.isSliderDown():
            self.setValue(to_position(value, self._bound))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._step(step)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # A wheel over an unfocused slider scrolls the form; it must not change a setting.
        if self.hasFocus():
            self._step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def _step(self, count: int) -> None:
        size = 1 if self._bound.is_whole else 0.01
        wanted = self._value + count * size
        self._ask(round(min(self._bound.high, max(self._bound.low, wanted)), 2))

    def _moved(self, _action: int) -> None:
        self._ask(to_value(self.sliderPosition(), self._bound))

    def _ask(self, value: float) -> None:
        if value != self._value:
            self._value = value
            self.value_requested.emit(value)
