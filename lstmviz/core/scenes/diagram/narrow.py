"""The diagram for a narrow column: input and module above, output and final states below."""

from __future__ import annotations

from typing import Final

from lstmviz.core.geometry import Geometry
from lstmviz.core.scenes.diagram.columns import Columns
from lstmviz.core.scenes.diagram.initial import initial_height, lay_initial
from lstmviz.core.scenes.diagram.layout import finished
from lstmviz.core.scenes.diagram.links import lay_initial_paths, lay_links
from lstmviz.core.scenes.diagram.min_widths import Needs, needs_of
from lstmviz.core.scenes.diagram.scale import length
from lstmviz.core.scenes.diagram.scene import (
    Arrow,
    Box,
    Face,
    MeasureText,
    Point,
    Rect,
    Scene,
    Tone,
)
from lstmviz.core.scenes.diagram.sheet import DiagramSheet, DiagramStyle
from lstmviz.core.scenes.diagram.stack import lay_stack
from lstmviz.core.scenes.diagram.tensors import Room, lay_sequence, lay_state, meeting, tallest

_SMALLEST: Final = 0.4
_MOST_LAYERS: Final = 3
"""Layers that are drawn before those in the middle are folded into one."""
_BETWEEN: Final = 44.0
"""Pixels at scale 1 from the module down to the row of results."""


def narrow_scene(geometry: Geometry, width: float, measure: MeasureText) -> Scene:
    """Return the diagram of `geometry` in two rows, `width` pixels wide and as high as it needs.

    Parameters
    ----------
    geometry : Geometry
    width : float
    measure : MeasureText
        How wide texts are.

    Returns
    -------
    Scene
        With texts of their own size, or the largest that fit.
    """
    scale = 1.0
    while True:
        made = _tried(geometry, width, measure, scale)
        if made is not None:
            return made
        if scale <= _SMALLEST:
            style = DiagramStyle(scale=scale, is_downward=True)
            empty = DiagramSheet(geometry, width, 0.0, measure, style, worked=False)
            return finished(empty, Rect(0, 0, 0, 0))
        scale = max(scale * 0.97, _SMALLEST)


def _tried(geometry: Geometry, width: float, measure: MeasureText, scale: float) -> Scene | None:
    style = DiagramStyle(scale=scale, is_downward=True)
    upper, lower = _heights(geometry, scale)
    height = upper + _BETWEEN * scale + lower
    sheet = DiagramSheet(geometry, width, height, measure, style, worked=False)
    found = _columns(sheet)
    if found is None:
        return None
    frame = Rect(found.frame_x, 1.0, found.frame, upper - 1.0)
    ports = lay_stack(sheet, frame)
    if ports is None:
        return None
    rooms = Room(upper + _BETWEEN * scale, height)
    source, initial = _lay_source(sheet, found, frame, ports[0])
    middle = (rooms.top + rooms.bottom) / 2
    result = lay_sequence(
        sheet, found, "output", rooms, middle, tallest(sheet, found, rooms, links=True)
    )
    hidden, cell = _lay_states(sheet, found, rooms)
    if source is None or result is None or hidden is None or cell is None:
        return None
    _lay_flow(sheet, frame, source, result, ports)
    lay_initial_paths(sheet, frame, initial)
    _lay_final_paths(sheet, found, frame, hidden, cell)
    lay_links(sheet, found, result, hidden)
    return finished(sheet, frame)


def _heights(geometry: Geometry, k: float) -> tuple[float, float]:
    """Return how high the two rows are."""
    layers = min(geometry.num_layers, _MOST_LAYERS)
    each = (16 + 13.5 * geometry.num_directions + 12) * k
    upper = max(layers * each + 84 * k, 172 * k)
    return upper, max(176.0 * k, (60 + 13.5 * geometry.rows) * k if geometry.rows < 12 else 0.0)


def _columns(sheet: DiagramSheet) -> Columns | None:
    """Return where both rows stand, or None where the width is too small for this scale."""
    k, needs = sheet.k, needs_of(sheet)
    above = _above(needs, k)
    below = needs.gap_output - 22 * k + needs.depth.x + needs.gap_lanes + needs.lanes + needs.states
    free = sheet.width - max(above, below) - 2 * k
    if free < needs.time:
        return None
    time = length(sheet.geometry.seq_len, needs.time, max(needs.time, min(free, 150 * k)))
    spare = max(0.0, sheet.width - below - time - 2 * k)
    output_x = needs.gap_output - 22 * k + 6 * k
    lane_x = output_x + time + needs.depth.x + needs.gap_lanes + spare * 0.5 - 6 * k
    frame_x = max(needs.input_label + time + needs.depth.x + needs.gap_input + 14 * k,
                  needs.initial)  # fmt: skip
    return Columns(
        left=0.0,
        input_x=needs.input_label,
        frame_x=frame_x,
        output_x=output_x,
        states_x=lane_x + needs.lanes,
        time=time,
        frame=sheet.width - frame_x - 1.0,
        hidden=needs.hidden,
        cell=needs.cell,
        depth=needs.depth,
        state_depth=needs.state_depth,
        lane_x=lane_x,
        lane=8 * k,
    )


