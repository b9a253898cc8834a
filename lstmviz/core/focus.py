"""Where to look to see a part of a tensor."""

from __future__ import annotations

from dataclasses import replace

from lstmviz.core.asking.session import View
from lstmviz.core.geometry import Geometry
from lstmviz.core.region import Region


def view_at(region: Region, view: View, geometry: Geometry) -> View:
    """Return `view` moved so that the plots show `region`.

    Only what the region narrows down is moved: all steps of one batch item change the item and
    leave the step where it was.

    Parameters
    ----------
    region : Region
        Of ``input``, ``output``, ``h_n``, ``c_n``, ``h_0``, ``c_0`` or an opened array.
    view : View
    geometry : Geometry
    """
    if region.tensor in ("h_n", "c_n", "h_0", "c_0"):
        return _at_state(region, view, geometry)
    if region.tensor in ("input", "output"):
        return _at_sequence(region, view, geometry)
    layers, directions, steps, items, _units = region.ranges
    return replace(
        view,
        layer=_only(layers, view.layer),
        direction=_only(directions, view.direction),
        step=_only(steps, view.step),
        item=_only(items, view.item),
    )


def _at_state(region: Region, view: View, geometry: Geometry) -> View:
    rows, items, _units = geometry.layout.state_parts(region.ranges, (0, 1))
    item = _only(items, view.item)
    if rows[1] - rows[0] != 1:
        return replace(view, item=item)
    layer, direction = divmod(rows[0], geometry.num_directions)
    is_start = region.tensor in ("h_0", "c_0")
    ends_first = bool(direction) != is_start
    step = 0 if ends_first else geometry.last_step(item)
    return replace(view, layer=layer, direction=direction, item=item, step=step)


def _at_sequence(region: Region, view: View, geometry: Geometry) -> View:
    steps, items, units = geometry.layout.sequence_parts(region.ranges, (0, 1))
    moved = replace(view, step=_only(steps, view.step), item=_only(items, view.item))
    if region.tensor == "input":
        return moved
    half = geometry.output_size
    directions = {units[0] // half, (units[1] - 1) // half}
    direction = directions.pop() if len(directions) == 1 else view.direction
    return replace(moved, layer=geometry.num_layers - 1, direction=direction)


def _only(indices: tuple[int, int], present: int) -> int:
    """Return the one index of a range, or `present` where the range holds several."""
    low, high = indices
    return low if high - low == 1 else present
