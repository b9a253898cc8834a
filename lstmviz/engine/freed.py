"""Give the memory of many small tensors back to the system once they are gone."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

_WORTH_IT = 8 << 20
"""Bytes, probably freed, for which the library is asked."""


def give_back_freed(numbers: int, size: int) -> None:
    """Return freed memory to the system, where it was that of many numbers.

    The C library holds on to what small tensors were made of. Of an unfused call, which keeps a few
    for each step, that was seen to be nine tenths of all it took.

    Parameters
    ----------
    numbers, size : int
        Roughly how many were freed, and the bytes of one.
    """
    trim = _trim()
    if numbers * size >= _WORTH_IT and trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    """Return ``malloc_trim``, which only the GNU C library has; None elsewhere."""
    if sys.platform != "linux":
        return None
    import ctypes

    return getattr(ctypes.CDLL(None), "malloc_trim", None)
