"""Chosen units over time: h solid, c dashed."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QFrame, QGraphicsItem, QGraphicsRectItem, QSizePolicy, QWidget

from lstmviz.core.numbers import largest_finite
from lstmviz.core.plotted import Table
from lstmviz.core.scenes.colors import CURVES, Theme
from lstmviz.core.scenes.plots.peaks import peak_pooling, peaks
from lstmviz.core.scenes.plots.pooling import WHOLE, Pooling
from lstmviz.core.trace import Array
from lstmviz.gui.plots.stepaxis import StepAxis
from lstmviz.gui.plots.timeview import TimeView
from lstmviz.gui.plots.unitbars import BARS_WIDTH
from lstmviz.gui.theme import mono

MOST_CURVES: Final = len(CURVES)
_TALL_AXIS: Final = 36
_DASH: Final = 0.02


class CurveRow(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """Draw a few units of h and c; below them the time axis that all rows share."""

    step_picked = Signal(int)
    step_pointed = Signal(int)
    """Step under the pointer; -1 when it leaves"""
    menu_asked = Signal(int, object)
    """A step, and the place on the screen"""
    looks_changed = Signal()
    """The curves are drawn from more or fewer numbers; see `pooling` and `is_dense`."""

    _is_made = False

    def __init__(self, parent: QWidget | None = None) -> None:
        # pyqtgraph resizes the view before the rest of it is there.
        super().__init__(parent, background=None)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._series: list[tuple[Array, int, bool]] = []
        self._seq_len = 1
        self._has_curves = True
        self._looks = (WHOLE, False)
        self._curves: list[pg.PlotCurveItem] = []
        self._lit: list[QGraphicsRectItem] = []
        self._lit_color = "k"
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.setCentralItem(layout)
        self.time = TimeView()
        layout.addItem(self.time, 0, 0)
        self._values = pg.AxisItem("right", maxTickLength=-4)
        self._values.linkToView(self.time)
        self._values.setWidth(BARS_WIDTH + 10)
        layout.addItem(self._values, 0, 1)
        self._steps = StepAxis(-4)
        self._steps.linkToView(self.time)
        self._steps.setHeight(_TALL_AXIS)
        layout.addItem(self._steps, 1, 0)
        self._zero = pg.InfiniteLine(pos=0, angle=0)
        self.time.addItem(self._zero, ignoreBounds=True)
        self.time.step_picked.connect(self._pick)
        self.time.menu_asked.connect(
            lambda x, _y, place: self.menu_asked.emit(math.floor(x + 0.5), place)
        )
        self.time.sigXRangeChanged.connect(self._draw)
        self.scene().sigMouseMoved.connect(self._point)
        self._is_made = True

    @property
    def pooling(self) -> Pooling:
        """How many steps share a column of pixels; of each the lowest and highest is drawn."""
        return self._looks[0]

    @property
    def is_dense(self) -> bool:
        """Whether lines turn at every pixel: c is pale then, and not dashed."""
        return self._looks[1]

    def sizeHint(self) -> QSize:
        return QSize(400, 120)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, _TALL_AXIS + (56 if self._has_curves else 2))

    def show_axis_only(self) -> None:
        """Leave out the curves and keep the time axis."""
        self._has_curves = False
        self._values.setStyle(showValues=False, tickLength=0)
        self.setFixedHeight(_TALL_AXIS + 2)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.setBackground(theme.card)
        self.time.show_theme(theme)
        self._lit_color = theme.layers
        for band in self._lit:
            band.setPen(pg.mkPen(theme.layers, width=2))
        self._zero.setPen(pg.mkPen(theme.line, width=1))
        for axis in (self._values, self._steps):
            axis.setPen(pg.mkPen(theme.line))
            axis.setTextPen(pg.mkPen(theme.muted))
            axis.setTickFont(mono(mono().pointSizeF() * 0.85))
        self._steps.setLabel("t, the step along axis L", color=theme.time)
        self._draw()

    def show_series(self, hidden: Table, cell: Table, units: tuple[int, ...], seq_len: int) -> None:
        """Draw `units` of two tables, each of shape (steps, units)."""
        if seq_len != self._seq_len:
            self._seq_len = seq_len
            self.time.show_limits(seq_len)
            self.time.setXRange(-0.5, seq_len - 0.5, padding=0)
        self.time.show_steps(seq_len, len(hidden), 1)
        self._series = []
        for number, unit in enumerate(units[:MOST_CURVES]):
            if unit < cell.shape[1]:
                self._series.append((cell[:, unit], number, True))
            if unit < hidden.shape[1]:
                self._series.append((hidden[:, unit], number, False))
        largest = largest_finite(*(values for values, _, _ in self._series)) or 1.0
        self.time.show_height(-1.08 * largest, 1.08 * largest)
        self._draw()

    def show_lit(self, spans: list[range]) -> None:
        """Set off `spans` of steps; none to stop."""
        while len(self._lit) < len(spans):
            band = QGraphicsRectItem()
            band.setPen(pg.mkPen(self._lit_color, width=2))
            self.time.addItem(band, ignoreBounds=True)
            self._lit.append(band)
        (_, (low, high)) = self.time.viewRange()
        for band, span in zip(self._lit, spans, strict=False):
            band.setRect(QRectF(span.start - 0.5, low, len(span), high - low))
        for number, band in enumerate(self._lit):
            band.setVisible(number < len(spans))

    def show_step(self, step: int) -> None:
        """Move the cursor to `step`."""
        self.time.show_cursor(step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_made:
            self._draw()

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self.step_pointed.emit(-1)

    def _draw(self) -> None:
        # pyqtgraph centres the label before the layout has given the axis its width.
        self._steps.resizeEvent()
        low, high = self.time.viewRange()[0]
        columns = max(1, int(self.time.width()))
        series = self._series if self._has_curves else []
        looks = (WHOLE, False)
        for index, (values, number, is_dashed) in enumerate(series):
            first = min(max(0, math.floor(low)), len(values))
            last = min(len(values), math.ceil(high) + 1)
            x, y = peaks(values, first, last, columns)
            if len(values) == 1:
                # A line needs two points; of one step, a dash in the middle of it.
                x, y = np.array([-_DASH, _DASH]), np.repeat(y, 2)
            looks = (peak_pooling(last - first, columns), len(x) > columns)
            self._curve(index).setData(x, y, pen=_pen(number, is_dashed, looks[1]))
        for spare in self._curves[len(series) :]:
            spare.setData([], [])
        if looks != self._looks:
            self._looks = looks
            self.looks_changed.emit()

    def _curve(self, index: int) -> pg.PlotCurveItem:
        if index == len(self._curves):
            curve = pg.PlotCurveItem(antialias=True, connect="finite")
            # The cursor moves above the curves at every step; without a cache each would be
            # stroked again.
            curve.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            self.time.addItem(curve, ignoreBounds=True)
            self._curves.append(curve)
        return self._curves[index]

    def _pick(self, x: float, _y: float) -> None:
        self.step_picked.emit(min(max(0, math.floor(x + 0.5)), self._seq_len - 1))

    def _point(self, position: QPointF) -> None:
        inside = self.time.sceneBoundingRect().contains(position)
        step = math.floor(self.time.mapSceneToView(position).x() + 0.5) if inside else -1
        self.step_pointed.emit(step if 0 <= step < self._seq_len else -1)


def _pen(number: int, is_dashed: bool, is_dense: bool) -> pg.QtGui.QPen:
    color = QColor(CURVES[number])
    # A dash pattern on a line that turns at every pixel is slow and shows as noise.
    if is_dashed and is_dense:
        color.setAlphaF(0.45)
    style = Qt.PenStyle.DashLine if is_dashed and not is_dense else Qt.PenStyle.SolidLine
    return pg.mkPen(color, width=1 if is_dense else 1.6, style=style)
