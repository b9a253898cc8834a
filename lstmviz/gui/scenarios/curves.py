"""Results over time as curves in one plot, with a legend."""

from __future__ import annotations

import math
from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from lstmviz.core.scenarios.results import Result
from lstmviz.core.scenes.colors import CURVES, Theme
from lstmviz.core.scenes.plots.peaks import peak_pooling, peaks, peaks_in_words
from lstmviz.core.scenes.plots.pooling import WHOLE
from lstmviz.core.scenes.results.curves import first_of, is_alike, names_of
from lstmviz.core.scenes.results.heights import Heights
from lstmviz.gui.plots.timeview import TimeView
from lstmviz.gui.richtext import escape
from lstmviz.gui.theme import mono

_AXIS_WIDTH: Final = 54
_AXIS_HEIGHT: Final = 36


class CurvePlot(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """Draw results that share an axis of time; a click asks for a step."""

    step_picked = Signal(int)
    drawn = Signal()
    """Other numbers are drawn; see `pooling`."""

    _is_made = False

    def __init__(self, parent: QWidget | None = None) -> None:
        # pyqtgraph resizes the view before the rest of it is there.
        super().__init__(parent, background=None)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.sizeHint().height())
        self._results: tuple[Result, ...] = ()
        self._first = 0
        self._extent = (0, 0)
        self._heights = Heights()
        self._curves: list[pg.PlotCurveItem] = []
        self.pooling = WHOLE
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 4, 10, 0)
        layout.setSpacing(0)
        self.setCentralItem(layout)
        self.time = TimeView()
        layout.addItem(self.time, 0, 1)
        self._values = pg.AxisItem("left", maxTickLength=-4)
        self._values.linkToView(self.time)
        self._values.setWidth(_AXIS_WIDTH)
        layout.addItem(self._values, 0, 0)
        self._steps = pg.AxisItem("bottom", maxTickLength=-4)
        self._steps.linkToView(self.time)
        self._steps.setHeight(_AXIS_HEIGHT)
        layout.addItem(self._steps, 1, 1)
        self.time.step_picked.connect(self._pick)
        self.time.sigXRangeChanged.connect(self._draw)
        self._is_made = True

    def sizeHint(self) -> QSize:
        return QSize(400, 190)

    @property
    def pooling_in_words(self) -> str:
        """What a column of pixels stands for; empty where it is one number."""
        return peaks_in_words(self.pooling)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.setBackground(theme.card)
        self.time.show_theme(theme)
        for axis in (self._values, self._steps):
            axis.setPen(pg.mkPen(theme.line))
            axis.setTextPen(pg.mkPen(theme.muted))
            axis.setTickFont(mono(mono().pointSizeF() * 0.85))
        self._color = theme.time
        self._name_axis()

    def show_results(self, results: tuple[Result, ...]) -> None:
        """Draw `results`; all of them have the same single axis."""
        self._results = results
        starts = [first_of(result) for result in results]
        ends = [start + len(r.values) for start, r in zip(starts, results, strict=True)]
        self._first, last = min(starts), max(ends)
        if (self._first, last) != self._extent:
            self._extent = (self._first, last)
            low, high = self._first - 0.5, last - 0.5
            self.time.setLimits(
                xMin=low, xMax=high, minXRange=min(4, high - low), maxXRange=high - low
            )
            self.time.setXRange(low, high, padding=0)
        self._heights = Heights.of([result.values for result in results])
        low, high = self._heights.ends
        self.time.show_height(low, high)
        self._values.setTicks(self._heights.ticks)
        self._steps.setTicks(names_of(results[0]))
        self._name_axis()
        self._draw()

    def show_step(self, step: int | None) -> None:
        """Move the cursor to `step`; None hides it."""
        self.time.show_cursor(-10 if step is None else step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_made:
            self._draw()

    def _name_axis(self) -> None:
        if self._results:
            axis = self._results[0].axes[0]
            text = "t, the step along axis L" if axis == "L" else axis
            self._steps.setLabel(text, color=self._color)

    def _draw(self) -> None:
        # pyqtgraph centres the label before the layout has given the axis its width.
        self._steps.resizeEvent()
        low, high = self.time.viewRange()[0]
        columns = max(1, int(self.time.width()))
        pooling = WHOLE
        for number, result in enumerate(self._results):
            start = first_of(result)
            first = min(max(0, math.floor(low) - start), len(result.values))
            last = max(first, min(len(result.values), math.ceil(high) + 1 - start))
            x, y = peaks(self._heights.placed(result.values), first, last, columns)
            pooling = max(pooling, peak_pooling(last - first, columns), key=lambda p: p.steps)
            self._curve(number).setData(x + start, y, pen=self._pen(number))
        for spare in self._curves[len(self._results) :]:
            spare.setData([], [])
        self.pooling = pooling
        self.drawn.emit()

    def _pen(self, number: int) -> QPen:
        """Return a curve's pen: wide and soft where a later one lies on top of it."""
        color = QColor(CURVES[number % len(CURVES)])
        later = self._results[number + 1 :]
        covers = sum(is_alike(other, self._results[number]) for other in later)
        if covers:
            color.setAlphaF(0.5)
        pen: QPen = pg.mkPen(color, width=1.7 + 2.6 * covers)
        return pen

    def _curve(self, index: int) -> pg.PlotCurveItem:
        if index == len(self._curves):
            curve = pg.PlotCurveItem(antialias=True, connect="finite")
            self.time.addItem(curve, ignoreBounds=True)
            self._curves.append(curve)
        return self._curves[index]

    def _pick(self, x: float, _y: float) -> None:
        self.step_picked.emit(min(max(self._first, math.floor(x + 0.5)), self._extent[1] - 1))


def legend_of(names: tuple[str, ...]) -> str:
    """Return which colour is which curve, as rich text; each stays on one line."""
    return "&nbsp;&nbsp; ".join(
        f'<span style="color:{CURVES[number % len(CURVES)]}"><b>━</b></span>&nbsp;'
        + escape(name).replace(" ", "&nbsp;")
        for number, name in enumerate(names)
    )
