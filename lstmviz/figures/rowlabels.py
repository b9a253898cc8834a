"""What stands before or above a row of plots on paper: title, axes, meaning and colour scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lstmviz.core.contract import AxisKind
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.scenes.plots.scale import Scale
from lstmviz.figures.faces import fitted, line_height, measure, wrapped
from lstmviz.figures.paper import Paper
from lstmviz.figures.scales import paint_low_scale, paint_scale, scale_height

BESIDE: Final = 144.0
"""Width of a label before its row."""

_SCALE: Final = 112.0
_LEAST_SCALE: Final = 64.0
_MOST_NOTES: Final = 2
_GAP: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLabel:
    """The words of one row.

    Attributes
    ----------
    title : str
    axes : tuple of (str, AxisKind)
    said : str
        What the row holds, whose numbers they are, what a pixel stands for.
    must_say : bool
        Something of it may not be left out: numbers are pooled, or another run's.
    scale : Scale
    """

    title: str
    axes: tuple[tuple[str, AxisKind], ...]
    said: str
    must_say: bool
    scale: Scale

    def paint_beside(self, paper: Paper, rect: Rect) -> None:
        """Write it before its row, as fully as the row's height allows."""
        note, name = line_height(Face.NOTE), line_height(Face.NAME)
        notes = wrapped(self.said, Face.NOTE, rect.width) if self.said else []
        full = name + line_height(Face.SYMBOL) + scale_height()
        room = int((rect.height - full) / note + 0.02)
        if room < 0 or (self.must_say and room < 1):
            self._paint_low(paper, rect, notes)
            return
        notes = _cut(notes, room, rect.width)
        y = rect.y + (rect.height - full - note * len(notes)) / 2 + name / 2
        paper.text(self.title, (rect.x, y), Face.NAME, paper.theme.text)
        y += (name + line_height(Face.SYMBOL)) / 2
        self._paint_axes(paper, rect.x, y)
        y += line_height(Face.SYMBOL) / 2 - note / 2
        for line in notes:
            y += note
            paper.text(line, (rect.x, y), Face.NOTE, paper.theme.muted)
        where = Rect(rect.x, y + note / 2 + 3, min(_SCALE, rect.width), scale_height())
        paint_scale(paper, self.scale, where)

    def paint_above(self, paper: Paper, rect: Rect) -> None:
        """Write it above its row: title and axes, what it holds, and the scale on the right."""
        y = rect.y + line_height(Face.NAME) / 2
        x = rect.x + paper.text(self.title, (rect.x, y), Face.NAME, paper.theme.text) + _GAP
        x = self._paint_axes(paper, x, y) + 2 * _GAP
        wide = max(_LEAST_SCALE, min(_SCALE * 0.75, rect.right - x))
        where = Rect(rect.right - wide, rect.y, wide, scale_height())
        paint_scale(paper, self.scale, where)
        y += line_height(Face.NAME) / 2 + line_height(Face.NOTE) / 2
        said = fitted(self.said, Face.NOTE, where.x - _GAP - rect.x)
        paper.text(said, (rect.x, y), Face.NOTE, paper.theme.muted)

    def _paint_low(self, paper: Paper, rect: Rect, notes: list[str]) -> None:
        """Write title, axes as far as they fit, and the scale with its numbers beside it."""
        name, low = line_height(Face.NAME), line_height(Face.CODE)
        note = line_height(Face.NOTE) if self.must_say else 0.0
        y = rect.y + (rect.height - name - low - note) / 2 + name / 2
        x = rect.x + paper.text(self.title, (rect.x, y), Face.NAME, paper.theme.text) + _GAP
        if x + self._axes_width <= rect.right:
            self._paint_axes(paper, x, y)
        y += name / 2 + low / 2
        if self.must_say:
            line = _cut(notes, 1, rect.width)[0]
            paper.text(line, (rect.x, y), Face.NOTE, paper.theme.muted)
            y += note
        paint_low_scale(paper, self.scale, Rect(rect.x, y - low / 2, min(_SCALE, rect.width), low))

    @property
    def _axes_width(self) -> float:
        return measure(f"({', '.join(symbol for symbol, _ in self.axes)})", Face.SYMBOL)

    def _paint_axes(self, paper: Paper, x: float, y: float) -> float:
        theme = paper.theme
        x += paper.text("(", (x, y), Face.SYMBOL, theme.muted)
        for place, (symbol, kind) in enumerate(self.axes):
            if place:
                x += paper.text(",", (x, y), Face.SYMBOL, theme.muted) + 4
            x += paper.text(symbol, (x, y), Face.SYMBOL, theme.axis(kind))
        return x + paper.text(")", (x, y), Face.SYMBOL, theme.muted)


def full_height(*, has_notes: bool) -> float:
    """Return the height of a label of which nothing is left out."""
    lines = line_height(Face.NAME) + line_height(Face.SYMBOL) + scale_height()
    return lines + (_MOST_NOTES * line_height(Face.NOTE) if has_notes else 0.0)


def low_height() -> float:
    """Return the height below which a label does not fit beside its row."""
    return line_height(Face.NAME) + line_height(Face.CODE)


def head_height() -> float:
    """Return the height of a label above its row."""
    return max(line_height(Face.NAME) + line_height(Face.NOTE), scale_height()) + 3


def _cut(lines: list[str], room: int, width: float) -> list[str]:
    """Return the first `room` lines; the last says by an ellipsis that more follows."""
    if len(lines) <= room:
        return lines
    kept = lines[:room]
    return [*kept[:-1], fitted(f"{kept[-1]} {lines[room]}", Face.NOTE, width)] if kept else []
