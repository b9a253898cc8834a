"""Where the keyboard can go: every box with its telling slices and its axes, in reading order."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.asking.session import View
from lstmviz.core.geometry import Geometry
from lstmviz.core.scenes.diagram.hit_test import (
    Target,
    item_region,
    row_region,
    step_region,
    whole_region,
)
from lstmviz.core.scenes.diagram.scene import AxisAt, Box, Scene

Stops = tuple[tuple[Target, ...], ...]
"""A group for each box; left and right go from group to group, up and down within one."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the keyboard is."""

    group: int
    stop: int

    def moved(self, stops: Stops, across: int, along: int) -> Cursor:
        """Return the neighbour `across` groups and `along` stops away, or the nearest there is."""
        group = min(max(self.group + across, 0), len(stops) - 1)
        start = self.stop if group == self.group else 0
        return Cursor(group, min(max(start + along, 0), len(stops[group]) - 1))


def stops(scene: Scene, geometry: Geometry, view: View) -> Stops:
    """Return every stop, left to right."""
    groups: list[tuple[Target, ...]] = []
    for name in ("h_0", "c_0", "input"):
        box = scene.box(name)
        if box is not None and not box.hollow:
            groups.append(_of_box(box, geometry, view))
    rows = [row.region for layer in reversed(scene.layers) for row in layer.rows]
    if rows:
        groups.append(tuple(rows))
    for name in ("output", "h_n", "c_n"):
        box = scene.box(name)
        if box is not None:
            groups.append(_of_box(box, geometry, view))
    return tuple(groups)


def _of_box(box: Box, geometry: Geometry, view: View) -> tuple[Target, ...]:
    found: list[Target] = []
    if box.tensor == "output":
        found += _ends(box, geometry)
    if box.tensor in ("input", "output"):
        last = geometry.seq_len - 1
        found += [step_region(box, step) for step in (0, min(view.step, last), last)]
    else:
        found += [row_region(box, row) for row in range(box.shape[box.down])]
    if box.back is not None:
        found.append(item_region(box, min(view.item, geometry.batch_size - 1)))
    found.append(whole_region(box))
    found += [AxisAt(box.tensor, index) for index in range(len(box.shape))]
    return tuple(dict.fromkeys(found))


def _ends(box: Box, geometry: Geometry) -> list[Target]:
    """Return the four corners of an output: each direction at the last and at the first step."""
    steps = (geometry.seq_len - 1, 0)
    return [step_region(box, step, half) for half in range(box.halves) for step in steps]
