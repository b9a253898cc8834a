"""Indices along an axis that may have many more of them than pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Span = tuple[float, float]
"""From and to, as fractions of an axis."""

LEAST: Final = 3.5
"""Pixels that one index takes at least, to be seen and to be hit."""

_ENDS: Final = 4
"""Indices at either end that keep their own pixels however many there are in between."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """Where indices lie on an axis of `size` that is `pixels` long.

    Where there is room each has an equal share. Where there is not, the first and the last few,
    which are what final states and first steps are, keep `LEAST` pixels each, and the others share
    what is between.
    """

    size: int
    pixels: float

    def span(self, low: int, high: int) -> Span:
        """Return where indices `low` to `high` (excluded) lie; at least `LEAST` pixels, or all."""
        start, end = self._edge(low), self._edge(high)
        need = min(1.0, LEAST / self.pixels) if self.pixels > 0 else 1.0
        if end - start < need:
            start = min(max((start + end - need) / 2, 0.0), 1.0 - need)
            end = start + need
        return start, end

    def index(self, share: float) -> int:
        """Return which index lies at a fraction of the axis."""
        if self._is_even:
            found = int(share * self.size)
        else:
            need, middle = LEAST / self.pixels, self.size - 2 * _ENDS
            if share < _ENDS * need:
                found = int(share / need)
            elif share >= 1 - _ENDS * need:
                found = self.size - 1 - int((1 - share) / need)
            else:
                inner = (share - _ENDS * need) / (1 - 2 * _ENDS * need)
                found = _ENDS + min(int(inner * middle), middle - 1)
        return min(max(found, 0), self.size - 1)

    @property
    def _is_even(self) -> bool:
        roomy = self.pixels >= LEAST * self.size
        return roomy or self.size <= 2 * _ENDS or self.pixels < 3 * _ENDS * LEAST

    def _edge(self, index: int) -> float:
        """Return where `index` starts."""
        if self._is_even:
            return index / self.size
        need, middle = LEAST / self.pixels, self.size - 2 * _ENDS
        if index <= _ENDS:
            return index * need
        if index >= self.size - _ENDS:
            return 1 - (self.size - index) * need
        return _ENDS * need + (index - _ENDS) / middle * (1 - 2 * _ENDS * need)
