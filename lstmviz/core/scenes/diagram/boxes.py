"""From a tensor of the contract to its box."""

from __future__ import annotations

from lstmviz.core.contract import AxisKind, TensorShape
from lstmviz.core.scenes.diagram.scene import Box, Point, Rect
from lstmviz.core.scenes.diagram.sheet import DiagramSheet, axis_of

MOST_BARS = 12
"""Sequences of a packed batch that are drawn one by one."""


def lay_box(
    sheet: DiagramSheet,
    tensor: TensorShape,
    front: Rect,
    depth: Point,
    *,
    across: AxisKind,
    down: AxisKind,
) -> Box:
    """Lay down a box whose width and height are the axes of these kinds, and its depth N."""
    geometry = sheet.geometry
    state = down is AxisKind.LAYERS
    box = Box(
        tensor=tensor.name,
        front=front,
        depth=depth,
        across=axis_of(tensor, across) or 0,
        down=axis_of(tensor, down) or 0,
        back=axis_of(tensor, AxisKind.BATCH),
        shape=tensor.shape,
        bars=() if state else _bars(sheet),
        halves=geometry.num_directions if tensor.name == "output" else 1,
        rows=tensor.shape[0] if state else 1,
    )
    sheet.boxes.append(box)
    return box


def _bars(sheet: DiagramSheet) -> tuple[tuple[float, float, float], ...]:
    """Return a bar for each sequence of a packed batch, or for evenly chosen ones of many."""
    geometry = sheet.geometry
    if geometry.lengths is None:
        return ()
    count = min(len(geometry.lengths), MOST_BARS)
    chosen = [i * len(geometry.lengths) // count for i in range(count)]
    return tuple(
        (i / count, (i + 1) / count, geometry.lengths[item] / geometry.seq_len)
        for i, item in enumerate(chosen)
    )
