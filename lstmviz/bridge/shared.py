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
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lstmviz.bridge.typed import typed

if sys.platform != "win32":
    import fcntl

Array = npt.NDArray[Any]

_ALIGNMENT: Final = 64
_SMALLEST_BLOCK: Final = 1 << 20
_CAN_SEAL: Final = sys.platform == "linux" and hasattr(os, "memfd_create")
_DTYPES: Final = frozenset(
    np.dtype(kind).str
    for kind in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?")
)
"""What an array from the other side may hold: numbers, never objects."""


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
            descriptor = _nameless_file(room)
            self.descriptors.append(descriptor)
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
        A block cannot be mapped, is smaller than it should be, or could still be made so: reading
        past its end would end this process.
    """
    if sys.platform == "win32":
        return [
            mmap.mmap(-1, block["size"], tagname=block["tag"], access=mmap.ACCESS_READ)
            for block in blocks
        ]
    try:
        for descriptor in descriptors:
            _check_size_stays(descriptor)
        return [
            mmap.mmap(descriptor, block["size"], access=mmap.ACCESS_READ)
            for block, descriptor in zip(blocks, descriptors, strict=True)
        ]
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class _Place:
    block: int
    offset: int
    shape: tuple[int, ...]
    dtype: str


def read(maps: list[mmap.mmap], place: dict[str, Any]) -> Array:
    """Return the read-only array that `Arena.place` described; it keeps its map alive.

    Raises
    ------
    ValueError
        There is no such place in `maps`, or it is no array of plain numbers.
    """
    at = typed(_Place, place)
    numbers = (at.block, at.offset, *at.shape)
    if at.dtype not in _DTYPES or min(numbers) < 0 or at.block >= len(maps):
        raise ValueError("no place of an array")
    kind, count = np.dtype(at.dtype), math.prod(at.shape)
    if at.offset % kind.itemsize or at.offset + count * kind.itemsize > len(maps[at.block]):
        raise ValueError("an array beyond its block")
    array: Array = np.frombuffer(maps[at.block], kind, count, at.offset)
    return array.reshape(at.shape)


def _nameless_file(size: int) -> int:
    """Return a file of `size` bytes without a name, where the system can so that it stays so."""
    if not _CAN_SEAL:
        with tempfile.TemporaryFile() as file:
            file.truncate(size)
            return os.dup(file.fileno())
    descriptor = os.memfd_create("lstmviz", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
    return descriptor


def _check_size_stays(descriptor: int) -> None:
    if _CAN_SEAL and not fcntl.fcntl(descriptor, fcntl.F_GET_SEALS) & fcntl.F_SEAL_SHRINK:
        raise ValueError("a block that may shrink")
