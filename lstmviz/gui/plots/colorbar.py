"""The scale of a heatmap: its colours from the lowest number to the highest."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstmviz.core.scenes.colors import LIGHT, Theme
from lstmviz.core.scenes.plots.colormap import TOP_INDEX, color_table
from lstmviz.core.scenes.plots.scale import BLANK, Scale
from lstmviz.gui.theme import mono

_WIDTH: Final = 112
_TALL: Final = 24
_LOW: Final = 12
_RAMP: Final = 6
_STOPS: Final = 8
"""Parts of a gradient; the sequential ramp is bent in RGB."""


class ColorBar(QWidget):
    """Show which colour means which number; the number in the middle is marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._scale = BLANK
        self._is_low = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def scale(self) -> Scale:
        """What is shown."""
        return self._scale

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.update()

    def show_scale(self, scale: Scale) -> None:
        """Show `scale`."""
        if scale != self._scale:
            self._scale = scale
            self.setAccessibleName(f"Colours from {scale.words}")
            self.update()

    def set_low(self, *, on: bool) -> None:
        """Put the numbers beside the colours, where there is no room beneath them."""
        if on != self._is_low:
            self._is_low = on
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _LOW if self._is_low else _TALL)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        font = mono(mono().pointSizeF() * 0.82)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        if self._is_low:
            self._paint_low(painter, metrics)
        else:
            self._paint_ramp(painter, QRectF(0, 2, self.width(), _RAMP))
            painter.setPen(QColor(self._theme.muted))
            text = QRectF(0, 9, self.width(), metrics.height())
            for place, number in self._scale.ticks:
                painter.drawText(text, _ALIGNED[place], number)

    def _paint_low(self, painter: QPainter, metrics: QFontMetricsF) -> None:
        (_, first), *_, (_, last) = self._scale.ticks
        left, right = metrics.horizontalAdvance(first) + 4, metrics.horizontalAdvance(last) + 4
        top = (self.height() - _RAMP) / 2
        self._paint_ramp(painter, QRectF(left, top, self.width() - left - right, _RAMP))
        painter.setPen(QColor(self._theme.muted))
        text = QRectF(self.rect())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(text, middle | Qt.AlignmentFlag.AlignLeft, first)
        painter.drawText(text, middle | Qt.AlignmentFlag.AlignRight, last)

    def _paint_ramp(self, painter: QPainter, where: QRectF) -> None:
        table = color_table(self._theme, self._scale.ramp)
        ramp = QLinearGradient(where.topLeft(), where.topRight())
        for stop in range(_STOPS + 1):
            red, green, blue = (int(part) for part in table[stop * TOP_INDEX // _STOPS, :3])
            ramp.setColorAt(stop / _STOPS, QColor(red, green, blue))
        painter.fillRect(where, ramp)
        if self._scale.middle:
            # Zero needs no mark: it is where the colours part.
            painter.setPen(QColor(self._theme.text))
            x = round(where.center().x()) + 0.5
            painter.drawLine(QPointF(x, where.top() - 1), QPointF(x, where.bottom() + 1))


_ALIGNED: Final = {
    0.0: Qt.AlignmentFlag.AlignLeft,
    0.5: Qt.AlignmentFlag.AlignHCenter,
    1.0: Qt.AlignmentFlag.AlignRight,
}
