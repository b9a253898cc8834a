"""Parts of tensors, how to index them, and which parts of other tensors hold the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lstmviz.core.contract import AxisKind, contract
from lstmviz.core.places import Place
from lstmviz.core.spec import RunSpec
from lstmviz.core.trace import Trace

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
        `Trace` with five axes: ``"hidden"``, ``"cell"``, a gate.
    ranges : tuple of (int, int)
        First and last (excluded) index along each axis, in the tensor's own layout.
    """

    tensor: str
    ranges: tuple[tuple[int, int], ...]

    def contains(self, index: tuple[int, ...]) -> bool:
        """Return whether the number at `index` is in the region."""
        return all(low <= i < high for i, (low, high) in zip(index, self.ranges, strict=True))


def region_of(trace: Trace, place: Place) -> Region:
    """Return the one number at `place` as a region of the tensor it names."""
    if place.tensor == "output":
        item = (place.item,) if trace.batched else ()
        index = (*item, place.step) if trace.batch_first else (place.step, *item)
        return _point("output", (*index, place.unit))
    return _point(place.tensor, (place.layer, place.direction, place.step, place.item, place.unit))


def _point(tensor: str, index: tuple[int, ...]) -> Region:
    return Region(tensor, tuple((i, i + 1) for i in index))


def expression(region: Region, shape: tuple[int, ...]) -> str:
    """Return the plainest PyTorch index for `region` of a tensor of `shape`.

    ``output[:, -1, :16]`` rather than ``output[0:4, 23:24, 0:16]``: whole axes become ``:``, one
    index loses its range, the last of several is ``-1``; trailing whole axes are left out.
    """
    parts = [_part(low, high, size) for (low, high), size in zip(region.ranges, shape, strict=True)]
    while parts and parts[-1] == ":":
        parts.pop()
    return f"{region.tensor}[{', '.join(parts)}]" if parts else region.tensor


def _part(low: int, high: int, size: int) -> str:
    if (low, high) == (0, size):
        return ":"
    if high == low + 1:
        return "-1" if high == size and size > 1 else f"{low}"
    return f"{low or ''}:{'' if high == size else high}"


def same_numbers(region: Region, spec: RunSpec) -> tuple[Region, ...]:
    """Return the regions of other tensors that hold numbers of `region`.

    ``output`` holds the last layer's h_t; ``h_n`` holds h_t, and ``c_n`` c_t, of each direction's
    final step: the last step forward, step 0 in reverse. For packed input the final step is each
    sequence's own.

    Parameters
    ----------
    region : Region
        Of ``output``, ``h_n``, ``c_n``, ``hidden`` or ``cell``; others have no equals.
    spec : RunSpec
    """
    cells = _to_opened(region, spec)
    found: list[Region] = []
    for part in cells:
        found += [other for other in _from_opened(part, spec) if other.tensor != region.tensor]
    return tuple(dict.fromkeys(found))


# Everything goes through the opened arrays' axes: (layer, direction, step, item, unit).


def _to_opened(region: Region, spec: RunSpec) -> list[Region]:
    lstm, inputs = spec.lstm, spec.input
    if region.tensor in ("hidden", "cell"):
        return [region]
    if region.tensor == "output":
        steps, items, units = _sequence_ranges(region, spec)
        return [
            Region(
                "hidden",
                (_one(lstm.num_layers - 1), _one(direction), steps, items, part),
            )
            for direction in range(lstm.num_directions)
            if (part := _clip(units, direction * lstm.output_size, lstm.output_size))
        ]
    if region.tensor in ("h_n", "c_n"):
        items = region.ranges[1] if not inputs.unbatched else (0, 1)
        tensor = "hidden" if region.tensor == "h_n" else "cell"
        parts = []
        for row in range(*region.ranges[0]):
            layer, direction = divmod(row, lstm.num_directions)
            for step, some in _final_steps(spec, direction, items):
                parts.append(
                    Region(
                        tensor,
                        (_one(layer), _one(direction), _one(step), some, region.ranges[-1]),
                    )
                )
        return parts
    return []


def _from_opened(part: Region, spec: RunSpec) -> list[Region]:
    lstm, inputs = spec.lstm, spec.input
    layers, directions, steps, items, units = part.ranges
    found = [part]
    for direction in range(*directions):
        if part.tensor == "hidden" and layers[1] == lstm.num_layers:
            shift = direction * lstm.output_size
            joined = (shift + units[0], shift + units[1])
            found.append(_sequence_region("output", steps, items, joined, spec))
        for step, some in _final_steps(spec, direction, items):
            if not steps[0] <= step < steps[1]:
                continue
            for layer in range(*layers):
                row = _one(layer * lstm.num_directions + direction)
                batch = () if inputs.unbatched else (some,)
                name = "h_n" if part.tensor == "hidden" else "c_n"
                found.append(Region(name, (row, *batch, units)))
    return found


def _final_steps(
    spec: RunSpec, direction: int, items: tuple[int, int]
) -> list[tuple[int, tuple[int, int]]]:
    """Return the step at which `direction` ends, for each run of items that share it."""
    if direction:
        return [(0, items)]
    lengths = spec.input.lengths
    if lengths is None:
        return [(spec.input.seq_len - 1, items)]
    return [(lengths[item] - 1, _one(item)) for item in range(*items)]


def _sequence_ranges(
    region: Region, spec: RunSpec
) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Return the ranges of steps, items and features of a region of ``input`` or ``output``."""
    ranges = region.ranges
    if spec.input.unbatched:
        return ranges[0], (0, 1), ranges[1]
    if spec.lstm.batch_first:
        return ranges[1], ranges[0], ranges[2]
    return ranges[0], ranges[1], ranges[2]


def _sequence_region(
    tensor: str,
    steps: tuple[int, int],
    items: tuple[int, int],
    units: tuple[int, int],
    spec: RunSpec,
) -> Region:
    if spec.input.unbatched:
        return Region(tensor, (steps, units))
    if spec.lstm.batch_first:
        return Region(tensor, (items, steps, units))
    return Region(tensor, (steps, items, units))


def whole(tensor: str, spec: RunSpec) -> Region:
    """Return all of a tensor of the contract.

    Raises
    ------
    KeyError
        The contract has no such tensor.
    """
    shape = contract(spec).tensor(tensor).shape
    return Region(tensor, tuple((0, size) for size in shape))


def _one(index: int) -> tuple[int, int]:
    return index, index + 1


def _clip(units: tuple[int, int], start: int, size: int) -> tuple[int, int] | None:
    low, high = max(units[0], start) - start, min(units[1], start + size) - start
    return (low, high) if low < high else None
