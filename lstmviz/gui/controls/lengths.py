"""The lengths of a packed batch as bars to drag."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstmviz.gui.theme import mono

_BAR: Final = 12
_MOST_BARS: Final = 16
_LABEL: Final = 22


class LengthBars(QWidget):
    """One bar per sequence, as long as the sequence; drag an end, or use the arrow keys.

    A batch of more than sixteen shows its first sixteen; the rest is typed.
    """

    lengths_requested = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lengths: tuple[int, ...] = ()
        self._seq_len = 1
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("lengths, bars to drag")
        self.setToolTip("Drag the end of a bar; up and down choose one, left and right change it.")

    def show_lengths(self, lengths: tuple[int, ...], seq_len: int) -> None:
        """Show `lengths` out of `seq_len` steps."""
        if (lengths, seq_len) != (self._lengths, self._seq_len):
            resized = len(lengths) != len(self._lengths)
            self._lengths, self._seq_len = lengths, seq_len
            self._current = min(self._current, max(0, self._shown() - 1))
            if resized:
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, _BAR * self._shown() + 6)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._current = min(max(0, int((event.position().y() - 3) // _BAR)), self._shown() - 1)
        self._drag(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._drag(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Up:
                self._current = max(0, self._current - 1)
            case Qt.Key.Key_Down:
                self._current = min(self._shown() - 1, self._current + 1)
            case Qt.Key.Key_Left:
                self._set(self._lengths[self._current] - 1)
            case Qt.Key.Key_Right:
                self._set(self._lengths[self._current] + 1)
            case _:
                super().keyPressEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(mono(mono().pointSizeF() * 0.8))
        palette = self.palette()
        metrics = QFontMetricsF(painter.font())
        for index in range(self._shown()):
            whole = self._bar(index)
            part = QRectF(whole)
            part.setWidth(whole.width() * self._lengths[index] / self._seq_len)
            painter.fillRect(whole, palette.color(QPalette.ColorRole.Mid))
            is_current = self.hasFocus() and index == self._current
            color = palette.color(QPalette.ColorRole.Highlight)
            color.setAlphaF(1.0 if is_current else 0.65)
            painter.fillRect(part, color)
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            baseline = whole.center().y() + metrics.capHeight() / 2
            painter.drawText(0, round(baseline), f"{index}")

    def _shown(self) -> int:
        return min(len(self._lengths), _MOST_BARS)

    def _bar(self, index: int) -> QRectF:
        return QRectF(_LABEL, 3 + index * _BAR + 2, self.width() - _LABEL, _BAR - 4)

    def _drag(self, x: float) -> None:
        bar = self._bar(0)
        self._set(round((x - bar.left()) / bar.width() * self._seq_len))

    def _set(self, length: int) -> None:
        if not self._lengths:
            return
        length = min(max(1, length), self._seq_len)
        if length != self._lengths[self._current]:
            changed = list(self._lengths)
            changed[self._current] = length
            self.lengths_requested.emit(tuple(changed))
