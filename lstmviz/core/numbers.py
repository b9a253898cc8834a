"""How far two arrays are apart, wherever that is told."""

from __future__ import annotations

from typing import Final

import numpy as np

from lstmviz.core.files.tracefile import Array

_COMPARED_AT_ONCE: Final = 1 << 18
"""Numbers whose difference is formed at once."""


def apart(a: Array, b: Array) -> Array:
    """Return how far each number of `a` is from that of `b`, in float64.

    Two NaNs are equal, and so are two infinities of one sign; where one side alone has a NaN or an
    infinity the result is NaN or infinite.
    """
    left, right = a.astype(np.float64), b.astype(np.float64)
    equal = (left == right) | (np.isnan(left) & np.isnan(right))
    with np.errstate(invalid="ignore"):
        found: Array = np.where(equal, 0.0, np.abs(left - right))
    return found


def largest_finite(*arrays: Array) -> float:
    """Return the largest absolute value of all that is finite in `arrays`; 0 where nothing is."""
    finite = (array[np.isfinite(array)] for array in arrays)
    return max((float(np.abs(part).max()) for part in finite if part.size), default=0.0)


def greatest_difference(a: Array, b: Array) -> float:
    """Return the largest absolute difference between two arrays of one shape.

    A NaN or an infinity on one side only makes the result NaN. Empty arrays do not differ.

    Raises
    ------
    ValueError
        The shapes differ: nothing is broadcast.
    """
    if a.shape != b.shape:
        raise ValueError(f"shapes differ: {a.shape} and {b.shape}")
    if not a.size:
        return 0.0
    if not a.ndim:
        a, b = a[None], b[None]
    # A few rows at a time: the float64 copies would take several times what is compared.
    rows = max(1, _COMPARED_AT_ONCE * len(a) // a.size)
    largest = (apart(a[k : k + rows], b[k : k + rows]).max() for k in range(0, len(a), rows))
    # np.max and not max: a NaN is lost in a comparison.
    found = float(np.max(list(largest)))
    return found if np.isfinite(found) else float("nan")
