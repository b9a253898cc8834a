"""Where NaN or infinity comes from, and where it first shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lstmviz.core.trace import NonFinite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor

    from lstmviz.core.trace import Array


def is_finite(values: Tensor) -> bool:
    """Return whether every value is finite; may return False for finite values that overflow."""
    return math.isfinite(float(values.sum()))


def first_nonfinite(
    sources: Iterable[tuple[str, Array]], hidden: Array, cell: Array, past: Array | None
) -> NonFinite | None:
    """Return where NaN or infinity comes from and the first state it reaches.

    Parameters
    ----------
    sources : iterable of (name, array)
        Input, initial state and weights, in the order to blame them.
    hidden, cell : array, shape (num_layers, D, L, N, H)
    past : array of bool, shape (L, N), or None
        Steps past a sequence's length.
    """
    reached = min(
        (
            found
            for found in (_first_state("cell", cell, past), _first_state("hidden", hidden, past))
            if found
        ),
        key=lambda found: found[0],
        default=None,
    )
    place = None if reached is None else reached[1].index
    for name, values in sources:
        index = _first_index(values)
        if index is not None:
            return NonFinite(where=name, index=index, value=_named(values[index]), reached=place)
    return None if reached is None else reached[1]


def _first_index(values: Array) -> tuple[int, ...] | None:
    flat = ~np.isfinite(values)
    if not flat.any():
        return None
    return tuple(int(k) for k in np.unravel_index(int(flat.argmax()), values.shape))


def _first_state(
    name: str, states: Array, past: Array | None
) -> tuple[tuple[int, ...], NonFinite] | None:
    """Return the first non-finite state: first in time, then layer, direction, sequence, unit."""
    steps = max(1, (1 << 20) // max(1, states[:, :, 0].size))
    for start in range(0, states.shape[2], steps):
        piece = np.moveaxis(states[:, :, start : start + steps], 2, 0)
        wrong = ~np.isfinite(piece)
        if past is not None:
            wrong &= ~past[start : start + steps, None, None, :, None]
        if wrong.any():
            t, layer, way, n, unit = np.unravel_index(int(wrong.argmax()), wrong.shape)
            index = (int(layer), int(way), start + int(t), int(n), int(unit))
            found = NonFinite(where=name, index=index, value=_named(states[index]), reached=index)
            return (index[2], index[0], index[1], *index[3:]), found
    return None


def _named(value: float) -> str:
    return "nan" if np.isnan(value) else "inf" if value > 0 else "-inf"
