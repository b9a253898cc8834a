"""What the rows of the unrolled network are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lstmviz.core.scenes.plots.scale import Scale, ScaleKind
from lstmviz.core.scenes.unrolled.measures import Measured
from lstmviz.core.trace import Trace

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
    inner = [(name, "") for name in row_names(found.plotted.trace)]
    return [("x", _bounded(title, "x", entry)), *inner, ("output", out)]


def _bounded(title: str, tensor: str, scale: Scale) -> str:
    """Return what an outer row is, and the number that its strongest colour means."""
    sign = "±" if scale.kind is ScaleKind.SIGNED else "≤ "
    return f"{title.format(tensor)} {sign}{scale.largest:.2g}"


def row_names(trace: Trace) -> list[str]:
    """Return the name of each layer and direction."""
    return [
        f"layer {layer} {_DIRECTIONS[direction]}"
        for layer in range(trace.num_layers)
        for direction in range(trace.num_directions)
    ]
