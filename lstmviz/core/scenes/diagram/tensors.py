"""The tensors' boxes with their names, axes and sizes."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.contract import AxisKind, TensorShape
from lstmviz.core.scenes.diagram.boxes import lay_box
from lstmviz.core.scenes.diagram.columns import Columns
from lstmviz.core.scenes.diagram.scale import length
from lstmviz.core.scenes.diagram.scene import Box, Face, Point, Rect, Tone
from lstmviz.core.scenes.diagram.sheet import DiagramSheet, axis_of


@dataclass(frozen=True, slots=True)
class Room:
    """The heights between which a box has to stay, labels and all."""

    top: float
    bottom: float


def tallest(sheet: DiagramSheet, columns: Columns, room: Room, *, links: bool = False) -> float:
    """Return how high a face of a sequence box can be in `room`."""
    below = _lane(sheet, links=links) + sheet.line(Face.SYMBOL) + sheet.line(Face.NAME)
    return room.bottom - room.top - columns.depth.y - below


def lay_sequence(
    sheet: DiagramSheet, columns: Columns, name: str, room: Room, port: float, most: float
) -> Box | None:
    """Lay ``input`` or ``output`` down; None where there is no room.

    Parameters
    ----------
    sheet, columns
    name : str
    room : Room
    port : float
        The height at which the module takes or gives it; the box stays close to it.
    most : float
        The height of a face of the largest size; the same for both, so that they compare.
    """
    k, links = sheet.k, name == "output"
    if most < 24 * k:
        return None
    tensor = sheet.contract.tensor(name)
    height = length(tensor.shape[-1], 24 * k, min(most, 168 * k))
    low = room.top + columns.depth.y
    high = low + tallest(sheet, columns, room, links=links) - height
    middle = (low + high) / 2 if links else port - height / 2
    reach = min(8 * k, height / 2)
    wanted = min(max(middle, port + reach - height), port - reach)
    x = columns.output_x if links else columns.input_x
    front = Rect(x, min(max(wanted, low), high), columns.time, height)
    box = lay_box(sheet, tensor, front, columns.depth, across=AxisKind.TIME, down=AxisKind.FEATURES)
    _label_sequence(sheet, tensor, box, port, _lane(sheet, links=links))
    return box


def _lane(sheet: DiagramSheet, *, links: bool) -> float:
    """Return the height kept free below a face."""
    return (9 if links else 3) * sheet.k


def meeting(port: float, front: Rect) -> float:
    """Return the height at which a level path from `port` meets a face."""
    reach = min(6.0, front.height / 3)
    return min(max(port, front.y + reach), front.bottom - reach)


def lay_state(sheet: DiagramSheet, columns: Columns, name: str, room: Room) -> Box | None:
    """Lay ``h_n`` or ``c_n`` down in the middle of `room`."""
    tensor, k, depth = sheet.contract.tensor(name), sheet.k, columns.state_depth
    below = 3 * k + sheet.line(Face.SYMBOL) + sheet.line(Face.NAME)
    most = room.bottom - room.top - depth.y - below
    beside = 2 * sheet.line(Face.SYMBOL) + (0 if axis_of(tensor, AxisKind.BATCH) is None else 1) * (
        sheet.line(Face.SYMBOL)
    )
    least = max(24 * k, beside - depth.y)
    if most < least:
        return None
    height = length(tensor.shape[0], least, min(most, 84 * k))
    y = room.top + depth.y + (most - height) / 2
    width = columns.hidden if name == "h_n" else columns.cell
    front = Rect(columns.states_x, y, width, height)
    box = lay_box(sheet, tensor, front, depth, across=AxisKind.FEATURES, down=AxisKind.LAYERS)
    _label_state(sheet, tensor, box)
    return box


def _label_sequence(
    sheet: DiagramSheet, tensor: TensorShape, box: Box, port: float, lane: float
) -> None:
    k, front, depth = sheet.k, box.front, box.depth
    gap = 3 * k
    sheet.rule(tensor, box.across, Point(front.x, front.bottom), Point(front.right, front.bottom))
    sheet.rule(tensor, box.down, Point(front.x, front.y), Point(front.x, front.bottom))
    under = front.bottom + lane
    said = _under(sheet, box, sheet.axis_lines(tensor.axes[box.across], broken=False), Face.SYMBOL)
    sheet.name_axis(tensor, box.across, Point(said, under), (0.0, 0.0))
    under += sheet.line(Face.SYMBOL)
    said = _under(sheet, box, (tensor.name,), Face.NAME)
    sheet.say((tensor.name,), Face.NAME, Tone.TEXT, Point(said, under))
    half, port = sheet.line(Face.SYMBOL), meeting(port, front)
    y = front.center.y
    if tensor.name == "output" and abs(port - y) < half + gap:
        # The arrow ends here; its label goes where it overshoots the face least.
        y = port + half + gap if port <= y else port - half - gap
    place = Point(front.x - 5 * k, y)
    sheet.name_axis(tensor, box.down, place, (1.0, 0.5), broken=True)
    if box.back is not None:
        low = front.bottom
        if tensor.name == "input":
            low = max(
                low, port + 4 * k + sheet.line(Face.SYMBOL)
            )  # below the arrow that starts here
        _name_depth(sheet, tensor, box, Point(front.right + depth.x + 5 * k, low))


def _name_depth(sheet: DiagramSheet, tensor: TensorShape, box: Box, place: Point) -> None:
    front, depth = box.front, box.depth
    end = Point(front.right + depth.x, front.bottom - depth.y)
    index = box.back or 0
    sheet.rule(tensor, index, Point(front.right, front.bottom), end)
    sheet.name_axis(tensor, index, place, (0.0, 1.0))


def _label_state(sheet: DiagramSheet, tensor: TensorShape, box: Box) -> None:
    k, front, depth = sheet.k, box.front, box.depth
    right = front.right + depth.x
    sheet.rule(tensor, box.across, Point(front.x, front.bottom), Point(front.right, front.bottom))
    sheet.rule(
        tensor, box.down, Point(right, front.y - depth.y), Point(right, front.bottom - depth.y)
    )
    top = Point(right + 5 * k, front.y - depth.y)
    sheet.name_axis(tensor, box.down, top, (0.0, 0.0), broken=True)
    if box.back is not None:
        _name_depth(sheet, tensor, box, Point(right + 5 * k, front.bottom))
    under = front.bottom + 3 * k
    lines = sheet.axis_lines(tensor.axes[box.across], broken=False)
    said = _under(sheet, box, lines, Face.SYMBOL)
    sheet.name_axis(tensor, box.across, Point(said, under), (0.0, 0.0))
    under += sheet.line(Face.SYMBOL)
    said = _under(sheet, box, (tensor.name,), Face.NAME)
    sheet.say((tensor.name,), Face.NAME, Tone.TEXT, Point(said, under))


def _under(sheet: DiagramSheet, box: Box, lines: tuple[str, ...], face: Face) -> float:
    """Return the left edge of a text under the face: centred, but not sticking out on the left."""
    width = sheet.text_width(lines, face)
    return max(box.front.center.x - width / 2, box.front.x - 3 * sheet.k)
