"""The height axis of curves: even, or by ratio where they span several powers of ten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_WIDE: Final = 1e3
"""Ratio of the largest to the smallest number above which an even axis hides the small ones."""
_MOST_POWERS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Heights:
    """Where numbers stand along y.

    Attributes
    ----------
    floor : float or None
        Power of ten at which zeros stand on an axis by ratio; None for an even axis.
    ends : (float, float)
    ticks : list or None
        Of the large and of the small ticks, each a place and its words; None for an axis's own.
    """

    floor: float | None = None
    ends: tuple[float, float] = (-1.0, 1.0)
    ticks: list[list[tuple[float, str]]] | None = None

    def placed(self, values: Array) -> Array:
        """Return where `values` stand; what lies below the floor stands on it."""
        if self.floor is None:
            return values
        with np.errstate(divide="ignore"):
            return np.maximum(np.log10(values.astype(np.float64)), self.floor)

    @classmethod
    def of(cls, curves: list[Array]) -> Heights:
        """Return the axis on which all of `curves` can be read."""
        numbers = np.concatenate([np.asarray(c, dtype=np.float64).ravel() for c in curves])
        numbers = numbers[np.isfinite(numbers)]
        if not numbers.size:
            return cls()
        low, high = float(numbers.min()), float(numbers.max())
        above = numbers[numbers > 0]
        if low >= 0 and above.size and high > _WIDE * above.min():
            return _by_ratio(float(above.min()), high, has_zeros=low == 0)
        room = 0.08 * ((high - low) or abs(high) or 1.0)
        return cls(ends=(low - room, high + room))


def _by_ratio(least: float, high: float, *, has_zeros: bool) -> Heights:
    top = float(np.log10(high))
    bottom = max(float(np.floor(np.log10(least))), np.ceil(top) - _MOST_POWERS)
    stride = max(1, round((top - bottom) / 4))
    powers = range(int(np.ceil(top)), int(bottom), -stride)
    ticks = [(float(power), "1" if power == 0 else f"1e{power}") for power in powers]
    if has_zeros:
        bottom -= 1
        ticks.append((bottom, "0"))
    room = 0.06 * (top - bottom)
    return Heights(floor=bottom, ends=(bottom - room, top + room), ticks=[ticks, []])
