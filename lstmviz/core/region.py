"""Parts of tensors, how to index them, and which parts of other tensors hold the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from lstmviz.core.cells import OPENED_NAMES, STATE_KINDS
from lstmviz.core.contract import AxisKind, contract
from lstmviz.core.geometry import Geometry
from lstmviz.core.places import Place
from lstmviz.core.trace import Trace

_FINALS: Final = {state.final: state.name for state in STATE_KINDS.values()}

OPENED: Final = (
    AxisKind.LAYERS,
    AxisKind.LAYERS,
    AxisKind.TIME,
    AxisKind.BATCH,
    AxisKind.FEATURES,
)
"""Axes of a trace's opened arrays: layer, direction, step, batch item, unit."""


@dataclass(frozen=True, slots=True)
class Region:
    """A box of numbers in one tensor.

    Attributes
    ----------
    tensor : str
        ``"input"``, ``"output"``, ``"h_n"``, ``"c_n"``, ``"h_0"``, ``"c_0"``, or a field of
        `Trace` with five axes: a state as ``"hidden"`` or ``"cell"``, or a gate.
    ranges : tuple of (int, int)
        First and last (excluded) index along each axis, in the tensor's own layout.
    """

    tensor: str
    ranges: tuple[tuple[int, int], ...]

    def contains(self, index: tuple[int, ...]) -> bool:
        """Return whether the number at `index` is in the region."""
        return all(low <= i < high for i, (low, high) in zip(index, self.ranges, strict=True))

    def meets(self, other: Region) -> bool:
        """Return whether the two have a number in common."""
        if self.tensor != other.tensor or len(self.ranges) != len(other.ranges):
            return False
        pairs = zip(self.ranges, other.ranges, strict=True)
        return all(low < end and start < high for (low, high), (start, end) in pairs)


def region_of(trace: Trace, place: Place) -> Region:
    """Return the one number at `place` as a region of the tensor it names."""
    if place.tensor in ("output", "input"):
        return _point(place.tensor, trace.layout.sequence(place.step, place.item, place.unit))
    return _point(place.tensor, (place.layer, place.direction, place.step, place.item, place.unit))


def _point(tensor: str, index: tuple[int, ...]) -> Region:
    return Region(tensor, tuple((i, i + 1) for i in index))


def expression(region: Region, shape: tuple[int, ...]) -> str:
    """Return the plainest PyTorch index for `region` of a tensor of `shape`.

    ``output[:, -1, :16]`` rather than ``output[0:4, 23:24, 0:16]``: whole axes become ``:``, one
    index loses its range, the last of several is ``-1``; trailing whole axes are left out. Arrays
    that only a trace holds are indexed there, ``trace.cell[0, 1, -1]``.
    """
    owner = "trace." if region.tensor in OPENED_NAMES else ""
    parts = [_part(low, high, size) for (low, high), size in zip(region.ranges, shape, strict=True)]
    while parts and parts[-1] == ":":
        parts.pop()
    index = f"[{', '.join(parts)}]" if parts else ""
    return f"{owner}{region.tensor}{index}"


def _part(low: int, high: int, size: int) -> str:
    if (low, high) == (0, size):
        return ":"
    if high == low + 1:
        return "-1" if high == size and size > 1 else f"{low}"
    return f"{low or ''}:{'' if high == size else high}"


def same_numbers(region: Region, geometry: Geometry) -> tuple[Region, ...]:
    """Return the regions of other tensors that hold numbers of `region`.

    ``output`` holds the last layer's h_t; ``h_n`` holds h_t, and ``c_n`` c_t, of each direction's
    final step: the last step forward, step 0 in reverse. For packed input the final step is each
    sequence's own, and what lies past a sequence's end has no equal: there the opened arrays hold
    NaN and a padded ``output`` zeros.

    Parameters
    ----------
    region : Region
        Of ``output``, ``h_n``, ``c_n``, ``hidden`` or ``cell``; others have no equals.
    geometry : Geometry

    Returns
    -------
    tuple of Region
        In the layout that the contract of `geometry` gives each tensor; each region holds nothing
        but numbers of `region`.
    """
    found: list[Region] = []
    for part in _to_opened(region, geometry):
        found += [other for other in _from_opened(part, geometry) if other.tensor != region.tensor]
    return tuple(dict.fromkeys(found))


