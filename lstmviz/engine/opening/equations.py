"""The equations of an LSTM for all steps at once: gates and cell states from known h_t.

Once every h_t is known nothing but the cell state is recurrent, so the four gates of all steps are
two matrix products. They are worked in chunks of time that stay in the processor's cache, and
written where they are wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from lstmviz.engine.opening.compared import Compared, largest
from lstmviz.engine.opening.direction import steps_of
from lstmviz.engine.opening.nonfinite import is_finite
from lstmviz.engine.opening.scan import scan_cells, worth_blocks

if TYPE_CHECKING:
    from lstmviz.core.trace import Array
    from lstmviz.engine.opening.direction import Direction
    from lstmviz.engine.progress import Pace

Gates = tuple[Tensor, Tensor, Tensor, Tensor]

_WORTH_A_DETOUR = 1 << 12
_TANH_IS_ONE = 10.0
_ROUNDED_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
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

    @classmethod
    def of(cls, places: list[Array], dtype: torch.dtype, device: torch.device) -> Destination:
        """Wrap the arrays of h_t, c_t and the gates, for results of `dtype` on `device`."""
        hidden, cell, *gates = (torch.from_numpy(place) for place in places)
        return cls(hidden, cell, gates, cell.dtype == dtype and device.type == "cpu")

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
        self.finite = all(is_finite(weight) for weight in weights.present())
        detour = not direction.stepwise and weights.w_ih.dtype == torch.float32
        self._tanh = _tanh if detour else torch.tanh
        # Made once for all chunks: fresh memory costs more than what is computed into it.
        self._z: Tensor | None = None
        self._h: Tensor | None = None

    def preactivations(self, time: slice) -> Tensor:
        """Return W_ih·x_t + b_ih + W_hh·h_{t-1} + b_hh, rows (T·N, 4·H_cell), until asked again."""
        x, h = self._direction.input(time), self._direction.previous(time)
        self.finite = self.finite and is_finite(x)
        if self._z is None or self._z.shape[0] < x.shape[0]:
            self._z = x.new_empty(x.shape[0], self._w_ih.shape[1])
        z, most = self._z[: x.shape[0]], self._direction.rows_without_a_word()
        if not self._pace.listening or x.shape[0] <= most:
            self._products(x, h, z)
            return z
        for start in range(0, x.shape[0], most):
            rows = slice(start, start + most)
            self._products(x[rows], h[rows], z[rows])
            self._pace.advance(0.0)
        return z

    def _products(self, x: Tensor, h: Tensor, z: Tensor) -> None:
        if self._b_ih is None:
            torch.mm(x, self._w_ih, out=z)
        else:
            torch.addmm(self._b_ih, x, self._w_ih, out=z)
        if self._b_hh is not None:
            z.add_(torch.addmm(self._b_hh, h, self._w_hh))
        elif self._direction.stepwise:
            z.add_(h @ self._w_hh)
        else:
            z.addmm_(h, self._w_hh)

    def gates(self, z: Tensor, rows: slice) -> Gates:
        """Return i, f, g, o, each (T·N, H_cell): the parts of `z` after sigmoid or tanh."""
        i, f, g, o = z.chunk(4, 1)
        to_i, to_f, to_g, to_o = i, f, g, o
        if self._into.direct and self._into.gates:
            to_i, to_f, to_g, to_o = (steps_of(place, rows) for place in self._into.gates)
        torch.sigmoid(i, out=to_i)
        torch.sigmoid(f, out=to_f)
        self._tanh(g, out=to_g)
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
        if in_blocks and not is_finite(reached):
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
        assert d.past is not None  # noqa: S101 - called for ragged batches only
        past = rows_of(d.past, time)
        c.masked_fill_(past, 0)
        f = f.masked_fill(past, 0)
        if d.reverse:
            rows, n = d.ending(time)
            c[rows] += f[rows] * d.c_0[n]
            if time.stop == d.h.shape[0]:
                carry = torch.zeros_like(carry)
        return f, carry

    def hidden(self, o: Tensor, c: Tensor) -> Tensor:
        """Return h_t = o_t·tanh(c_t), rows (T·N, H_out), projected where the layer projects."""
        if self._direction.stepwise or self._w_hr is not None:
            h = torch.tanh(c).mul_(o)
            return h if self._w_hr is None else h @ self._w_hr
        if self._h is None or self._h.shape[0] < c.shape[0]:
            self._h = torch.empty_like(c)
        return tanh_to_compare(c, out=self._h[: c.shape[0]]).mul_(o)


def tanh_to_compare(c: Tensor, *, out: Tensor) -> Tensor:
    """Return tanh(c) in `out`, off by no more than one rounding of 1.

    For many numbers 2σ(2c) - 1 is three times as fast. Fused kernels round in a way of their own
    anyway, so what is only compared with theirs needs nothing nearer.
    """
    if c.numel() < _WORTH_A_DETOUR:
        return torch.tanh(c, out=out)
    return torch.mul(c, 2, out=out).sigmoid_().mul_(2).sub_(1)


def _tanh(z: Tensor, *, out: Tensor) -> None:
    """Write tanh(z), to a few roundings, into `out`: for many numbers half as dear as PyTorch's.

    tanh z = (e^{2z} - 1) / (e^{2z} + 1), with the difference from ``expm1``, which keeps the digits
    of small z. From z = 10 on it is 1 to float32.
    """
    torch.clamp(z, -_TANH_IS_ONE, _TANH_IS_ONE, out=out).mul_(2).expm1_()
    out.div_(out + 2)


def open_direction(direction: Direction, into: Destination, pace: Pace, share: float) -> Compared:
    """Fill `into` from the equations and compare them with what the module computed.

    Parameters
    ----------
    direction : Direction
    into : Destination
    pace : Pace
    share : float
        Part of the whole work that this direction is.
    """
    batch, carry = direction.c_0.shape[0], direction.c_0.reshape(-1)
    found, equations = Compared(), Equations(direction, into, pace)
    chunks = direction.chunks()
    for time in chunks:
        rows = slice(time.start * batch, time.stop * batch)
        gates = equations.gates(equations.preactivations(time), rows)
        found.finite &= equations.finite
        c, carry = equations.cells(time, rows, gates, carry)
        h, known = equations.hidden(gates[3], c), direction.known(time)
        past = None if direction.past is None else rows_of(direction.past, time)
        apart = found.difference(
            "h_t", (h, known), direction.locate(time), past=past, backwards=direction.reverse
        )
        found.hidden = largest(found.hidden, apart)
        _compare_last(direction, time, h, c, found)
        into.store(rows, known, c, gates)
        if past is not None:
            carry = carry.clone()
            into.blank(rows, past)
        pace.advance(share / len(chunks))
    return found


def _compare_last(direction: Direction, time: slice, h: Tensor, c: Tensor, found: Compared) -> None:
    """Compare h and c of each sequence's final step, if it lies in `time`, to h_n and c_n."""
    last = direction.last_of(time)
    if last is None:
        return
    pairs = (h[last.rows], direction.h_n[last.items]), (c[last.rows], direction.c_n[last.items])
    found.h_n = largest(found.h_n, found.difference("h_n", pairs[0], last.locate))
    found.c_n = largest(found.c_n, found.difference("c_n", pairs[1], last.locate))


def round_to(dtype: torch.dtype, place: Array) -> None:
    """Round the float32 rows of `place` to what `dtype` can hold, a piece at a time."""
    values = torch.from_numpy(place)
    rows = max(1, _ROUNDED_AT_ONCE // max(1, values.shape[1]))
    for start in range(0, values.shape[0], rows):
        piece = values[start : start + rows]
        piece.copy_(piece.to(dtype))


def rows_of(past: Tensor, time: slice) -> Tensor:
    """Return `past` (L, N) of the steps `time`, as rows (T·N, 1)."""
    return past[time].reshape(-1, 1)
