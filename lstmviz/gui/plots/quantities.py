"""What can be plotted over time: each quantity of a trace as a table of steps by units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from lstmviz.core.places import Place, output_of_item, steps_of_item
from lstmviz.core.session import View
from lstmviz.core.trace import Array, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One row of plots.

    Attributes
    ----------
    tensor : str
        As `core.places.Place` names it.
    title : str
    meaning : str
        One short line.
    scale : float or None
        The number at the ends of the colour map; None for the largest there is.
    table : callable
        (trace, view) to array, shape (steps of the item, units).
    """

    tensor: str
    title: str
    meaning: str
    scale: float | None = None
    table: Callable[[Trace, View], Array]

    def place(self, view: View, trace: Trace, step: int, unit: int) -> Place:
        """Return where the number at `step` and `unit` of this row stands."""
        is_output = self.tensor == "output"
        return Place(
            tensor=self.tensor,
            layer=trace.num_layers - 1 if is_output else view.layer,
            direction=0 if is_output else view.direction,
            step=step,
            item=view.item,
            unit=unit,
        )

    def view_of(self, view: View, trace: Trace, step: int, unit: int) -> View:
        """Return `view` moved to the cell that computes the number at `step` and `unit`."""
        place = self.place(view, trace, step, unit)
        if self.tensor != "output":
            return replace(view, step=step, unit=unit)
        direction, unit = divmod(unit, trace.output_size)
        return replace(view, step=step, layer=place.layer, direction=direction, unit=unit)


def _opened(tensor: str) -> Callable[[Trace, View], Array]:
    def table(trace: Trace, view: View) -> Array:
        steps = steps_of_item(trace, view.item)
        values: Array = getattr(trace, tensor)[view.layer, view.direction, :steps, view.item]
        return values

    return table


def _output(trace: Trace, view: View) -> Array:
    return output_of_item(trace, view.item)


OUTPUT: Final = Quantity(
    tensor="output", title="output", meaning="what the module returns", table=_output
)
HIDDEN: Final = Quantity(
    tensor="hidden", title="h_t", meaning="hidden state", table=_opened("hidden")
)
CELL: Final = Quantity(tensor="cell", title="c_t", meaning="cell state", table=_opened("cell"))
INPUT_GATE: Final = Quantity(
    tensor="input_gate", title="i_t", meaning="input gate", table=_opened("input_gate"), scale=1.0
)
FORGET_GATE: Final = Quantity(
    tensor="forget_gate",
    title="f_t",
    meaning="forget gate",
    table=_opened("forget_gate"),
    scale=1.0,
)
CELL_GATE: Final = Quantity(
    tensor="cell_gate", title="g_t", meaning="cell gate", table=_opened("cell_gate"), scale=1.0
)
OUTPUT_GATE: Final = Quantity(
    tensor="output_gate",
    title="o_t",
    meaning="output gate",
    table=_opened("output_gate"),
    scale=1.0,
)

STATES: Final = (OUTPUT, HIDDEN, CELL)
GATES: Final = (INPUT_GATE, FORGET_GATE, CELL_GATE, OUTPUT_GATE, CELL, HIDDEN)
