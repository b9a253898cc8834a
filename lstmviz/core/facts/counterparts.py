"""What the same LSTM returns when it is called in another way: the numbers some facts need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lstmviz.core.contract import contract
from lstmviz.core.cost.kernels import build_seconds, call_seconds
from lstmviz.core.equality import ByValue
from lstmviz.core.spec import RunSpec
from lstmviz.core.trace import Array

MAX_SECONDS: Final = 0.5
"""A run that takes longer, to build or to call, is not repeated for the sake of a fact."""

MAX_OUTPUT: Final = 2**24
"""Above so many numbers in ``output`` neither."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Returned(ByValue):
    """What a call returned, in that call's own layout.

    Attributes
    ----------
    output : array
        Padded to ``seq_len`` steps where the call was packed.
    h_n, c_n : array
    """

    output: Array
    h_n: Array
    c_n: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counterparts(ByValue):
    """A run's LSTM, weights, input and state, otherwise called.

    Attributes
    ----------
    moved : Returned or None
        ``batch_first`` turned round, and with it the input's first two axes.
    padded : Returned or None
        For packed input: what the run itself returned, ``output`` by ``pad_packed_sequence``.
    unpacked : Returned or None
        For packed input: the batch passed as it is, zeros past each length.
    training : Returned or None
        With dropout: the same call in training mode.
    seed : int
        Of the masks of `training`: the run's own.
    """

    moved: Returned | None = None
    padded: Returned | None = None
    unpacked: Returned | None = None
    training: Returned | None = None
    seed: int = 0


def are_affordable(spec: RunSpec) -> bool:
    """Return whether the run that `spec` describes is small enough to be repeated for its facts.

    By an estimate, so that the same spec has the same facts everywhere.
    """
    lstm, inputs = spec.lstm, spec.input
    numbers = inputs.seq_len * inputs.columns * lstm.num_directions * lstm.output_size
    return (
        numbers <= MAX_OUTPUT
        and call_seconds(spec) <= MAX_SECONDS
        and build_seconds(spec, contract(spec.geometry).parameters) <= MAX_SECONDS
    )


def calls(spec: RunSpec) -> int:
    """Return how many forward calls the counterparts of `spec` take."""
    return 1 + (2 if spec.input.lengths else 0) + (1 if spec.lstm.dropout else 0)
