"""Where everything goes: from sizes and layout of a call, and the widget's size, to a scene."""

from __future__ import annotations

from typing import Final

from lstmviz.core.geometry import Geometry
from lstmviz.core.scenes.diagram.columns import Columns, columns
from lstmviz.core.scenes.diagram.initial import initial_height, lay_initial
from lstmviz.core.scenes.diagram.links import (
    lay_final_paths,
    lay_flow,
    lay_initial_paths,
    lay_links,
    linked_parts,
)
from lstmviz.core.scenes.diagram.scene import Box, Face, MeasureText, Rect, Scene
from lstmviz.core.scenes.diagram.sheet import DiagramSheet, DiagramStyle
from lstmviz.core.scenes.diagram.stack import lay_stack
from lstmviz.core.scenes.diagram.tensors import Room, lay_sequence, lay_state, tallest

DESIGN_WIDTH: Final = 820.0
DESIGN_HEIGHT: Final = 230.0
"""The size at which texts have their own size; they grow and shrink slowly from there."""

LARGEST_SCALE: Final = 1.4
WANTED_SCALE: Final = 1.0
SMALLEST_SCALE: Final = 0.5
"""Texts are as large as fits between these; below the wanted one only where nothing else does."""


def scene(
    geometry: Geometry,
    width: float,
    height: float,
    measure: MeasureText,
    *,
    worked: bool = False,
    text: float = 1.0,
    largest: float = LARGEST_SCALE,
) -> Scene:
    """Return the diagram of `geometry` for a widget of `width` by `height` pixels.

    Parameters
    ----------
    geometry : Geometry
    width, height : float
    measure : MeasureText
        How wide texts are.
    worked : bool
        Show ``2·16`` instead of ``32``.
    text : float
        How much larger than the design's the user's texts are.
    largest : float
        How much larger still they may grow where there is room.

    Returns
    -------
    Scene
        With the largest texts that fit; empty where none do.
    """
    room = min(width / DESIGN_WIDTH, height / DESIGN_HEIGHT)
    scale = text * min(max(room, WANTED_SCALE), largest)
    while True:
        for long_rows in (True, False):
            style = DiagramStyle(scale=scale, long_rows=long_rows)
            sheet = DiagramSheet(geometry, width, height, measure, style, worked)
            laid = _lay(sheet)
            if laid is not None:
                return laid
        if scale <= SMALLEST_SCALE:
            return _bare(sheet)
        scale = max(scale * 0.95, SMALLEST_SCALE)


def _lay(sheet: DiagramSheet) -> Scene | None:
    found = columns(sheet)
    if found is None:
        return None
    frame = Rect(found.frame_x, sheet.top, found.frame, sheet.bottom - sheet.top)
    ports = lay_stack(sheet, frame)
    if ports is None:
        return None
    source, result, initial = _lay_sequences(sheet, found, ports)
    hidden, cell = _lay_states(sheet, found)
    if source is None or result is None or hidden is None or cell is None:
        return None
    lay_flow(sheet, frame, source, result)
    lay_initial_paths(sheet, frame, initial)
    lay_final_paths(sheet, found, frame, hidden, cell)
    lay_links(sheet, found, result, hidden)
    return finished(sheet, frame)


def _lay_sequences(
    sheet: DiagramSheet, found: Columns, ports: tuple[float, float]
) -> tuple[Box | None, Box | None, list[Box]]:
    lane = sheet.line(Face.NOTE) + 3 * sheet.k
    between = Room(sheet.top + lane, sheet.bottom - lane)
    room, initial_top = _input_room(sheet, ports[0])
    most = min(tallest(sheet, found, room), tallest(sheet, found, between, links=True))
    source = lay_sequence(sheet, found, "input", room, ports[0], most)
    result = lay_sequence(sheet, found, "output", between, ports[1], most)
    return source, result, lay_initial(sheet, found.left, initial_top)


def _lay_states(sheet: DiagramSheet, found: Columns) -> tuple[Box | None, Box | None]:
    top = sheet.top + sheet.line(Face.NOTE) + 8 * sheet.k
    split = (top + sheet.bottom) / 2
    hidden = lay_state(sheet, found, "h_n", Room(top, split - 2 * sheet.k))
    return hidden, lay_state(sheet, found, "c_n", Room(split + 2 * sheet.k, sheet.bottom))


def _input_room(sheet: DiagramSheet, port: float) -> tuple[Room, float]:
    """Return the room for the input and where the initial states start: on the roomier side."""
    need = initial_height(sheet) + 5 * sheet.k
    if port > sheet.top + 0.35 * (sheet.bottom - sheet.top):
        return Room(sheet.top + need, sheet.bottom), sheet.top
    return Room(sheet.top, sheet.bottom - need), sheet.bottom - initial_height(sheet)


def finished(sheet: DiagramSheet, frame: Rect) -> Scene:
    """Return what was laid down on `sheet`, with the module in `frame`."""
    return Scene(
        width=sheet.width,
        height=sheet.height,
        scale=sheet.k,
        frame=frame,
        hint=sheet.hint,
        boxes=tuple(sheet.boxes),
        layers=tuple(sheet.layers),
        arrows=tuple(sheet.arrows),
        labels=tuple(sheet.labels),
        edges=tuple(sheet.edges),
        linked=linked_parts(sheet.geometry),
    )


def _bare(sheet: DiagramSheet) -> Scene:
    """Return an empty scene, for a widget too small for any text."""
    nothing: tuple[Box, ...] = ()
    return Scene(
        width=sheet.width,
        height=sheet.height,
        scale=sheet.k,
        frame=Rect(0, 0, 0, 0),
        hint=sheet.hint,
        boxes=nothing,
        layers=(),
        arrows=(),
        labels=(),
        edges=(),
        linked=(),
    )
