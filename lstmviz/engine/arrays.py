"""The arrays a trace is returned in, made by the caller's allocator and filled through torch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch

from lstmviz.core.trace import GATES

if TYPE_CHECKING:
    from torch import Tensor

    from lstmviz.core.trace import Array
    from lstmviz.engine.call import Call
    from lstmviz.engine.pace import Pace

_FLOAT32 = np.dtype(np.float32)
_KINDS: dict[torch.dtype, np.dtype[Any]] = {
    torch.float32: _FLOAT32,
    torch.float64: np.dtype(np.float64),
    torch.int64: np.dtype(np.int64),
}
_BYTES_WITHOUT_A_WORD = 64 << 20
_LARGE_PAGES_FROM = 4 << 20
"""Bytes from which numpy asks the system for large pages."""
_MOST_WASTE = 1.25
_ALIGNMENT = 64
_MOST_ARRAYS = 6


class Allocate(Protocol):
    """Make the array that a result is written into; called with a Trace field's name."""

    def __call__(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any], /) -> Array:
        """Return a C-contiguous array of `shape` and `dtype`; its values do not matter."""


class Arrays:
    """Result arrays by Trace field name."""

    def __init__(self, allocate: Allocate | None) -> None:
        self._allocate = allocate
        self._room: Array | None = None
        self._used = 0
        self.by_name: dict[str, Array] = {}

    def reserve(self, count: int) -> None:
        """Have room for `count` bytes of arrays in one piece, where that is worth it.

        Small pages are handed out one fault at a time, which was seen to take twelve times as long
        as filling them; one piece is large enough for large ones. The arrays then share it, and it
        is given back with the last of them.
        """
        if self._allocate is None and count * _MOST_WASTE >= _LARGE_PAGES_FROM:
            room = max(count, _LARGE_PAGES_FROM) + _MOST_ARRAYS * _ALIGNMENT
            self._room, self._used = np.empty(room, np.uint8), 0

    def _from_room(self, shape: tuple[int, ...], kind: np.dtype[Any]) -> Array | None:
        """Return an array in the reserved room; None where there is none left."""
        if self._room is None:
            return None
        start = -(-(self._room.ctypes.data + self._used) // _ALIGNMENT) * _ALIGNMENT
        start -= self._room.ctypes.data
        size = math.prod(shape) * kind.itemsize
        if start + size > self._room.nbytes:
            return None
        self._used = start + size
        return self._room[start : start + size].view(kind).reshape(shape)

    def new(self, name: str, shape: tuple[int, ...], dtype: torch.dtype) -> Array:
        """Make the array called `name`; float16 and bfloat16 become float32.

        Raises
        ------
        ValueError
            The allocator returned something else than was asked for.
        """
        array: Array
        kind = _KINDS.get(dtype, _FLOAT32)
        if self._allocate is None:
            taken = self._from_room(shape, kind)
            array = np.empty(shape, kind) if taken is None else taken
        else:
            array = self._allocate(name, shape, kind)
            if array.shape != shape or array.dtype != kind or not array.flags.c_contiguous:
                raise ValueError(
                    f"allocate returned {array.dtype} {array.shape} for {name}; a contiguous"
                    f" {kind} {shape} is needed."
                )
        self.by_name[name] = array
        return array

    @property
    def given(self) -> bool:
        """Whether the caller makes the arrays."""
        return self._allocate is not None

    def keep(self, name: str, values: Tensor, pace: Pace) -> None:
        """Store a tensor that nobody else will write to; without a copy where that is possible."""
        plain = values.device.type == "cpu" and values.dtype in _KINDS
        if self.given or not plain or self._holds(values):
            self.copy(name, values, pace)
        else:
            self.by_name[name] = values.numpy()

    def _holds(self, values: Tensor) -> bool:
        """Return whether `values` are one of the arrays already."""
        return any(values.data_ptr() == array.ctypes.data for array in self.by_name.values())

    def copy(self, name: str, values: Tensor, pace: Pace | None = None) -> None:
        """Store a copy of `values` as the array called `name`."""
        place = torch.from_numpy(self.new(name, tuple(values.shape), values.dtype))
        if pace is None or place.nbytes <= _BYTES_WITHOUT_A_WORD:
            place.copy_(values)
            return
        rows = max(1, _BYTES_WITHOUT_A_WORD // (place.nbytes // place.shape[0]))
        for start in range(0, place.shape[0], rows):
            place[start : start + rows].copy_(values[start : start + rows])
            pace.advance(0.0)


class Places:
    """The arrays that h_t, c_t and the gates of every layer and direction go to.

    Parameters
    ----------
    call : Call
    arrays : Arrays
        Makes and keeps them.
    dtype : torch.dtype
        What the module computes in.
    gates : bool
        The four gates are wanted too.
    """

    def __init__(self, call: Call, arrays: Arrays, dtype: torch.dtype, *, gates: bool) -> None:
        lead = (call.module.num_layers, call.directions, call.seq_len, call.batch_size)
        widths = dict.fromkeys(("cell", *GATES) if gates else ("cell",), call.module.hidden_size)
        widths = {"hidden": call.output_size, **widths}
        arrays.reserve(math.prod(lead) * sum(widths.values()) * max(4, dtype.itemsize))
        self._arrays = [arrays.new(name, (*lead, wide), dtype) for name, wide in widths.items()]
        self._shape, self._directions = (call.seq_len, call.batch_size, -1), call.directions
        self._ours = not arrays.given

    def of(self, k: int) -> list[Array]:
        """Return the arrays of one direction of one layer, as rows (L·N, H).

        Parameters
        ----------
        k : int
            layer · D + direction, as ``h_n`` counts them.
        """
        layer, way = divmod(k, self._directions)
        return [array[layer, way].reshape(-1, array.shape[4]) for array in self._arrays]

    def output(self, k: int) -> Tensor | None:
        """Return where h_t of one direction goes, (L, N, H_out), for a kernel to write to.

        None where the memory is the caller's: a kernel that is left running after a cancel would
        still write to it.
        """
        return torch.from_numpy(self.of(k)[0]).view(self._shape) if self._ours else None
