"""Fit a tensor to the pixels it has, keeping extremes, a slice of time at a time."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_SLICE: Final = 500_000
"""Numbers pooled between two yields; 5 to 10 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """A picture of a tensor over time.

    Attributes
    ----------
    values : array of float32, shape (rows, columns)
        Units down, steps across: of every block the number farthest from zero, sign kept. NaN in
        a block makes the block NaN.
    first, last : int
        Steps shown, `last` excluded.
    steps_per_column, units_per_row : float
        1.0 where nothing was pooled.
    """

    values: Array
    first: int
    last: int
    steps_per_column: float
    units_per_row: float

    @property
    def is_pooled(self) -> bool:
        """Whether a pixel stands for more than one number."""
        return self.steps_per_column > 1 or self.units_per_row > 1

    @property
    def largest(self) -> float:
        """The largest finite absolute value; 0 when there is none."""
        finite = np.abs(self.values[np.isfinite(self.values)])
        return float(finite.max()) if finite.size else 0.0

    def in_words(self) -> str:
        """Return what a pixel stands for; empty where it is one number."""
        if not self.is_pooled:
            return ""
        parts = []
        if self.steps_per_column > 1:
            parts.append(f"{_rounded(self.steps_per_column)} steps")
        if self.units_per_row > 1:
            parts.append(f"{_rounded(self.units_per_row)} units")
        return f"pixel = extreme of {' × '.join(parts)}"


def _rounded(count: float) -> str:
    return f"{count:.0f}" if count >= 10 or count == int(count) else f"{count:.1f}"


def pool(
    values: Array, first: int, last: int, columns: int, rows: int
) -> Generator[None, None, Pooled]:
    """Pool steps `first` to `last` of `values` to at most `rows` by `columns`.

    A generator, so that the window can go on between its steps; its return value is the picture.

    Parameters
    ----------
    values : array, shape (L, H)
        Any strides.
    first, last : int
        Steps to show, `last` excluded.
    columns, rows : int
        Pixels there are.
    """
    steps, units = last - first, values.shape[1]
    step_edges = _edges(steps, columns)
    unit_edges = _edges(units, rows)
    picture = np.empty((len(unit_edges), len(step_edges)), dtype=np.float32)
    ends = np.append(step_edges, steps)
    per_slice = max(1, int(_SLICE / max(1, units * steps / len(step_edges))))
    for start in range(0, len(step_edges), per_slice):
        stop = min(start + per_slice, len(step_edges))
        block = values[first + ends[start] : first + ends[stop]]
        picture[:, start:stop] = _extremes(block, step_edges[start:stop] - ends[start], unit_edges)
        yield
    return Pooled(
        values=picture,
        first=first,
        last=last,
        steps_per_column=steps / len(step_edges),
        units_per_row=units / len(unit_edges),
    )


def farthest(low: Array, high: Array) -> Array:
    """Return of each pair the number farther from zero; NaN where either is."""
    return np.where(high >= -low, high, low) if low.size else high


def _edges(size: int, pixels: int) -> npt.NDArray[np.intp]:
    count = min(size, max(1, pixels))
    return np.arange(count) * size // count


def _extremes(block: Array, step_edges: Array, unit_edges: Array) -> Array:
    low = high = block
    if len(step_edges) < len(block):
        high = np.maximum.reduceat(block, step_edges, axis=0)
        low = np.minimum.reduceat(block, step_edges, axis=0)
    if len(unit_edges) < block.shape[1]:
        high = np.maximum.reduceat(high, unit_edges, axis=1)
        low = np.minimum.reduceat(low, unit_edges, axis=1)
    if high is low:
        return block.T
    return farthest(low, high).T
