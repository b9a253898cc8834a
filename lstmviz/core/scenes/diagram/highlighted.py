"""Which parts light up together, chosen so that drawing them never takes long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lstmviz.core.cells import OPENED_NAMES
from lstmviz.core.geometry import Geometry
from lstmviz.core.region import Region, same_numbers

_MOST_ITEMS: Final = 64
"""Sequences of a ragged batch that are looked up one by one; more would share their pixels."""


def alike(regions: Iterable[Region], geometry: Geometry) -> tuple[Region, ...]:
    """Return `regions` with every part of other tensors that holds the same numbers."""
    found: dict[Region, None] = {}
    for region in regions:
        found[region] = None
        for part in _sampled(region, geometry):
            found |= dict.fromkeys(same_numbers(part, geometry))
    return tuple(found)


def _sampled(region: Region, geometry: Geometry) -> tuple[Region, ...]:
    """Return `region`, or single items evenly chosen from it where a ragged batch is large."""
    axis = _batch_axis(region, geometry)
    if geometry.lengths is None or axis is None:
        return (region,)
    low, high = region.ranges[axis]
    if high - low <= _MOST_ITEMS:
        return (region,)
    items = [low + i * (high - low) // _MOST_ITEMS for i in range(_MOST_ITEMS)]
    before, after = region.ranges[:axis], region.ranges[axis + 1 :]
    return tuple(Region(region.tensor, (*before, (item, item + 1), *after)) for item in items)


def _batch_axis(region: Region, geometry: Geometry) -> int | None:
    if region.tensor in OPENED_NAMES:
        return 3
    if region.tensor in ("input", "output"):
        return geometry.layout.batch_axis
    return 1 if geometry.batched else None
