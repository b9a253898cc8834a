"""Which part of a row of plots shows the numbers that are pointed at."""

from __future__ import annotations

from collections.abc import Iterable

from lstmviz.core.asking.session import View
from lstmviz.core.geometry import Geometry
from lstmviz.core.region import Region
from lstmviz.core.scenes.plots.quantities import Quantity


def blocks(
    regions: Iterable[Region], quantity: Quantity, view: View, geometry: Geometry
) -> list[tuple[range, range]]:
    """Return the steps and units of a row that `regions` cover.

    Parameters
    ----------
    regions : iterable of Region
        Of any tensors; those of others than the row's are passed over.
    quantity : Quantity
    view : View
        The layer, direction and batch item that the row shows.
    geometry : Geometry
    """
    found = []
    for region in regions:
        if region.tensor != quantity.tensor:
            continue
        is_sequence = region.tensor in ("output", "input")
        block = _of_sequence(region, view, geometry) if is_sequence else _of(region, view)
        if block is not None:
            found.append(block)
    return found


def _of(region: Region, view: View) -> tuple[range, range] | None:
    layers, directions, steps, items, units = (range(*pair) for pair in region.ranges)
    is_shown = view.layer in layers and view.direction in directions and view.item in items
    return (steps, units) if is_shown else None


def _of_sequence(region: Region, view: View, geometry: Geometry) -> tuple[range, range] | None:
    ranges = [range(*pair) for pair in region.ranges]
    steps, items, units = geometry.layout.sequence_parts(ranges, range(view.item, view.item + 1))
    return (steps, units) if view.item in items else None
