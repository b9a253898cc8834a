"""The network unrolled in time on paper: layers and directions as rows, steps as columns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from lstmviz.core.scenes.diagram.scene import Face, Point, Rect
from lstmviz.core.scenes.plots.colormap import color_table
from lstmviz.core.scenes.plots.pooling import pool
from lstmviz.core.scenes.plots.scale import Scale
from lstmviz.core.scenes.unrolled.measures import MEASURES, Measured, measured
from lstmviz.core.scenes.unrolled.names import names
from lstmviz.core.scenes.unrolled.paths import Flow, Path, paths, row_count, row_of
from lstmviz.core.trace import Array
from lstmviz.figures.faces import line_height, measure
from lstmviz.figures.heatmap import hatch
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick, finished
from lstmviz.figures.pictured import Pictured
from lstmviz.figures.scales import SMALL, paint_scale, paint_steps, scale_height, steps_height

_ROW: Final = 42.0
_LOW_ROW: Final = 16.0
_MOST_ROOM: Final = 420.0
_END: Final = 0.7
_MOST_END: Final = 44.0
"""Steps, and pixels at most, of room on either side, where h_0 comes from and h_n goes to."""
_LEAST_CELL: Final = 9.0
_LEAST_LABEL: Final = 34.0
_APART: Final = 5.0
_HEAD: Final = 7.0
_SCALE_WIDTH: Final = 112.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrolledPart:
    """Every cell as one number, with the paths of the cell that is looked at.

    Attributes
    ----------
    pictured : Pictured
    measure : str
        What colours the cells: the name of one of `MEASURES`.
    has_legend : bool
        Say in words what the colours are.
    pixels : float
        Pixels at 1x for one of the design.
    """

    pictured: Pictured
    measure: str = "hidden"
    has_legend: bool = True
    pixels: float = 1.0
    stretch: float = 1.0

    def height(self, width: float) -> float:
        """Return how high it wants to be."""
        rows = row_count(self.pictured.plotted.trace)
        return max(min(_ROW * rows, _MOST_ROOM) + self._fixed, self.least(width))

    def least(self, _width: float) -> float:
        """Return how high it is at least."""
        return _LOW_ROW * row_count(self.pictured.plotted.trace) + self._fixed

    @property
    def _fixed(self) -> float:
        return self._head + steps_height()

    @property
    def _head(self) -> float:
        return max(line_height(Face.NAME), scale_height()) + 6

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw it into `rect`."""
        found = self._measured(tick)
        said = names(found, found.scales)
        left = min(max(_width(lines) for lines in said) + 10, rect.width * 0.34)
        top = rect.y + self._head
        grid = Rect(rect.x + left, top, rect.width - left, rect.bottom - top - steps_height())
        self._paint_head(paper, found, Rect(rect.x, rect.y, rect.width, self._head))
        net = _Net(grid, row_count(found.plotted.trace), found.plotted.seq_len)
        self._paint_cells(paper, found, net, tick)
        _paint_grid(paper, net)
        _paint_names(paper, said, net, rect.x)
        view = found.plotted.view
        direction = min(view.direction, found.plotted.trace.num_directions - 1)
        if view.step < found.plotted.steps:
            ways = paths(found.plotted.trace, view.layer, direction, view.step, view.item)
            for number, path in enumerate(ways):
                _paint_path(paper, net, path, number)
            _mark(paper, net, row_of(found.plotted.trace, view.layer, direction), view.step)
        paint_steps(paper, net.steps, net.body)

    def _measured(self, tick: Tick) -> Measured:
        chosen = next((one for one in MEASURES if one.name == self.measure), MEASURES[0])
        return finished(measured(self.pictured.plotted, chosen), tick)

    def _paint_head(self, paper: Paper, found: Measured, rect: Rect) -> None:
        y = rect.y + line_height(Face.NAME) / 2
        x = rect.x + paper.text(found.measure.title, (rect.x, y), Face.NAME, paper.theme.text) + 8
        if self.has_legend and x + measure(found.measure.meaning, Face.NOTE) < (
            rect.right - _SCALE_WIDTH - 8
        ):
            paper.text(found.measure.meaning, (x, y), Face.NOTE, paper.theme.muted)
        where = Rect(rect.right - _SCALE_WIDTH, rect.y, _SCALE_WIDTH, rect.height)
        paint_scale(paper, found.scales[0], where)

    def _paint_cells(self, paper: Paper, found: Measured, net: _Net, tick: Tick) -> None:
        cells, entry, result = found.scales
        last = net.rows - 1
        for row in (0, last):
            paper.box(net.span(row, row + 1, 0, found.plotted.steps), paper.theme.box_front)
        for values, scale, rows, first in (
            (found.cells, cells, (1, last), 0),
            (found.entry, entry, (0, 1), found.first),
            (found.result, result, (last, last + 1), found.first),
        ):
            self._paint_strip(paper, net, values, scale, (*rows, first), tick)
        if found.plotted.steps < net.steps:
            hatch(paper, net.span(0, net.rows, found.plotted.steps, net.steps))

    def _paint_strip(
        self,
        paper: Paper,
        net: _Net,
        values: Array,
        scale: Scale,
        place: tuple[int, int, int],
        tick: Tick,
    ) -> None:
        low, high, first = place
        steps = values.shape[1]
        if not steps:
            return
        where = net.span(low, high, first, first + steps)
        columns = max(1, int(where.width * self.pixels))
        work = pool(values.T, 0, steps, columns, len(values), scale.rest)
        picture = finished(work, tick)
        colors = color_table(paper.theme, scale.ramp)[scale.indices(picture.values)]
        # Row 0, the input, is drawn at the bottom.
        paper.cells(np.ascontiguousarray(colors[::-1]), where)


