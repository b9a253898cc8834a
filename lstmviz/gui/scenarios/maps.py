"""A table of numbers as a heatmap, pooled to the pixels it has."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    qRgba,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstmviz.core.scenarios.pipeline import kind_of
from lstmviz.core.scenarios.results import Result
from lstmviz.core.scenes.colors import LIGHT, Theme
from lstmviz.core.scenes.plots.colormap import NAN_INDEX, color_table
from lstmviz.core.scenes.plots.pooling import WHOLE, Pooled, Pooling, pool
from lstmviz.core.scenes.plots.scale import BLANK, Scale
from lstmviz.core.scenes.results.maps import table_of
from lstmviz.gui.plots.slices import Slices
from lstmviz.gui.theme import mono

Array = npt.NDArray[Any]

_LEFT: Final = 54.0
_ROW: Final = 11.0
_LOWEST, _TALLEST = 36.0, 150.0


class MapChart(QWidget):
    """Draw a result with two axes; of one with three, a single batch item."""

    drawn = Signal()
    """Other numbers are drawn; see `pooling`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._table: Array = np.zeros((1, 1), dtype=np.float32)
        self._axes = ("", "")
        self._scale = BLANK
        self._shown: tuple[int, int, Scale] | None = None
        self._result: Result | None = None
        self._picture: Pooled | None = None
        self._image = QImage()
        self._pooling: Slices[Pooled] = Slices(self._take, self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self._colour()

    def show_result(self, result: Result, item: int, scale: Scale) -> None:
        """Draw `result` on `scale`, of three axes batch item `item` of the first."""
        shown = (id(result), item, scale)
        if shown == self._shown:
            return
        self._shown, self._result, self._scale = shown, result, scale
        self._table, self._axes = table_of(result, item)
        self.setFixedHeight(self.sizeHint().height())
        self.setAccessibleName(
            f"{result.title}, {self._axes[0]} across and {self._axes[1]} down,"
            f" {self._table.shape[0]} by {self._table.shape[1]}"
        )
        self._pool()

    @property
    def pooling(self) -> Pooling:
        """How many numbers a pixel stands for."""
        return self._picture.pooling if self._picture else WHOLE

    @property
    def pooling_in_words(self) -> str:
        """The same in words; empty where a pixel is one number."""
        across, down = (symbol or "numbers" for symbol in self._axes)
        return self.pooling.in_words(names=(f"along {across}", f"along {down}"))

    def finish(self) -> None:
        """Finish drawing now, as a picture needs."""
        self._pooling.finish()

    def sizeHint(self) -> QSize:
        body = min(_TALLEST, max(_LOWEST, _ROW * self._table.shape[1]))
        return QSize(240, round(body + 1.5 * QFontMetricsF(mono()).height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._pool()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        body = self._body()
        if not self._image.isNull():
            # What is not there, such as a step past a sequence's end, is hatched.
            painter.fillRect(body, QBrush(QColor(self._theme.line), Qt.BrushStyle.BDiagPattern))
            painter.drawImage(body, self._image)
        font = mono(mono().pointSizeF() * 0.85)
        painter.setFont(font)
        line = QFontMetricsF(font).height()
        across, down = self._axes
        painter.setPen(self._color_of(across))
        below = QRectF(body.left(), body.bottom() + 3, body.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, f"{across} = {len(self._table)}")
        painter.setPen(self._color_of(down))
        beside = QRectF(0, body.top(), _LEFT - 8, body.height())
        middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(beside, middle, f"{down}\n= {self._table.shape[1]}")

    def _body(self) -> QRectF:
        line = QFontMetricsF(mono()).height()
        return QRectF(_LEFT, 2, self.width() - _LEFT - 10, self.height() - 1.5 * line)

    def _color_of(self, symbol: str) -> QColor:
        kind = kind_of(symbol)
        return QColor(self._theme.axis(kind) if kind else self._theme.muted)

    def _pool(self) -> None:
        self._pooling.start(self._pooled())

    def _pooled(self) -> Generator[None, None, Pooled]:
        body, ratio = self._body(), self.devicePixelRatioF()
        columns, rows = int(body.width() * ratio), int(body.height() * ratio)
        return (yield from pool(self._table, 0, len(self._table), columns, rows))

    def _take(self, picture: Pooled) -> None:
        self._picture = picture
        self._colour()
        self.drawn.emit()

    def _colour(self) -> None:
        if self._picture is not None:
            self._image = image_of(self._picture.values, self._scale, self._theme)
            self.update()


def image_of(values: Array, scale: Scale, theme: Theme) -> QImage:
    """Return an image, a pixel for each number; NaN is see-through."""
    indices = np.ascontiguousarray(scale.indices(values))
    height, width = indices.shape
    numbers = indices.tobytes()
    image = QImage(numbers, width, height, width, QImage.Format.Format_Indexed8)
    table = color_table(theme, scale.ramp).copy()
    table[NAN_INDEX, 3] = 0
    image.setColorTable([qRgba(*(int(part) for part in row)) for row in table])
    return image.copy()
