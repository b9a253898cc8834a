"""Lengths in proportion, on a scale that stays readable from 1 to 100 000."""

from __future__ import annotations

import math
from typing import Final

LARGEST: Final = 100_000
_BEND: Final = 0.62


def share_of_room(size: int) -> float:
    """Return 0 for 1 and 1 for `LARGEST`, growing with the logarithm, faster at first."""
    return float((math.log(min(max(size, 1), LARGEST)) / math.log(LARGEST)) ** _BEND)


def length(size: int, least: float, most: float) -> float:
    """Return the pixels of an axis of `size`."""
    return least + share_of_room(size) * (most - least)
