"""Fit a tensor to the pixels it has, keeping extremes, a slice of time at a time."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lstmviz.core.numbers import largest_finite
from lstmviz.core.plotted import Table

Array = npt.NDArray[Any]

_SLICE: Final = 500_000
"""Numbers pooled between two yields; 5 to 10 ms."""


@dataclass(frozen=True, slots=True)
class Pooling:
    """How many numbers a pixel stands for.

    Attributes
    ----------
    steps, units : float
        Across and down; 1.0 where nothing was pooled.
    """

    steps: float = 1.0
    units: float = 1.0

    @property
    def is_pooled(self) -> bool:
        """Whether a pixel stands for more than one number."""
        return self.steps > 1 or self.units > 1

    @property
    def mark(self) -> str:
        """The same in a few characters, for a place that is always in sight; empty for none."""
        if self.steps > 1 and self.units > 1:
            return f"{_rounded(self.steps)}×{_rounded(self.units)}/px"
        if self.steps > 1:
            return f"↔{_rounded(self.steps)}/px"
        return f"↕{_rounded(self.units)}/px" if self.units > 1 else ""

    def in_words(self, rest: float = 0.0, names: tuple[str, str] = ("steps", "units")) -> str:
        """Return what a pixel stands for; empty where it is one number.

        Parameters
        ----------
        rest : float
            The number from which the farthest was kept.
        names : (str, str)
            What runs across and down.
        """
        parts = []
        if self.steps > 1:
            parts.append(f"{_rounded(self.steps)} {names[0]}")
        if self.units > 1:
            parts.append(f"{_rounded(self.units)} {names[1]}")
        farthest_from = f", farthest from {rest:g}" if rest else ""
        return f"pixel = extreme of {' × '.join(parts)}{farthest_from}" if parts else ""


WHOLE: Final = Pooling()
"""Every number has pixels of its own."""


@dataclass(frozen=True, slots=True)
class Pixel:
    """What one pixel of a picture stands for.

    Attributes
    ----------
    value : float
        The number that gives it its colour.
    steps, units : range
    """

    value: float
    steps: range
    units: range

    def in_words(self, names: tuple[str, str] = ("t", "unit")) -> str:
        """Return what gives the pixel its colour; `names` are of what runs across and down."""
        named = zip(names, (self.steps, self.units), strict=True)
        spans = ", ".join(f"{name} {_span(span)}" for name, span in named if len(span) > 1)
        return f"its pixel shows {self.value:.6g}, the extreme of {spans}"

    def moved(self, steps: int) -> Pixel:
        """Return the same pixel where the picture begins at step `steps`."""
        span = range(self.steps.start + steps, self.steps.stop + steps)
        return Pixel(self.value, span, self.units)


def _span(span: range) -> str:
    return f"{span.start} to {span.stop - 1}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pooled:
    """A picture of a tensor over time.

    Attributes
    ----------
    values : array of float32, shape (rows, columns)
        Units down, steps across: of every block the number farthest from zero, or from another
        middle, as it is. NaN in a block makes the block NaN.
    first, last : int
        Steps shown, `last` excluded.
    units : int
        Units shown.
    """

    values: Array
    first: int
    last: int
    units: int

    @property
    def pooling(self) -> Pooling:
        """How many numbers a pixel stands for."""
        rows, columns = self.values.shape
        return Pooling((self.last - self.first) / columns, self.units / rows)

    @property
    def largest(self) -> float:
        """The largest finite absolute value; 0 when there is none."""
        return largest_finite(self.values)

    def pixel(self, step: int, unit: int) -> Pixel | None:
        """Return the pixel that shows the number at `step` and `unit` among others.

        None where it has a pixel of its own, and where it is not drawn.
        """
        is_drawn = self.first <= step < self.last and 0 <= unit < self.units
        if not (is_drawn and self.pooling.is_pooled):
            return None
        rows, columns = self.values.shape
        column, steps = _block(step - self.first, self.last - self.first, columns)
        row, units = _block(unit, self.units, rows)
        moved = range(self.first + steps.start, self.first + steps.stop)
        return Pixel(float(self.values[row, column]), moved, units)


def _rounded(count: float) -> str:
    return f"{count:.0f}" if count >= 10 or count == int(count) else f"{count:.1f}"


def pool(
    values: Table, first: int, last: int, columns: int, rows: int, middle: float = 0.0
) -> Generator[None, None, Pooled]:
    """Pool steps `first` to `last` of `values` to at most `rows` by `columns`.

    A generator, so that the window can go on between its steps; its return value is the picture.

    Parameters
    ----------
    values : array or Apart, shape (L, H)
        Any strides.
    first, last : int
        Steps to show, `last` excluded.
    columns, rows : int
        Pixels there are.
    middle : float
        The number from which the farthest of a block is kept: 0.5 for a gate, of which 0 is as
        telling as 1.
    """
    steps, units = last - first, values.shape[1]
    step_edges = edges(steps, columns)
    unit_edges = edges(units, rows)
    picture = np.empty((len(unit_edges), len(step_edges)), dtype=np.float32)
    ends = np.append(step_edges, steps)
    per_slice = max(1, int(_SLICE / max(1, units * steps / len(step_edges))))
    for start in range(0, len(step_edges), per_slice):
        stop = min(start + per_slice, len(step_edges))
        block = values[first + ends[start] : first + ends[stop]]
        picture[:, start:stop] = _extremes(
            block, step_edges[start:stop] - ends[start], unit_edges, middle
        )
        yield
    return Pooled(values=picture, first=first, last=last, units=units)


def farthest(low: Array, high: Array, middle: float = 0.0) -> Array:
    """Return of each pair the number farther from `middle`; NaN where either is."""
    return np.where(high - middle >= middle - low, high, low) if low.size else high


def pool_row(values: Array, pixels: int, middle: float = 0.0) -> Array:
    """Return `values`, shape (n,), as at most `pixels` numbers: of each block the farthest.

    The blocks are those of a picture that `pool` makes `pixels` rows high.
    """
    if len(values) <= pixels:
        return values
    starts = edges(len(values), pixels)
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return farthest(low, high, middle)


def edges(size: int, pixels: int) -> npt.NDArray[np.intp]:
    """Return where each of at most `pixels` blocks of `size` numbers begins."""
    count = min(size, max(1, pixels))
    return np.arange(count) * size // count


def _block(index: int, size: int, count: int) -> tuple[int, range]:
    """Return which of `count` blocks holds `index`, and what it spans; the inverse of `edges`."""
    block = ((index + 1) * count - 1) // size
    return block, range(block * size // count, (block + 1) * size // count)


def _extremes(block: Array, step_edges: Array, unit_edges: Array, middle: float) -> Array:
    low = high = block
    if len(step_edges) < len(block):
        high = np.maximum.reduceat(block, step_edges, axis=0)
        low = np.minimum.reduceat(block, step_edges, axis=0)
    if len(unit_edges) < block.shape[1]:
        high = np.maximum.reduceat(high, unit_edges, axis=1)
        low = np.minimum.reduceat(low, unit_edges, axis=1)
    if high is low:
        return block.T
    return farthest(low, high, middle).T
