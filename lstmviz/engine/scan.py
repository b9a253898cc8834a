"""The one recurrence that is left once every h_t is known: c_t = f_t·c_{t-1} + i_t·g_t."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from torch import Tensor

    from lstmviz.core.trace import Array

_WORTH_THREADS = 8192


def scan_cells(c: Tensor, f: Tensor, carry: Tensor, *, reverse: bool = False) -> Tensor:
    """Scan ``c_t = f_t · c_{t-1} + a_t`` over time, in place.

    Parameters
    ----------
    c : Tensor, shape (L, N, H_cell)
        Holds ``a_t = i_t · g_t`` on entry and ``c_t`` on return.
    f : Tensor, shape (L, N, H_cell)
        Forget gate, after its sigmoid.
    carry : Tensor, shape (N, H_cell)
        Cell state before the first step of the scan.
    reverse : bool
        Scan from the last step to the first.

    Returns
    -------
    Tensor, shape (N, H_cell)
        Cell state after the last step of the scan; a view of `c`.
        Source: the equations on the ``torch.nn.LSTM`` page.
    """
    if c.device.type != "cpu" or carry.numel() >= _WORTH_THREADS or c.element_size() < 4:
        _scan_torch(c, f, carry, reverse=reverse)
    else:
        _scan_numpy(c.numpy(), f.numpy(), carry.numpy(), reverse=reverse)
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
