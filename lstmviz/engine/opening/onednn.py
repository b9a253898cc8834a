"""oneDNN's LSTM kernel, which runs one direction of one layer, and what it keeps of the run.

While gradients are recorded the kernel leaves every activated gate and every cell state in a
workspace, for the backward pass. Where in it they lie is oneDNN's own affair and may change, so
nothing that is read there may be believed before the equations confirm it, as `saved_gates` does.
"""

from __future__ import annotations

import mmap
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from lstmviz.engine.torch_internals import EMPTY, FUSED_LAYER, Watch, run_by_key

if TYPE_CHECKING:
    from lstmviz.engine.opening.call import Call

_PAGE = 4096
_LANES = 16
"""float32 numbers in a cache line, to which oneDNN rounds the length of a row."""
_ALIASING = 256
"""Row lengths of a multiple of this many numbers get a further cache line."""

_LARGE_PAGE = 2 << 20
_WORTH_LARGE_PAGES = 2 * _LARGE_PAGE
_SPARE_BYTES = 16 << 20


class Kept(NamedTuple):
    """What the kernel kept, in the order in which it ran through time.

    Attributes
    ----------
    gates : Tensor, shape (L, N, 4·H_cell)
        i, f, g and o, after sigmoid or tanh; rows are strided.
    cells : Tensor, shape (L + 1, N, H_cell)
        A place for c_0, then every c_t, but for a place for the last, which is only returned.
    """

    gates: Tensor
    cells: Tensor

    def between(self) -> tuple[int, int]:
        """Return from which byte of the workspace to which neither of them lies."""
        return 4 * len(self.gates) * self.gates.stride(0), 4 * int(self.cells.storage_offset())


def kept_in(workspace: Tensor, seq_len: int, batch: int, width: int, cells: int) -> Kept | None:
    """Return views of what the kernel left in `workspace`, if it has room for it.

    Parameters
    ----------
    workspace : Tensor of uint8
    seq_len, batch, width, cells : int
        L, N, the layer's input width and H_cell.
    """
    row, size = _row(4 * cells), (seq_len + 1) * batch * cells
    gates = seq_len * batch * row
    states = 2 * (seq_len + 1) * batch * _row(max(width, cells))
    shown = seq_len * batch * _row(cells)
    start = _pages(gates) + _pages(states) + _pages(shown) + size
    if 4 * (start + size) > workspace.numel():
        return None
    numbers = workspace[: 4 * (start + size)].view(torch.float32)
    return Kept(
        numbers.as_strided((seq_len, batch, 4 * cells), (batch * row, row, 1)),
        numbers[start:].view(seq_len + 1, batch, cells),
    )


