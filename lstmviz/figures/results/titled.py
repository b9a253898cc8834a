"""What every drawing of a result has: a title, and its axis in its colour."""

from __future__ import annotations

from typing import Protocol

from lstmviz.core.scenarios.pipeline import kind_of
from lstmviz.core.scenes.colors import Theme
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.words.amounts import shown
from lstmviz.figures.faces import fitted, line_height
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick


class ResultDrawing(Protocol):
    """One result, or some that share a drawing."""

    @property
    def is_wide(self) -> bool:
        """Whether it takes a whole row."""

    def height(self, width: float) -> float:
        """Return how high it is at `width`."""

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw it into `rect`."""


def paint_title(paper: Paper, title: str, words: str, rect: Rect) -> None:
    """Write a title above a drawing in `rect`, and behind it what a pixel stands for."""
    y = rect.y + line_height(Face.NAME) / 2
    said = fitted(shown(title), Face.NAME, rect.width)
    x = rect.x + paper.text(said, (rect.x, y), Face.NAME, paper.theme.text) + 8
    if words:
        kept = fitted(words, Face.NOTE, rect.right - x)
        paper.text(kept, (x, y), Face.NOTE, paper.theme.muted)


def symbol_color(theme: Theme, symbol: str) -> str:
    """Return the colour of the axis called `symbol`."""
    kind = kind_of(symbol)
    return theme.axis(kind) if kind else theme.muted
