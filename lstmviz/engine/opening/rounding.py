"""What rounding may do to each h_t and c_t, where differences exceed what it does to ordinary ones.

A bound that runs along with the equations, for every number its own: a large c excuses an error of
that c and of what is made of it, and of nothing else. To first order, with each term made safe for
errors that are not small:

    δz = κ·(|W_ih|·|x_t| + |W_hh|·|h_{t-1}| + |b|)      the sums
    δσ = σ·(1 - σ)·δz,  δg = (1 - g²)·δz                 the gates
    δc_t = f·δc_{t-1} + |c_{t-1}|·δf + |g|·δi + i·δg + 2ε·(f·|c_{t-1}| + i·|g| + |c_t|)
    δh_t = |tanh c_t|·δo + o·(1 - tanh² c_t)·δc_t + 2ε·|h_t|

Source: running error analysis, Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed.,
3.3; h_{t-1} has no error of its own, because both sides start from the one that PyTorch computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from lstmviz.engine.opening.compared import Compared
from lstmviz.engine.opening.equations import Destination, Equations, rows_of
from lstmviz.engine.opening.scan import scan_cells, worth_blocks

if TYPE_CHECKING:
    from lstmviz.core.trace import Array
    from lstmviz.engine.opening.compared import Locate
    from lstmviz.engine.opening.direction import Direction
    from lstmviz.engine.opening.equations import Gates
    from lstmviz.engine.progress import Pace

_SUMS_SHARE: Final = 0.25
"""κ, as a part of the tolerance of ordinary values: of its 16 √n roundings four are the sums'."""
_TELLS_NOTHING: Final = 0.5
"""A tolerance of this much, of 1 or of |c|, would excuse anything."""
_EXPONENT: Final = 40.0
"""Where e^x is far above every other bound; more would overflow."""


class Bounds:
    """The bound, chunk after chunk in the order of the computation; everything in float64.

    Parameters
    ----------
    direction : Direction
    dtype : torch.dtype
        What the module computed in.
    limit : float
        Tolerance of ordinary values: what every number is allowed anyway.
    """

    def __init__(self, direction: Direction, dtype: torch.dtype, limit: float) -> None:
        self._direction, self._limit = direction, limit
        self._eps, self._most = torch.finfo(dtype).eps, torch.finfo(dtype).max
        weights = direction.weights
        self._w_ih, self._w_hh = (w.double().abs().t() for w in (weights.w_ih, weights.w_hh))
        self._w_hr = None if weights.w_hr is None else weights.w_hr.double().abs().t()
        self._b = sum(b.double().abs() for b in (weights.b_ih, weights.b_hh) if b is not None)
        self._apart = torch.zeros_like(direction.c_0, dtype=torch.float64).reshape(-1)

    def of(self, time: slice, gates: Gates, c: Tensor, carry: Tensor) -> tuple[Tensor, Tensor]:
        """Return what h_t and c_t of `time` may be off by, rows (T·N, H_out) and (T·N, H_cell).

        Parameters
        ----------
        time : slice
        gates : Gates
            i, f, g, o of `time`, rows (T·N, H_cell).
        c : Tensor, rows (T·N, H_cell)
        carry : Tensor, shape (N·H_cell,)
            c before the first of these steps to be computed.
        """
        i, f, g, o = (gate.double() for gate in gates)
        before, c = self._before(time, c, carry), c.double()
        off_i, off_f, off_g, off_o = self._sums(time).chunk(4, 1)
        local = before.abs() * self._of_sigmoid(f, off_f) + g.abs() * self._of_sigmoid(i, off_i)
        local += i * self._of_tanh(g, off_g)
        local += 2 * self._eps * (f * before.abs() + i * g.abs() + c.abs())
        of_c = self._accumulated(time, local, f)
        reached = torch.tanh(c)
        of_m = reached.abs() * self._of_sigmoid(o, off_o) + o * self._of_tanh(reached, of_c)
        of_m += 2 * self._eps * (o * reached).abs()
        if self._w_hr is not None:
            of_m = (of_m + _SUMS_SHARE * self._limit * (o * reached).abs()) @ self._w_hr
        return self._limit + of_m, self._limit + of_c

    def _before(self, time: slice, c: Tensor, carry: Tensor) -> Tensor:
        """Return the c that each step of `time` started from, rows (T·N, H_cell)."""
        d, first = self._direction, carry.view_as(self._direction.c_0)
        batch = first.shape[0]
        if not d.reverse:
            return torch.cat((first, c[: c.shape[0] - batch])).double()
        before = torch.cat((c[batch:], first)).double()
        if d.past is not None:
            rows, n = d.ending(time)
            before[rows] = d.c_0[n].double()
        return before

    def _sums(self, time: slice) -> Tensor:
        """Return δz, rows (T·N, 4·H_cell); infinite where a sum may overflow."""
        x, h = self._direction.input(time), self._direction.previous(time)
        total = x.double().abs() @ self._w_ih + h.double().abs() @ self._w_hh + self._b
        off = _SUMS_SHARE * self._limit * total
        return off.masked_fill_(~(total <= self._most), torch.inf)

    def _of_sigmoid(self, s: Tensor, off: Tensor) -> Tensor:
        grown = (s * (1 - s) + self._eps) * off.clamp(max=_EXPONENT).expm1()
        return torch.minimum(grown, off / 4).clamp(max=1)

    def _of_tanh(self, g: Tensor, off: Tensor) -> Tensor:
        grown = (1 - g * g + self._eps) * (2 * off).clamp(max=_EXPONENT).expm1() / 2
        return torch.minimum(grown, off).clamp(max=2)

    def _accumulated(self, time: slice, local: Tensor, f: Tensor) -> Tensor:
        """Return δc_t from what each step adds to it; `local` is used up."""
        d = self._direction
        if d.past is not None:
            past = rows_of(d.past, time)
            local, f = local.masked_fill(past, 0), f.masked_fill(past, 0)
            if d.reverse:  # A sequence that begins here has no error to go on with.
                f[d.ending(time)[0]] = 0
        steps = (-1, self._apart.numel())
        off, f = local.contiguous().view(steps), f.contiguous().view(steps)
        blocks = worth_blocks(off)
        self._apart = scan_cells(off, f, self._apart, reverse=d.reverse, in_blocks=blocks).clone()
        return off.view_as(local)


