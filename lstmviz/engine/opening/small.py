"""The same equations for a few thousand numbers, where calling costs more than computing.

A call of numpy costs about a third of one of torch, which for a short sequence of few units is most
of the time that opening it takes. One product here stays below the size at which numpy's library
would start threads of its own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from lstmviz.engine.dispatch import HALVES
from lstmviz.engine.opening.compared import Compared

if TYPE_CHECKING:
    from lstmviz.core.trace import Array
    from lstmviz.engine.opening.compared import Locate
    from lstmviz.engine.opening.direction import Direction


def is_small(direction: Direction, few: int) -> bool:
    """Return whether one direction of a layer is little work, on the CPU, fused and not ragged.

    Parameters
    ----------
    direction : Direction
    few : int
        Multiplications in one product that are little.
    """
    w_ih, h = direction.weights.w_ih, direction.h
    return (
        not direction.stepwise
        and direction.past is None
        and h.device.type == "cpu"
        and h.dtype not in HALVES
        and h.shape[0] * h.shape[1] * max(w_ih.shape[1], h.shape[2]) * w_ih.shape[0] <= few
    )


def open_small(direction: Direction, places: list[Array]) -> Compared:
    """Fill `places` from the equations and compare them with what the module computed.

    Parameters
    ----------
    direction : Direction
    places : list of array, rows (L·N, H)
        Where h_t and c_t go, and if wanted i, f, g and o.
    """
    with np.errstate(all="ignore"):
        h = direction.h.reshape(-1, direction.h.shape[2]).numpy()
        z = _preactivations(direction, h)
        hidden, c, *wanted = places
        hidden[...] = h
        i, f, g, o = gates = wanted or [np.empty_like(c) for _ in range(4)]
        _activate(z, gates)
        np.multiply(i, g, c)
        _scan(c, f, direction)
        ours = np.tanh(c)
        ours *= o
        return _compared(direction, ours, h, c, math.isfinite(np.add.reduce(z, None)))


def _preactivations(direction: Direction, h: Array) -> Array:
    """Return W_ih·x_t + b_ih + W_hh·h_{t-1} + b_hh, rows (L·N, 4·H_cell)."""
    x, h_0 = direction.x, direction.h_0.numpy()
    batch = h_0.shape[0]
    edges = (h[batch:], h_0) if direction.reverse else (h_0, h[: h.shape[0] - batch])
    w_ih, w_hh, *biases = (weight.detach().numpy() for weight in direction.weights.present())
    z: Array = x.reshape(-1, x.shape[2]).numpy() @ w_ih.T
    z += np.concatenate(edges) @ w_hh.T
    if biases:
        z += biases[0] + biases[1]
    return z


def _activate(z: Array, gates: list[Array]) -> None:
    """Fill i, f, g, o from the parts of `z`, which is left as it is, by sigmoid or tanh."""
    i, f, g, o = gates
    width = i.shape[1]
    s = np.exp(-z)
    s += 1
    np.reciprocal(s[:, :width], i)
    np.reciprocal(s[:, width : 2 * width], f)
    np.tanh(z[:, 2 * width : 3 * width], g)
    np.reciprocal(s[:, 3 * width :], o)


def _scan(c: Array, f: Array, direction: Direction) -> None:
    carry = direction.c_0.numpy()
    shape = (-1, *carry.shape)
    order = slice(None, None, -1) if direction.reverse else slice(None)
    step, multiply, add = np.empty_like(carry), np.multiply, np.add
    for c_t, f_t in zip(c.reshape(shape)[order], f.reshape(shape)[order], strict=True):
        multiply(f_t, carry, step)
        carry = add(c_t, step, c_t)


def _compared(direction: Direction, ours: Array, h: Array, c: Array, finite: bool) -> Compared:
    found, whole = Compared(finite=finite), slice(0, direction.h.shape[0])
    last = direction.last_of(whole)
    assert last is not None  # noqa: S101 - the whole of time has an end
    rows, at = last.rows, direction.locate(whole)
    found.hidden = _difference(found, "h_t", (ours, h), at, backwards=direction.reverse)
    found.h_n = _difference(found, "h_n", (ours[rows], direction.h_n.numpy()), last.locate)
    found.c_n = _difference(found, "c_n", (c[rows], direction.c_n.numpy()), last.locate)
    return found


def _difference(
    found: Compared, name: str, pair: tuple[Array, Array], at: Locate, *, backwards: bool = False
) -> float:
    """Return max |ours - theirs| as `Compared.difference` does."""
    worst = float(np.maximum.reduce(np.abs(pair[0] - pair[1]), None))
    if math.isfinite(worst):
        return worst
    ours, theirs = (torch.from_numpy(np.ascontiguousarray(values)) for values in pair)
    return found.difference(name, (ours, theirs), at, backwards=backwards)
