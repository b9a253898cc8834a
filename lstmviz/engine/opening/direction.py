"""One direction of one layer: what its equations need, chunk by chunk of time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

if TYPE_CHECKING:
    from lstmviz.engine.opening.call import LayerWeights
    from lstmviz.engine.opening.compared import Locate

_CACHED_BYTES = 2 << 20
_CACHED_BYTES_ELSEWHERE = 256 << 20
_ROWS_WORTH_A_PRODUCT = 1024
_FLOPS_WITHOUT_A_WORD = 4e9


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """One direction of one layer, with everything its equations need.

    Attributes
    ----------
    weights : LayerWeights
        In the dtype to compute in.
    x : Tensor, shape (L, N, width)
        The layer's input.
    h : Tensor, shape (L, N, H_out)
        Every h_t, indexed by input position.
    h_0, h_n : Tensor, shape (N, H_out)
    c_0, c_n : Tensor, shape (N, H_cell)
        States before the first step and, as the module returned them, after the last.
    reverse : bool
        Runs from the last step to the first.
    past : Tensor of bool, shape (L, N), or None
        Steps past a sequence's length.
    lengths : Tensor of int64, shape (N,), or None
        Set where `past` is.
    stepwise : bool
        Round as PyTorch's unfused implementation does: each product with its own bias.
    """

    weights: LayerWeights
    x: Tensor
    h: Tensor
    h_0: Tensor
    c_0: Tensor
    h_n: Tensor
    c_n: Tensor
    reverse: bool
    past: Tensor | None
    lengths: Tensor | None
    stepwise: bool

    def widened(self) -> Direction:
        """Return it in float32, which fused kernels add in whatever they are given."""
        if self.weights.w_ih.dtype == torch.float32:
            return self
        weights = self.weights.to(self.h.device, torch.float32)
        states = ("x", "h", "h_0", "c_0", "h_n", "c_n")
        return replace(self, weights=weights, **{n: getattr(self, n).float() for n in states})

    def chunks(self) -> list[slice]:
        """Return slices of time in the order of the computation.

        A chunk's gates stay in cache, and its rows are enough for an efficient product.
        """
        batch, cells = self.c_0.shape
        steps = self.h.shape[0]
        cached = _CACHED_BYTES if self.h.device.type == "cpu" else _CACHED_BYTES_ELSEWHERE
        rows = max(_ROWS_WORTH_A_PRODUCT, cached // (4 * cells * self.c_0.element_size()))
        size = max(1, rows // batch)
        if steps <= size:
            return [slice(0, steps)]
        chunks = [slice(start, min(start + size, steps)) for start in range(0, steps, size)]
        return chunks[::-1] if self.reverse else chunks

    def rows_without_a_word(self) -> int:
        """Return how many rows a product may have before a caller waits too long for a word."""
        products = self.weights.w_ih.numel() + self.weights.w_hh.numel()
        return max(1, int(_FLOPS_WITHOUT_A_WORD / (2 * products)))

    def input(self, time: slice) -> Tensor:
        """Return the layer's input rows, (T·N, width)."""
        rows = steps_of(self.x, time).reshape(-1, self.x.shape[2])
        dtype = self.weights.w_ih.dtype
        return rows if rows.dtype == dtype else rows.to(dtype)

    def known(self, time: slice) -> Tensor:
        """Return h_t as rows (T·N, H_out)."""
        return steps_of(self.h, time).reshape(-1, self.h.shape[2])

    def previous(self, time: slice) -> Tensor:
        """Return the h that each step of `time` started from, as rows (T·N, H_out)."""
        start, stop, end = time.start, time.stop, self.h.shape[0]
        width = self.h.shape[2]
        if not self.reverse:
            rows = self.h[max(0, start - 1) : stop - 1].reshape(-1, width)
            return rows if start else torch.cat((self.h_0, rows))
        rows = self.h[start + 1 : min(end, stop + 1)].reshape(-1, width)
        rows = rows if stop < end else torch.cat((rows, self.h_0))
        if self.past is not None:
            at, n = self.ending(time)
            rows = rows.index_put((at,), self.h_0[n])
        return rows

    def ending(self, time: slice) -> tuple[Tensor, Tensor]:
        """Index the sequences of a ragged batch whose last step lies in `time`: (row in it, n)."""
        assert self.lengths is not None  # noqa: S101 - set wherever `past` is
        last = self.lengths - 1
        n = ((last >= time.start) & (last < time.stop)).nonzero().squeeze(1)
        return (last[n] - time.start) * self.c_0.shape[0] + n, n

    def last_of(self, time: slice) -> Ends | None:
        """Return where each sequence's final step lies in `time`; None where none does."""
        batch = self.c_0.shape[0]
        if self.past is not None and not self.reverse:
            rows, n = self.ending(time)
            steps, items = (rows // batch + time.start).tolist(), n.tolist()
            return Ends(rows, n, lambda k: (steps[k], items[k])) if items else None
        every = slice(None)
        if self.reverse and time.start == 0:
            return Ends(slice(0, batch), every, lambda n: (0, n))
        if not self.reverse and time.stop == self.h.shape[0]:
            step, count = time.stop - 1, (time.stop - time.start) * batch
            return Ends(slice(count - batch, count), every, lambda n: (step, n))
        return None

    def locate(self, time: slice) -> Locate:
        """Return what tells the step and the batch item of a row (T·N) of `time`."""
        batch = self.c_0.shape[0]
        return lambda row: (time.start + row // batch, row % batch)


class Ends(NamedTuple):
    """Where the final steps of sequences lie in rows (T·N), and where in h_n and c_n."""

    rows: Tensor | slice
    items: Tensor | slice
    locate: Locate


def steps_of(values: Tensor, time: slice) -> Tensor:
    """Return `values` (L, ...) at `time`; themselves where that is all of them."""
    return values if time.stop - time.start == values.shape[0] else values[time]
