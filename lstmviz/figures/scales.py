"""What stands with a heatmap on paper: its colour scale, its ticks of time and of numbers."""

from __future__ import annotations

from typing import Final

from matplotlib.ticker import MaxNLocator

from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.scenes.plots.colormap import TOP_INDEX, color_table
from lstmviz.core.scenes.plots.scale import Scale
from lstmviz.figures.faces import line_height, measure
from lstmviz.figures.paper import Paper

SMALL: Final = 0.92
"""Of the letters of numbers beside axes."""

_RAMP: Final = 6.0


def paint_scale(paper: Paper, scale: Scale, rect: Rect) -> None:
    """Draw the colours from the lowest number to the highest, with the numbers beneath."""
    theme = paper.theme
    ramp = Rect(rect.x, rect.y, rect.width, _RAMP)
    paper.ramp(color_table(theme, scale.ramp)[: TOP_INDEX + 1], ramp)
    if scale.middle:
        x = ramp.center.x
        paper.line(((x, ramp.y - 1), (x, ramp.bottom + 1)), theme.text)
    y = ramp.bottom + line_height(Face.CODE) / 2 + 1
    for place, number in scale.ticks:
        x = ramp.x + place * ramp.width
        paper.text(number, (x, y), Face.CODE, theme.muted, align=place, scale=SMALL)


def scale_height() -> float:
    """Return the height of `paint_scale`."""
    return _RAMP + line_height(Face.CODE) + 2


def step_ticks(seq_len: int, width: float) -> list[int]:
    """Return the whole steps to write beneath `width` pixels of time."""
    wide = measure(f"{seq_len:,}", Face.CODE, SMALL) + 26
    most = max(1, int(width / wide))
    found = MaxNLocator(nbins=most, integer=True, steps=[1, 2, 2.5, 5, 10]).tick_values(
        0, max(1, seq_len - 1)
    )
    return [int(step) for step in found if 0 <= step < seq_len and step == int(step)]


def number_ticks(low: float, high: float, height: float) -> list[tuple[float, str]]:
    """Return the numbers to write beside `height` pixels of an axis, with their words."""
    most = max(2, int(height / 22))
    found = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    inside = [float(number) for number in found if low <= number <= high]
    return [(number, f"{number:.6g}".replace("-", "−")) for number in inside]


def paint_steps(paper: Paper, seq_len: int, rect: Rect, *, is_named: bool = True) -> None:
    """Write the steps beneath `rect`, along which `seq_len` steps run, and what they are."""
    theme = paper.theme
    y = rect.bottom + 4 + line_height(Face.CODE) / 2
    for step in step_ticks(seq_len, rect.width):
        x = step_x(rect, step, seq_len)
        paper.line(((x, rect.bottom), (x, rect.bottom + 3)), theme.line)
        paper.text(f"{step:,}", (x, y), Face.CODE, theme.muted, align=0.5, scale=SMALL)
    if is_named:
        y += line_height(Face.NOTE)
        paper.text("t, the step along axis L", (rect.center.x, y), Face.NOTE, theme.time, align=0.5)


def steps_height() -> float:
    """Return the height of `paint_steps`, its name included."""
    return 4 + line_height(Face.CODE) + line_height(Face.NOTE)


def step_x(rect: Rect, step: float, seq_len: int) -> float:
    """Return where the middle of `step` stands in `rect`."""
    return rect.x + (step + 0.5) / seq_len * rect.width


def paint_low_scale(paper: Paper, scale: Scale, rect: Rect) -> None:
    """Draw the colours with the lowest and the highest number beside them."""
    theme = paper.theme
    (_, first), *_, (_, last) = scale.ticks
    y = rect.center.y
    left = paper.text(first, (rect.x, y), Face.CODE, theme.muted, scale=SMALL) + 5
    right = paper.text(last, (rect.right, y), Face.CODE, theme.muted, align=1.0, scale=SMALL) + 5
    ramp = Rect(rect.x + left, y - _RAMP / 2, rect.width - left - right, _RAMP)
    if ramp.width > 0:
        paper.ramp(color_table(theme, scale.ramp)[: TOP_INDEX + 1], ramp)
