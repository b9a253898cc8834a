"""The equations of an LSTM for all steps at once: gates and cell states from known h_t.

Once every h_t is known nothing but the cell state is recurrent, so the four gates of all steps are
two matrix products. They are worked in chunks of time that stay in the processor's cache, and
written where they are wanted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from lstmviz.engine.direction import steps_of
from lstmviz.engine.proof import largest, largest_difference, magnitude
from lstmviz.engine.scan import scan_cells, worth_blocks

if TYPE_CHECKING:
    from lstmviz.engine.direction import Direction
    from lstmviz.engine.pace import Pace

Gates = tuple[Tensor, Tensor, Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one direction's results go, as rows (L·N, H_cell).

    Attributes
    ----------
    hidden : Tensor, rows (L·N, H_out)
    cell : Tensor
    gates : list of Tensor
        i, f, g, o; empty where they are not wanted.
    direct : bool
        The rows are of the dtype and on the device that is computed in.
    """

    hidden: Tensor
    cell: Tensor
    gates: list[Tensor]
    direct: bool

    def store(self, rows: slice, hidden: Tensor, cell: Tensor, gates: Gates) -> None:
        """Copy a chunk's results to their places, unless they were computed in place."""
        steps_of(self.hidden, rows).copy_(hidden)
        if not self.direct:
            for place, gate in zip(self.gates, gates, strict=False):
                place[rows].copy_(gate)
            self.cell[rows].copy_(cell)

    def blank(self, rows: slice, past: Tensor) -> None:
        """Write NaN into the rows where `past` (T·N, 1) is true."""
        past = past.to(self.cell.device)
        for place in (self.hidden, self.cell, *self.gates):
            place[rows].masked_fill_(past, torch.nan)


@dataclass(slots=True)
class Recomputed:
    """What the equations gave, to compare with what the module returned.

    Attributes
    ----------
    difference : float
        Largest |o_t·tanh(c_t) - h_t| over all valid steps.
    finite : bool
        Every h_t is finite.
    h_n : Tensor, shape (N, H_out)
    c_n : Tensor, shape (N, H_cell)
    """

    difference: float
    finite: bool
    h_n: Tensor
    c_n: Tensor


