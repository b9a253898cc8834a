"""Results over time as curves on paper, with their keys and names of steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lstmviz.core.scenarios.sheets import Sheet
from lstmviz.core.scenes.colors import CURVES
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.scenes.plots.peaks import peak_pooling, peaks, peaks_in_words
from lstmviz.core.scenes.results.curves import first_of, is_alike, names_of
from lstmviz.core.scenes.results.heights import Heights
from lstmviz.core.words.amounts import shown
from lstmviz.figures.faces import fitted, line_height, measure
from lstmviz.figures.heatmap import paint_cursor
from lstmviz.figures.keys import SAMPLE, Key, keys_in_rows, paint_keys
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick
from lstmviz.figures.results.titled import paint_title
from lstmviz.figures.scales import SMALL, number_ticks, paint_steps, steps_height

_LEFT: Final = 58.0
_CURVES: Final = 130.0


@dataclass(frozen=True, slots=True)
class ResultCurves:
    """Results over time in one plot."""

    sheet: Sheet
    step: int
    pixels: float = 1.0

    @property
    def is_wide(self) -> bool:
        """Always: time runs along it."""
        return True

    def height(self, width: float) -> float:
        """Return how high it is at `width`."""
        keys = len(self._keys(width)) * line_height(Face.NOTE)
        return line_height(Face.NAME) + keys + 4 + _CURVES + steps_height()

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw it into `rect`."""
        results, theme = self.sheet.results, paper.theme
        starts = [first_of(result) for result in results]
        first = min(starts)
        last = max(start + len(r.values) for start, r in zip(starts, results, strict=True))
        columns = max(1, int((rect.width - _LEFT) * self.pixels))
        words = peaks_in_words(peak_pooling(max(len(r.values) for r in results), columns))
        paint_title(paper, self.sheet.title, words, rect)
        y = rect.y + line_height(Face.NAME) + line_height(Face.NOTE) / 2
        for row in self._keys(rect.width):
            paint_keys(paper, row, (rect.x, y), Face.NOTE)
            y += line_height(Face.NOTE)
        y += 4 - line_height(Face.NOTE) / 2
        body = Rect(rect.x + _LEFT, y, rect.width - _LEFT - 8, _CURVES)
        heights = Heights.of([result.values for result in results])
        _paint_heights(paper, heights, body)
        for number, (start, result) in enumerate(zip(starts, results, strict=True)):
            tick()
            steps, numbers = peaks(heights.placed(result.values), 0, len(result.values), columns)
            covers = sum(is_alike(other, result) for other in results[number + 1 :])
            x = (
                body.x
                + (np.asarray(steps, float) + start - first + 0.5) / (last - first) * body.width
            )
            low, high = heights.ends
            tall = body.bottom - (np.asarray(numbers, float) - low) / (high - low) * body.height
            paper.line(
                list(zip(x.tolist(), tall.tolist(), strict=True)),
                CURVES[number % len(CURVES)],
                1.7 + 2.6 * covers,
                alpha=0.5 if covers else 1.0,
            )
        axis = results[0].axes[0]
        if axis == "L":
            paint_cursor(paper, body, min(self.step, last - first - 1), last - first)
        self._paint_steps(paper, body, first, last)
        paper.line(((body.x, body.bottom), (body.right, body.bottom)), theme.line)

    def _keys(self, width: float) -> list[list[Key]]:
        names = (fitted(shown(name), Face.NOTE, width - SAMPLE) for name in self.sheet.names)
        keys = ((name, CURVES[n % len(CURVES)]) for n, name in enumerate(names))
        return keys_in_rows(keys, width, Face.NOTE)

    def _paint_steps(self, paper: Paper, body: Rect, first: int, last: int) -> None:
        result, theme = self.sheet.results[0], paper.theme
        y = body.bottom + 4 + line_height(Face.CODE) / 2
        names = names_of(result)
        pitch = body.width / (last - first)
        if names is None and not first:
            paint_steps(paper, last, body, is_named=False)
        elif names is None:
            every = max(1, int(np.ceil(measure(str(last), Face.CODE, SMALL) * 1.6 / pitch)))
            for step in range(first, last, every):
                x = body.x + (step - first + 0.5) * pitch
                paper.text(f"{step}", (x, y), Face.CODE, theme.muted, align=0.5, scale=SMALL)
        else:
            for place, name in names[0]:
                x = body.x + (place + 0.5) * pitch
                said = fitted(shown(name), Face.CODE, max(pitch, 7.0), SMALL)
                paper.text(said, (x, y), Face.CODE, theme.muted, align=0.5, scale=SMALL)
        axis = result.axes[0]
        text = "t, the step along axis L" if axis == "L" else axis
        y += line_height(Face.NOTE)
        paper.text(text, (body.center.x, y), Face.NOTE, theme.time, align=0.5)


def _paint_heights(paper: Paper, heights: Heights, body: Rect) -> None:
    low, high = heights.ends
    ticks = heights.ticks[0] if heights.ticks else number_ticks(low, high, body.height)
    for number, words in ticks:
        y = body.bottom - (number - low) / (high - low) * body.height
        paper.line(((body.x, y), (body.right, y)), paper.theme.line, 0.6)
        at = (body.x - 6, y)
        paper.text(words, at, Face.CODE, paper.theme.muted, align=1.0, scale=SMALL)
