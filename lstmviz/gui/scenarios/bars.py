"""A handful of numbers as bars, with what each is beneath it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstmviz.core.scenarios.pipeline import kind_of
from lstmviz.core.scenarios.results import Result
from lstmviz.core.scenes.colors import LIGHT, Theme
from lstmviz.core.scenes.plots.pooling import Pooling, pool_row
from lstmviz.core.words.rounding import rounded
from lstmviz.gui.theme import mono

Array = npt.NDArray[Any]

_MOST_NAMED: Final = 40
_WIDEST: Final = 46.0
_NARROWEST: Final = 2.0
_MARGIN: Final = 4


class BarChart(QWidget):
    """Draw a result with one axis, a bar for each number where there is room."""

    drawn = Signal()
    """Other numbers are drawn; see `pooling`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._result: Result | None = None
        self._names: list[str] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def pooling(self) -> Pooling:
        """How many numbers a bar stands for."""
        count = len(self._result.values) if self._result else 1
        return Pooling(count / min(count, self._most_bars))

    @property
    def pooling_in_words(self) -> str:
        """The same in words; empty where a bar is one number."""
        return self.pooling.in_words(names=("numbers", "")).replace("pixel", "bar")

    @property
    def _most_bars(self) -> int:
        return max(1, int((self.width() - 2 * _MARGIN) / _NARROWEST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.drawn.emit()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.update()

    def show_result(self, result: Result) -> None:
        """Draw `result`."""
        self._result = result
        self._names = list(result.labels) or [str(n) for n in range(len(result.values))]
        self.setAccessibleName(f"{result.title}: {_listed(self._names, result.values)}")
        self.update()
        self.drawn.emit()

    def sizeHint(self) -> QSize:
        return QSize(240, 132)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._result is None or not len(self._result.values):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = mono(mono().pointSizeF() * 0.85)
        painter.setFont(font)
        measure = QFontMetricsF(font)
        values = np.nan_to_num(self._result.values.astype(np.float64))
        values = pool_row(values, self._most_bars)
        line = measure.height()
        body = QRectF(_MARGIN, line + 3, self.width() - 2 * _MARGIN, self.height() - 3 * line - 8)
        low, high = min(0.0, values.min()), max(0.0, values.max())
        scale = body.height() / ((high - low) or 1.0)
        zero = body.bottom() + low * scale
        self._paint_bars(painter, values, body, zero, scale, measure)
        painter.setPen(QColor(self._theme.line))
        painter.drawLine(QPointF(body.left(), zero), QPointF(body.right(), zero))
        self._paint_axis(painter, body, line)

    def _paint_bars(
        self,
        painter: QPainter,
        values: Array,
        body: QRectF,
        zero: float,
        scale: float,
        measure: QFontMetricsF,
    ) -> None:
        theme, count = self._theme, len(values)
        # As in maps: two colours where numbers have signs, else one.
        positive = theme.positive if (values < 0).any() else theme.accent
        pitch = body.width() / count
        wide = min(_WIDEST, max(1.0, 0.66 * pitch))
        texts = [_number(value) for value in values]
        longest = max(measure.horizontalAdvance(text) for text in texts)
        named = max(measure.horizontalAdvance(name) for name in self._names)
        for place, value in enumerate(values):
            middle = body.left() + (place + 0.5) * pitch
            bar = QRectF(middle - wide / 2, zero, wide, -value * scale).normalized()
            color = QColor(theme.negative if value < 0 else positive)
            color.setAlphaF(0.8)
            painter.fillRect(bar, color)
            if longest < pitch + 4:
                painter.setPen(QColor(theme.text))
                base = bar.top() - 3 if value >= 0 else zero - 3
                painter.drawText(
                    QPointF(middle - measure.horizontalAdvance(texts[place]) / 2, base),
                    texts[place],
                )
            if named < pitch and count <= _MOST_NAMED:
                painter.setPen(QColor(theme.muted))
                name = self._names[place]
                left = middle - measure.horizontalAdvance(name) / 2
                painter.drawText(QPointF(left, body.bottom() + measure.height()), name)

    def _paint_axis(self, painter: QPainter, body: QRectF, line: float) -> None:
        assert self._result is not None  # noqa: S101 - paintEvent has looked
        symbol = self._result.axes[0]
        if self._result.labels or symbol.isdigit():
            return
        kind = kind_of(symbol)
        painter.setPen(QColor(self._theme.axis(kind) if kind else self._theme.muted))
        where = QRectF(body.left(), body.bottom() + line, body.width(), 1.3 * line)
        painter.drawText(where, Qt.AlignmentFlag.AlignHCenter, symbol)


def _number(value: float) -> str:
    return rounded(float(value))


def _listed(names: list[str], values: Array) -> str:
    shown = [f"{name} {_number(v)}" for name, v in zip(names, values, strict=False)]
    return ", ".join(shown[:12]) + (" and more" if len(shown) > 12 else "")