class Equations:
    """The equations of one direction of one layer.

    Source: the ``torch.nn.LSTM`` page, with the rows of all steps in one product.
    """

    def __init__(self, direction: Direction, into: Destination, pace: Pace) -> None:
        self._direction, self._into, self._pace = direction, into, pace
        weights = direction.weights
        self._w_ih, self._w_hh = weights.w_ih.t(), weights.w_hh.t()
        self._w_hr = None if weights.w_hr is None else weights.w_hr.t()
        self._b_ih, self._b_hh = weights.b_ih, weights.b_hh
        if self._b_ih is not None and self._b_hh is not None and not direction.stepwise:
            self._b_ih, self._b_hh = self._b_ih + self._b_hh, None

    def preactivations(self, time: slice) -> Tensor:
        """Return W_ih·x_t + b_ih + W_hh·h_{t-1} + b_hh, rows (T·N, 4·H_cell)."""
        x, h = self._direction.input(time), self._direction.previous(time)
        most = self._direction.rows_without_a_word()
        if not self._pace.listening or x.shape[0] <= most:
            return self._products(x, h)
        z = x.new_empty(x.shape[0], self._w_ih.shape[1])
        for a, b, out in zip(x.split(most), h.split(most), z.split(most), strict=True):
            out.copy_(self._products(a, b))
            self._pace.advance(0.0)
        return z

    def _products(self, x: Tensor, h: Tensor) -> Tensor:
        z = torch.mm(x, self._w_ih) if self._b_ih is None else torch.addmm(self._b_ih, x, self._w_ih)
        if self._b_hh is not None:
            return z.add_(torch.addmm(self._b_hh, h, self._w_hh))
        return z.add_(h @ self._w_hh) if self._direction.stepwise else z.addmm_(h, self._w_hh)

    def gates(self, z: Tensor, rows: slice) -> Gates:
        """Return i, f, g, o, each (T·N, H_cell): the parts of `z` after sigmoid or tanh."""
        i, f, g, o = z.chunk(4, 1)
        to_i, to_f, to_g, to_o = i, f, g, o
        if self._into.direct and self._into.gates:
            to_i, to_f, to_g, to_o = (steps_of(place, rows) for place in self._into.gates)
        torch.sigmoid(i, out=to_i)
        torch.sigmoid(f, out=to_f)
        torch.tanh(g, out=to_g)
        torch.sigmoid(o, out=to_o)
        return to_i, to_f, to_g, to_o

    def cells(self, time: slice, rows: slice, gates: Gates, carry: Tensor) -> tuple[Tensor, Tensor]:
        """Return c_t = f_t·c_{t-1} + i_t·g_t, (T·N, H_cell), and the last one, (N·H_cell,)."""
        i, f, g, _ = gates
        d, steps = self._direction, time.stop - time.start
        c = steps_of(self._into.cell, rows) if self._into.direct else torch.empty_like(i)
        torch.mul(i, g, out=c)
        if d.past is not None:
            f, carry = self._start_ragged(time, c, f, carry)
        shape = (steps, carry.numel())
        c_steps, f_steps = c.view(shape), f.reshape(shape)
        in_blocks = not d.stepwise and worth_blocks(c_steps)
        reached = scan_cells(c_steps, f_steps, carry, reverse=d.reverse, in_blocks=in_blocks)
        if in_blocks and not math.isfinite(float(reached.sum())):
            torch.mul(i, g, out=c)
            if d.past is not None:
                self._start_ragged(time, c, gates[1], carry)
            scan_cells(c_steps, f_steps, carry, reverse=d.reverse)
        return c, reached

    def _start_ragged(
        self, time: slice, c: Tensor, f: Tensor, carry: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Make a ragged batch scan from zero past each length, and from c_0 where it begins."""
        d = self._direction
        past = _rows_of(d.past, time)
        c.masked_fill_(past, 0)
        f = f.masked_fill(past, 0)
        if d.reverse:
            steps, n = d.ending(time)
            rows = steps * d.c_0.shape[0] + n
            c[rows] += f[rows] * d.c_0[n]
            if time.stop == d.h.shape[0]:
                carry = torch.zeros_like(carry)
        return f, carry

    def hidden(self, o: Tensor, c: Tensor) -> Tensor:
        """Return h_t = o_t·tanh(c_t), rows (T·N, H_out), projected where the layer projects."""
        h = torch.tanh(c).mul_(o)
        return h if self._w_hr is None else h @ self._w_hr


def open_direction(
    direction: Direction, into: Destination, pace: Pace, share: float
) -> Recomputed:
    """Fill `into` from the equations and compare them with the known h_t.

    Parameters
    ----------
    direction : Direction
    into : Destination
    pace : Pace
    share : float
        Part of the whole work that this direction is.
    """
    batch, carry = direction.c_0.shape[0], direction.c_0.reshape(-1)
    found = Recomputed(0.0, True, direction.h_0, direction.c_0)  # noqa: FBT003 - named by its class
    equations = Equations(direction, into, pace)
    chunks = direction.chunks()
    for time in chunks:
        rows = slice(time.start * batch, time.stop * batch)
        gates = equations.gates(equations.preactivations(time), rows)
        c, carry = equations.cells(time, rows, gates, carry)
        h = equations.hidden(gates[3], c)
        known = steps_of(direction.h, time).reshape(h.shape)
        past = None if direction.past is None else _rows_of(direction.past, time)
        _compare(h, known, past, found)
        _keep_last(direction, time, h, c, found)
        into.store(rows, known, c, gates)
        if past is not None:
            carry = carry.clone()
            into.blank(rows, past)
        pace.advance(share / len(chunks))
    return found


def _compare(h: Tensor, known: Tensor, past: Tensor | None, found: Recomputed) -> None:
    worst = magnitude(torch.sub(h, known) if past is None else (h - known).masked_fill_(past, 0))
    if not math.isfinite(worst):
        found.finite = False
        worst = largest_difference(h, known, past)
    found.difference = largest(found.difference, worst)


def _rows_of(past: Tensor, time: slice) -> Tensor:
    return past[time].reshape(-1, 1)


def _keep_last(direction: Direction, time: slice, h: Tensor, c: Tensor, found: Recomputed) -> None:
    """Keep h and c of each sequence's final step, if it lies in `time`."""
    batch = direction.c_0.shape[0]
    if direction.reverse:
        if time.start == 0:
            found.h_n, found.c_n = h[:batch].clone(), c[:batch].clone()
    elif direction.past is None:
        if time.stop == direction.h.shape[0]:
            found.h_n, found.c_n = h[-batch:].clone(), c[-batch:].clone()
    else:
        steps, n = direction.ending(time)
        rows = steps * batch + n
        found.h_n = found.h_n.index_put((n,), h[rows])
        found.c_n = found.c_n.index_put((n,), c[rows])
