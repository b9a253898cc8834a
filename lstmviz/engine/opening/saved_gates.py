"""One direction of one layer from what the kernel kept of it, once the equations confirm it.

Nothing is recomputed but what confirms: at a few steps the gates themselves, from the weights, so
that each is known to lie where it is looked for; and at every step c_t = f_t·c_{t-1} + i_t·g_t and
h_t = o_t·tanh(c_t).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn.functional import linear

from lstmviz.engine.opening.compared import Compared, largest, magnitude
from lstmviz.engine.opening.equations import tanh_to_compare
from lstmviz.engine.opening.nonfinite import is_finite

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from lstmviz.core.trace import Array
    from lstmviz.engine.opening.direction import Direction
    from lstmviz.engine.opening.onednn import Kept
    from lstmviz.engine.progress import Pace

_CACHED_BYTES = 1 << 20
_FORGOTTEN_AT_ONCE = 8 << 20
_SEQUENCES_CONFIRMED = 4
_MISPLACED = 1e-3
"""Far above what rounding explains, far below what another place's numbers would differ by."""


def open_kept(
    direction: Direction,
    kept: Kept,
    places: list[Array],
    pace: Pace,
    share: float,
    forget: Callable[[int, int], None] | None = None,
) -> Compared | None:
    """Fill `places` from what the kernel kept, and compare with what it returned.

    Parameters
    ----------
    direction : Direction
        Without steps past a length.
    kept : Kept
    places : list of array, rows (L·N, H)
        Where h_t and c_t go, and if wanted i, f, g and o.
    pace : Pace
    share : float
        Part of the whole work that this is.
    forget : callable, optional
        Told which bytes of the workspace, from and to, are not needed any more.

    Returns
    -------
    Compared or None
        None where the equations do not confirm what was read, or a value is not finite.
    """
    if not _confirmed(direction, kept):
        return None
    kept.cells[0].copy_(direction.c_0)
    kept.cells[-1].copy_(direction.c_n)
    found, steps = Compared(), direction.h.shape[0]
    batch, cells = direction.c_0.shape
    hidden, cell, *gates = (place.reshape(steps, batch, -1) for place in places)
    torch.from_numpy(hidden).copy_(direction.h)
    size = max(1, _CACHED_BYTES // (4 * batch * cells))
    forgotten, row_bytes = 0, 4 * kept.gates.stride(0)
    room = direction.c_0.new_empty(min(size, steps), batch, cells)
    for start in range(0, steps, size):
        ran = slice(start, min(start + size, steps))
        _compare(direction, kept, ran, room[: ran.stop - start], found)
        if not (found.hidden <= _MISPLACED and found.c_n <= _MISPLACED):
            return None
        _store(cell, kept.cells[start + 1 : ran.stop + 1], ran, reverse=direction.reverse)
        for place, gate in zip(gates, kept.gates[ran].chunk(4, 2), strict=False):
            _store(place, gate, ran, reverse=direction.reverse)
        if forget is not None and ran.stop * row_bytes - forgotten >= _FORGOTTEN_AT_ONCE:
            forget(forgotten, ran.stop * row_bytes)
            forgotten = ran.stop * row_bytes
        pace.advance(share * (ran.stop - start) / steps)
    last = direction.h[0 if direction.reverse else -1]
    found.h_n = magnitude(last - direction.h_n + room[ran.stop - start - 1])
    return found


def _confirmed(direction: Direction, kept: Kept) -> bool:
    """Return whether weights, input and h give the gates that were read, at a few steps.

    A weight that is not finite shows in every step's sums; an input or h_0 is looked at on its own.
    """
    weights, h, h_0, x = direction.weights, direction.h, direction.h_0, direction.x
    steps, cells, batch = h.shape[0], h.shape[2], slice(0, _SEQUENCES_CONFIRMED)
    stride = max(1, (steps - 1) // 2)
    ran = kept.gates[::stride, batch]
    if direction.reverse:
        first = (steps - 1) % stride
        x, ran = x[first::stride, batch], ran.flip(0)
        before = torch.cat((h[first + 1 : steps - stride + 1 : stride, batch], h_0[None, batch]))
    else:
        x = x[::stride, batch]
        before = torch.cat((h_0[None, batch], h[stride - 1 : steps - 1 : stride, batch]))
    z = linear(x, weights.w_ih, weights.b_ih).add_(linear(before, weights.w_hh, weights.b_hh))
    gates = z.sigmoid()
    torch.tanh(z[..., 2 * cells : 3 * cells], out=gates[..., 2 * cells : 3 * cells])
    return (
        magnitude(gates.sub_(ran)) <= _MISPLACED
        and is_finite(z)
        and is_finite(h_0)
        and is_finite(direction.x)
    )


def _compare(direction: Direction, kept: Kept, ran: slice, room: Tensor, found: Compared) -> None:
    """Put c_t and h_t of the steps `ran`, in the kernel's order, to the equations.

    `room`, of the shape of c_t, is left with how far h_t is from them.
    """
    i, f, g, o = kept.gates[ran].chunk(4, 2)
    before, c = kept.cells[ran], kept.cells[ran.start + 1 : ran.stop + 1]
    apart = magnitude(torch.mul(f, before, out=room).addcmul_(i, g).sub_(c))
    found.c_n = largest(found.c_n, apart)
    ours = tanh_to_compare(c, out=room).mul_(o)
    found.hidden = largest(found.hidden, magnitude(ours.sub_(_in_order(direction, ran))))


def _in_order(direction: Direction, ran: slice) -> Tensor:
    """Return h_t of the steps `ran`, in the order in which the kernel ran."""
    if not direction.reverse:
        return direction.h[ran]
    steps = direction.h.shape[0]
    return direction.h[steps - ran.stop : steps - ran.start].flip(0)


def _store(place: Array, values: Tensor, ran: slice, *, reverse: bool) -> None:
    """Copy `values` of the steps `ran`, in the kernel's order, to where input position says."""
    if reverse:
        place[::-1][ran] = values.numpy()
    else:
        torch.from_numpy(place[ran]).copy_(values)
