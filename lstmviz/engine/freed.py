"""What the libraries below would go on holding is given back to the system, or never kept."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Any

_WORTH_IT = 8 << 20
"""Bytes, probably freed, for which the library is asked."""

_KEPT_KERNELS = "64"
"""Enough for the same call again with ten layers in two directions."""


def keep_few_kernels() -> None:
    """Have oneDNN keep few of the kernels it compiles; to be called before torch is loaded.

    It compiles one for each new size and keeps 1024, some 0.2 MiB each: an engine was seen to grow
    from 222 to 472 MiB over 3000 runs of different sizes, and with 64 to 267 MiB, in the same time
    (torch 2.13.0, two cores). What the user has set stays.
    """
    names = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "DNNL_PRIMITIVE_CACHE_CAPACITY")
    if not any(name in os.environ for name in names):
        os.environ[names[0]] = _KEPT_KERNELS


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
