"""A handful of numbers as bars on paper, with what each is beneath it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lstmviz.core.scenarios.sheets import Sheet
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.scenes.plots.pooling import Pooling, pool_row
from lstmviz.core.trace import Array
from lstmviz.core.words.amounts import shown
from lstmviz.core.words.rounding import rounded
from lstmviz.figures.faces import line_height, measure
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick
from lstmviz.figures.results.titled import paint_title, symbol_color
from lstmviz.figures.scales import SMALL

_BARS: Final = 104.0
_WIDEST_BAR: Final = 46.0


@dataclass(frozen=True, slots=True)
class ResultBars:
    """A handful of numbers, with what each is beneath it."""

    sheet: Sheet

    @property
    def is_wide(self) -> bool:
        """Whether it takes a whole row."""
        return self.sheet.is_wide

    def height(self, _width: float) -> float:
        """Return how high it is."""
        return line_height(Face.NAME) + _BARS + 2 * line_height(Face.CODE) + 8

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw it into `rect`."""
        tick()
        result, theme = self.sheet.results[0], paper.theme
        every = np.nan_to_num(result.values.astype(np.float64))
        values = pool_row(every, max(1, int(rect.width / 2)))
        pooling = Pooling(len(every) / max(1, len(values)))
        words = pooling.in_words(names=("numbers", "")).replace("pixel", "bar")
        paint_title(paper, self.sheet.title, words, rect)
        if not len(values):
            return
        line = line_height(Face.CODE)
        top = rect.y + line_height(Face.NAME) + line + 2
        body = Rect(rect.x, top, rect.width, _BARS - line)
        low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
        unit = body.height / ((high - low) or 1.0)
        zero = body.bottom + low * unit
        names = [shown(n) for n in result.labels] or [f"{n}" for n in range(len(values))]
        _paint_bars(paper, values, names, body, (zero, unit))
        paper.line(((body.x, zero), (body.right, zero)), theme.line)
        symbol = result.axes[0]
        if not result.labels and not symbol.isdigit():
            y = body.bottom + 1.6 * line
            paper.text(
                symbol, (body.center.x, y), Face.CODE, symbol_color(theme, symbol), align=0.5
            )


def _paint_bars(
    paper: Paper, values: Array, names: list[str], body: Rect, place: tuple[float, float]
) -> None:
    (zero, unit), theme = place, paper.theme
    positive = theme.positive if (values < 0).any() else theme.accent
    pitch = body.width / len(values)
    wide = min(_WIDEST_BAR, max(1.0, 0.66 * pitch))
    texts = [rounded(float(value)) for value in values]
    has_texts = max(measure(text, Face.CODE, SMALL) for text in texts) < pitch - 2
    has_names = max(measure(name, Face.CODE, SMALL) for name in names) < pitch - 2
    line = line_height(Face.CODE)
    for number, value in enumerate(values):
        middle = body.x + (number + 0.5) * pitch
        end = zero - float(value) * unit
        bar = Rect(middle - wide / 2, min(zero, end), wide, abs(end - zero))
        if bar.height:
            paper.box(bar, theme.negative if value < 0 else positive, alpha=0.8)
        if has_texts:
            y = min(zero, end) - line / 2
            paper.text(texts[number], (middle, y), Face.CODE, theme.text, align=0.5, scale=SMALL)
        if has_names and number < len(names):
            y = body.bottom + line * 0.7
            paper.text(names[number], (middle, y), Face.CODE, theme.muted, align=0.5, scale=SMALL)
