"""The equations of an LSTM, for all steps at once: gates and cell states from known h_t.

Once every h_t is known nothing but the cell state is recurrent, so the four gates of all steps are
two matrix products. They are worked in chunks of time that stay in the processor's cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from lstmviz.engine.proof import largest_difference
from lstmviz.engine.scan import scan_cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lstmviz.engine.call import LayerWeights

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction of one layer, with everything its equations need.

    Attributes
    ----------
    weights : LayerWeights
        In the dtype to compute in.
    inputs : tuple of Tensor, each of shape (L, N, width)
        The layer's input, in parts to be joined along features.
    h : Tensor, shape (L, N, H_out)
        Every h_t, indexed by input position.
    h_0 : Tensor, shape (N, H_out)
    c_0 : Tensor, shape (N, H_cell)
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
    inputs: tuple[Tensor, ...]
    h: Tensor
    h_0: Tensor
    c_0: Tensor
    reverse: bool
    past: Tensor | None
    lengths: Tensor | None
    stepwise: bool

    def chunks(self) -> Iterator[slice]:
        """Yield slices of time in the order of the computation."""
        steps, batch = self.h.shape[:2]
        row = max(1, 4 * self.c_0.numel() * self.c_0.element_size())
        size = max(1, _CHUNK_BYTES // row, 64 // max(1, batch))
        starts = range(0, steps, size)
        for start in reversed(starts) if self.reverse else starts:
            yield slice(start, min(start + size, steps))

    def input(self, time: slice) -> Tensor:
        """Return the layer's input rows, (T·N, width)."""
        parts = [part[time] for part in self.inputs]
        joined = parts[0] if len(parts) == 1 else torch.cat(parts, 2)
        return joined.reshape(-1, joined.shape[2]).to(self.weights.w_ih.dtype)

    def previous(self, time: slice) -> Tensor:
        """Return the h that each step of `time` started from, as rows (T·N, H_out)."""
        start, stop = time.start, time.stop
        first = self.h_0[None]
        if not self.reverse:
            h = self.h[start - 1 : stop - 1] if start else torch.cat([first, self.h[: stop - 1]])
        elif stop == self.h.shape[0]:
            h = torch.cat([self.h[start + 1 :], first.to(self.h.dtype)])
        else:
            h = self.h[start + 1 : stop + 1]
        if self.reverse and self.past is not None:
            h = self.starting(h.clone(), self.h_0, time)
        return h.reshape(-1, h.shape[2]).to(self.weights.w_hh.dtype)

    def ending(self, time: slice) -> tuple[Tensor, Tensor]:
        """Index the sequences whose last valid step lies in `time`: (step in chunk, n)."""
        assert self.lengths is not None  # noqa: S101 - ragged batches only
        last = self.lengths - 1
        n = ((last >= time.start) & (last < time.stop)).nonzero().squeeze(1)
        return last[n] - time.start, n

    def starting(self, values: Tensor, state: Tensor, time: slice) -> Tensor:
        """Put `state` where the reverse direction of a ragged batch starts; in place."""
        steps, n = self.ending(time)
        values[steps, n] = state[n].to(values.dtype)
        return values


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one direction's results go; each of shape (L, N, H_cell), None where unwanted."""

    cell: Tensor
    input_gate: Tensor | None
    forget_gate: Tensor | None
    cell_gate: Tensor | None
    output_gate: Tensor | None

    def gates(self) -> tuple[Tensor | None, ...]:
        """Return the gates' destinations in PyTorch's order: i, f, g, o."""
        return self.input_gate, self.forget_gate, self.cell_gate, self.output_gate


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What the equations gave, to compare with what the module returned.

    Attributes
    ----------
    hidden_difference : float
        Largest |o_t·tanh(c_t) - h_t| over all steps.
    h_n : Tensor, shape (N, H_out)
    c_n : Tensor, shape (N, H_cell)
    """

    hidden_difference: float
    h_n: Tensor
    c_n: Tensor


def open_direction(
    direction: Direction, into: Destination, done: Callable[[int], None]
) -> Recomputed:
    """Fill `into` from the equations and compare them with the known h_t.

    Source: the equations on the ``torch.nn.LSTM`` page.

    Parameters
    ----------
    direction : Direction
    into : Destination
    done : callable
        Told the number of steps finished after each chunk; may raise to cancel.
    """
    worst = 0.0
    carry = direction.c_0
    h_n, c_n = direction.h_0.clone(), direction.c_0.clone()
    for time in direction.chunks():
        i, f, g, o = gates(direction, time, into)
        c = torch.mul(i, g)
        carry = cells(direction, time, c, f, carry)
        h = hidden(direction.weights, o, c)
        collect_last(direction, time, h, h_n)
        collect_last(direction, time, c, c_n)
        worst = max_nan(worst, compare(direction, time, h))
        into.cell[time].copy_(c)
        if direction.past is not None:
            blank(into, time, direction.past[time])
        done(time.stop - time.start)
    return Recomputed(worst, h_n, c_n)


def gates(direction: Direction, time: slice, into: Destination) -> tuple[Tensor, ...]:
    """Return i, f, g, o of the steps in `time`, each (T, N, H_cell), and store those wanted."""
    w = direction.weights
    x, h = direction.input(time), direction.previous(time)
    z = torch.mm(x, w.w_ih.t()) if w.b_ih is None else torch.addmm(w.b_ih, x, w.w_ih.t())
    if direction.stepwise:
        z += torch.mm(h, w.w_hh.t()) if w.b_hh is None else torch.addmm(w.b_hh, h, w.w_hh.t())
    else:
        z.addmm_(h, w.w_hh.t())
        if w.b_hh is not None:
            z += w.b_hh
    z = z.view(time.stop - time.start, -1, z.shape[1])
    i, f, g, o = z.chunk(4, 2)
    for gate in (i, f, o):
        gate.sigmoid_()
    g.tanh_()
    for gate, place in zip((i, f, g, o), into.gates(), strict=True):
        if place is not None:
            place[time].copy_(gate)
    return i, f, g, o


def cells(direction: Direction, time: slice, c: Tensor, f: Tensor, carry: Tensor) -> Tensor:
    """Turn ``i·g`` in `c` into cell states in place; return the last one reached."""
    if direction.past is not None:
        past = direction.past[time].unsqueeze(2)
        c.masked_fill_(past, 0)
        if direction.reverse:
            f = f.masked_fill(past, 0)
            steps, n = direction.ending(time)
            c[steps, n] += f[steps, n] * direction.c_0[n]
            carry = torch.zeros_like(carry) if time.stop == direction.h.shape[0] else carry
    return scan_cells(c, f, carry, reverse=direction.reverse)


def hidden(weights: LayerWeights, o: Tensor, c: Tensor) -> Tensor:
    """Return h_t = o_t·tanh(c_t), projected where the layer projects; (T, N, H_out)."""
    h = torch.tanh(c).mul_(o)
    return h if weights.w_hr is None else h @ weights.w_hr.t()


def collect_last(direction: Direction, time: slice, values: Tensor, last: Tensor) -> None:
    """Keep in `last` (N, H) the values of each sequence's final step, if it lies in `time`."""
    if direction.reverse:
        if time.start == 0:
            last.copy_(values[0])
    elif direction.past is not None:
        steps, n = direction.ending(time)
        last[n] = values[steps, n]
    elif time.stop == direction.h.shape[0]:
        last.copy_(values[-1])


def compare(direction: Direction, time: slice, h: Tensor) -> float:
    """Return the largest difference of recomputed `h` to the known h_t of valid steps."""
    known = direction.h[time].to(h.dtype)
    past = None if direction.past is None else direction.past[time]
    return largest_difference(h, known, past)


def max_nan(a: float, b: float) -> float:
    """Return the larger; NaN if either is."""
    return b if b != b or b > a else a  # noqa: PLR0124 - NaN differs from itself


def blank(into: Destination, time: slice, past: Tensor) -> None:
    """Write NaN past each sequence's length."""
    for place in (into.cell, *into.gates()):
        if place is not None:
            place[time].masked_fill_(past.to(place.device).unsqueeze(2), torch.nan)
