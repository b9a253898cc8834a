"""What can be plotted over time: each quantity of a trace as a table of steps by units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from lstmviz.core.asking.session import View
from lstmviz.core.cells import LSTM, GateKind
from lstmviz.core.contract import AxisKind
from lstmviz.core.geometry import Geometry
from lstmviz.core.places import Place, input_of_item, output_of_item, steps_of_item
from lstmviz.core.scenes.plots.scale import ScaleKind
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
    kind : ScaleKind
        What its numbers can be.
    fixed : float or None
        The number at the upper end of its scale; None for the largest there is.
    table : callable
        (trace, view) to array, shape (steps of the item, units).
    """

    tensor: str
    title: str
    meaning: str
    kind: ScaleKind = ScaleKind.SIGNED
    fixed: float | None = None
    table: Callable[[Trace, View], Array]

    def meaning_of(self, *, is_bidirectional: bool) -> str:
        """Return one short line on what its rows are."""
        is_joined = is_bidirectional and self.tensor == "output"
        return "forward above, reverse below" if is_joined else self.meaning

    def place(self, view: View, trace: Trace, step: int, unit: int) -> Place:
        """Return where the number at `step` and `unit` of this row stands."""
        outer = {"output": trace.num_layers - 1, "input": 0}
        return Place(
            tensor=self.tensor,
            layer=outer.get(self.tensor, view.layer),
            direction=0 if self.tensor in outer else view.direction,
            step=step,
            item=view.item,
            unit=unit,
        )

    def view_of(self, view: View, trace: Trace, step: int, unit: int) -> View:
        """Return `view` moved to the cell that computes the number at `step` and `unit`.

        No cell computes an input: there only the step moves.
        """
        place = self.place(view, trace, step, unit)
        if self.tensor == "input":
            return replace(view, step=step)
        if self.tensor != "output":
            return replace(view, step=step, unit=unit)
        direction, unit = divmod(unit, trace.output_size)
        return replace(view, step=step, layer=place.layer, direction=direction, unit=unit)


def _opened(tensor: str) -> Callable[[Trace, View], Array]:
    def table(trace: Trace, view: View) -> Array:
        steps = steps_of_item(trace, view.item)
        values: Array = trace.array(tensor)[view.layer, view.direction, :steps, view.item]
        return values

    return table


def _output(trace: Trace, view: View) -> Array:
    return output_of_item(trace, view.item)


def _input(trace: Trace, view: View) -> Array:
    return input_of_item(trace, view.item)


def of_gate(gate: GateKind) -> Quantity:
    """Return a gate of any kind of cell as a row of plots."""
    is_share = gate.activation == "sigmoid"
    return Quantity(
        tensor=gate.name,
        title=f"{gate.symbol}_t",
        meaning=gate.name.replace("_", " "),
        kind=ScaleKind.SHARE if is_share else ScaleKind.SIGNED,
        fixed=1.0,
        table=_opened(gate.name),
    )


INPUT: Final = Quantity(
    tensor="input", title="input", meaning="x_t, what the module reads", table=_input
)
OUTPUT: Final = Quantity(
    tensor="output", title="output", meaning="what the module returns", table=_output
)
HIDDEN: Final = Quantity(
    tensor="hidden", title="h_t", meaning="hidden state", table=_opened("hidden")
)
CELL: Final = Quantity(tensor="cell", title="c_t", meaning="cell state", table=_opened("cell"))
INPUT_GATE, FORGET_GATE, CELL_GATE, OUTPUT_GATE = map(of_gate, LSTM.gates)

STATES: Final = (INPUT, OUTPUT, HIDDEN, CELL)
GATES: Final = (INPUT_GATE, FORGET_GATE, CELL_GATE, OUTPUT_GATE, CELL, HIDDEN)


def axes_of(quantity: Quantity, geometry: Geometry) -> list[tuple[str, AxisKind]]:
    """Return symbol and kind of each axis of the tensor a row is cut from."""
    symbol = geometry.output_symbol
    joined = f"D·{symbol}"
    width = symbol if quantity.tensor == "hidden" else "H_cell"
    time, batch = ("L", AxisKind.TIME), ("N", AxisKind.BATCH)
    if quantity.tensor not in ("output", "input"):
        return [time, batch, (width, AxisKind.FEATURES)]
    features = (joined if geometry.bidirectional else symbol, AxisKind.FEATURES)
    if quantity.tensor == "input":
        features = ("H_in", AxisKind.FEATURES)
    return list(geometry.layout.sequence(time, batch, features))