def judged(
    direction: Direction, places: list[Array], ordinary: tuple[torch.dtype, float], pace: Pace
) -> Compared:
    """Compare a direction once more, each number with what rounding may do to it.

    Parameters
    ----------
    direction : Direction
    places : list of array, rows (L·N, H)
        Where it was opened to: h_t, c_t and more.
    ordinary : (torch.dtype, float)
        What the module computed in, and the tolerance of ordinary values.
    pace : Pace
    """
    limit = ordinary[1]
    found, bounds = Compared(), Bounds(direction, *ordinary)
    nowhere = Destination(torch.empty(0), torch.empty(0), [], direct=False)
    equations, carry = Equations(direction, nowhere, pace), direction.c_0.reshape(-1)
    of_h, of_c, batch = _Worst(limit), _Worst(limit), direction.c_0.shape[0]
    for time in direction.chunks():
        rows = slice(time.start * batch, time.stop * batch)
        gates = equations.gates(equations.preactivations(time), rows)
        found.finite &= equations.finite
        c, reached = equations.cells(time, rows, gates, carry)
        h, at = equations.hidden(gates[3], c), direction.locate(time)
        off_h, off_c = bounds.of(time, gates, c, carry)
        past = None if direction.past is None else rows_of(direction.past, time)
        shown = torch.from_numpy(places[1][rows]).to(c)
        held = _Held(found, past, backwards=direction.reverse)
        worst = of_h.take(held, "h_t", (h, direction.known(time)), off_h, at)
        found.hidden = max(found.hidden, worst)
        found.c_n = max(found.c_n, of_c.take(held, "c_t", (c, shown), off_c, at))
        last, held = direction.last_of(time), _Held(found, None, backwards=False)
        if last is not None:
            r, n, at = last
            worst = of_h.take(held, "h_n", (h[r], direction.h_n[n]), off_h[r], at)
            found.h_n = max(found.h_n, worst)
            worst = of_c.take(held, "c_n", (c[r], direction.c_n[n]), off_c[r], at)
            found.c_n = max(found.c_n, worst)
        carry = reached.clone()
        pace.advance(0.0)
    found.allowed_h, found.allowed_c = of_h.allowed, of_c.allowed
    return found


class _Held:
    """What a comparison of some rows is told to, and which of them it leaves out."""

    def __init__(self, found: Compared, past: Tensor | None, *, backwards: bool) -> None:
        self.found, self.past, self.backwards = found, past, backwards


class _Worst:
    """The tolerance that decides, over comparisons with a tolerance for each number.

    Attributes
    ----------
    allowed : float
        Of the largest difference; once a difference exceeds its own, of the one that does so most.
    """

    def __init__(self, limit: float) -> None:
        self.allowed, self._limit = limit, limit
        self._difference, self._ratio = 0.0, 0.0

    def take(
        self,
        held: _Held,
        name: str,
        pair: tuple[Tensor, Tensor],
        allowed: Tensor,
        locate: Locate,
    ) -> float:
        """Compare ours with theirs, both rows; return the largest difference that says anything."""
        found, backwards = held.found, held.backwards
        ours, theirs = (values.double() for values in pair)
        gap = (ours - theirs).abs()
        if held.past is not None:
            gap.masked_fill_(held.past, 0)
        lone = ~gap.isfinite()
        if lone.any():
            found.finite = False
            same = (ours == theirs) | (ours.isnan() & theirs.isnan())
            gap.masked_fill_(same, 0)
            lone &= ~same
            found.leave_out(name, (ours, theirs), lone, locate, backwards=backwards)
        size = theirs.abs().clamp(min=1)
        vague = (gap > self._limit) & ~lone & ~(allowed <= _TELLS_NOTHING * size)
        found.leave_out(name, (ours, theirs), vague, locate, allowed=allowed, backwards=backwards)
        gap.masked_fill_(lone | vague, 0)
        self._weigh(gap.flatten(), allowed.flatten())
        return float(gap.max()) if gap.numel() else 0.0

    def _weigh(self, gap: Tensor, allowed: Tensor) -> None:
        if not gap.numel():
            return
        ratio = (gap / allowed).nan_to_num_(0.0)
        most, largest = int(ratio.argmax()), int(gap.argmax())
        if float(ratio[most]) > max(1.0, self._ratio):
            self._ratio, self.allowed = float(ratio[most]), float(allowed[most])
        elif self._ratio <= 1 and float(gap[largest]) > max(self._limit, self._difference):
            self.allowed = float(allowed[largest])
        self._difference = max(self._difference, float(gap[largest]))