@dataclass(frozen=True, slots=True)
class _Net:
    """Where rows and steps stand: row 0 at the bottom, half a step of room at both ends."""

    rect: Rect
    rows: int
    steps: int

    @property
    def body(self) -> Rect:
        """Where the steps are, without the room at both ends."""
        return self.span(0, self.rows, 0, self.steps)

    @property
    def end(self) -> float:
        return min(self.rect.width * _END / (self.steps + 2 * _END), _MOST_END)

    @property
    def cell(self) -> tuple[float, float]:
        return (self.rect.width - 2 * self.end) / self.steps, self.rect.height / self.rows

    def span(self, low: int, high: int, start: float, stop: float) -> Rect:
        wide, tall = self.cell
        x = self.rect.x + self.end + start * wide
        return Rect(x, self.rect.bottom - high * tall, (stop - start) * wide, (high - low) * tall)

    def center(self, row: int, step: float) -> Point:
        wide, tall = self.cell
        x = self.rect.x + self.end + (step + 0.5) * wide
        # Before and after the sequence there is only a little room.
        return Point(
            min(max(x, self.rect.x), self.rect.right), self.rect.bottom - (row + 0.5) * tall
        )


def _width(lines: tuple[str, str]) -> float:
    return max(measure(line, Face.CODE, SMALL) for line in lines)


def _paint_grid(paper: Paper, net: _Net) -> None:
    """Part the cells where there is room, and input and output from them."""
    body, (wide, tall) = net.body, net.cell
    inner = net.span(1, net.rows - 1, 0, net.steps)
    if wide >= _LEAST_CELL:
        for step in range(net.steps + 1):
            x = body.x + step * wide
            paper.line(((x, inner.y), (x, inner.bottom)), paper.theme.card, 2.0)
    for row in range(1, net.rows):
        is_end = row in (1, net.rows - 1)
        if tall >= _LEAST_CELL or is_end:
            y = body.bottom - row * tall
            ends = ((body.x - 1, y), (body.right + 1, y))
            paper.line(ends, paper.theme.card, 5.0 if is_end else 2.0)


def _paint_names(paper: Paper, said: list[tuple[str, str]], net: _Net, left: float) -> None:
    line, tall = line_height(Face.CODE, SMALL), net.cell[1]
    every = max(1, math.ceil(line / tall))
    for row, lines in enumerate(said):
        if row % every and row not in (0, len(said) - 1):
            continue
        shown = [text for text in lines if text] if tall >= 2 * line else [lines[0]]
        y = net.center(row, 0).y - (len(shown) - 1) * line / 2
        for text in shown:
            right = net.body.x - 8
            paper.text(
                text, (max(right, left), y), Face.CODE, paper.theme.muted, align=1.0, scale=SMALL
            )
            y += line


def _mark(paper: Paper, net: _Net, row: int, step: int) -> None:
    paper.box(
        net.span(row, row + 1, step, step + 1), "none", radius=3, edge=paper.theme.accent, width=2
    )


def _paint_path(paper: Paper, net: _Net, path: Path, number: int) -> None:
    theme = paper.theme
    start, end = (
        net.center(path.start.row, path.start.step),
        net.center(path.end.row, path.end.step),
    )
    if abs(start.x - end.x) < 0.01:
        # Two paths along one column run side by side.
        shift = _APART if number % 2 else -_APART
        start, end = Point(start.x + shift, start.y), Point(end.x + shift, end.y)
    dx, dy = end.x - start.x, end.y - start.y
    far = math.hypot(dx, dy)
    if far < 2:
        return
    color = theme.features if path.flow is Flow.IN else theme.layers
    ux, uy = dx / far, dy / far
    inset = min(6.0, far / 4)
    tip = Point(end.x - ux * inset, end.y - uy * inset)
    tail = Point(start.x + ux * inset, start.y + uy * inset)
    size = min(_HEAD, far / 3)
    back = Point(tip.x - ux * size, tip.y - uy * size)
    side = Point(-uy * size / 2.4, ux * size / 2.4)
    head = (tip, Point(back.x + side.x, back.y + side.y), Point(back.x - side.x, back.y - side.y))
    # On a rim of their own: below lie colours of any lightness.
    for shade, wide in ((theme.card, 4.4), (color, 1.8)):
        paper.line((tail, back), shade, wide)
        paper.area(head, shade, edge=shade, width=wide - 1)
    _write(paper, path, start, end, color)


def _write(paper: Paper, path: Path, start: Point, end: Point, color: str) -> None:
    """Name a path: beside it where it runs up, in the row of the other cell."""
    label = path.label
    width = measure(label, Face.CODE, SMALL) + 8
    is_sideways = abs(end.x - start.x) > abs(end.y - start.y)
    if not label or (is_sideways and abs(end.x - start.x) < _LEAST_LABEL and "[" not in label):
        return
    middle = Point((start.x + end.x) / 2, (start.y + end.y) / 2)
    tall = line_height(Face.CODE, SMALL)
    left = middle.x - width / 2 if is_sideways else middle.x + 6
    left = min(max(left, 0.0), paper.width - width)
    other = start.y if path.flow is Flow.IN else end.y
    top = middle.y - tall - 4 if is_sideways else other - tall / 2
    paper.box(Rect(left, top, width, tall), paper.theme.card, radius=3, alpha=0.88)
    place = (left + width / 2, top + tall / 2)
    paper.text(label, place, Face.CODE, color, align=0.5, scale=SMALL)
