"""How the width is shared out: input, module, output, final states, and the gaps between."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.contract import AxisKind, TensorShape
from lstmviz.gui.shapes.initial import initial_width
from lstmviz.gui.shapes.scale import length
from lstmviz.gui.shapes.scene import Face, Point
from lstmviz.gui.shapes.sheet import Sheet, axis_of
from lstmviz.gui.shapes.stack import stack_width


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Left edges and widths, in pixels.

    Attributes
    ----------
    left : float
        Left edge of the drawing.
    input_x, frame_x, output_x, states_x : float
        Left edge of the input's face, the module, the output's face and the states' faces.
    time : float
        Width of the input's and the output's face.
    frame : float
        Width of the module.
    hidden, cell : float
        Width of the states' faces.
    depth, state_depth : Point
        Of the sequence boxes and of the states.
    lane_x : float
        Where paths to the states start to turn; there is room for three, `lane` apart.
    lane : float
    """

    left: float
    input_x: float
    frame_x: float
    output_x: float
    states_x: float
    time: float
    frame: float
    hidden: float
    cell: float
    depth: Point
    state_depth: Point
    lane_x: float
    lane: float


def columns(sheet: Sheet) -> Columns | None:
    """Return the columns, or None where the width is too small for this style."""
    k, spec = sheet.k, sheet.spec
    needs = _Needs.of(sheet)
    free = sheet.width - needs.fixed
    if free < 2 * needs.time:
        return None
    time = length(spec.input.seq_len, needs.time, max(needs.time, min(free / 2, 190 * k)))
    start = needs.input_label + time + needs.depth.x + needs.gap_input
    gap_input = needs.gap_input + max(0.0, needs.initial - start)
    slack = free - 2 * time - (gap_input - needs.gap_input)
    if slack < 0:
        return None
    shares = [min(slack * part, 58 * k) for part in (0.3, 0.3, 0.22)]
    edge = max(0.0, slack - sum(shares)) / 2
    input_x = edge + sheet.margin + needs.input_label
    frame_x = input_x + time + needs.depth.x + gap_input + shares[0]
    output_x = frame_x + needs.frame + needs.gap_output + shares[1]
    lane_x = output_x + time + needs.depth.x + needs.batch_label + 6 * k + shares[2]
    return Columns(
        left=edge + sheet.margin,
        input_x=input_x,
        frame_x=frame_x,
        output_x=output_x,
        states_x=lane_x + needs.lanes,
        time=time,
        frame=needs.frame,
        hidden=needs.hidden,
        cell=needs.cell,
        depth=needs.depth,
        state_depth=needs.state_depth,
        lane_x=lane_x,
        lane=8 * k,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needs:
    """What each part needs at least."""

    initial: float
    time: float
    input_label: float
    gap_input: float
    frame: float
    gap_output: float
    batch_label: float
    lanes: float
    hidden: float
    cell: float
    depth: Point
    state_depth: Point
    fixed: float

    @classmethod
    def of(cls, sheet: Sheet) -> _Needs:
        k, lstm = sheet.k, sheet.spec.lstm
        tensors = {name: sheet.contract.tensor(name) for name in ("input", "output", "h_n", "c_n")}
        depth, state_depth = _depths(sheet)
        batch_label = _label(sheet, tensors["input"], AxisKind.BATCH, broken=False)
        input_label = _label(sheet, tensors["input"], AxisKind.FEATURES) + 6 * k
        time = _label(sheet, tensors["input"], AxisKind.TIME, broken=False)
        gap_input = max(batch_label + 12 * k, 38 * k)
        gap_output = _label(sheet, tensors["output"], AxisKind.FEATURES) + 22 * k
        frame = stack_width(sheet)
        hidden = length(lstm.output_size, 26 * k, 84 * k)
        cell = length(lstm.hidden_size, 26 * k, 84 * k)
        layers = max(_label(sheet, tensors["h_n"], AxisKind.LAYERS), batch_label)
        state = max(hidden, cell) + state_depth.x + 6 * k + layers
        below = max(
            _label(sheet, tensors[name], AxisKind.FEATURES, broken=False) for name in ("h_n", "c_n")
        )
        lanes = 38 * k
        fixed = (
            2 * sheet.margin + input_label + gap_input + frame + gap_output + 2 * depth.x
            + batch_label + 6 * k + lanes + max(state, below)
        )  # fmt: skip
        return cls(
            time=max(time, 48 * k),
            initial=initial_width(sheet) + 24 * k,
            input_label=input_label,
            gap_input=gap_input,
            frame=frame,
            gap_output=gap_output,
            batch_label=batch_label,
            lanes=lanes,
            hidden=hidden,
            cell=cell,
            depth=depth,
            state_depth=state_depth,
            fixed=fixed,
        )


def _label(sheet: Sheet, tensor: TensorShape, kind: AxisKind, *, broken: bool = True) -> float:
    index = axis_of(tensor, kind)
    if index is None:
        return 0.0
    return sheet.text_width(sheet.axis_lines(tensor.axes[index], broken=broken), Face.SYMBOL)


def _depths(sheet: Sheet) -> tuple[Point, Point]:
    inputs, k = sheet.spec.input, sheet.k
    if inputs.unbatched:
        return Point(0.0, 0.0), Point(0.0, 0.0)
    state = length(inputs.batch_size, 5 * k, 22 * k)
    deep = length(inputs.batch_size, 7 * k, 34 * k)
    if inputs.lengths:
        deep = max(deep, min(12 + 6.5 * inputs.batch_size, 48) * k)
    return Point(deep, deep * 0.62), Point(state, state * 0.62)
