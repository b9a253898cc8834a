"""Arrays that cross between processes without a copy.

The engine fills an `Arena` of memory blocks; the window maps the same blocks and reads. Blocks
have no name anywhere: on POSIX systems they are open files without a path, handed over as
descriptors, so whichever process dies, and however, the memory goes with its last user. Windows
has no descriptors to hand over; there a block is a named mapping, which the system frees likewise.
"""

from __future__ import annotations

import math
import mmap
import os
import sys
import tempfile
import uuid
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_ALIGNMENT: Final = 64
_SMALLEST_BLOCK: Final = 1 << 20


class Arena:
    """Memory that arrays are made in and another process can map.

    Blocks are sparse: a block larger than what is written in it costs no memory for the rest.

    Parameters
    ----------
    expected : int
        Bytes that will probably be needed; more is fine and takes further blocks.
    """

    def __init__(self, expected: int = 0) -> None:
        self.descriptors: list[int] = []
        self.blocks: list[dict[str, Any]] = []
        self._expected = expected
        self._maps: list[mmap.mmap] = []
        self._used = 0
        self._places: dict[int, dict[str, Any]] = {}

    def allocate(self, _name: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
        """Return an uninitialized array of `shape` and `dtype` in shared memory.

        Raises
        ------
        OSError, ValueError
            The system has no memory left to map.
        """
        kind = np.dtype(dtype)
        size = math.prod(shape) * kind.itemsize
        if not self._maps or self._used + size > len(self._maps[-1]):
            self._add_block(size)
        array: Array = np.frombuffer(
            self._maps[-1], dtype=kind, count=math.prod(shape), offset=self._used
        ).reshape(shape)
        self._places[array.ctypes.data] = {
            "block": len(self.blocks) - 1,
            "offset": self._used,
        }
        self._used += -(-size // _ALIGNMENT) * _ALIGNMENT
        return array

    def place(self, array: Array) -> dict[str, Any]:
        """Return where `array` lies, for `read`; copies it in if it was made elsewhere."""
        place = self._places.get(array.ctypes.data)
        if place is None or not array.flags.c_contiguous:
            copy = self.allocate("", array.shape, array.dtype)
            copy[...] = array
            place = self._places[copy.ctypes.data]
        return {**place, "shape": list(array.shape), "dtype": array.dtype.str}

    def close(self) -> None:
        """Give up this process's descriptors; maps go with their last array."""
        while self.descriptors:
            os.close(self.descriptors.pop())

    def _add_block(self, size: int) -> None:
        # Room beyond the estimate for alignment and for small arrays that no estimate counts.
        room = max(size, self._expected, _SMALLEST_BLOCK) + _SMALLEST_BLOCK
        room = -(-room // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
        block: dict[str, Any] = {"size": room}
        if sys.platform == "win32":
            block["tag"] = f"lstmviz-{uuid.uuid4().hex}"
            made = mmap.mmap(-1, room, tagname=block["tag"])
        else:
            descriptor = _nameless_file()
            self.descriptors.append(descriptor)
            os.ftruncate(descriptor, room)
            made = mmap.mmap(descriptor, room)
        # Kept although every array may be dropped: its addresses must not be given out again, or
        # an array made elsewhere could be taken for one of ours.
        self._maps.append(made)
        self.blocks.append(block)
        self._used = 0


def attach(blocks: list[dict[str, Any]], descriptors: list[int]) -> list[mmap.mmap]:
    """Map an arena's blocks for reading, and close their descriptors.

    Raises
    ------
    OSError, ValueError
        A block cannot be mapped.
    """
    if sys.platform == "win32":
        return [
            mmap.mmap(-1, block["size"], tagname=block["tag"], access=mmap.ACCESS_READ)
            for block in blocks
        ]
    try:
        return [
            mmap.mmap(descriptor, block["size"], access=mmap.ACCESS_READ)
            for block, descriptor in zip(blocks, descriptors, strict=True)
        ]
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def read(maps: list[mmap.mmap], place: dict[str, Any]) -> Array:
    """Return the read-only array that `Arena.place` described; it keeps its map alive."""
    shape = tuple(place["shape"])
    array: Array = np.frombuffer(
        maps[place["block"]],
        dtype=np.dtype(place["dtype"]),
        count=math.prod(shape),
        offset=place["offset"],
    )
    return array.reshape(shape)


def _nameless_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("lstmviz")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
