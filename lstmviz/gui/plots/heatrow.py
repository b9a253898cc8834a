"""One quantity over time as a heatmap, with the units at the current step beside it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QFrame, QGraphicsRectItem, QSizePolicy, QWidget

from lstmviz.core.trace import Array
from lstmviz.gui.plots.pooling import Pooled, farthest, pool
from lstmviz.gui.plots.slices import Slices
from lstmviz.gui.plots.timeview import TimeView
from lstmviz.gui.theme import Theme, color_indices, color_table

BARS_WIDTH: Final = 76
_NO_ROWS: Final = np.zeros((1, 1), dtype=np.float32)


class HeatRow(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """Draw a table of steps by units; ask for steps and say where the pointer is.

    Parameters
    ----------
    scale : float or None
        The number at the ends of the colour map; None for the largest of each table.
    """

    cell_picked = Signal(int, int)
    """(step, unit)"""
    cell_pointed = Signal(int, int)
    """(step, unit) under the pointer; -1, -1 when it leaves"""
    scale_changed = Signal(float, str)
    """(largest absolute value, what a pixel stands for)"""

    _is_made = False

    def __init__(self, scale: float | None = None, parent: QWidget | None = None) -> None:
        # pyqtgraph resizes the view before the rest of it is there.
        super().__init__(parent, background=None)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._table = _NO_ROWS
        self._seq_len = 1
        self._step = 0
        self._fixed = scale
        self._largest = scale or 0.0
        self._picture: Pooled | None = None
        self._is_whole = True
        self._lit: list[QGraphicsRectItem] = []
        self._lit_pen = pg.mkPen("k", width=2)
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        self.setCentralItem(layout)
        self.time = TimeView()
        self.time.invertY(True)
        self._image = pg.ImageItem(axisOrder="row-major")
        self.time.addItem(self._image)
        layout.addItem(self.time, 0, 0)
        self._bars_box = layout.addViewBox(0, 1, enableMenu=False, defaultPadding=0.0)
        self._bars_box.invertY(True)
        self._bars_box.setMouseEnabled(x=False, y=False)
        self._bars_box.setMaximumWidth(BARS_WIDTH)
        self._bars_box.setMinimumWidth(BARS_WIDTH)
        self._negative = pg.BarGraphItem(x0=[0], x1=[0], y=[0], height=[0], pen=None)
        self._positive = pg.BarGraphItem(x0=[0], x1=[0], y=[0], height=[0], pen=None)
        for bars in (self._negative, self._positive):
            self._bars_box.addItem(bars, ignoreBounds=True)
        self._pooling: Slices[Pooled] = Slices(self._show_picture, self)
        self.time.step_picked.connect(self._pick)
        self.time.sigXRangeChanged.connect(self._pool)
        self.scene().sigMouseMoved.connect(self._point)
        self._is_made = True

    def sizeHint(self) -> QSize:
        return QSize(400, 110)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 30)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.setBackground(theme.card)
        self.time.show_theme(theme)
        self._image.setLookupTable(color_table(theme))
        self._lit_pen = pg.mkPen(theme.layers, width=2)
        for outline in self._lit:
            outline.setPen(self._lit_pen)
        for bars, color in ((self._negative, theme.negative), (self._positive, theme.positive)):
            soft = QColor(color)
            soft.setAlphaF(0.75)
            bars.setOpts(brush=soft)

    def show_table(self, table: Array, seq_len: int, step: int) -> None:
        """Draw `table`, shape (steps, units), on an axis of `seq_len` steps."""
        is_new_extent = (seq_len, table.shape[1]) != (self._seq_len, self._table.shape[1])
        self._table, self._seq_len, self._step = table, seq_len, step
        units = table.shape[1]
        self.time.show_steps(seq_len, len(table), units)
        if is_new_extent:
            self.time.setYRange(0, units, padding=0)
            self._bars_box.setYRange(0, units, padding=0)
            self.time.setXRange(-0.5, seq_len - 0.5, padding=0)
        self._largest = self._fixed or 0.0
        self.time.show_cursor(step)
        self._pool()

    def show_step(self, step: int) -> None:
        """Move the cursor and the bars to `step`."""
        self._step = step
        self.time.show_cursor(step)
        self._show_bars()

    def show_lit(self, blocks: list[tuple[range, range]]) -> None:
        """Outline `blocks` of steps and units; none to stop."""
        while len(self._lit) < len(blocks):
            outline = QGraphicsRectItem()
            outline.setPen(self._lit_pen)
            outline.setZValue(15)
            self.time.addItem(outline, ignoreBounds=True)
            self._lit.append(outline)
        for outline, (steps, units) in zip(self._lit, blocks, strict=False):
            outline.setRect(QRectF(steps.start - 0.5, units.start, len(steps), len(units)))
        for number, outline in enumerate(self._lit):
            outline.setVisible(number < len(blocks))

    def finish(self) -> None:
        """Finish drawing now."""
        self._pooling.finish()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_made:
            self._pool()

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self.cell_pointed.emit(-1, -1)

    def _pool(self) -> None:
        steps, units = self._table.shape
        low, high = self.time.viewRange()[0]
        first = min(max(0, math.floor(low + 0.5)), max(0, steps - 1))
        last = max(first + 1, min(steps, math.ceil(high + 0.5)))
        ratio = self.devicePixelRatioF()
        columns = max(1, int(self.time.width() * ratio))
        rows = max(1, int(self.time.height() * ratio))
        # The scale is that of the whole sequence, so that zooming changes no colour.
        if not self._largest and (first, last) != (0, steps):
            first, last = 0, steps
        self._is_whole = (first, last) == (0, steps)
        self._pooling.start(pool(self._table, first, last, columns, min(rows, units)))

    def _show_picture(self, picture: Pooled) -> None:
        self._picture = picture
        if self._is_whole and self._fixed is None:
            self._largest = picture.largest
        self._image.setImage(
            color_indices(picture.values, self._largest), autoLevels=False, levels=None
        )
        units = self._table.shape[1]
        self._image.setRect(QRectF(picture.first - 0.5, 0, picture.last - picture.first, units))
        self._bars_box.setXRange(-(self._largest or 1), self._largest or 1, padding=0)
        self._show_bars()
        # Else the boxes find out while they paint, and everything is painted twice.
        self.time.updateMatrix()
        self._bars_box.updateMatrix()
        self.scale_changed.emit(self._largest, picture.in_words())

    def _show_bars(self) -> None:
        units = self._table.shape[1]
        if self._step < len(self._table):
            values = np.nan_to_num(self._table[self._step].astype(np.float32, copy=False))
        else:
            values = np.zeros(units, dtype=np.float32)
        rows = max(1, int(self.time.height()))
        if units > rows:
            edges = np.arange(rows) * units // rows
            values = farthest(
                np.minimum.reduceat(values, edges), np.maximum.reduceat(values, edges)
            )
        size = units / len(values)
        centers = (np.arange(len(values)) + 0.5) * size
        for bars, part in (
            (self._negative, np.minimum(values, 0)),
            (self._positive, np.maximum(values, 0)),
        ):
            bars.setOpts(x0=np.zeros_like(part), x1=part, y=centers, height=0.8 * size)

    def _cell(self, point: QPointF) -> tuple[int, int] | None:
        step, unit = math.floor(point.x() + 0.5), math.floor(point.y())
        if 0 <= step < self._seq_len and 0 <= unit < self._table.shape[1]:
            return step, unit
        return None

    def _pick(self, x: float, y: float) -> None:
        step = min(max(0, math.floor(x + 0.5)), self._seq_len - 1)
        unit = min(max(0, math.floor(y)), self._table.shape[1] - 1)
        self.cell_picked.emit(step, unit)

    def _point(self, position: QPointF) -> None:
        inside = self.time.sceneBoundingRect().contains(position)
        cell = self._cell(self.time.mapSceneToView(position)) if inside else None
        self.cell_pointed.emit(*(cell or (-1, -1)))
