"""Packed data on paper: a padded batch, its real steps, and the rows they become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from lstmviz.core.scenarios.results import PackedData
from lstmviz.core.scenes.colors import ITEMS
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.scenes.results.packing import ABSENT, ends_of, padded_items, sorted_items
from lstmviz.core.trace import Array
from lstmviz.figures.faces import fitted, line_height
from lstmviz.figures.heatmap import hatch, paint_cursor
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick
from lstmviz.figures.scales import SMALL

_LEFT: Final = 54.0
_RIGHT: Final = 64.0
_ROW: Final = 13.0
_TALLEST: Final = 160.0
_STRIP: Final = 18.0
_MOST_NAMED: Final = 14


@dataclass(frozen=True, slots=True)
class PackedRows:
    """How a padded batch becomes packed rows, coloured by batch item."""

    packed: PackedData
    step: int

    @property
    def is_wide(self) -> bool:
        """Always: time runs along it."""
        return True

    def height(self, _width: float) -> float:
        """Return how high it is."""
        return 3 * _title_height() + 2 * self._tall + _STRIP + line_height(Face.CODE) + 22

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw it into `rect`."""
        tick()
        packed = self.packed
        items, steps = len(packed.lengths), self._steps
        wide = rect.width - _LEFT - _RIGHT
        body = Rect(rect.x + _LEFT, rect.y + _title_height(), wide, self._tall)
        _paint_title(paper, f"padded batch, N = {items:,} by L = {steps:,}", body)
        hatch(paper, body)
        _paint_items(paper, padded_items(packed), body)
        _paint_names(paper, body, range(items), [f"{n:,} steps" for n in packed.lengths])
        paint_cursor(paper, body, min(self.step, steps - 1), steps)
        body = Rect(body.x, body.bottom + 11 + _title_height(), wide, self._tall)
        said = "its real steps, longest first; the height of each column is batch_sizes[t]"
        _paint_title(paper, said, body)
        part = len(packed.batch_sizes) / steps
        _paint_items(paper, sorted_items(packed), Rect(body.x, body.y, wide * part, body.height))
        _paint_names(paper, body, packed.sorted_indices, [])
        self._paint_sizes(paper, body)
        paint_cursor(paper, body, min(self.step, steps - 1), steps)
        body = Rect(body.x, body.bottom + 11 + _title_height(), wide, _STRIP)
        self._paint_data(paper, body)

    @property
    def _steps(self) -> int:
        return self.packed.padded_steps // len(self.packed.lengths)

    @property
    def _tall(self) -> float:
        return min(_TALLEST, max(3 * _ROW, _ROW * len(self.packed.lengths)))

    def _paint_sizes(self, paper: Paper, body: Rect) -> None:
        pitch, tall = body.width / self._steps, body.height / len(self.packed.lengths)
        line = line_height(Face.CODE)
        for step, count in ends_of(self.packed.batch_sizes):
            place = (body.x + step * pitch - 2, body.y + count * tall + line / 2)
            if place[1] + line / 2 <= body.bottom + 2:
                paper.text(f"{count}", place, Face.CODE, paper.theme.text, align=1.0, scale=SMALL)

    def _paint_data(self, paper: Paper, body: Rect) -> None:
        packed, theme = self.packed, paper.theme
        rows, width = packed.data.shape
        said = f"packed.data, ({rows:,}, {width:,}): its rows in memory, step by step"
        _paint_title(paper, said, body)
        _paint_items(paper, packed.row_item[None, :], body)
        if self.step < len(packed.batch_sizes):
            first = int(packed.batch_sizes[: self.step].sum())
            pitch = body.width / rows
            wide = max(2.0, int(packed.batch_sizes[self.step]) * pitch)
            where = Rect(body.x + first * pitch, body.y - 2, wide, body.height + 4)
            paper.box(where, "none", edge=theme.accent, width=1.2)
        y = body.bottom + line_height(Face.CODE) / 2 + 3
        paper.text("row 0", (body.x, y), Face.CODE, theme.muted, scale=SMALL)
        end = (body.right, y)
        paper.text(f"row {rows - 1:,}", end, Face.CODE, theme.muted, align=1.0, scale=SMALL)


def _title_height() -> float:
    return line_height(Face.NOTE) + 3


def _paint_title(paper: Paper, text: str, body: Rect) -> None:
    said = fitted(text, Face.NOTE, body.width + _RIGHT)
    place = (body.x, body.y - 3 - line_height(Face.NOTE) / 2)
    paper.text(said, place, Face.NOTE, paper.theme.muted)


def _paint_items(paper: Paper, items: Array, body: Rect) -> None:
    """Draw a cell in each item's colour, and none where there is padding."""
    table: npt.NDArray[np.uint8] = np.array(
        [list(bytes.fromhex(color[1:])) for color in ITEMS], dtype=np.uint8
    )
    rows, columns = items.shape
    tall, wide = body.height / rows, body.width / columns
    for row in range(rows):
        there = items[row] != ABSENT
        count = int(there.sum())
        if count:
            colors = table[items[row, there] % len(ITEMS)][None]
            paper.cells(colors, Rect(body.x, body.y + row * tall, count * wide, tall))


def _paint_names(paper: Paper, body: Rect, items: range | Array, ends: list[str]) -> None:
    if len(items) > _MOST_NAMED:
        return
    tall, theme = body.height / len(items), paper.theme
    for row, item in enumerate(items):
        y = body.y + (row + 0.5) * tall
        name = (body.x - 7, y)
        paper.text(f"n = {item}", name, Face.CODE, theme.batch, align=1.0, scale=SMALL)
        if ends:
            paper.text(ends[row], (body.right + 6, y), Face.CODE, theme.time, scale=SMALL)
