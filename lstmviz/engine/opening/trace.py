"""The fused forward, opened: every h_t, c_t and gate of an LSTM call, proven."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Protocol

import torch
from torch import nn

from lstmviz.engine.dispatch import HALVES
from lstmviz.engine.opening.call import PendingCall
from lstmviz.engine.opening.cell import run_cell
from lstmviz.engine.opening.destinations import Arrays, Destinations
from lstmviz.engine.opening.forward import data_of, run_forward
from lstmviz.engine.opening.layers import layers
from lstmviz.engine.opening.plan import Plan, Seen, plan
from lstmviz.engine.opening.preserve import drops_out, preserved, random_states
from lstmviz.engine.opening.result import Opening
from lstmviz.engine.opening.validate import require_traceable, require_well_formed
from lstmviz.engine.progress import Pace
from lstmviz.engine.torch_internals import unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor
    from torch.nn.utils.rnn import PackedSequence

    from lstmviz.core.trace import Trace
    from lstmviz.engine.opening.call import State
    from lstmviz.engine.opening.destinations import Allocate


def trace(
    lstm: nn.LSTM | nn.LSTMCell,
    input: Tensor | PackedSequence,  # noqa: A002 - nn.LSTM's own name
    hx: State | None = None,
    *,
    gates: bool = True,
    progress: Callable[[float], None] | None = None,
    allocate: Allocate | None = None,
) -> Trace:
    """Run `lstm` forward once, by its own ``forward``, and open it.

    ``output``, ``h_n``, ``c_n`` and every h_t are what PyTorch computed. So are gates and c_t where
    its kernel keeps them, which in float32 on the CPU it does while gradients are recorded;
    elsewhere, as under ``torch.no_grad()``, they are computed again from h_t by the equations,
    which costs as much as the call itself. The proof says how far o_t·tanh(c_t) and the last c_t
    are from what PyTorch computed. The module, the random number generators and the caller's
    settings are left as they were; the user's hooks are not run, because they watch the user's
    calls, but those by which ``torch.nn.utils`` computes weights are.

    Parameters
    ----------
    lstm : nn.LSTM or nn.LSTMCell
        Subclasses, compiled, parametrised and pruned ones too, in train or eval mode.
    input : Tensor or PackedSequence
        As `lstm` takes it; for a cell the sequence to step through, (L, N, H_in) or (L, H_in).
    hx : pair of Tensor, or None
        As `lstm` takes it. For a cell also as a trace returns it, (1, N, H_cell) or (1, H_cell).
    gates : bool
        Also return the four gates.
    progress : callable, optional
        Called about twenty times a second with the fraction done, estimated while PyTorch's own
        call runs. What it raises cancels the trace and reaches the caller; PyTorch's call cannot be
        stopped and then runs to its end on a thread of its own, its result dropped.
    allocate : Allocate, optional
        Makes the result arrays; `numpy.empty` unless given.

    Returns
    -------
    Trace
        Its ``forward_timing`` is of the one call that was made, which may have prepared kernels:
        yours is not repeated. For a cell, as of a one-layer ``nn.LSTM`` with the cell's weights.

    Raises
    ------
    CallError
        A ValueError: the module cannot be opened, or PyTorch would run this call on wrong memory.
    Exception
        PyTorch's own, where it refuses the call.
    """
    return open_call(
        lstm, input, hx, gates=gates, progress=progress, allocate=allocate, choose=plan
    )


class Choose(Protocol):
    """Say how a call is opened."""

    def __call__(self, call: PendingCall, /, *, grad: bool) -> Plan:
        """Return the plan of `call`, which records gradients or not."""


def open_call(
    lstm: nn.LSTM | nn.LSTMCell,
    input: Tensor | PackedSequence,  # noqa: A002 - nn.LSTM's own name
    hx: State | None,
    *,
    gates: bool,
    progress: Callable[[float], None] | None,
    allocate: Allocate | None,
    choose: Choose,
) -> Trace:
    """Do what `trace` says, by the plan that is chosen."""
    started = time.perf_counter()
    grad = torch.is_grad_enabled()
    module = unwrapped(lstm)
    require_traceable(module)
    plain = torch.inference_mode(mode=False) if torch.is_inference_mode_enabled() else nullcontext()
    with plain, torch.no_grad():
        arrays, pace = Arrays(allocate), Pace(progress)
        if isinstance(module, nn.LSTMCell):
            call, ran = run_cell(module, input, hx, pace)
            states = Destinations(call, arrays, ran.output.dtype, gates=gates)
            opening = Opening(call, ran, arrays, states, pace, stepwise=True, few=0)
            opening.open([(call.time_major(data_of(input)), [call.time_major(ran.output)])])
            return opening.finish(started)
        assert isinstance(module, nn.LSTM)  # noqa: S101 - require_traceable said so
        require_well_formed(module, input, hx)
        call = PendingCall.of(module, input, hx)
        chosen = choose(call, grad=grad)
        with preserved(module, call.device):
            before = random_states(call.device) if drops_out(module) else []
            destinations = None
            if chosen.seen is Seen.LENT:
                destinations = Destinations(call, arrays, call.dtype, gates=gates)
            ran = run_forward(call, chosen, pace, grad=grad, destinations=destinations)
            guessed_wrong = call.dtype in HALVES and not ran.layers
            stepwise = call.device.type == "cpu" and (not chosen.fused or guessed_wrong)
            destinations = destinations or Destinations(call, arrays, ran.output.dtype, gates=gates)
            opening = Opening(
                call, ran, arrays, destinations, pace, stepwise=stepwise, few=chosen.few
            )
            if not opening.open_fused():
                opening.open(layers(call, ran, opening.initial, pace, before, grad=grad))
        return opening.finish(started)
