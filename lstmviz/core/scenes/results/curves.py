"""Where a curve begins, what stands beneath its steps, and which hide each other."""

from __future__ import annotations

from typing import Final

import numpy as np

from lstmviz.core.scenarios.results import Result

_MOST_NAMES: Final = 90
"""Labels that a time axis has room for, one beneath each step."""


def is_alike(one: Result, other: Result) -> bool:
    """Return whether two curves cannot be told apart by eye."""
    return one.values.shape == other.values.shape and np.allclose(
        one.values, other.values, rtol=1e-3, atol=1e-12, equal_nan=True
    )


def first_of(result: Result) -> int:
    """Return where a result's first number stands: its first label where that is a number."""
    label = result.labels[0] if result.labels else ""
    is_number = result.axes[0] != "L" and label.isascii() and label.isdigit()
    return int(label) if is_number else 0


def names_of(result: Result) -> list[list[tuple[float, str]]] | None:
    """Return a label beneath each step where there are a few; None for plain numbers."""
    if result.axes[0] != "L" or not 0 < len(result.labels) <= _MOST_NAMES:
        return None
    return [list(enumerate(result.labels)), []]
