"""The unrolled network as a picture: cells coloured by a measure, paths of the chosen cell."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from lstmviz.core.places import steps_of_item
from lstmviz.core.trace import Array, Trace
from lstmviz.gui.controls.wheel import ChoiceBox
from lstmviz.gui.document import Document
from lstmviz.gui.plots.colorbar import ColorBar
from lstmviz.gui.plots.pooling import Pooled, pool
from lstmviz.gui.plots.slices import Slices
from lstmviz.gui.plots.timeview import TimeView
from lstmviz.gui.richtext import Label
from lstmviz.gui.theme import Appearance, color_indices, color_table, mono
from lstmviz.gui.unrolled.drawing import PathsItem
from lstmviz.gui.unrolled.measures import MEASURES, Measure, measured
from lstmviz.gui.unrolled.paths import paths, row_count

_LABEL_WIDTH: Final = 104
_DIRECTIONS: Final = ("fwd", "rev")


class _Canvas(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """The scene: an image of cells between a column of row names and a time axis."""

    key_pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__(None, background=None)
        self.setFrameShape(QFrame.Shape.NoFrame)
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.setCentralItem(layout)
        self.names = pg.AxisItem("left", maxTickLength=0)
        self.names.setWidth(_LABEL_WIDTH)
        self.time = TimeView()
        self.steps = pg.AxisItem("bottom", maxTickLength=0)
        self.steps.setHeight(36)
        self.names.linkToView(self.time)
        self.steps.linkToView(self.time)
        layout.addItem(self.names, 0, 0)
        layout.addItem(self.time, 0, 1)
        layout.addItem(self.steps, 1, 1)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.paths = PathsItem()
        self.time.addItem(self.image)
        self.time.addItem(self.paths, ignoreBounds=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.key_pressed.emit(event)


class UnrolledView(QWidget):
    """Show every cell of the network over time for the document's batch item.

    Parameters
    ----------
    document : Document
    appearance : Appearance
    """

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._cells: Array = np.zeros((1, 1), dtype=np.float32)
        self._shown: tuple[object, ...] = ()
        self.measure = ChoiceBox()
        self.measure.setAccessibleName("what colours the cells")
        for measure in MEASURES:
            self.measure.addItem(measure.title, measure.name)
        self._meaning = Label()
        self._meaning.setProperty("role", "muted")
        self._colors = ColorBar()
        self.canvas = _Canvas()
        self.canvas.setAccessibleName("Unrolled network; arrow keys move between cells")
        self._arrange()
        self._measuring: Slices[Array] = Slices(self._take_cells, self)
        self._pooling: Slices[Pooled] = Slices(self._show_picture, self)
        self._connect()
        self._show_theme()

    def finish(self) -> None:
        """Finish drawing now, as a picture needs."""
        self._show_run()
        self._measuring.finish()
        self._pooling.finish()

    def zoom_out(self) -> None:
        """Show all steps."""
        self.canvas.time.autoRangeTime()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_run()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._pool()

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        label = Label("cells coloured by")
        label.setBuddy(self.measure)
        line.addWidget(label)
        line.addWidget(self.measure)
        line.addWidget(self._meaning, 1)
        line.addWidget(self._colors)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 12, 4)
        layout.addLayout(line)
        layout.addWidget(self.canvas, 1)

    def _connect(self) -> None:
        self.measure.currentIndexChanged.connect(self._show_run)
        self.canvas.time.step_picked.connect(self._pick)
        self.canvas.time.sigXRangeChanged.connect(self._pool)
        self.canvas.key_pressed.connect(self._key)
        self._document.run_changed.connect(self._show_run)
        self._document.view_changed.connect(self._show_run)
        self._appearance.changed.connect(self._show_theme)

    @property
    def _measure(self) -> Measure:
        return MEASURES[max(0, self.measure.currentIndex())]

    def _show_run(self) -> None:
        trace, view = self._document.trace, self._document.view
        if trace is None or not self.isVisible():
            return
        chosen = (self._document.run, self._document.shown, view.item, self._measure.name)
        if chosen != self._shown:
            self._shown = chosen
            self._meaning.setText(self._measure.meaning)
            self._show_extent(trace, view.item)
            self._measuring.start(measured(trace, self._measure, view.item))
        self.canvas.time.show_cursor(view.step)
        self._show_paths()

    def _show_extent(self, trace: Trace, item: int) -> None:
        rows, time = row_count(trace), self.canvas.time
        # Half a step of room at both ends, where h_0 comes from and h_n goes to.
        time.show_steps(trace.seq_len, steps_of_item(trace, item), rows)
        time.setLimits(xMin=-1.2, xMax=trace.seq_len + 0.2, maxXRange=trace.seq_len + 1.4)
        time.setXRange(-1.2, trace.seq_len + 0.2, padding=0)
        time.show_height(0, rows)
        every = max(1, rows // 24)
        names = ["x", *_row_names(trace), "output"]
        ticks = [(row + 0.5, name) for row, name in enumerate(names) if not row % every]
        self.canvas.names.setTicks([ticks])

    def _take_cells(self, values: Array) -> None:
        self._cells = values.reshape(-1, values.shape[-1])
        finite = self._cells[np.isfinite(self._cells)]
        self._colors.show_scale(float(np.abs(finite).max()) if finite.size else 0.0)
        self._pool()

    def _pool(self) -> None:
        # pyqtgraph centres the label before the layout has given the axis its width.
        self.canvas.steps.resizeEvent()
        steps = self._cells.shape[1]
        low, high = self.canvas.time.viewRange()[0]
        first = min(max(0, math.floor(low + 0.5)), steps - 1)
        last = max(first + 1, min(steps, math.ceil(high + 0.5)))
        columns = max(1, int(self.canvas.time.width() * self.devicePixelRatioF()))
        self._pooling.start(pool(self._cells.T, first, last, columns, len(self._cells)))

    def _show_picture(self, picture: Pooled) -> None:
        finite = self._cells[np.isfinite(self._cells)]
        largest = float(np.abs(finite).max()) if finite.size else 0.0
        self.canvas.image.setImage(
            color_indices(picture.values, largest), autoLevels=False, levels=None
        )
        self.canvas.image.setRect(
            QRectF(picture.first - 0.5, 1, picture.last - picture.first, len(self._cells))
        )
        note = picture.in_words()
        self._meaning.setText(f"{self._measure.meaning}{'; ' if note else ''}{note}")

    def _show_paths(self) -> None:
        trace, view = self._document.trace, self._document.view
        if trace is None:
            return
        is_there = view.step < steps_of_item(trace, view.item)
        cell = (view.layer, view.direction, view.step, view.item)
        found = paths(trace, *cell) if is_there else ()
        self.canvas.paths.show_paths(found, row_count(trace), trace.seq_len)

    def _show_theme(self) -> None:
        theme = self._appearance.theme
        self.canvas.setBackground(theme.card)
        self.canvas.time.show_theme(theme)
        self.canvas.image.setLookupTable(color_table(theme))
        self.canvas.paths.show_theme(theme)
        self._colors.show_theme(theme)
        for axis in (self.canvas.names, self.canvas.steps):
            axis.setPen(pg.mkPen(QColor(0, 0, 0, 0)))
            axis.setTextPen(pg.mkPen(theme.muted))
            axis.setTickFont(mono(mono().pointSizeF() * 0.85))
        self.canvas.steps.setLabel("t, the step along axis L", color=theme.time)

    def _pick(self, x: float, y: float) -> None:
        trace = self._document.trace
        if trace is None:
            return
        step = min(max(0, math.floor(x + 0.5)), trace.seq_len - 1)
        cell = min(max(0, math.floor(y) - 1), row_count(trace) - 3)
        layer, direction = divmod(cell, trace.num_directions)
        self._document.look_at(step=step, layer=layer, direction=direction)

    def _key(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        move = moves.get(Qt.Key(event.key()))
        trace, view = self._document.trace, self._document.view
        if move is None or trace is None:
            event.ignore()
            return
        row = view.layer * trace.num_directions + view.direction + move[1]
        self._pick(view.step + move[0], min(max(0, row), row_count(trace) - 3) + 1.5)


def _row_names(trace: Trace) -> list[str]:
    return [
        f"layer {layer} {_DIRECTIONS[direction]}"
        for layer in range(trace.num_layers)
        for direction in range(trace.num_directions)
    ]
