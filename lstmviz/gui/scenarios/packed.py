"""The picture of packed data: a padded batch, its real steps, and the rows they become."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstmviz.core.scenes.colors import LIGHT, Theme
from lstmviz.core.scenes.plots.pooling import Pooling
from lstmviz.core.scenes.results.packing import ends_of, padded_items, sorted_items
from lstmviz.gui.scenarios.items import items_image
from lstmviz.gui.theme import mono

if TYPE_CHECKING:
    from lstmviz.core.scenarios.results import PackedData

_LEFT: Final = 54.0
_RIGHT: Final = 64.0
_ROW: Final = 13.0
_TALLEST: Final = 160.0
_STRIP: Final = 18.0
_MOST_NAMED: Final = 14
"""Batch items that are named beside their rows; more would stand on one another."""


class PackedPicture(QWidget):
    """Draw how a padded batch becomes packed rows, coloured by batch item.

    Above, the batch as it is padded; in the middle its real steps, longest sequence first, where
    the height of each column is that step's entry of ``batch_sizes``; below, the rows of ``data``
    in the order in which they lie in memory.
    """

    place_picked = Signal(int, int)
    """(step, batch item)"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._packed: PackedData | None = None
        self._images: dict[str, QImage] = {}
        self._step = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.update()

    def show_packed(self, packed: PackedData) -> None:
        """Draw `packed`."""
        self._packed = packed
        self._images = {
            "padded": items_image(padded_items(packed)),
            "sorted": items_image(sorted_items(packed)),
            "data": items_image(packed.row_item[None, :]),
        }
        self.setFixedHeight(self.sizeHint().height())
        self.setAccessibleName(
            f"Packed data: {len(packed.data)} rows of {packed.padded_steps} padded steps;"
            f" batch_sizes from {packed.batch_sizes[0]} to {packed.batch_sizes[-1]}"
        )
        self.update()

    def show_step(self, step: int) -> None:
        """Mark the numbers of `step`."""
        if step != self._step:
            self._step = step
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, round(3 * self._line() + 2 * self._high() + _STRIP + 5 * self._line()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        packed, body = self._packed, self._body("padded")
        point = event.position()
        if packed is None or not body.contains(point):
            return
        step = math.floor((point.x() - body.left()) / body.width() * self._steps())
        item = math.floor((point.y() - body.top()) / body.height() * len(packed.lengths))
        self.place_picked.emit(step, item)

    def paintEvent(self, _event: QPaintEvent) -> None:
        packed = self._packed
        if packed is None:
            return
        painter = QPainter(self)
        painter.setFont(self._font())
        self._paint_padded(painter, packed)
        self._paint_sorted(painter, packed)
        self._paint_data(painter, packed)
        self._paint_step(painter, packed)

    # Where things stand ---------------------------------------------------------------------------

    def _font(self) -> QFont:
        return mono(mono().pointSizeF() * 0.85)

    def _line(self) -> float:
        return QFontMetricsF(self._font()).height()

    def _high(self) -> float:
        items = len(self._packed.lengths) if self._packed else 1
        return min(_TALLEST, max(3 * _ROW, _ROW * items))

    def _steps(self) -> int:
        assert self._packed is not None  # noqa: S101 - asked only once there is one
        return self._packed.padded_steps // len(self._packed.lengths)

    def _body(self, name: str) -> QRectF:
        line, high = self._line(), self._high()
        width = self.width() - _LEFT - _RIGHT
        tops = {
            "padded": line + 4,
            "sorted": 2 * line + high + 16,
            "data": 4 * line + 2 * high + 30,
        }
        tall = _STRIP if name == "data" else high
        return QRectF(_LEFT, tops[name], width, tall)

    # What is drawn --------------------------------------------------------------------------------

    def _paint_padded(self, painter: QPainter, packed: PackedData) -> None:
        body, items = self._body("padded"), len(packed.lengths)
        self._paint_title(painter, "padded", f"padded batch, N = {items} by L = {self._steps()}")
        painter.fillRect(body, QBrush(QColor(self._theme.line), Qt.BrushStyle.BDiagPattern))
        painter.drawImage(body, self._images["padded"])
        texts = [f"{length} steps" for length in packed.lengths]
        self._paint_rows(painter, body, [f"n = {n}" for n in range(items)], texts)

    def _paint_sorted(self, painter: QPainter, packed: PackedData) -> None:
        body = self._body("sorted")
        title = "its real steps, longest first; the height of each column is batch_sizes[t]"
        self._paint_title(painter, "sorted", title)
        part = len(packed.batch_sizes) / self._steps()
        narrow = QRectF(body.left(), body.top(), body.width() * part, body.height())
        painter.drawImage(narrow, self._images["sorted"])
        names = [f"n = {n}" for n in packed.sorted_indices]
        self._paint_rows(painter, body, names, [])
        painter.setPen(QColor(self._theme.text))
        measure = QFontMetricsF(self._font())
        pitch, tall = body.width() / self._steps(), body.height() / len(packed.lengths)
        for step, count in ends_of(packed.batch_sizes):
            text = f"{count}"
            x = body.left() + step * pitch - measure.horizontalAdvance(text) - 2
            painter.drawText(QPointF(x, body.top() + count * tall + measure.ascent()), text)

    def _paint_data(self, painter: QPainter, packed: PackedData) -> None:
        body, rows = self._body("data"), len(packed.data)
        width = packed.data.shape[1]
        title = f"packed.data, ({rows}, {width}): its rows in memory, step by step"
        self._paint_title(painter, "data", title)
        painter.drawImage(body, self._images["data"])
        painter.setPen(QColor(self._theme.muted))
        base = body.bottom() + QFontMetricsF(self._font()).ascent() + 2
        painter.drawText(QPointF(body.left(), base), "row 0")
        self._paint_right(painter, QRectF(body.left(), body.bottom() + 2, body.width(), 20),
                          f"row {rows - 1}")  # fmt: skip

    def _paint_step(self, painter: QPainter, packed: PackedData) -> None:
        """Mark the step in all three, and its rows in memory."""
        step = self._step
        if step >= self._steps():
            return
        painter.setPen(QPen(QColor(self._theme.text), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for name in ("padded", "sorted"):
            body = self._body(name)
            pitch = body.width() / self._steps()
            painter.drawRect(QRectF(body.left() + step * pitch, body.top(), pitch, body.height()))
        if step < len(packed.batch_sizes):
            body = self._body("data")
            first = int(packed.batch_sizes[:step].sum())
            pitch = body.width() / len(packed.data)
            wide = max(2.0, int(packed.batch_sizes[step]) * pitch)
            left = body.left() + first * pitch
            painter.drawRect(QRectF(left, body.top() - 2, wide, body.height() + 4))

    def _paint_title(self, painter: QPainter, name: str, text: str) -> None:
        body = self._body(name)
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(QPointF(body.left(), body.top() - 5), text)
        # Past the picture's edge, where no title reaches.
        painter.drawText(QPointF(body.right() + 6, body.top() - 5), self.pooling(name).mark)

    def pooling(self, name: str) -> Pooling:
        """Return how many numbers a pixel of one of the three pictures stands for.

        Colours are batch items, of which none is larger than another: a pixel shows one of its own.
        """
        image, ratio, body = self._images[name], self.devicePixelRatioF(), self._body(name)
        wide = body.width() * (image.width() / self._steps() if name == "sorted" else 1)
        return Pooling(
            max(1.0, image.width() / max(1.0, wide * ratio)),
            max(1.0, image.height() / max(1.0, body.height() * ratio)),
        )

    def _paint_rows(
        self, painter: QPainter, body: QRectF, names: list[str], ends: list[str]
    ) -> None:
        if len(names) > _MOST_NAMED:
            return
        tall = body.height() / len(names)
        shift = (tall + QFontMetricsF(self._font()).ascent()) / 2 - 1
        measure = QFontMetricsF(self._font())
        for row, name in enumerate(names):
            base = body.top() + row * tall + shift
            painter.setPen(QColor(self._theme.batch))
            left = body.left() - measure.horizontalAdvance(name) - 7
            painter.drawText(QPointF(left, base), name)
            if ends:
                painter.setPen(QColor(self._theme.time))
                painter.drawText(QPointF(body.right() + 6, base), ends[row])

    def _paint_right(self, painter: QPainter, where: QRectF, text: str) -> None:
        painter.drawText(where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, text)
