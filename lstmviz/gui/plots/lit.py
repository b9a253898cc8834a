"""Which part of a row of plots shows the numbers that are pointed at."""

from __future__ import annotations

from collections.abc import Iterable

from lstmviz.core.region import Region
from lstmviz.core.session import View
from lstmviz.core.spec import RunSpec
from lstmviz.gui.plots.quantities import Quantity


def blocks(
    regions: Iterable[Region], quantity: Quantity, view: View, spec: RunSpec
) -> list[tuple[range, range]]:
    """Return the steps and units of a row that `regions` cover.

    Parameters
    ----------
    regions : iterable of Region
        Of any tensors; those of others than the row's are passed over.
    quantity : Quantity
    view : View
        The layer, direction and batch item that the row shows.
    spec : RunSpec
    """
    found = []
    for region in regions:
        if region.tensor != quantity.tensor:
            continue
        is_sequence = region.tensor in ("output", "input")
        block = _of_sequence(region, view, spec) if is_sequence else _of(region, view)
        if block is not None:
            found.append(block)
    return found


def _of(region: Region, view: View) -> tuple[range, range] | None:
    layers, directions, steps, items, units = (range(*pair) for pair in region.ranges)
    is_shown = view.layer in layers and view.direction in directions and view.item in items
    return (steps, units) if is_shown else None


def _of_sequence(region: Region, view: View, spec: RunSpec) -> tuple[range, range] | None:
    ranges = [range(*pair) for pair in region.ranges]
    if spec.input.unbatched:
        return ranges[0], ranges[1]
    first, second, units = ranges
    items, steps = (first, second) if spec.lstm.batch_first else (second, first)
    return (steps, units) if view.item in items else None
