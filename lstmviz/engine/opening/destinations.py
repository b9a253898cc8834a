"""The arrays a trace is returned in, made by the caller's allocator and filled through torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch

from lstmviz.core.cells import LSTM
from lstmviz.engine.dispatch import HALVES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from lstmviz.core.trace import Array
    from lstmviz.engine.opening.call import Call
    from lstmviz.engine.progress import Pace

_FLOAT32 = np.dtype(np.float32)
_KINDS: dict[torch.dtype, np.dtype[Any]] = {
    torch.float32: _FLOAT32,
    torch.float64: np.dtype(np.float64),
    torch.int64: np.dtype(np.int64),
}
_FEW_BYTES = 1 << 16
"""Which numpy copies sooner than PyTorch is called."""
_BYTES_WITHOUT_A_WORD = 64 << 20


def as_array(values: Tensor) -> Array:
    """Return `values` as a numpy array, float32 where numpy has no such dtype."""
    whole = values.float() if values.dtype in HALVES else values
    array: Array = whole.detach().cpu().numpy()
    return array


class Allocate(Protocol):
    """Make the array that a result is written into; called with a Trace field's name."""

    def __call__(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any], /) -> Array:
        """Return a C-contiguous array of `shape` and `dtype`; its values do not matter."""


class Arrays:
    """Result arrays by Trace field name."""

    def __init__(self, allocate: Allocate | None) -> None:
        self._allocate = allocate
        self.by_name: dict[str, Array] = {}

    def new(self, name: str, shape: tuple[int, ...], dtype: torch.dtype) -> Array:
        """Make the array called `name`; float16 and bfloat16 become float32.

        Raises
        ------
        ValueError
            The allocator returned something else than was asked for.
        """
        kind = _KINDS.get(dtype, _FLOAT32)
        if self._allocate is None:
            array: Array = np.empty(shape, kind)
        else:
            array = self._allocate(name, shape, kind)
            if array.shape != shape or array.dtype != kind or not array.flags.c_contiguous:
                raise ValueError(
                    f"allocate returned {array.dtype} {array.shape} for {name}; a contiguous"
                    f" {kind} {shape} is needed."
                )
        self.by_name[name] = array
        return array

    def together(self, names: Sequence[str], shape: tuple[int, ...], dtype: torch.dtype) -> None:
        """Make arrays of one shape in one piece of memory, where it is ours to make.

        Small pages are handed out one fault at a time, which was seen to take twelve times as long
        as filling them, and numpy asks for large ones from 4 MB. The piece is given back with the
        last of the arrays.
        """
        if self.given:
            for name in names:
                self.new(name, shape, dtype)
        else:
            piece = np.empty((len(names), *shape), _KINDS.get(dtype, _FLOAT32))
            self.by_name.update(zip(names, piece, strict=True))

    @property
    def given(self) -> bool:
        """Whether the caller makes the arrays."""
        return self._allocate is not None

    def keep(self, name: str, values: Tensor, pace: Pace) -> None:
        """Store a tensor that nobody else will write to; without a copy where that is possible."""
        if not self.given and _is_plain(values):
            self.by_name[name] = values.numpy()
        else:
            self.copy(name, values, pace)

    def copy(self, name: str, values: Tensor, pace: Pace | None = None) -> None:
        """Store a copy of `values` as the array called `name`."""
        if not self.given and values.nbytes <= _FEW_BYTES and _is_plain(values):
            self.by_name[name] = values.numpy().copy()
            return
        place = torch.from_numpy(self.new(name, tuple(values.shape), values.dtype))
        if pace is None or place.nbytes <= _BYTES_WITHOUT_A_WORD:
            place.copy_(values)
            return
        rows = max(1, _BYTES_WITHOUT_A_WORD // (place.nbytes // place.shape[0]))
        for start in range(0, place.shape[0], rows):
            place[start : start + rows].copy_(values[start : start + rows])
            pace.advance(0.0)


def _is_plain(values: Tensor) -> bool:
    """Return whether numpy can hold `values` as they are."""
    return values.device.type == "cpu" and values.dtype in _KINDS


class Destinations:
    """The arrays that h_t, c_t and the gates of every layer and direction go to.

    Parameters
    ----------
    call : Call
    arrays : Arrays
        Makes and keeps them; holds none yet.
    dtype : torch.dtype
        What the module computes in.
    gates : bool
        The four gates are wanted too.

    Attributes
    ----------
    lent : bool
        A kernel may have written to them what the module then returned.
    """

    def __init__(self, call: Call, arrays: Arrays, dtype: torch.dtype, *, gates: bool) -> None:
        lead = (call.sizes.num_layers, call.directions, call.seq_len, call.batch_size)
        alike = [*LSTM.state_names, *(LSTM.gate_names if gates else ())]
        if call.sizes.proj_size:
            arrays.new(alike.pop(0), (*lead, call.output_size), dtype)
        arrays.together(alike, (*lead, call.sizes.hidden_size), dtype)
        self._arrays = list(arrays.by_name.values())
        self._shape, self._directions = (call.seq_len, call.batch_size, -1), call.directions
        self._ours = not arrays.given
        self.lent = False

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
        self.lent = self._ours
        return torch.from_numpy(self.of(k)[0]).view(self._shape) if self._ours else None
