"""How the width is shared out: input, module, output, final states, and the gaps between."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.scenes.diagram.min_widths import Needs, needs_of
from lstmviz.core.scenes.diagram.scale import length
from lstmviz.core.scenes.diagram.scene import Point
from lstmviz.core.scenes.diagram.sheet import DiagramSheet


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


def columns(sheet: DiagramSheet) -> Columns | None:
    """Return the columns, or None where the width is too small for this style."""
    k, needs = sheet.k, needs_of(sheet)
    free = sheet.width - needs.fixed
    if free < 2 * needs.time:
        return None
    most = max(needs.time, min(free / 2, 190 * k))
    time = length(sheet.geometry.seq_len, needs.time, most)
    start = needs.input_label + time + needs.depth.x + needs.gap_input
    wider = max(0.0, needs.initial - start)
    slack = free - 2 * time - wider
    return _placed(sheet, needs, time, wider, slack) if slack >= 0 else None


def _placed(sheet: DiagramSheet, needs: Needs, time: float, wider: float, slack: float) -> Columns:
    """Share `slack` out among the gaps, and centre the drawing in what is left."""
    shares = [min(slack * part, 58 * sheet.k) for part in (0.3, 0.3, 0.22)]
    left = max(0.0, slack - sum(shares)) / 2 + sheet.margin
    input_x = left + needs.input_label
    frame_x = input_x + time + needs.depth.x + needs.gap_input + wider + shares[0]
    output_x = frame_x + needs.frame + needs.gap_output + shares[1]
    lane_x = output_x + time + needs.depth.x + needs.gap_lanes + shares[2]
    return Columns(
        left=left,
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
        lane=8 * sheet.k,
    )
