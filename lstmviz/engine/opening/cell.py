"""An ``nn.LSTMCell`` stepped through a sequence, as a call that can be opened like any other."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from lstmviz.engine.opening.call import Call, LayerWeights, ModuleSizes
from lstmviz.engine.opening.forward import Forward
from lstmviz.engine.opening.preserve import compute_weights, preserved
from lstmviz.engine.opening.validate import CallError
from lstmviz.engine.progress import FORWARD_SHARE

if TYPE_CHECKING:
    from torch.nn.utils.rnn import PackedSequence

    from lstmviz.engine.opening.call import State
    from lstmviz.engine.progress import Pace

_STEPS_WITHOUT_A_WORD = 64


def run_cell(
    cell: nn.LSTMCell,
    input: Tensor | PackedSequence,  # noqa: A002 - nn.LSTM's own name
    hx: State | None,
    pace: Pace,
) -> tuple[Call, Forward]:
    """Step `cell` through `input` by its own ``forward``.

    Raises
    ------
    CallError
        Where the cell would silently mix dtypes, or there is nothing to step through.
    """
    state = _state(cell, input, hx)
    assert isinstance(input, Tensor)  # noqa: S101 - _state said so
    started = time.perf_counter()
    with (
        preserved(cell, input.device),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        compute_weights(cell, (input,))
        output, final = _stepped(cell, input.detach(), state, pace)
        weights = _weights(cell)
    notes = [str(warning.message) for warning in caught]
    seconds = time.perf_counter() - started
    h_n, c_n = (s.unsqueeze(0) for s in final)
    ran = Forward(output, h_n, c_n, [[weights]], seconds=seconds, notes=notes)
    given = state and (state[0][None], state[1][None])
    return Call.of_sizes(ModuleSizes.of_cell(cell), input, given), ran


def _weights(cell: nn.LSTMCell) -> LayerWeights:
    b_ih, b_hh = (cell.bias_ih, cell.bias_hh) if cell.bias else (None, None)
    return LayerWeights(cell.weight_ih, cell.weight_hh, b_ih, b_hh, None)


def _stepped(
    cell: nn.LSTMCell,
    input: Tensor,  # noqa: A002
    state: State | None,
    pace: Pace,
) -> tuple[Tensor, State]:
    outputs = []
    for start in range(0, input.shape[0], _STEPS_WITHOUT_A_WORD):
        pace.waited(start, input.shape[0], FORWARD_SHARE)
        for x in input[start : start + _STEPS_WITHOUT_A_WORD].unbind():
            state = cell.forward(x, state)
            outputs.append(state[0])
    pace.advance(FORWARD_SHARE)
    assert state is not None  # noqa: S101 - there is at least one step
    return torch.stack(outputs), state


def _state(cell: nn.LSTMCell, input: Tensor | PackedSequence, hx: State | None) -> State | None:  # noqa: A002
    """Return `hx` in the cell's own layout, after refusing what the cell would not."""
    if not isinstance(input, Tensor) or input.dim() not in (2, 3):
        raise CallError("An LSTMCell is stepped through a tensor (L, N, H_in) or (L, H_in).")
    if input.layout != torch.strided or "meta" in (input.device.type, cell.weight_ih.device.type):
        raise CallError("Only dense tensors with values can be run.")
    if not input.shape[0]:
        raise CallError("The input has no time steps.")
    if hx is None:
        return None
    if (
        not isinstance(hx, tuple | list)
        or len(hx) != 2
        or not all(isinstance(s, Tensor) for s in hx)
    ):
        raise CallError("hx must be a pair of tensors, (h_0, c_0).")
    needed = (*input.shape[1:-1], cell.hidden_size)
    h_0, c_0 = (s.squeeze(0) if s.shape == (1, *needed) else s for s in hx)
    for name, state in (("h_0", h_0), ("c_0", c_0)):
        if state.shape != needed:
            raise CallError(f"{name} has shape {tuple(state.shape)}; this call needs {needed}.")
        if state.dtype != input.dtype:
            raise CallError(f"{name} is {state.dtype}; the input is {input.dtype}.")
    return h_0, c_0
