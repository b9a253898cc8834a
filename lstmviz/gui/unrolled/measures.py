"""What colours a cell of the unrolled network: one number per layer, direction and step."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final

import numpy as np

from lstmviz.core.places import steps_of_item
from lstmviz.core.trace import Array, Trace

_SLICE: Final = 400_000
"""Numbers reduced between two yields; about 3 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A way to see a cell as one number.

    Attributes
    ----------
    name, title, meaning : str
    tensor : str
        Field of `Trace` it is made from.
    reduce : callable
        (units, units one step earlier in time) to numbers: arrays of shape (..., H) to (...).
    """

    name: str
    title: str
    meaning: str
    tensor: str
    reduce: Callable[[Array, Array], Array]


def _mean_size(now: Array, _before: Array) -> Array:
    mean: Array = np.abs(now).mean(axis=-1)
    return mean


def _mean(now: Array, _before: Array) -> Array:
    mean: Array = now.mean(axis=-1)
    return mean


def _change(now: Array, before: Array) -> Array:
    mean: Array = np.abs(now - before).mean(axis=-1)
    return mean


MEASURES: Final = (
    Measure(
        name="hidden",
        title="mean |h|",
        meaning="how large the hidden state is",
        tensor="hidden",
        reduce=_mean_size,
    ),
    Measure(
        name="cell",
        title="mean |c|",
        meaning="how much the cell remembers",
        tensor="cell",
        reduce=_mean_size,
    ),
    Measure(
        name="forget",
        title="forget gate",
        meaning="mean f: 1 keeps the cell state, 0 drops it",
        tensor="forget_gate",
        reduce=_mean,
    ),
    Measure(
        name="change",
        title="change of h",
        meaning="mean |h_t − h_{t−1}|, along the row's own direction",
        tensor="hidden",
        reduce=_change,
    ),
)


def measured(trace: Trace, measure: Measure, item: int) -> Generator[None, None, Array]:
    """Work out `measure` for every cell of one batch item, a slice of time at a time.

    Returns
    -------
    array of float32, shape (num_layers, D, steps of the item)
    """
    values = getattr(trace, measure.tensor)
    steps = steps_of_item(trace, item)
    layers, directions, _, _, units = values.shape
    result = np.empty((layers, directions, steps), dtype=np.float32)
    per_slice = max(1, _SLICE // units)
    for layer in range(layers):
        for direction in range(directions):
            row = values[layer, direction, :steps, item]
            for start in range(0, steps, per_slice):
                stop = min(start + per_slice, steps)
                before = _before(trace, measure, (layer, direction, item), start, stop)
                result[layer, direction, start:stop] = measure.reduce(row[start:stop], before)
                yield
    return result


def _before(
    trace: Trace, measure: Measure, place: tuple[int, int, int], start: int, stop: int
) -> Array:
    """Return h of the step before each of `start` to `stop`; h_0 before a direction's first."""
    layer, direction, item = place
    values = getattr(trace, measure.tensor)[layer, direction]
    if measure.reduce is not _change:
        return values[start:stop, item]  # type: ignore[no-any-return]
    steps = steps_of_item(trace, item)
    first = trace.h_0[layer, direction, item][None]
    if direction:
        row = values[start + 1 : min(stop + 1, steps), item]
        return row if stop < steps else np.concatenate([row, first])
    row = values[max(0, start - 1) : stop - 1, item]
    return row if start > 0 else np.concatenate([first, row])