# Everything goes through the opened arrays' axes: (layer, direction, step, item, unit).


def _to_opened(region: Region, geometry: Geometry) -> Iterator[Region]:
    """Yield the parts of ``hidden`` or ``cell`` that hold `region`, without steps past an end."""
    if region.tensor in STATE_KINDS:
        layers, directions, steps, items, units = region.ranges
        for present, some in _present(geometry, steps, items):
            yield Region(region.tensor, (layers, directions, present, some, units))
    elif region.tensor == "output":
        steps, items, units = geometry.layout.sequence_parts(region.ranges, (0, 1))
        for direction in range(geometry.num_directions):
            part = _clip(units, direction * geometry.output_size, geometry.output_size)
            if part is None:
                continue
            top, way = _one(geometry.num_layers - 1), _one(direction)
            for present, some in _present(geometry, steps, items):
                yield Region("hidden", (top, way, present, some, part))
    elif region.tensor in _FINALS:
        rows, items, units = geometry.layout.state_parts(region.ranges, (0, 1))
        tensor = _FINALS[region.tensor]
        for row in range(*rows):
            layer, direction = divmod(row, geometry.num_directions)
            for step, some in _final_steps(geometry, direction, items):
                place = (_one(layer), _one(direction), _one(step), some, units)
                yield Region(tensor, place)


def _from_opened(part: Region, geometry: Geometry) -> Iterator[Region]:
    """Yield `part` of ``hidden`` or ``cell``, and whatever a call returns of it."""
    layers, directions, steps, items, units = part.ranges
    yield part
    for direction in range(*directions):
        if STATE_KINDS[part.tensor].is_output and layers[1] == geometry.num_layers:
            shift = direction * geometry.output_size
            joined = (shift + units[0], shift + units[1])
            yield Region("output", geometry.layout.sequence(steps, items, joined))
        for step, some in _final_steps(geometry, direction, items):
            if not steps[0] <= step < steps[1]:
                continue
            name = STATE_KINDS[part.tensor].final
            for layer in range(*layers):
                row = _one(layer * geometry.num_directions + direction)
                yield Region(name, geometry.layout.state(row, some, units))


def _final_steps(
    geometry: Geometry, direction: int, items: tuple[int, int]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the step at which `direction` ends, for each run of items that share it."""
    lengths = geometry.lengths
    if direction:
        yield 0, items
    elif lengths is None:
        yield geometry.seq_len - 1, items
    else:
        for length, some in _runs(lengths, items):
            yield length - 1, some


def _present(
    geometry: Geometry, steps: tuple[int, int], items: tuple[int, int]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the steps that are there, for each run of items that share them."""
    lengths = geometry.lengths
    if lengths is None:
        yield steps, items
        return
    ends = tuple(min(length, steps[1]) for length in lengths[slice(*items)])
    for end, (low, high) in _runs(ends, (0, len(ends))):
        if end > steps[0]:
            yield (steps[0], end), (items[0] + low, items[0] + high)


def _runs(values: tuple[int, ...], items: tuple[int, int]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield each value of ``values[items]`` with the run of neighbours that share it."""
    start = items[0]
    for value, run in groupby(values[slice(*items)]):
        end = start + sum(1 for _ in run)
        yield value, (start, end)
        start = end


def whole(tensor: str, geometry: Geometry) -> Region:
    """Return all of a tensor of the contract.

    Raises
    ------
    KeyError
        The contract has no such tensor.
    """
    shape = contract(geometry).tensor(tensor).shape
    return Region(tensor, tuple((0, size) for size in shape))


def _one(index: int) -> tuple[int, int]:
    return index, index + 1


def _clip(units: tuple[int, int], start: int, size: int) -> tuple[int, int] | None:
    low, high = max(units[0], start) - start, min(units[1], start + size) - start
    return (low, high) if low < high else None
