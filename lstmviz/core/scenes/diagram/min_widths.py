"""How much width each part of the diagram needs at least."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.contract import AxisKind
from lstmviz.core.scenes.diagram.initial import initial_width
from lstmviz.core.scenes.diagram.scale import length
from lstmviz.core.scenes.diagram.scene import Face, Point
from lstmviz.core.scenes.diagram.sheet import DiagramSheet, axis_of
from lstmviz.core.scenes.diagram.stack import stack_width


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Widths in pixels, from left to right.

    Attributes
    ----------
    initial : float
        The initial states with their arrows.
    input_label, gap_input : float
        Left of the input's face, and from its back to the module.
    time : float
        The input's and the output's face, each.
    frame : float
        The module.
    gap_output, gap_lanes : float
        From the module to the output's face, and from its back to the lanes.
    lanes : float
        The lanes that paths to the states turn in.
    hidden, cell : float
        The states' faces.
    states : float
        The wider state with its labels.
    margins : float
    depth, state_depth : Point
        Of the sequence boxes and of the states.
    """

    initial: float
    input_label: float
    gap_input: float
    time: float
    frame: float
    gap_output: float
    gap_lanes: float
    lanes: float
    hidden: float
    cell: float
    states: float
    margins: float
    depth: Point
    state_depth: Point

    @property
    def fixed(self) -> float:
        """All but the input's and the output's face."""
        left = self.margins + self.input_label + self.gap_input + self.frame + self.gap_output
        return left + 2 * self.depth.x + self.gap_lanes + self.lanes + self.states


def needs_of(sheet: DiagramSheet) -> Needs:
    """Return the least widths for what `sheet` shows, in its style."""
    k, geometry = sheet.k, sheet.geometry
    depth, state_depth = _depths(sheet)
    batch = _label(sheet, "input", AxisKind.BATCH, broken=False)
    hidden = length(geometry.output_size, 26 * k, 84 * k)
    cell = length(geometry.hidden_size, 26 * k, 84 * k)
    layers = max(_label(sheet, "h_n", AxisKind.LAYERS), batch)
    below = [_label(sheet, name, AxisKind.FEATURES, broken=False) for name in ("h_n", "c_n")]
    return Needs(
        initial=initial_width(sheet) + 24 * k,
        input_label=_label(sheet, "input", AxisKind.FEATURES) + 6 * k,
        gap_input=max(batch + 12 * k, 38 * k),
        time=max(_label(sheet, "input", AxisKind.TIME, broken=False), 48 * k),
        frame=stack_width(sheet),
        gap_output=_label(sheet, "output", AxisKind.FEATURES) + 22 * k,
        gap_lanes=batch + 6 * k,
        lanes=38 * k,
        hidden=hidden,
        cell=cell,
        states=max(max(hidden, cell) + state_depth.x + 6 * k + layers, *below),
        margins=2 * sheet.margin,
        depth=depth,
        state_depth=state_depth,
    )


def _label(sheet: DiagramSheet, name: str, kind: AxisKind, *, broken: bool = True) -> float:
    tensor = sheet.contract.tensor(name)
    index = axis_of(tensor, kind)
    if index is None:
        return 0.0
    return sheet.text_width(sheet.axis_lines(tensor.axes[index], broken=broken), Face.SYMBOL)


def _depths(sheet: DiagramSheet) -> tuple[Point, Point]:
    geometry, k = sheet.geometry, sheet.k
    if not geometry.batched:
        return Point(0.0, 0.0), Point(0.0, 0.0)
    state = length(geometry.batch_size, 5 * k, 22 * k)
    deep = length(geometry.batch_size, 7 * k, 34 * k)
    if geometry.lengths:
        deep = max(deep, min(12 + 6.5 * geometry.batch_size, 48) * k)
    return Point(deep, deep * 0.62), Point(state, state * 0.62)
