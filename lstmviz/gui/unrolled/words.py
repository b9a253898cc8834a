"""What the rows of the unrolled network are called, and what a cell of it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lstmviz.core.trace import Trace
from lstmviz.gui.plots.scale import Scale, ScaleKind
from lstmviz.gui.unrolled.canvas import UnrolledCanvas
from lstmviz.gui.unrolled.measures import Measured

_DIRECTIONS: Final = ("fwd", "rev")


def names(found: Measured, scales: Sequence[Scale]) -> list[tuple[str, str]]:
    """Return name and meaning of every row from below; cells have the meaning of all cells.

    Parameters
    ----------
    found : Measured
    scales : sequence of Scale
        Of the cells, of the input and of the output.
    """
    _, entry, result = scales
    title, is_shared = found.measure.outer_title, found.measure.is_of_output
    out = title.format("output") if is_shared else _bounded(title, "out", result)
    inner = [(name, "") for name in _row_names(found.plotted.trace)]
    return [("x", _bounded(title, "x", entry)), *inner, ("output", out)]


def described_network(found: Measured, canvas: UnrolledCanvas, step: int, row: int) -> str:
    """Return whose and which number the cell at `step` and `row` is; empty where there is none."""
    if not 0 <= step < found.plotted.steps:
        return ""
    outer = {
        0: ("x_t", found.entry, canvas.entry),
        len(found.cells) + 1: ("output_t", found.result, canvas.result),
    }
    if row in outer:
        tensor, values, strip = outer[row]
        title, column, line = found.measure.outer_title.format(tensor), step - found.first, 0
    else:
        values, strip, column, line = found.cells, canvas.cells, step, row - 1
        title = f"{found.measure.title} of {_row_names(found.plotted.trace)[line]}"
    if column < 0:
        return f"{title}: nothing comes before the first step"
    mark = f"{found.plotted.whose.mark}: " if found.plotted.whose.mark else ""
    said = f"{mark}{title} at t = {step}: {float(values[line, column]):.6g}"
    pixel = strip.picture.pixel(column, line) if strip.picture else None
    if pixel is None:
        return said
    return f"{said}; {pixel.moved(step - column).in_words(('t', 'row'))}"


def _bounded(title: str, tensor: str, scale: Scale) -> str:
    """Return what an outer row is, and the number that its strongest colour means."""
    sign = "±" if scale.kind is ScaleKind.SIGNED else "≤ "
    return f"{title.format(tensor)} {sign}{scale.largest:.2g}"


def _row_names(trace: Trace) -> list[str]:
    return [
        f"layer {layer} {_DIRECTIONS[direction]}"
        for layer in range(trace.num_layers)
        for direction in range(trace.num_directions)
    ]
