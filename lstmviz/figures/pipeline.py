"""The stages of a scenario's run on paper: a line of chips, wrapped where it is too long."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from lstmviz.core.scenarios.pipeline import StageLink, kind_of, pipeline
from lstmviz.core.scenes.colors import Theme
from lstmviz.core.scenes.diagram.scene import Face, Point, Rect
from lstmviz.core.words.amounts import shown
from lstmviz.figures.faces import fitted, line_height, measure
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick
from lstmviz.figures.pictured import Pictured

_PAD: Final = 9.0
_GAP: Final = 24.0
_LINES_APART: Final = 14.0
_HEAD: Final = 4.0

_Words = list[tuple[str, Face, str]]


@dataclass(frozen=True, slots=True)
class PipelinePart:
    """What goes in, then every stage with what comes out of it."""

    pictured: Pictured
    stretch: float = 0.0

    def height(self, width: float) -> float:
        """Return how high it is at `width`."""
        rows = 1 + max(row for row, _ in self._places(width))
        return rows * _chip_height() + (rows - 1) * _LINES_APART

    def least(self, width: float) -> float:
        """Return how high it is at least: it does not give way."""
        return self.height(width)

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw it into `rect`."""
        tick()
        links = self._links()
        boxes = []
        for link, (row, x) in zip(links, self._places(rect.width), strict=True):
            y = rect.y + row * (_chip_height() + _LINES_APART)
            wide = min(_chip_width(link), rect.width)
            boxes.append(Rect(rect.x + x, y, wide, _chip_height()))
        for before, after in pairwise(boxes):
            _paint_arrow(paper, before, after, rect)
        for link, box in zip(links, boxes, strict=True):
            is_open = link.trace is not None and link.trace == self.pictured.shown
            _paint_chip(paper, link, box, is_open=is_open)

    def _links(self) -> tuple[StageLink, ...]:
        return tuple(pipeline(self.pictured.run))

    def _places(self, width: float) -> list[tuple[int, float]]:
        """Return row and left edge of every chip."""
        places: list[tuple[int, float]] = []
        row, x = 0, 0.0
        for link in self._links():
            wide = _chip_width(link)
            if x and x + wide > width:
                # Room for the arrow that comes from the row above.
                row, x = row + 1, _GAP
            places.append((row, x if x + wide <= width else 0.0))
            x += wide + _GAP
        return places


def _chip_height() -> float:
    return line_height(Face.NAME) + 2 * line_height(Face.CODE) + 2 * _PAD


def _chip_width(link: StageLink) -> float:
    rows = _rows(link, None)
    return max(sum(measure(text, face) for text, face, _ in row) for row in rows) + 2 * _PAD


def _rows(link: StageLink, theme: Theme | None) -> tuple[_Words, _Words, _Words]:
    """Return name and class, symbols and sizes of a stage, each in pieces with its colour."""
    plain, muted = (theme.text, theme.muted) if theme else ("", "")
    name: _Words = [
        (shown(link.title), Face.NAME, plain),
        (f"  {shown(link.kind)}", Face.NOTE, muted),
    ]
    symbols: _Words = []
    sizes: _Words = [("(", Face.CODE, muted)]
    for place, (symbol, size) in enumerate(zip(link.axes, link.shape, strict=True)):
        kind = kind_of(symbol)
        color = theme.axis(kind) if theme and kind else muted
        comma: _Words = [(", ", Face.CODE, muted)] if place else []
        symbols += [*comma, (symbol or "·", Face.CODE, color)]
        sizes += [*comma, (f"{size:,}", Face.CODE, color)]
    end = ",)" if len(link.shape) == 1 else ")"
    calls = f"  × {link.calls:,} calls" if link.calls > 1 else ""
    return name, symbols, [*sizes, (f"{end}{calls}", Face.CODE, muted)]


def _paint_chip(paper: Paper, link: StageLink, box: Rect, *, is_open: bool) -> None:
    theme = paper.theme
    edge = theme.accent if is_open else theme.layers if link.trace is not None else theme.line
    fill = theme.accent_soft if is_open else theme.panel
    paper.box(box, fill, radius=7, edge=edge, width=1.6 if is_open else 1.2)
    y = box.y + _PAD + line_height(Face.NAME) / 2
    for row in _rows(link, theme):
        x = box.x + _PAD
        for text, face, color in row:
            x += paper.text(fitted(text, face, box.right - x - 2), (x, y), face, color)
        y += line_height(Face.CODE)


def _paint_arrow(paper: Paper, before: Rect, after: Rect, rect: Rect) -> None:
    color, y = paper.theme.muted, after.center.y
    tip = Point(after.x - 4, y)
    neck = Point(tip.x - 1.6 * _HEAD, y)
    if before.y == after.y:
        paper.line((Point(before.right + 4, y), neck), color, 1.3)
    else:
        # Out of the last chip of a row, between the rows, and into the first of the next.
        between = (before.bottom + after.y) / 2
        start = Point(before.center.x, before.bottom + 2)
        left = max(rect.x + 2, neck.x - 8)
        corners = (Point(start.x, between), Point(left, between), Point(left, y))
        paper.line((start, *corners, neck), color, 1.3)
    paper.area((tip, Point(neck.x, y - _HEAD), Point(neck.x, y + _HEAD)), color)
