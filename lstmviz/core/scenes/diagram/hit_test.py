"""What a place on the diagram stands for."""

from __future__ import annotations

from typing import Final

from lstmviz.core.region import Region
from lstmviz.core.scenes.diagram.ruler import Ruler
from lstmviz.core.scenes.diagram.scene import AxisAt, Box, Edge, Scene
from lstmviz.core.scenes.diagram.solid import WHOLE

Target = Region | AxisAt

_REACH: Final = 5.0
"""How close to an axis's edge counts as on it, in pixels."""


def hit_test(scene: Scene, x: float, y: float) -> Target | None:
    """Return the part of a tensor, or the axis, at (x, y); None for neither."""
    for label in scene.labels:
        if label.axis is not None and label.rect.contains(x, y):
            return label.axis
    if (opened := _on_layer(scene, x, y)) is not None:
        return opened
    for box in scene.boxes:
        if not box.hollow and (found := _on_box(box, x, y)) is not None:
            return found
    for edge in scene.edges:
        if _distance(edge, x, y) <= _REACH:
            return edge.axis
    return None


def _on_layer(scene: Scene, x: float, y: float) -> Region | None:
    for layer in scene.layers:
        for row in layer.rows:
            if row.rect.contains(x, y):
                return row.region
        if layer.rect.contains(x, y):
            return _together(*(row.region for row in layer.rows))
    return None


def _together(first: Region, *others: Region) -> Region:
    """Return one direction after the other as one region."""
    if not others:
        return first
    layers, directions, *rest = first.ranges
    return Region(first.tensor, (layers, (directions[0], others[-1].ranges[1][1]), *rest))


def _on_box(box: Box, x: float, y: float) -> Region | None:
    front, depth = box.front, box.depth
    nearer = 0.0
    for low, high, length in box.bars or WHOLE:
        across = (x - front.x - low * depth.x) / front.width
        down = (y - front.y + low * depth.y) / front.height
        if nearer <= across <= length and 0 <= down <= 1:
            return _slice(box, across, down)
        if depth.x > 0 and (back := _behind(box, x, y, length)) is not None and low <= back <= high:
            items = Ruler(box.shape[box.back or 0], depth.x)
            return item_region(box, items.index(back))
        nearer = max(nearer, length)
    return None


def _behind(box: Box, x: float, y: float, length: float) -> float | None:
    """Return how deep (x, y) is on the top or on the side at `length`; None for neither."""
    front, depth = box.front, box.depth
    back = (front.y - y) / depth.y
    if 0 <= back <= 1 and 0 <= (x - front.x - back * depth.x) / front.width <= length:
        return back
    back = (x - front.x - length * front.width) / depth.x
    if 0 <= back <= 1 and 0 <= (y - front.y + back * depth.y) / front.height <= 1:
        return back
    return None


def _slice(box: Box, across: float, down: float) -> Region:
    """Return the slice that is cut at a place on the front: a row of a state, else a step."""
    if box.down == 0:  # only a state has its layers there
        rows = Ruler(box.shape[box.down], box.front.height)
        return row_region(box, rows.index(down))
    half = min(int(down * box.halves), box.halves - 1)
    steps = Ruler(box.shape[box.across], box.front.width)
    return step_region(box, steps.index(across), half)


def whole_region(box: Box) -> Region:
    """Return all of the box's tensor."""
    return Region(box.tensor, tuple((0, size) for size in box.shape))


def step_region(box: Box, step: int, half: int | None = None) -> Region:
    """Return one step of a sequence, of one direction or of all features."""
    ranges = [(0, size) for size in box.shape]
    ranges[box.across] = (step, step + 1)
    if half is not None:
        width = box.shape[box.down] // box.halves
        ranges[box.down] = (half * width, (half + 1) * width)
    return Region(box.tensor, tuple(ranges))


def row_region(box: Box, row: int) -> Region:
    """Return one layer·direction of a state."""
    ranges = [(0, size) for size in box.shape]
    ranges[box.down] = (row, row + 1)
    return Region(box.tensor, tuple(ranges))


def item_region(box: Box, item: int) -> Region:
    """Return one batch item."""
    ranges = [(0, size) for size in box.shape]
    ranges[box.back or 0] = (item, item + 1)
    return Region(box.tensor, tuple(ranges))


def _distance(edge: Edge, x: float, y: float) -> float:
    (x0, y0), (x1, y1) = edge.start, edge.end
    dx, dy = x1 - x0, y1 - y0
    far = dx * dx + dy * dy
    share = min(max(((x - x0) * dx + (y - y0) * dy) / far, 0.0), 1.0) if far else 0.0
    return float(((x0 + share * dx - x) ** 2 + (y0 + share * dy - y) ** 2) ** 0.5)
