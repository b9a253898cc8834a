"""Chosen units over time on paper: h solid, c dashed, with their scale and their legend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lstmviz.core.numbers import largest_finite
from lstmviz.core.scenes.colors import CURVES
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.scenes.plots.peaks import peak_pooling, peaks, peaks_in_words
from lstmviz.core.scenes.plots.quantities import CELL, HIDDEN
from lstmviz.core.trace import Array
from lstmviz.figures.faces import fitted, line_height, wrapped
from lstmviz.figures.heatmap import hatch, paint_cursor
from lstmviz.figures.keys import keys_in_rows, paint_keys
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick
from lstmviz.figures.pictured import Pictured
from lstmviz.figures.scales import SMALL, number_ticks

_USUAL = 500.0
_STUB = 6.0


@dataclass(frozen=True, slots=True)
class CurvesRow:
    """The units that the view has chosen.

    Attributes
    ----------
    pictured : Pictured
    has_legend : bool
    pixels : float
        Pixels at 1x for one of the design.
    """

    pictured: Pictured
    has_legend: bool = True
    pixels: float = 1.0

    @property
    def head_height(self) -> float:
        """Height of what stands above the curves in a narrow figure."""
        return line_height(Face.NAME) + (line_height(Face.NOTE) if self.has_legend else 0) + 3

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw the curves into `rect`, their numbers on its right."""
        plotted, theme = self.pictured.plotted, paper.theme
        series, steps = self._series(), plotted.steps
        top = largest_finite(*(values for values, _, _ in series)) or 1.0
        low, high = -1.08 * top, 1.08 * top
        if steps < plotted.seq_len:
            start = rect.x + rect.width * steps / plotted.seq_len
            hatch(paper, Rect(start, rect.y, rect.right - start, rect.height))
        for number, words in number_ticks(low, high, rect.height):
            y = rect.bottom - (number - low) / (high - low) * rect.height
            paper.line(((rect.x, y), (rect.right, y)), theme.line, 0.6 if number else 1.0)
            paper.text(words, (rect.right + 6, y), Face.CODE, theme.muted, scale=SMALL)
        columns = max(1, int(rect.width * self.pixels))
        for values, color, is_dashed in series:
            tick()
            steps_at, numbers = peaks(values, 0, len(values), columns)
            places = (np.asarray(steps_at, float) + 0.5) / plotted.seq_len * rect.width + rect.x
            tall = rect.bottom - (np.asarray(numbers, float) - low) / (high - low) * rect.height
            is_dense = len(steps_at) > columns
            points = list(zip(places.tolist(), tall.tolist(), strict=True))
            if len(points) == 1:
                # A line needs two steps.
                x, y = points[0]
                points = [(x - _STUB, y), (x + _STUB, y)]
            paper.line(
                points,
                color,
                1.0 if is_dense else 1.6,
                alpha=0.45 if is_dense and is_dashed else 1.0,
                dashes=(4, 2) if is_dashed and not is_dense else (),
            )
        paint_cursor(paper, rect, plotted.view.step, plotted.seq_len)

    def paint_label(self, paper: Paper, rect: Rect) -> None:
        """Say beside the curves which units they are."""
        name, note = line_height(Face.NAME), line_height(Face.NOTE)
        said = self._words() if self.has_legend else []
        lines = [line for text in said for line in wrapped(text, Face.NOTE, rect.width)]
        keys = keys_in_rows(self._keys(), rect.width, Face.CODE)
        room = int((rect.height - name - note * len(keys)) / note + 0.02)
        lines = lines[: max(0, room)]
        y = rect.y + (rect.height - name - note * (len(lines) + len(keys))) / 2 + name / 2
        paper.text("units", (rect.x, y), Face.NAME, paper.theme.text)
        y += (name - note) / 2
        for line in lines:
            y += note
            paper.text(line, (rect.x, y), Face.NOTE, paper.theme.muted)
        for row in keys:
            y += note
            paint_keys(paper, row, (rect.x, y), Face.CODE)

    def paint_head(self, paper: Paper, rect: Rect) -> None:
        """Say above the curves which units they are."""
        y = rect.y + line_height(Face.NAME) / 2
        x = rect.x + paper.text("units", (rect.x, y), Face.NAME, paper.theme.text) + 8
        for row in keys_in_rows(self._keys(), rect.right - x, Face.CODE)[:1]:
            paint_keys(paper, row, (x, y), Face.CODE)
        if self.has_legend:
            y += line_height(Face.NOTE)
            text = fitted("; ".join(self._words()), Face.NOTE, rect.width)
            paper.text(text, (rect.x, y), Face.NOTE, paper.theme.muted)

    def _units(self) -> tuple[int, ...]:
        return self.pictured.view.units[: len(CURVES)]

    def _keys(self) -> list[tuple[str, str]]:
        return [(f"{unit}", CURVES[place]) for place, unit in enumerate(self._units())]

    def _words(self) -> list[str]:
        plotted = self.pictured.plotted
        said = ["h_t solid, c_t dashed"]
        words = peaks_in_words(peak_pooling(plotted.steps, max(1, int(_USUAL * self.pixels))))
        said += [words] if words else []
        return [f"{plotted.whose.mark}: {said[0]}" if plotted.whose.mark else said[0], *said[1:]]

    def _series(self) -> list[tuple[Array, str, bool]]:
        plotted = self.pictured.plotted
        hidden, cell = plotted.table(HIDDEN.table), plotted.table(CELL.table)
        found = []
        for place, unit in enumerate(self._units()):
            if unit < cell.shape[1]:
                found.append((cell[:, unit], CURVES[place], True))
            if unit < hidden.shape[1]:
                found.append((hidden[:, unit], CURVES[place], False))
        return found