def _above(needs: Needs, k: float) -> float:
    """Return the width of the upper row, but for the input's face."""
    start = needs.input_label + needs.depth.x + needs.gap_input + 14 * k
    return max(start, needs.initial - needs.time) + needs.frame


def _lay_source(
    sheet: DiagramSheet, found: Columns, frame: Rect, port: float
) -> tuple[Box | None, list[Box]]:
    need = initial_height(sheet) + 6 * sheet.k
    room = Room(frame.y + need, frame.bottom)
    most = tallest(sheet, found, room)
    initial = lay_initial(sheet, found.left, frame.y)
    return lay_sequence(sheet, found, "input", room, port, most), initial


def _lay_states(sheet: DiagramSheet, found: Columns, room: Room) -> tuple[Box | None, Box | None]:
    top = room.top + 4 * sheet.k
    split = (top + room.bottom) / 2
    hidden = lay_state(sheet, found, "h_n", Room(top, split - 3 * sheet.k))
    return hidden, lay_state(sheet, found, "c_n", Room(split + 3 * sheet.k, room.bottom))


def _lay_flow(
    sheet: DiagramSheet, frame: Rect, source: Box, result: Box, ports: tuple[float, float]
) -> None:
    """Lay the paths from the input to the first layer, and from the last one to the output."""
    k = sheet.k
    first, last = sheet.layers[0], sheet.layers[-1]
    start = meeting(ports[0], source.front)
    begin = Point(source.front.right + source.depth.x * 0.5 + 4 * k, start)
    end = Point(first.rect.x, first.rect.center.y)
    turn = frame.x + 3.5 * k
    bent = (begin, Point(turn, start), Point(turn, end.y), end)
    straight = (begin, Point(end.x, start))
    sheet.arrows.append(Arrow(points=straight if abs(start - end.y) < 1.0 else bent))
    lane = frame.x - 9 * k
    above = frame.bottom + 12 * k
    x = result.front.center.x + result.depth.x / 2
    tip = Point(x, result.front.y - result.depth.y - 2 * k)
    # Where one layer is all, its result leaves below the place where its input enters.
    level = last.rect.bottom - 9 * k if last is first else last.rect.center.y
    leave = Point(last.rect.x, level)
    corners = (Point(lane, leave.y), Point(lane, above), Point(x, above))
    sheet.arrows.append(Arrow(points=(leave, *corners, tip)))


def _lay_final_paths(
    sheet: DiagramSheet, found: Columns, frame: Rect, hidden: Box, cell: Box
) -> None:
    """Lay the paths from the module down to h_n and to c_n, with their names beside them."""
    k, gap = sheet.k, sheet.line(Face.NOTE)
    x = max(hidden.front.x + hidden.front.width / 2 + hidden.depth.x, frame.x + 12 * k)
    tip = Point(x, hidden.front.y - hidden.depth.y - 2 * k)
    sheet.arrows.append(Arrow(points=(Point(x, frame.bottom), tip)))
    y = frame.bottom + 14 * k
    sheet.say(("final h",), Face.NOTE, Tone.MUTED, Point(x + 5 * k, y), anchor=(0.0, 0.5))
    turn = max(found.lane_x + 2 * found.lane, frame.x + 4 * k)
    middle = cell.front.center.y
    lane = min(turn, cell.front.x - 8 * k)
    start = Point(lane, frame.bottom)
    end = Point(cell.front.x - 2 * k, middle)
    sheet.arrows.append(Arrow(points=(start, Point(lane, middle), end)))
    width = sheet.text_width(("final c",), Face.NOTE)
    if x - lane > width + 8 * k:
        place = Point(lane + 5 * k, y)
        sheet.say(("final c",), Face.NOTE, Tone.MUTED, place, anchor=(0.0, 0.5))
    else:
        place = Point(lane - 5 * k, y + gap)
        sheet.say(("final c",), Face.NOTE, Tone.MUTED, place, anchor=(1.0, 0.5))
