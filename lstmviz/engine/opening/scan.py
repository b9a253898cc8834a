"""The one recurrence that is left once every h_t is known: c_t = f_t·c_{t-1} + i_t·g_t.

A step of it is one multiplication and one addition, so its cost is that of calling them. Long scans
of short vectors are therefore cut into blocks of time that are scanned side by side from zero, with
the product of their forget gates beside them; each block then adds what the one before hands on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from torch import Tensor

    from lstmviz.core.trace import Array

_BLOCK = 16
_WORTH_BLOCKS = 128
_SHORT_VECTOR = 1024
_WORTH_THREADS = 8192


def worth_blocks(c: Tensor) -> bool:
    """Return whether a scan of `c` (L, W) is cheaper in blocks than step after step."""
    steps, width = c.shape
    return steps >= _WORTH_BLOCKS and (width <= _SHORT_VECTOR or c.device.type != "cpu")


def scan_cells(
    c: Tensor, f: Tensor, carry: Tensor, *, reverse: bool = False, in_blocks: bool = False
) -> Tensor:
    """Scan ``c_t = f_t · c_{t-1} + a_t`` over time, in place.

    Parameters
    ----------
    c : Tensor, shape (L, W)
        Holds ``a_t = i_t · g_t`` on entry and ``c_t`` on return; W is N·H_cell.
    f : Tensor, shape (L, W)
        Forget gate, after its sigmoid.
    carry : Tensor, shape (W,)
        Cell state before the first step of the scan.
    reverse : bool
        Scan from the last step to the first.
    in_blocks : bool
        Scan blocks of time side by side. Rounds otherwise than one step after the other does, and
        is right for finite values only.

    Returns
    -------
    Tensor, shape (W,)
        Cell state after the last step of the scan; a view of `c`.
        Source: the equations on the ``torch.nn.LSTM`` page.
    """
    if in_blocks and c.shape[0] >= _BLOCK:
        _scan_blocks(c, f, carry, reverse=reverse)
    elif c.device.type == "cpu" and carry.numel() < _WORTH_THREADS and c.element_size() >= 4:
        _scan_numpy(c.numpy(), f.numpy(), carry.numpy(), reverse=reverse)
    else:
        _scan_torch(c, f, carry, reverse=reverse)
    return c[0 if reverse else -1]


def _scan_torch(c: Tensor, f: Tensor, carry: Tensor, *, reverse: bool) -> None:
    step = torch.empty_like(carry)
    pairs = list(zip(c.unbind(), f.unbind(), strict=True))
    for c_t, f_t in reversed(pairs) if reverse else pairs:
        torch.mul(f_t, carry, out=step)
        carry = c_t.add_(step)


def _scan_numpy(c: Array, f: Array, carry: Array, *, reverse: bool) -> None:
    order = slice(None, None, -1) if reverse else slice(None)
    step = np.empty_like(carry)
    multiply, add = np.multiply, np.add
    for c_t, f_t in zip(c[order], f[order], strict=True):
        multiply(f_t, carry, step)
        carry = add(c_t, step, c_t)


def _scan_blocks(c: Tensor, f: Tensor, carry: Tensor, *, reverse: bool) -> None:
    steps = c.shape[0]
    odd = steps % _BLOCK
    head, body = slice(0, odd), slice(odd, None)
    if reverse:
        head, body = slice(steps - odd, None), slice(0, steps - odd)
    if odd:
        carry = scan_cells(c[head], f[head], carry, reverse=reverse)
    in_blocks = (-1, _BLOCK, carry.numel())
    blocks = c[body].view(in_blocks)
    kept = torch.empty_like(blocks)
    _scan_side_by_side(blocks, f[body].view(in_blocks), kept, reverse=reverse)
    last, ahead = (0, -1) if reverse else (-1, 1)
    ends = blocks[:, last].clone()
    scan_cells(ends, kept[:, last], carry, reverse=reverse, in_blocks=worth_blocks(ends))
    starts = ends.roll(ahead, 0)
    starts[-1 if reverse else 0] = carry
    blocks.addcmul_(kept, starts.unsqueeze(1))


def _scan_side_by_side(blocks: Tensor, f: Tensor, kept: Tensor, *, reverse: bool) -> None:
    order = range(_BLOCK - 1, -1, -1) if reverse else range(_BLOCK)
    c_steps, f_steps, kept_steps = blocks.unbind(1), f.unbind(1), kept.unbind(1)
    before = order[0]
    kept_steps[before].copy_(f_steps[before])
    for t in order[1:]:
        c_steps[t].addcmul_(f_steps[t], c_steps[before])
        torch.mul(f_steps[t], kept_steps[before], out=kept_steps[t])
        before = t
