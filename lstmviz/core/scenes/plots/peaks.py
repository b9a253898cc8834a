"""Fit a line to the columns of pixels it has, so that no spike is lost."""

from __future__ import annotations

import numpy as np

from lstmviz.core.scenes.plots.pooling import WHOLE, Pooling
from lstmviz.core.trace import Array


def peaks(values: Array, first: int, last: int, columns: int) -> tuple[Array, Array]:
    """Return x and y of a line through `values`, at most two points a pixel column.

    Where a column holds more than two steps, its lowest and highest are kept, so that no spike is
    lost.
    """
    part = values[first:last]
    if not peak_pooling(len(part), columns).is_pooled:
        return np.arange(first, first + len(part)), part
    edges = np.arange(columns) * len(part) // columns
    y = np.empty(2 * columns, dtype=part.dtype)
    y[0::2] = np.minimum.reduceat(part, edges)
    y[1::2] = np.maximum.reduceat(part, edges)
    return np.repeat(first + edges, 2), y


def peak_pooling(steps: int, columns: int) -> Pooling:
    """Return how many steps share a pixel column where `peaks` draws `steps` in `columns`."""
    return Pooling(steps / columns) if steps > 2 * columns else WHOLE


def peaks_in_words(pooling: Pooling) -> str:
    """Return what a column of pixels of a line stands for; empty where it is one number."""
    steps = pooling.in_words().removeprefix("pixel = extreme of ")
    return f"pixel = lowest and highest of {steps}" if steps else ""
