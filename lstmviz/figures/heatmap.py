"""One quantity over time on paper: its cells, the time cursor and its units at that step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from lstmviz.core.plotted import Table
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.scenes.plots.colormap import color_table
from lstmviz.core.scenes.plots.pooling import Pooled, pool, pool_row
from lstmviz.core.scenes.plots.scale import Scale, ScaleKind
from lstmviz.core.trace import Array
from lstmviz.figures.faces import measure
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick, finished
from lstmviz.figures.scales import SMALL, step_x

BARS: Final = 64.0
"""Width of the bars beside a heatmap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """A table of steps by units, as it is drawn.

    Attributes
    ----------
    table : array or LazyDifference, shape (steps, units)
    seq_len : int
        Steps of the axis; those past the table's are hatched.
    step : int
        Where the cursor stands.
    scale : Scale
    picture : Pooled
    """

    table: Table = field(repr=False)
    seq_len: int
    step: int
    scale: Scale
    picture: Pooled = field(repr=False)


def pooled(
    table: Table,
    seq_len: int,
    step: int,
    room: tuple[float, float],
    kind: ScaleKind,
    fixed: float | None,
    tick: Tick,
) -> Heat:
    """Fit `table` to `room`, its width and height in pixels at 1x.

    Of the numbers that share a pixel the one farthest from rest is kept, whatever the file's
    resolution: a figure shows the same cells in every format.
    """
    steps, units = table.shape
    share = steps / seq_len
    columns = max(1, int(room[0] * share))
    rows = max(1, int(room[1]))
    work = pool(table, 0, steps, columns, min(rows, units), Scale(kind).rest)
    picture = finished(work, tick)
    scale = Scale(kind, picture.largest if fixed is None else fixed)
    return Heat(table=table, seq_len=seq_len, step=step, scale=scale, picture=picture)


def paint_heat(paper: Paper, heat: Heat, rect: Rect) -> None:
    """Draw the cells, what is absent, and the cursor."""
    theme = paper.theme
    steps = len(heat.table)
    wide = rect.width * steps / heat.seq_len
    colors = color_table(theme, heat.scale.ramp)[heat.scale.indices(heat.picture.values)]
    paper.cells(colors, Rect(rect.x, rect.y, wide, rect.height))
    if steps < heat.seq_len:
        hatch(paper, Rect(rect.x + wide, rect.y, rect.width - wide, rect.height))
    paint_cursor(paper, rect, heat.step, heat.seq_len)


def paint_cursor(paper: Paper, rect: Rect, step: int, seq_len: int) -> None:
    """Frame one step; a line where a step is too narrow for a frame."""
    theme = paper.theme
    half = max(rect.width / seq_len, 2.0) / 2
    x = step_x(rect, step, seq_len)
    paper.box(Rect(x - half, rect.y, 2 * half, rect.height), "none", edge=theme.accent, width=1.2)


def hatch(paper: Paper, rect: Rect) -> None:
    """Fill `rect` with slanted lines: nothing is there."""
    theme, gap = paper.theme, 6.0
    paper.box(rect, theme.absent, alpha=0.35)
    x = rect.x - rect.height
    while x < rect.right:
        start = max(x, rect.x)
        end = min(x + rect.height, rect.right)
        if start < end:
            paper.line(
                ((start, rect.bottom - (start - x)), (end, rect.bottom - (end - x))), theme.line
            )
        x += gap


def paint_bars(paper: Paper, heat: Heat, rect: Rect) -> None:
    """Draw the units at the cursor's step, on the scale of the colours."""
    theme = paper.theme
    low, high = heat.scale.ends
    zero = rect.x + (0.0 - low) / (high - low) * rect.width
    if heat.scale.middle:
        x = rect.x + (heat.scale.middle - low) / (high - low) * rect.width
        paper.line(((x, rect.y), (x, rect.bottom)), theme.line)
    paper.line(((zero, rect.y), (zero, rect.bottom)), theme.line)
    values = _values(heat)
    tall = rect.height / max(1, len(values))
    is_signed = heat.scale.kind is ScaleKind.SIGNED
    for row, value in enumerate(values):
        end = rect.x + (min(max(value, low), high) - low) / (high - low) * rect.width
        positive = theme.positive if is_signed else theme.half
        x, width = min(zero, end), abs(end - zero)
        if width:
            bar = Rect(x, rect.y + (row + 0.1) * tall, width, 0.8 * tall)
            paper.box(bar, positive if value > 0 else theme.negative, alpha=0.75)


def _values(heat: Heat) -> Array:
    """Return the units at the cursor's step, pooled as the rows of the picture are."""
    if heat.step >= len(heat.table):
        return np.zeros(0, dtype=np.float32)
    values: Array = np.nan_to_num(np.asarray(heat.table[heat.step], dtype=np.float64))
    return pool_row(values, len(heat.picture.values), heat.scale.rest)


def paint_bars_title(paper: Paper, step: int, place: tuple[float, float]) -> None:
    """Say above the bars at which step they are."""
    text = f"at t = {step:,}"
    scale = SMALL if measure(text, Face.CODE, SMALL) <= BARS else SMALL * 0.85
    paper.text(text, place, Face.CODE, paper.theme.time, align=0.5, scale=scale)
