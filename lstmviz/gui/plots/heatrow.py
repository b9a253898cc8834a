"""One quantity over time as a heatmap, with the units at the current step beside it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGraphicsRectItem, QSizePolicy, QWidget

from lstmviz.core.plotted import Table
from lstmviz.core.scenes.colors import LIGHT, Theme
from lstmviz.core.scenes.plots.colormap import color_table
from lstmviz.core.scenes.plots.pooling import Pooled, pool
from lstmviz.core.scenes.plots.scale import BLANK, Scale, ScaleKind
from lstmviz.gui.plots.slices import Slices
from lstmviz.gui.plots.timeview import TimeView
from lstmviz.gui.plots.unitbars import UnitBars

_NO_ROWS: Final = np.zeros((1, 1), dtype=np.float32)


class HeatRow(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """Draw a table of steps by units; ask for steps and say where the pointer is."""

    cell_picked = Signal(int, int)
    """(step, unit)"""
    cell_pointed = Signal(int, int)
    """(step, unit) under the pointer; -1, -1 when it leaves"""
    menu_asked = Signal(int, int, object)
    """(step, unit), and the place on the screen"""
    picture_changed = Signal()
    """Other numbers are drawn, or on another scale; see `scale` and `pooling`."""

    _is_made = False

    def __init__(self, parent: QWidget | None = None) -> None:
        # pyqtgraph resizes the view before the rest of it is there.
        super().__init__(parent, background=None)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._table: Table = _NO_ROWS
        self._seq_len = 1
        self._step = 0
        self._kind = ScaleKind.SIGNED
        self._fixed: float | None = None
        self._largest = 0.0
        self._scale = BLANK
        self._theme = LIGHT
        self._pointer: QPointF | None = None
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
        self._bars = UnitBars()
        layout.addItem(self._bars, 0, 1)
        self._pooling: Slices[Pooled] = Slices(self._show_picture, self)
        self.time.step_picked.connect(self._pick)
        self.time.menu_asked.connect(self._ask_menu)
        self.time.sigXRangeChanged.connect(self._pool)
        self.scene().sigMouseMoved.connect(self._point)
        self._is_made = True

    @property
    def scale(self) -> Scale:
        """What the colours and the bars mean in numbers."""
        return self._scale

    @property
    def picture(self) -> Pooled | None:
        """What is drawn; None before anything is."""
        return self._picture

    def sizeHint(self) -> QSize:
        return QSize(400, 110)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 30)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.setBackground(theme.card)
        self.time.show_theme(theme)
        self._theme = theme
        self._lit_pen = pg.mkPen(theme.layers, width=2)
        for outline in self._lit:
            outline.setPen(self._lit_pen)
        self._bars.show_theme(theme)
        self._image.setLookupTable(color_table(theme, self._scale.ramp))

    def show_table(
        self,
        table: Table,
        seq_len: int,
        step: int,
        kind: ScaleKind = ScaleKind.SIGNED,
        fixed: float | None = None,
    ) -> None:
        """Draw `table`, shape (steps, units), on an axis of `seq_len` steps.

        Parameters
        ----------
        table : array or Apart
        seq_len, step : int
        kind : ScaleKind
            What the numbers can be.
        fixed : float or None
            The number at the upper end of the scale; None for the largest there is.
        """
        is_new_extent = (seq_len, table.shape[1]) != (self._seq_len, self._table.shape[1])
        self._table, self._seq_len, self._step = table, seq_len, step
        units = table.shape[1]
        self.time.show_steps(seq_len, len(table), units)
        if is_new_extent:
            self.time.setYRange(0, units, padding=0)
            self._bars.setYRange(0, units, padding=0)
            self.time.setXRange(-0.5, seq_len - 0.5, padding=0)
        self._kind, self._fixed, self._largest = kind, fixed, fixed or 0.0
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
        self._pointer = None
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
        rest = Scale(self._kind).rest
        self._pooling.start(pool(self._table, first, last, columns, min(rows, units), rest))

    def _show_picture(self, picture: Pooled) -> None:
        self._picture = picture
        if self._is_whole and self._fixed is None:
            self._largest = picture.largest
        # Only now: until the numbers are there, the old ones keep their own colours.
        self._scale = Scale(self._kind, self._largest)
        self._image.setLookupTable(color_table(self._theme, self._scale.ramp))
        self._image.setImage(self._scale.indices(picture.values), autoLevels=False, levels=None)
        units = self._table.shape[1]
        self._image.setRect(QRectF(picture.first - 0.5, 0, picture.last - picture.first, units))
        self._bars.show_scale(self._scale)
        self._show_bars()
        # Else the boxes find out while they paint, and everything is painted twice.
        self.time.updateMatrix()
        self._bars.updateMatrix()
        self.picture_changed.emit()
        if self._pointer is not None:
            # Other numbers lie under a pointer that rests.
            self._point(self._pointer)

    def _show_bars(self) -> None:
        units = self._table.shape[1]
        if self._step < len(self._table):
            values = np.nan_to_num(self._table[self._step].astype(np.float32, copy=False))
        else:
            values = np.zeros(units, dtype=np.float32)
        self._bars.show_values(values, len(self._picture.values) if self._picture else units)

    def _cell(self, point: QPointF) -> tuple[int, int] | None:
        step, unit = math.floor(point.x() + 0.5), math.floor(point.y())
        if 0 <= step < self._seq_len and 0 <= unit < self._table.shape[1]:
            return step, unit
        return None

    def _pick(self, x: float, y: float) -> None:
        step = min(max(0, math.floor(x + 0.5)), self._seq_len - 1)
        unit = min(max(0, math.floor(y)), self._table.shape[1] - 1)
        self.cell_picked.emit(step, unit)

    @property
    def steps_in_sight(self) -> range:
        """The steps that are drawn now, of those that there are."""
        low, high = self.time.viewRange()[0]
        first = max(0, math.floor(low + 0.5))
        return range(first, max(first + 1, min(len(self._table), math.ceil(high + 0.5))))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        # A click of the pointer comes through the view, which tells it from a drag.
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            self.menu_asked.emit(self._step, 0, self.mapToGlobal(self.rect().center()))
        event.accept()

    def _ask_menu(self, x: float, y: float, place: QPoint) -> None:
        cell = self._cell(QPointF(x, y))
        if cell is not None:
            self.menu_asked.emit(*cell, place)

    def _point(self, position: QPointF) -> None:
        self._pointer = position
        inside = self.time.sceneBoundingRect().contains(position)
        cell = self._cell(self.time.mapSceneToView(position)) if inside else None
        self.cell_pointed.emit(*(cell or (-1, -1)))
