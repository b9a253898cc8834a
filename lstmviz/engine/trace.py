"""The fused forward, opened: every h_t, c_t and gate of an LSTM call, proven."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch

from lstmviz.core.trace import GATES, Proof, Trace
from lstmviz.engine.call import Call
from lstmviz.engine.forward import data_of, initial_state, inner_states, run_forward
from lstmviz.engine.gates import Destination, Direction, max_nan, open_direction
from lstmviz.engine.proof import largest_difference, tolerance

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn
    from torch.nn.utils.rnn import PackedSequence

    from lstmviz.core.trace import Array
    from lstmviz.engine.call import State


class Allocate(Protocol):
    """Make the array that a result is written into; called with a Trace field's name."""

    def __call__(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any], /) -> Array:
        """Return a C-contiguous array of `shape` and `dtype`; its values do not matter."""


def trace(
    lstm: nn.LSTM,
    input: Tensor | PackedSequence,  # noqa: A002 - nn.LSTM's own name
    hx: State | None = None,
    *,
    gates: bool = True,
    progress: Callable[[float], None] | None = None,
    allocate: Allocate | None = None,
) -> Trace:
    """Run `lstm` forward once and open it.

    Parameters
    ----------
    lstm : nn.LSTM
    input : Tensor or PackedSequence
        As `lstm` takes it.
    hx : pair of Tensor, or None
        As `lstm` takes it.
    gates : bool
        Also return the four gates.
    progress : callable, optional
        Called between chunks of work with the fraction done; may raise to cancel.
    allocate : Allocate, optional
        Makes the result arrays; `numpy.empty` unless given.
    """
    started = time.perf_counter()
    with torch.inference_mode(mode=False), torch.no_grad():
        return _open(Call.of(lstm, input, hx), gates, progress, Arrays(allocate), started)


class Arrays:
    """The result arrays, made by the caller's allocator and filled through torch."""

    def __init__(self, allocate: Allocate | None) -> None:
        self._allocate = allocate
        self.by_name: dict[str, Array] = {}

    def new(self, name: str, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """Make the array called `name`; float16 and bfloat16 become float32."""
        kind = np.dtype({torch.float64: "f8", torch.int64: "i8"}.get(dtype, "f4"))
        make = self._allocate
        array = np.empty(shape, kind) if make is None else make(name, shape, kind)
        self.by_name[name] = array
        return torch.from_numpy(array)

    def copy(self, name: str, values: Tensor | None) -> None:
        """Store a copy of `values` as the array called `name`."""
        if values is not None:
            self.new(name, tuple(values.shape), values.dtype).copy_(values)


def _open(
    call: Call,
    gates: bool,
    progress: Callable[[float], None] | None,
    arrays: Arrays,
    started: float,
) -> Trace:
    ran = run_forward(call)
    states = inner_states(call, ran)
    h_0, c_0 = initial_state(call, ran)
    layers, each = call.module.num_layers, call.directions
    lead = (layers, each, call.seq_len, call.batch_size)
    hidden = arrays.new("hidden", (*lead, call.output_size), ran.output.dtype)
    wanted = ("cell", *GATES) if gates else ("cell",)
    made = [arrays.new(n, (*lead, call.module.hidden_size), ran.output.dtype) for n in wanted]
    total, finished = layers * each * call.seq_len, 0

    def done(steps: int) -> None:
        nonlocal finished
        finished += steps
        if progress is not None:
            progress(finished / total)

    past = None if call.packing is None else call.packing.past
    lengths = call.packing.lengths.to(ran.output.device) if call.packing else None
    differences = [0.0, 0.0, 0.0]
    h_n, c_n = call.layered(ran.h_n), call.layered(ran.c_n)
    for layer, (entry, known) in enumerate(states):
        for way, h in enumerate(known):
            direction = Direction(
                ran.weights[layer][way].to(h.device, h.dtype),
                entry, h, h_0[layer, way], c_0[layer, way], way == 1, past, lengths,
                stepwise=not ran.seen,
            )
            spots = [array[layer, way] for array in made] + [None] * 4
            found = open_direction(direction, Destination(*spots[:5]), done)
            place = hidden[layer, way].copy_(h)
            if past is not None:
                place.masked_fill_(past.cpu().unsqueeze(2), torch.nan)
            for k, difference in enumerate((
                found.hidden_difference,
                largest_difference(found.h_n, h_n[layer, way]),
                largest_difference(found.c_n, c_n[layer, way]),
            )):
                differences[k] = max_nan(differences[k], difference)
    return _finish(call, ran, arrays, (h_0, c_0), differences, started)


def _finish(call, ran, arrays, state, differences, started):  # type: ignore[no-untyped-def]
    packing = call.packing
    arrays.copy("output", ran.output)
    arrays.copy("h_n", ran.h_n)
    arrays.copy("c_n", ran.c_n)
    arrays.copy("input", data_of(call.input) if packing is None else packing.pad(data_of(call.input)))
    arrays.copy("h_0", state[0])
    arrays.copy("c_0", state[1])
    if packing is not None:
        for name in ("lengths", "batch_sizes", "sorted_indices", "unsorted_indices"):
            arrays.copy(name, getattr(packing, name))
    terms = max(pack[0].w_ih.shape[1] for pack in ran.weights) + call.output_size
    limit, reason = tolerance(ran.output.dtype, ran.output.device, terms)
    output, h_n, c_n = differences
    proof = Proof(
        output=output, h_n=h_n, c_n=c_n, tolerance=limit, reason=reason,
        exact=output == h_n == c_n == 0.0,
        ok=output <= limit and h_n <= limit and c_n <= limit,
    )
    absent = dict.fromkeys((*GATES, "lengths", "batch_sizes", "sorted_indices", "unsorted_indices"))
    return Trace(
        **{**absent, **arrays.by_name}, proof=proof, batch_first=bool(call.module.batch_first),
        batched=call.batched, dtype=str(ran.output.dtype).removeprefix("torch."),
        device=str(ran.output.device), forward_seconds=ran.seconds,
        trace_seconds=time.perf_counter() - started, notes=tuple(ran.notes),
    )
