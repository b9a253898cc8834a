"""Which layout, or which order of the gates, makes a real `nn.LSTM` give an expected output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from lstmviz.core.conversions import LayoutReading, Stack, WeightLayout
from lstmviz.core.conversions.layouts import ORDERS

Array = npt.NDArray[Any]

TOLERANCES: Final = {"float16": 4e-3, "float32": 1e-5, "float64": 1e-10}
"""How far an output of that dtype may lie from the one computed in float64; h is at most 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One way to read the arrays, and what a real `nn.LSTM` made of it.

    Attributes
    ----------
    layout : WeightLayout
        With the order of the gates that was tried.
    stack : Stack
    is_batch_first : bool
    compared : str
        What the expected numbers were compared with, e.g. ``output``.
    difference : float
        The greatest, at least 0.
    tolerance : float
    """

    layout: WeightLayout
    stack: Stack
    is_batch_first: bool
    compared: str
    difference: float
    tolerance: float

    @property
    def agrees(self) -> bool:
        """Whether the expected output was reproduced."""
        return self.difference <= self.tolerance


def reproduce(
    readings: Iterable[LayoutReading], given: Array, expected: Array
) -> tuple[Trial, ...]:
    """Run every reading; where none agrees, every other order of the gates too.

    Parameters
    ----------
    readings : iterable of LayoutReading
    given : ndarray, shape (L, N, I), (N, L, I) or (L, I)
    expected : ndarray
        The framework's output for it: every step, or the last h.

    Returns
    -------
    tuple of Trial
        Closest first; empty where no output has the shape of `expected`, or where that holds a NaN
        or an infinity, which no comparison can tell apart.
    """
    readings = tuple(readings)
    as_read = [t for one in readings for t in _trials(one, given, expected)]
    if any(trial.agrees for trial in as_read):
        return tuple(sorted(as_read, key=lambda trial: trial.difference))
    others = [
        trial
        for one in readings
        for order in ORDERS
        if order != one.layout.gates
        for trial in _trials(one.in_order(order), given, expected)
    ]
    return tuple(sorted((*as_read, *others), key=lambda trial: trial.difference))


def _trials(reading: LayoutReading, given: Array, expected: Array) -> Iterator[Trial]:
    stack = reading.stack
    arguments = stack.arguments
    if given.ndim not in (2, 3) or given.shape[-1] != arguments["input_size"]:
        return
    if not given.size or not np.isfinite(expected).all():
        return
    lstm = nn.LSTM(**arguments, dtype=torch.float64)
    state = {name: torch.tensor(array.astype("f8")) for name, array in stack.state_dict().items()}
    lstm.load_state_dict(state)
    own = reading.layout.is_batch_first
    for is_batch_first in (own, not own) if given.ndim == 3 else (own,):
        lstm.batch_first = is_batch_first
        with torch.no_grad():
            output, (h_n, _) = lstm(torch.tensor(given.astype("f8")))
        for name, made in _outputs(stack, output.numpy(), h_n.numpy(), is_batch_first):
            if made.shape == expected.shape:
                yield Trial(
                    layout=reading.layout,
                    stack=stack,
                    is_batch_first=is_batch_first,
                    compared=name,
                    difference=float(np.abs(made - expected.astype("f8")).max()),
                    tolerance=TOLERANCES.get(expected.dtype.name, TOLERANCES["float32"]),
                )


def _outputs(
    stack: Stack, output: Array, h_n: Array, is_batch_first: bool
) -> Iterator[tuple[str, Array]]:
    """Yield what a framework may return as its output."""
    yield "output", output
    last = h_n[-stack.directions :]
    yield "the last layer's h_n, directions side by side", np.concatenate(tuple(last), axis=-1)
    yield "the last layer's h_n", last
    if output.ndim == 3 and not is_batch_first:
        steps, batch, width = output.shape
        apart = output.reshape(steps, batch, stack.directions, width // stack.directions)
        yield "output with an axis for the direction", apart.transpose(0, 2, 1, 3)