def _row(length: int) -> int:
    """Return how many numbers oneDNN reserves for a row of `length`."""
    rounded = -(-length // _LANES) * _LANES
    return rounded + _LANES if rounded % _ALIASING == 0 else rounded


def _pages(numbers: int) -> int:
    """Return `numbers` of float32, rounded up to whole pages."""
    page = _PAGE // 4
    return -(-numbers // page) * page


class Workspace:
    """Memory that kernels work in, one after the other.

    Fresh memory costs more than what is computed into it, so it lies in large pages where there
    are any, and a small one outlives its trace. A large one gives its parts back as they are read,
    because what they are copied to takes as much.

    Attributes
    ----------
    gate_bytes : int
        Bytes that gates take, which are its first.
    taken : Tensor of uint8
        What a kernel was last given of it.
    """

    _spares: ClassVar[list[Workspace]] = []
    """At most about one; a list, because taking from it is one act, whoever else takes."""

    def __init__(self) -> None:
        self.gate_bytes = 0
        self._map: mmap.mmap | None = None
        self._bytes = torch.empty(0, dtype=torch.uint8, device="cpu")
        self.taken = self._bytes

    @classmethod
    def take(cls, call: Call) -> Workspace:
        """Return one that nobody else uses; `put_back` it, unless a kernel may still run in it."""
        try:
            taken = cls._spares.pop()
        except IndexError:
            taken = cls()
        taken.gate_bytes = 4 * call.seq_len * call.batch_size * _row(4 * call.sizes.hidden_size)
        return taken

    def put_back(self) -> None:
        """Leave it to the next trace."""
        if self._bytes.numel() <= _SPARE_BYTES and not self._spares:
            self._spares.append(self)

    def room(self, count: int) -> Tensor:
        """Return `count` bytes, whatever is in them; they are `taken` now."""
        if self._bytes.numel() < count:
            self._bytes = self._allocate(count)
        self.taken = self._bytes[:count]
        return self.taken

    def _allocate(self, count: int) -> Tensor:
        self._map = None
        if count < _WORTH_LARGE_PAGES or not hasattr(mmap, "MADV_HUGEPAGE"):
            return torch.empty(count, dtype=torch.uint8, device="cpu")
        self._map = mmap.mmap(-1, count, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        # The gates are what is sure to fill large pages; behind them much stays untouched.
        large = min(self.gate_bytes, count) // _LARGE_PAGE * _LARGE_PAGE
        with suppress(OSError):  # A system may know of large pages and have none.
            self._map.madvise(mmap.MADV_HUGEPAGE, 0, max(large, _LARGE_PAGE))
        return torch.from_numpy(np.frombuffer(self._map, np.uint8))

    def forget(self, start: int, stop: int) -> None:
        """Give the bytes from `start` to `stop` back to the system, where that is worth it."""
        start, stop = -(-start // _LARGE_PAGE) * _LARGE_PAGE, stop // _LARGE_PAGE * _LARGE_PAGE
        if self._map is not None and self.taken.numel() > _SPARE_BYTES and start < stop:
            with suppress(OSError):  # Locked memory cannot be given back.
                self._map.madvise(mmap.MADV_DONTNEED, start, stop - start)


class _HandingOut(Watch):
    """Hand out memory where a kernel allocates its workspace, which it does in bytes, and output.

    Parameters
    ----------
    workspace : Workspace
    output : Tensor of float32, shape (L, N, H_cell), or None
    """

    def __init__(self, workspace: Workspace, output: Tensor | None) -> None:
        super().__init__()
        self._workspace, self._output = workspace, output
        self.used = False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is EMPTY and kwargs.get("dtype") is torch.uint8:
            self.used = True
            return self._workspace.room(args[0][0])
        output = self._output
        if func is EMPTY and output is not None and args[0] == list(output.shape):
            self._output = None
            return output
        return func(*args, **kwargs)


def run_layer(args: tuple[Any, ...], *, grad: bool) -> tuple[Tensor, ...]:
    """Run the kernel as PyTorch was about to, on any thread; kernels differ by `grad`."""
    with torch.set_grad_enabled(grad):
        result: tuple[Tensor, ...] = FUSED_LAYER(*_detached(args))
    return result


def run_layer_in(
    workspace: Workspace, output: Tensor | None, args: tuple[Any, ...]
) -> tuple[tuple[Tensor, ...], bool]:
    """Run the kernel as PyTorch does while gradients are recorded, in memory of ours.

    Parameters
    ----------
    workspace : Workspace
    output : Tensor of float32, shape (L, N, H_cell), or None
        Where h_t goes; nowhere in particular unless given.
    args : tuple
        The kernel's.

    Returns
    -------
    tuple of Tensor
        As the kernel's; an empty tensor in place of the workspace.
    bool
        Whether the kernel took the workspace.
    """
    args, inside = _detached(args), _HandingOut(workspace, output)
    with torch.enable_grad(), inside:
        # Asked for by its key the kernel is run, and only what it calls passes the mode.
        result = run_by_key(args)
    if inside.used:
        result = (*result[:3], torch.empty(0, dtype=torch.uint8, device="cpu"))
    return result, inside.used


def _detached(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(value.detach() if isinstance(value, Tensor) else value for value in args)


class _Seen(Watch):
    """Notice whether a fused kernel is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.found = self.found or func is FUSED_LAYER
        return func(*args, **kwargs) if kwargs else func(*args)


@cache
def runs_fused(dtype: torch.dtype, *, grad: bool) -> bool:
    """Return whether PyTorch hands the smallest LSTM of half precision to oneDNN, and it runs.

    That is for the processor, oneDNN's own settings and PyTorch's version to say, so it is tried.
    """
    x, weight, bias = (torch.zeros(shape, dtype=dtype) for shape in ((1, 1, 1), (4, 1), (4,)))
    state, seen = (x, x), _Seen()
    lstm: Any = torch.lstm
    with seen, torch.set_grad_enabled(grad), suppress(RuntimeError):
        lstm(x, state, [weight, weight, bias, bias], True, 1, 0.0, False, False, False)
        return seen.found
    return False
