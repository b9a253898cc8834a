"""A table of numbers as cells on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lstmviz.core.scenarios.sheets import Sheet
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.scenes.plots.colormap import NAN_INDEX, color_table
from lstmviz.core.scenes.plots.pooling import pool
from lstmviz.core.scenes.plots.scale import Scale
from lstmviz.core.scenes.results.maps import table_of
from lstmviz.core.trace import Array
from lstmviz.figures.faces import line_height
from lstmviz.figures.heatmap import hatch
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick, finished
from lstmviz.figures.results.titled import paint_title, symbol_color
from lstmviz.figures.scales import SMALL, paint_low_scale

_LEFT: Final = 58.0
_ROW: Final = 11.0
_LOWEST: Final = 36.0
_TALLEST: Final = 150.0
_SCALE: Final = 112.0


@dataclass(frozen=True, slots=True)
class ResultMap:
    """A table of numbers as cells; of three axes that of one batch item."""

    sheet: Sheet
    scale: Scale
    item: int
    pixels: float = 1.0

    @property
    def is_wide(self) -> bool:
        """Whether it takes a whole row."""
        return self.sheet.is_wide

    def height(self, _width: float) -> float:
        """Return how high it is."""
        return line_height(Face.NAME) + 4 + self._tall + 2 * line_height(Face.CODE) + 6

    @property
    def _tall(self) -> float:
        rows: int = self._table()[0].shape[1]
        return min(_TALLEST, max(_LOWEST, _ROW * rows))

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw it into `rect`."""
        table, (across, down) = self._table()
        theme, line = paper.theme, line_height(Face.CODE)
        top = rect.y + line_height(Face.NAME) + 4
        body = Rect(rect.x + _LEFT, top, rect.width - _LEFT - 8, self._tall)
        room = int(body.width * self.pixels), int(body.height * self.pixels)
        work = pool(table, 0, len(table), max(1, room[0]), max(1, room[1]))
        picture = finished(work, tick)
        named = (f"along {across or 'numbers'}", f"along {down or 'numbers'}")
        paint_title(paper, self.sheet.title, picture.pooling.in_words(names=named), rect)
        hatch(paper, body)
        _paint_cells(paper, self.scale, picture.values, body)
        y = body.bottom + line / 2 + 3
        paper.text(
            f"{across} = {len(table):,}",
            (body.x, y),
            Face.CODE,
            symbol_color(theme, across),
            scale=SMALL,
        )
        where = Rect(body.right - _SCALE, y - line / 2, _SCALE, line)
        paint_low_scale(paper, self.scale, where)
        for place, text in enumerate((down, f"= {table.shape[1]:,}")):
            at = (body.x - 7, body.center.y + (place - 0.5) * line)
            paper.text(text, at, Face.CODE, symbol_color(theme, down), align=1.0, scale=SMALL)

    def _table(self) -> tuple[Array, tuple[str, str]]:
        return table_of(self.sheet.results[0], self.item)


def _paint_cells(paper: Paper, scale: Scale, values: Array, body: Rect) -> None:
    """Draw cells; runs of NaN are left out, so that the hatching beneath them shows."""
    indices = scale.indices(values)
    colors = color_table(paper.theme, scale.ramp)[indices]
    rows, columns = indices.shape
    there = indices != NAN_INDEX
    if there.all():
        paper.cells(colors, body)
        return
    tall, wide = body.height / rows, body.width / columns
    for row in range(rows):
        ends = np.flatnonzero(np.diff(np.concatenate([[0], there[row].astype(np.int8), [0]])))
        for start, stop in zip(ends[::2], ends[1::2], strict=True):
            where = Rect(body.x + start * wide, body.y + row * tall, (stop - start) * wide, tall)
            paper.cells(colors[row : row + 1, start:stop], where)
