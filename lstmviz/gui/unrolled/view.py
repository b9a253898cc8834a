"""The unrolled network as a picture: cells coloured by a measure, paths of the chosen cell."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np
from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.scenes.plots.pooling import Pooled, pool
from lstmviz.core.scenes.plots.scale import BLANK
from lstmviz.core.scenes.unrolled.measures import MEASURES, Measure, Measured, measured
from lstmviz.core.scenes.unrolled.names import names, row_names
from lstmviz.core.scenes.unrolled.paths import paths, row_count
from lstmviz.core.taken import NumberTable, exact
from lstmviz.gui.controls.wheel import ChoiceBox
from lstmviz.gui.document import Document
from lstmviz.gui.plots.colorbar import ColorBar
from lstmviz.gui.plots.rowlabel import PoolingMark
from lstmviz.gui.plots.slices import Slices
from lstmviz.gui.plots.whoseline import WhoseLine
from lstmviz.gui.richtext import Label, plain_tip
from lstmviz.gui.taking.offer import Offer
from lstmviz.gui.theme import Appearance
from lstmviz.gui.unrolled.canvas import UnrolledCanvas
from lstmviz.gui.unrolled.words import described_network


class UnrolledView(QWidget):
    """Show every cell of the network over time for the document's batch item.

    Parameters
    ----------
    document : Document
    appearance : Appearance
    """

    offered = Signal(object, object)
    """An `Offer` of what can be taken, and the place on the screen"""

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._measured: Measured | None = None
        self._scales = (BLANK, BLANK, BLANK)
        self._shown: tuple[object, ...] = ()
        self._kept: tuple[object, object] = (None, None)
        self._under = (-1, -1)
        self.measure = ChoiceBox()
        self.measure.setAccessibleName("what colours the cells")
        for measure in MEASURES:
            self.measure.addItem(measure.title, measure.name)
        self._whose = WhoseLine()
        self._meaning = Label()
        self._meaning.setProperty("role", "muted")
        # Where there is little room it is cut, and whole in its tip; the mark beside it is not.
        self._meaning.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.mark = PoolingMark()
        self._colors = ColorBar()
        self.canvas = UnrolledCanvas()
        self.canvas.setAccessibleName("Unrolled network; arrow keys move between cells")
        self._arrange()
        self._measuring: Slices[Measured] = Slices(self._take_measured, self)
        self._pooling: Slices[list[Pooled | None]] = Slices(self._show_pictures, self)
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
        line.addWidget(self.mark)
        line.addWidget(self._colors)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 12, 4)
        layout.addWidget(self._whose)
        layout.addLayout(line)
        layout.addWidget(self.canvas, 1)

    def _connect(self) -> None:
        self.measure.currentIndexChanged.connect(self._show_run)
        self.canvas.time.step_picked.connect(self._pick)
        self.canvas.time.menu_asked.connect(self._offer)
        self.canvas.time.sigXRangeChanged.connect(self._pool)
        self.canvas.key_pressed.connect(self._key)
        self.canvas.pointed.connect(self._point)
        self._document.run_changed.connect(self._show_run)
        self._document.view_changed.connect(self._show_run)
        self._document.pinned_changed.connect(self._show_run)
        self._appearance.changed.connect(self._show_theme)

    @property
    def _measure(self) -> Measure:
        return MEASURES[max(0, self.measure.currentIndex())]

    def _show_run(self) -> None:
        plotted, document = self._document.plotted, self._document
        if plotted is None or not self.isVisible():
            return
        view, measure = plotted.view, self._measure
        # Runs are told apart by who they are: to compare their numbers would take far too long.
        runs = (id(document.run), id(document.pinned))
        chosen = (*runs, document.shown, view.item, measure.name, plotted.whose, plotted.sentence)
        if chosen != self._shown:
            self._shown, self._kept = chosen, (document.run, document.pinned)
            self._whose.show_plotted(plotted)
            meaning = f"{measure.meaning}; x and output: {measure.outer_title.format('·')}"
            self._meaning.setText(meaning)
            self._meaning.setToolTip(plain_tip(meaning))
            self.canvas.show_extent(row_count(plotted.trace), plotted.seq_len, plotted.steps)
            self._measuring.start(measured(plotted, measure))
        self.canvas.time.show_cursor(view.step)
        self._show_paths()

    def _take_measured(self, found: Measured) -> None:
        self._measured, self._scales = found, found.scales
        self._pool()

    def _pool(self) -> None:
        # pyqtgraph centres the label before the layout has given the axis its width.
        self.canvas.steps.resizeEvent()
        if self._measured is not None:
            self.canvas.show_names(names(self._measured, self._scales))
            self._pooling.start(self._pooled(self._measured))

    def _pooled(self, found: Measured) -> Generator[None, None, list[Pooled | None]]:
        low, high = self.canvas.time.viewRange()[0]
        ratio = self.devicePixelRatioF()
        columns = max(1, int(self.canvas.time.width() * ratio))
        tall = max(1, int(self.canvas.time.height() * ratio / self._rows))
        pictures: list[Pooled | None] = []
        parts = (found.cells, found.entry, found.result)
        starts = (0, found.first, found.first)
        for values, start, scale in zip(parts, starts, self._scales, strict=True):
            rows, steps = values.shape
            first = min(max(0, math.floor(low + 0.5) - start), steps - 1)
            last = max(first + 1, min(steps, math.ceil(high + 0.5) - start))
            if steps:
                work = pool(values.T, first, last, columns, max(1, tall * rows), scale.rest)
                pictures.append((yield from work))
            else:
                pictures.append(None)
        return pictures

    @property
    def _rows(self) -> int:
        return self._measured.cells.shape[0] + 2 if self._measured else 1

    def _show_pictures(self, pictures: list[Pooled | None]) -> None:
        found, canvas, theme = self._measured, self.canvas, self._appearance.theme
        if found is None:
            return
        strips = (canvas.cells, canvas.entry, canvas.result)
        places = ((1, self._rows - 2, 0), (0, 1, found.first), (self._rows - 1, 1, found.first))
        for strip, picture, scale, (row, rows, start) in zip(
            strips, pictures, self._scales, places, strict=True
        ):
            first, last = (picture.first, picture.last) if picture else (0, 0)
            where = QRectF(first + start - 0.5, row, last - first, rows)
            strip.show_picture(picture, scale, theme, where)
        self._colors.show_scale(canvas.cells.scale_shown)
        if pictures[0] is not None:
            pooling = pictures[0].pooling
            words = pooling.in_words(self._scales[0].rest, ("steps", "rows"))
            self.mark.show_pooling(pooling, words)
        if self._under != (-1, -1):
            # Other numbers lie under a pointer that rests.
            self._point(*self._under)

    def _show_paths(self) -> None:
        plotted, view = self._document.plotted, self._document.view
        if plotted is None:
            return
        trace = plotted.trace
        is_there = view.step < plotted.steps
        cell = (view.layer, view.direction, view.step, view.item)
        found = paths(trace, *cell) if is_there else ()
        self.canvas.paths.show_paths(found, row_count(trace), plotted.seq_len)

    def _show_theme(self) -> None:
        self.canvas.show_theme(self._appearance.theme)
        self._colors.show_theme(self._appearance.theme)

    def _point(self, step: int, row: int) -> None:
        """Say which number the cell under the pointer is."""
        self._under = (step, row)
        self._document.describe(
            described_network(self._measured, self.canvas, step, row) if self._measured else ""
        )

    def _offer(self, x: float, y: float, place: QPoint) -> None:
        """Offer the measure of the cell at (x, y), and of all cells."""
        found = self._measured
        if found is None:
            return
        step, row = math.floor(x + 0.5), math.floor(y)
        names = ("x", *row_names(found.plotted.trace), "output")
        table = np.full((found.cells.shape[1], len(names)), np.nan, dtype=np.float32)
        table[found.first :, 0], table[found.first :, -1] = found.entry[0], found.result[0]
        table[:, 1:-1] = found.cells.T
        texts: tuple[tuple[str, str], ...] = ()
        is_there = 0 <= step < len(table) and 0 <= row < len(names)
        if is_there and not np.isnan(table[step, row]):
            value = exact(table[step, row])
            texts = ((f"Copy value {value}", value),)
        numbers = NumberTable(
            name="unrolled", said=found.measure.meaning, table=table, columns=names
        )
        self.offered.emit(Offer(view="unrolled", texts=texts, table=numbers), place)

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
