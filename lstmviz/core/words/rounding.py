"""How a computed number is rounded for people: one way, wherever the same number is shown."""

from __future__ import annotations

import math
from typing import Final

_DIGITS: Final = 3
_LARGEST: Final = 1e6
_SMALLEST: Final = 1e-3


def rounded(value: float, *, signed: bool = False) -> str:
    """Return `value` with three digits that count: ``0.997``, ``14.8``, ``−1.20e-07``.

    Zeros are kept behind the point, so that what was rounded never reads as a whole number: 0.9996
    is ``1.00``, and only a whole number is ``1``.

    Parameters
    ----------
    value : float
    signed : bool
        Write a plus before what is above zero.
    """
    if not math.isfinite(value):
        text = "NaN" if math.isnan(value) else "∞"
    elif float(value).is_integer() and abs(value) < _LARGEST:
        text = f"{abs(value):,.0f}"
    elif abs(value) >= 10 ** (_DIGITS - 1) and abs(value) < _LARGEST:
        # Digits before the point are never given up: 309.4 people were not 309.
        text = f"{abs(value):,.1f}"
    elif _SMALLEST <= abs(value) < _LARGEST:
        text = f"{abs(value):#.{_DIGITS}g}"
    else:
        text = f"{abs(value):.{_DIGITS - 1}e}"
    sign = "−" if value < 0 else "+" if signed and value > 0 else ""
    return sign + text


def share(part: int, whole: int) -> str:
    """Return a part of a whole in percent: ``35 %`` where that is exact, else ``99.4 %``.

    Cut off and not rounded: what misses 99 % never reads as 99 %, nor almost all as all.
    """
    percent, rest = divmod(100 * part, whole)
    return f"{percent} %" if not rest else f"{percent}.{10 * rest // whole} %"
