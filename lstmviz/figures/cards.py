"""One result of a scenario on paper: curves over time, bars, or a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from lstmviz.core.scenarios.pipeline import kind_of
from lstmviz.core.scenarios.sheets import Sheet
from lstmviz.core.scenes.colors import CURVES, Theme
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.scenes.plots.colormap import NAN_INDEX, color_table
from lstmviz.core.scenes.plots.peaks import peak_pooling, peaks, peaks_in_words
from lstmviz.core.scenes.plots.pooling import Pooling, pool, pool_row
from lstmviz.core.scenes.plots.scale import Scale
from lstmviz.core.scenes.results.curves import first_of, is_alike, names_of
from lstmviz.core.scenes.results.heights import Heights
from lstmviz.core.scenes.results.maps import table_of
from lstmviz.core.trace import Array
from lstmviz.core.words.amounts import shown
from lstmviz.core.words.rounding import rounded
from lstmviz.figures.faces import fitted, line_height, measure
from lstmviz.figures.heatmap import hatch, paint_cursor
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick, finished
from lstmviz.figures.scales import SMALL, number_ticks, paint_low_scale, paint_steps, steps_height

_LEFT: Final = 58.0
_CURVES: Final = 130.0
_BARS: Final = 104.0
_ROW: Final = 11.0
_LOWEST: Final = 36.0
_TALLEST: Final = 150.0
_WIDEST_BAR: Final = 46.0
_SCALE: Final = 112.0
_SAMPLE: Final = 18.0
_KEY_GAP: Final = 12.0


class Card(Protocol):
    """A drawing with a title."""

    @property
    def is_wide(self) -> bool:
        """Whether it takes a whole row."""

    def height(self, width: float) -> float:
        """Return how high it is at `width`."""

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw it into `rect`."""


@dataclass(frozen=True, slots=True)
class CurvesCard:
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
        keys = len(_key_rows(self.sheet.names, width)) * line_height(Face.NOTE)
        return line_height(Face.NAME) + keys + 4 + _CURVES + steps_height()

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw it into `rect`."""
        results, theme = self.sheet.results, paper.theme
        starts = [first_of(result) for result in results]
        first = min(starts)
        last = max(start + len(r.values) for start, r in zip(starts, results, strict=True))
        columns = max(1, int((rect.width - _LEFT) * self.pixels))
        words = peaks_in_words(peak_pooling(max(len(r.values) for r in results), columns))
        _paint_title(paper, self.sheet.title, words, rect)
        y = rect.y + line_height(Face.NAME) + line_height(Face.NOTE) / 2
        for row in _key_rows(self.sheet.names, rect.width):
            _paint_keys(paper, row, (rect.x, y))
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


@dataclass(frozen=True, slots=True)
class BarsCard:
    """A handful of numbers, with what each is beneath it."""

    sheet: Sheet
    pixels: float = 1.0

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
        _paint_title(paper, self.sheet.title, words, rect)
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
            paper.text(symbol, (body.center.x, y), Face.CODE, _tone(theme, symbol), align=0.5)


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


@dataclass(frozen=True, slots=True)
class MapCard:
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
        _paint_title(paper, self.sheet.title, picture.pooling.in_words(names=named), rect)
        hatch(paper, body)
        _paint_cells(paper, self.scale, picture.values, body)
        y = body.bottom + line / 2 + 3
        paper.text(
            f"{across} = {len(table):,}", (body.x, y), Face.CODE, _tone(theme, across), scale=SMALL
        )
        where = Rect(body.right - _SCALE, y - line / 2, _SCALE, line)
        paint_low_scale(paper, self.scale, where)
        for place, text in enumerate((down, f"= {table.shape[1]:,}")):
            at = (body.x - 7, body.center.y + (place - 0.5) * line)
            paper.text(text, at, Face.CODE, _tone(theme, down), align=1.0, scale=SMALL)

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


def _paint_title(paper: Paper, title: str, words: str, rect: Rect) -> None:
    y = rect.y + line_height(Face.NAME) / 2
    said = fitted(shown(title), Face.NAME, rect.width)
    x = rect.x + paper.text(said, (rect.x, y), Face.NAME, paper.theme.text) + 8
    if words:
        kept = fitted(words, Face.NOTE, rect.right - x)
        paper.text(kept, (x, y), Face.NOTE, paper.theme.muted)


def _paint_heights(paper: Paper, heights: Heights, body: Rect) -> None:
    low, high = heights.ends
    ticks = heights.ticks[0] if heights.ticks else number_ticks(low, high, body.height)
    for number, words in ticks:
        y = body.bottom - (number - low) / (high - low) * body.height
        paper.line(((body.x, y), (body.right, y)), paper.theme.line, 0.6)
        at = (body.x - 6, y)
        paper.text(words, at, Face.CODE, paper.theme.muted, align=1.0, scale=SMALL)


def _key_rows(names: tuple[str, ...], width: float) -> list[list[tuple[str, str]]]:
    """Return names with their colours, in as few rows of `width` as hold them."""
    rows: list[list[tuple[str, str]]] = []
    used = 0.0
    for number, name in enumerate(names):
        said = fitted(shown(name), Face.NOTE, width - _SAMPLE)
        wide = _SAMPLE + measure(said, Face.NOTE) + _KEY_GAP
        if not rows or used + wide - _KEY_GAP > width:
            rows.append([])
            used = 0.0
        rows[-1].append((said, CURVES[number % len(CURVES)]))
        used += wide
    return rows


def _paint_keys(paper: Paper, keys: list[tuple[str, str]], place: tuple[float, float]) -> None:
    x, y = place
    for words, color in keys:
        paper.line(((x, y), (x + _SAMPLE - 5, y)), color, 2.0)
        x += _SAMPLE
        x += paper.text(words, (x, y), Face.NOTE, paper.theme.text) + _KEY_GAP


def _tone(theme: Theme, symbol: str) -> str:
    kind = kind_of(symbol)
    return theme.axis(kind) if kind else theme.muted
