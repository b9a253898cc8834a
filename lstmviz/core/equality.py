"""Equality by value for frozen data that holds arrays, where ``==`` of its fields would raise."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np


class ByValue:
    """Base of a dataclass made with ``eq=False``: equal where every field is, and not hashable.

    Two arrays are equal where dtype, shape and every number are, and NaN equals NaN, so that what
    was saved equals what is loaded.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        if other is self:
            return True
        names = [f.name for f in fields(self)]  # type: ignore[arg-type]
        return all(_alike(getattr(self, name), getattr(other, name)) for name in names)

    __hash__ = None  # type: ignore[assignment]


def _alike(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return (
            isinstance(a, np.ndarray)
            and isinstance(b, np.ndarray)
            and a.dtype == b.dtype
            and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
        )
    if isinstance(a, tuple | list) and type(a) is type(b):
        return len(a) == len(b) and all(map(_alike, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_alike(a[key], b[key]) for key in a)
    both_nan = isinstance(a, float) and isinstance(b, float) and a != a and b != b  # noqa: PLR0124
    return both_nan or bool(a == b)
