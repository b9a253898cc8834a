"""Which batch item each place of a padded batch and each row of packed data is of."""

from __future__ import annotations

from typing import Final

import numpy as np

from lstmviz.core.scenarios.results import PackedData
from lstmviz.core.trace import Array

ABSENT: Final = -1
"""Where there is padding, and no item."""


def padded_items(packed: PackedData) -> Array:
    """Return, for each item and step of the padded batch, the item, or `ABSENT` in the padding."""
    steps = packed.padded_steps // len(packed.lengths)
    is_there = np.arange(steps) < packed.lengths[:, None]
    return np.where(is_there, np.arange(len(packed.lengths))[:, None], ABSENT)


def sorted_items(packed: PackedData) -> Array:
    """Return, for each rank and step, the item whose row of data it is, or `ABSENT`."""
    items = np.full((len(packed.lengths), len(packed.batch_sizes)), ABSENT)
    starts = np.concatenate([[0], np.cumsum(packed.batch_sizes)[:-1]])
    ranks = np.arange(len(packed.row_item)) - np.repeat(starts, packed.batch_sizes)
    items[ranks, packed.row_step] = packed.row_item
    return items


def ends_of(batch_sizes: Array) -> list[tuple[int, int]]:
    """Return each step at which sequences end, with how many went on until there."""
    ends = [*np.nonzero(np.diff(batch_sizes))[0].tolist(), len(batch_sizes) - 1]
    return [(int(step) + 1, int(batch_sizes[step])) for step in ends]
