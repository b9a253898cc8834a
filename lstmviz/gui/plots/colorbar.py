"""The scale of a heatmap: its colours from the most negative to the most positive."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstmviz.gui.theme import LIGHT, Theme, mono


class ColorBar(QWidget):
    """Show which colour means which number; zero is always in the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._largest = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.update()

    def show_scale(self, largest: float) -> None:
        """Take the number at the ends."""
        if largest != self._largest:
            self._largest = largest
            self.setAccessibleName(f"Colours from {-largest:.3g} through zero to {largest:.3g}")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(112, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        font = mono(mono().pointSizeF() * 0.82)
        painter.setFont(font)
        ramp = QLinearGradient(0, 0, self.width(), 0)
        ends = (self._theme.negative, self._theme.zero, self._theme.positive)
        for place, color in zip((0.0, 0.5, 1.0), ends, strict=True):
            ramp.setColorAt(place, QColor(color))
        painter.fillRect(QRectF(0, 2, self.width(), 6), ramp)
        painter.setPen(QColor(self._theme.muted))
        text = QRectF(0, 9, self.width(), QFontMetricsF(font).height())
        number = f"{self._largest:.2g}"
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft, f"−{number}")
        painter.drawText(text, Qt.AlignmentFlag.AlignHCenter, "0")
        painter.drawText(text, Qt.AlignmentFlag.AlignRight, f"+{number}")
