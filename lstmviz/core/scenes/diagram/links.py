"""The paths between the boxes, routed so that none runs through a text."""

from __future__ import annotations

from lstmviz.core.geometry import Geometry
from lstmviz.core.region import Region
from lstmviz.core.scenes.diagram.columns import Columns
from lstmviz.core.scenes.diagram.highlighted import alike
from lstmviz.core.scenes.diagram.ruler import Ruler
from lstmviz.core.scenes.diagram.scene import Arrow, Box, Face, Point, Rect, Tone
from lstmviz.core.scenes.diagram.sheet import DiagramSheet
from lstmviz.core.scenes.diagram.solid import project
from lstmviz.core.scenes.diagram.tensors import meeting

_TONES = (Tone.FORWARD, Tone.REVERSE)


def lay_flow(sheet: DiagramSheet, frame: Rect, source: Box, result: Box) -> None:
    """Lay the paths from the input through the module to the output."""
    first, last = sheet.layers[-1], sheet.layers[0]
    start = meeting(first.rect.center.y, source.front)
    inside = frame.x + 3.5 * sheet.k
    sheet.arrows.append(
        Arrow(
            points=_straightened(
                Point(source.front.right + source.depth.x * 0.5 + 4 * sheet.k, start),
                inside,
                Point(first.rect.x, first.rect.center.y),
            )
        )
    )
    end = meeting(last.rect.center.y, result.front)
    sheet.arrows.append(
        Arrow(
            points=_straightened(
                Point(last.rect.right, last.rect.center.y),
                frame.right + 8 * sheet.k,
                Point(result.front.x - 2 * sheet.k, end),
            )
        )
    )


def lay_initial_paths(sheet: DiagramSheet, frame: Rect, boxes: list[Box]) -> None:
    """Lay a short path from each initial state to the module."""
    for box in boxes:
        y = box.front.center.y
        said = max(
            label.rect.right
            for label in sheet.labels
            if label.rect.y <= y <= label.rect.bottom and label.rect.right < frame.x
        )
        sheet.arrows.append(
            Arrow(points=(Point(said + 6 * sheet.k, y), Point(frame.x - 1 * sheet.k, y)))
        )


def lay_final_paths(
    sheet: DiagramSheet, columns: Columns, frame: Rect, hidden: Box, cell: Box
) -> None:
    """Lay the paths from the module to h_n, above the output, and to c_n, below it."""
    k = sheet.k
    line = sheet.line(Face.NOTE)
    top, bottom = sheet.top + line / 2, sheet.bottom - line / 2
    x = hidden.front.x + hidden.front.width / 2 + hidden.depth.x
    turn = columns.lane_x + 2 * columns.lane
    words = _words(sheet, turn - frame.right)
    end = Point(x, hidden.front.y - hidden.depth.y - 2 * k)
    _interrupted(sheet, f"final h{words}", (frame.right, turn), (Point(x, top), end), top)
    middle = cell.front.center.y
    tail = (Point(turn, bottom), Point(turn, middle), Point(cell.front.x - 2 * k, middle))
    _interrupted(sheet, f"final c{words}", (frame.right, turn), tail, bottom)


def _words(sheet: DiagramSheet, room: float) -> str:
    """Return whose final states the paths carry, as fully as `room` allows."""
    rows = sheet.geometry.rows
    every = "every layer and direction" if rows > 1 else "the only layer"
    for words in (f" of {every}", f", {every}"):
        if sheet.text_width((f"final h{words}",), Face.NOTE) + 38 * sheet.k <= room:
            return words
    return ""


def _interrupted(
    sheet: DiagramSheet, text: str, room: tuple[float, float], tail: tuple[Point, ...], y: float
) -> None:
    """Lay a path down with its name in a gap of its first, level piece."""
    place = Point(sum(room) / 2, y)
    rect = sheet.say((text,), Face.NOTE, Tone.MUTED, place, anchor=(0.5, 0.5))
    air = 5 * sheet.k
    before = (Point(room[0], y), Point(rect.x - air, y))
    sheet.arrows.append(Arrow(points=before, head=False))
    sheet.arrows.append(Arrow(points=(Point(rect.right + air, y), *tail)))


def linked_parts(geometry: Geometry) -> tuple[tuple[Region, Tone], ...]:
    """Return the rows of h_n that ``output`` also holds, with where it holds them."""
    found: list[tuple[Region, Tone]] = []
    for direction in range(geometry.num_directions):
        row = (geometry.num_layers - 1) * geometry.num_directions + direction
        rows, items, units = (row, row + 1), (0, geometry.batch_size), (0, geometry.output_size)
        state = Region("h_n", geometry.layout.state(rows, items, units))
        tone = _TONES[direction]
        found.append((state, tone))
        found += [(other, tone) for other in alike((state,), geometry) if other.tensor == "output"]
    return tuple(found)


def lay_links(sheet: DiagramSheet, columns: Columns, output: Box, hidden: Box) -> None:
    """Join output's final parts with their rows of h_n by dashed paths."""
    geometry, front = sheet.geometry, output.front
    first_row = (geometry.num_layers - 1) * geometry.num_directions
    ruler = Ruler(hidden.shape[hidden.down], hidden.front.height)
    spans = [ruler.span(first_row + d, first_row + d + 1) for d in range(geometry.num_directions)]
    rows = [hidden.front.y + sum(ends) / 2 * hidden.front.height for ends in spans]
    share = 0.25 if output.halves == 2 else 0.35
    length = output.bars[0][2] if output.bars else 1.0
    start = project(output, length, share, 0.0)
    turn = Point(columns.lane_x, start.y)
    end = hidden.front.x
    forward = (start, turn, Point(turn.x, rows[0]), Point(end, rows[0]))
    sheet.arrows.append(Arrow(points=forward, tone=Tone.FORWARD, dashed=True, head=False))
    if output.halves == 2:
        below = front.bottom + 5 * sheet.k
        x, lane = front.x + 1.5 * sheet.k, columns.lane_x + columns.lane
        reverse = (
            Point(x, front.bottom),
            Point(x, below),
            Point(lane, below),
            Point(lane, rows[1]),
            Point(end, rows[1]),
        )
        sheet.arrows.append(Arrow(points=reverse, tone=Tone.REVERSE, dashed=True, head=False))


def _straightened(start: Point, turn: float, end: Point) -> tuple[Point, ...]:
    if abs(start.y - end.y) < 1.0:
        return (start, Point(end.x, start.y))
    return (start, Point(turn, start.y), Point(turn, end.y), end)
