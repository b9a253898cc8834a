"""Cuboids on a plane: where a part of a tensor lies on its box."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from lstmviz.core.region import Region
from lstmviz.core.scenes.diagram.ruler import Ruler, Span
from lstmviz.core.scenes.diagram.scene import Box, Point, Polygon

_ALMOST: Final = 1e-9


def project(box: Box, across: float, down: float, back: float) -> Point:
    """Return where a place in the box is drawn; all three are fractions."""
    front, depth = box.front, box.depth
    return Point(
        front.x + across * front.width + back * depth.x,
        front.y + down * front.height - back * depth.y,
    )


def front_face(box: Box, across: Span, down: Span, back: float = 0.0) -> Polygon:
    """Return a rectangle parallel to the front, at depth `back`."""
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    return tuple(project(box, across[i], down[j], back) for i, j in corners)


def top_face(box: Box, across: Span, back: Span, down: float = 0.0) -> Polygon:
    """Return a level parallelogram at height `down`."""
    corners = ((0, 0), (1, 0), (1, 1), (0, 1))
    return tuple(project(box, across[i], down, back[j]) for i, j in corners)


def side_face(box: Box, down: Span, back: Span, across: float = 1.0) -> Polygon:
    """Return an upright parallelogram at `across`."""
    corners = ((0, 0), (0, 1), (1, 1), (1, 0))
    return tuple(project(box, across, down[i], back[j]) for i, j in corners)


def spans(box: Box, region: Region) -> tuple[Span, Span, Span]:
    """Return where `region` lies along the width, the height and the depth."""
    found = [(0.0, 1.0)] * 3
    sizes = (box.front.width, box.front.height, box.depth.x)
    for place, axis in enumerate((box.across, box.down, box.back)):
        if axis is not None:
            low, high = region.ranges[axis]
            ruler = Ruler(box.shape[axis], sizes[place])
            found[place] = ruler.span(low, high)
    return found[0], found[1], found[2]


def surfaces(box: Box, *regions: Region) -> list[Polygon]:
    """Return the polygons to fill where `regions` reach the visible surface of their box.

    Parts of which none reaches a visible face are drawn as if the box were glass, the first for
    all. Nothing is drawn past the end of a packed sequence.
    """
    found: dict[Polygon, None] = {}
    through: list[Polygon] = []
    for region in regions:
        seen, glass = _reached(box, region)
        found |= {polygon: None for _face, polygon in seen}
        through = through or glass
    return list(found) or through


def bands(box: Box, region: Region) -> list[Polygon]:
    """Return the polygons of `surfaces` that are not on the front."""
    return [polygon for face, polygon in _reached(box, region)[0] if face is not Face3.FRONT]


def _reached(box: Box, region: Region) -> tuple[list[tuple[Face3, Polygon]], list[Polygon]]:
    """Return the visible faces of `region`, and how it looks through glass."""
    found: list[tuple[Face3, Polygon]] = []
    glass: list[Polygon] = []
    across, down, back = spans(box, region)
    nearer = 0.0
    for low, high, length in box.bars or WHOLE:
        part = (max(back[0], low), min(back[1], high))
        cut = (across[0], min(across[1], length))
        if part[0] < part[1] and cut[0] < cut[1]:
            found += _faces(box, cut, down, part, (low, length, nearer))
            glass = glass or _glass(box, cut, down, part)
        nearer = max(nearer, length)
    return found, glass


def shell(box: Box) -> list[tuple[Face3, Polygon]]:
    """Return every visible face of the box itself, back to front, with the way it looks."""
    found: list[tuple[Face3, Polygon]] = []
    nearer, everything = 0.0, (0.0, 1.0)
    for low, high, length in box.bars or WHOLE:
        seen = _faces(box, (0.0, length), everything, (low, high), (low, length, nearer))
        found += seen
        nearer = max(nearer, length)
    return found


class Face3(StrEnum):
    """The three ways a visible face can look."""

    FRONT = "front"
    TOP = "top"
    SIDE = "side"


WHOLE: Final = ((0.0, 1.0, 1.0),)
"""The bars of a box that is not packed: one, over all its depth and width."""

Bar = tuple[float, float, float]


def _faces(box: Box, across: Span, down: Span, back: Span, bar: Bar) -> list[tuple[Face3, Polygon]]:
    """Return the visible faces of a part of one bar: its start, its length, what hides it."""
    start, length, nearer = bar
    deep = box.depth.x > 0
    found: list[tuple[Face3, Polygon]] = []
    if deep and down[0] <= _ALMOST:
        found.append((Face3.TOP, top_face(box, across, back)))
    if deep and across[1] >= length - _ALMOST and length > nearer:
        found.append((Face3.SIDE, side_face(box, down, back, length)))
    exposed = (max(across[0], nearer), across[1])
    if back[0] <= start + _ALMOST and exposed[0] < exposed[1]:
        found.append((Face3.FRONT, front_face(box, exposed, down, start)))
    return found


def _glass(box: Box, across: Span, down: Span, back: Span) -> list[Polygon]:
    return [
        front_face(box, across, down, back[0]),
        top_face(box, across, back, down[0]),
        side_face(box, down, back, across[1]),
    ]
