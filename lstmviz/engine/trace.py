"""The fused forward, opened: every h_t, c_t and gate of an LSTM call, proven."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import torch

from lstmviz.core.trace import GATES, Trace
from lstmviz.engine.arrays import Arrays
from lstmviz.engine.call import Call
from lstmviz.engine.direction import Direction
from lstmviz.engine.forward import data_of, is_fused_on_cpu, run_forward
from lstmviz.engine.gates import Destination, open_direction
from lstmviz.engine.layers import layers
from lstmviz.engine.proof import Differences, prove

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn
    from torch.nn.utils.rnn import PackedSequence

    from lstmviz.engine.arrays import Allocate
    from lstmviz.engine.call import State
    from lstmviz.engine.forward import Forward


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
    grad = torch.is_grad_enabled()
    call = Call.of(lstm, input, hx)
    fused = is_fused_on_cpu(call)
    with torch.no_grad():
        ran = run_forward(call, fused=fused, grad=grad and fused)
        opening = _Opening(call, ran, Arrays(allocate), gates, fused, progress)
        opening.open_layers()
        return opening.finish(started)


class _Opening:
    """Fills the arrays of one trace, direction by direction."""

    def __init__(
        self,
        call: Call,
        ran: Forward,
        arrays: Arrays,
        gates: bool,
        fused: bool,
        progress: Callable[[float], None] | None,
    ) -> None:
        self.call, self.ran, self.arrays, self.fused = call, ran, arrays, fused
        self.dtype, self.device = ran.output.dtype, ran.output.device
        module = call.module
        self.lead = (module.num_layers, call.directions, call.seq_len, call.batch_size)
        self.hidden = arrays.new("hidden", (*self.lead, call.output_size), self.dtype)
        self.places = [
            arrays.new(name, (*self.lead, module.hidden_size), self.dtype)
            for name in (("cell", *GATES) if gates else ("cell",))
        ]
        self.initial = self._initial()
        self.progress, self.finished = progress, 0
        self.total = module.num_layers * call.directions * call.seq_len
        self.differences = Differences()

    def _initial(self) -> State:
        """Store h_0 and c_0 and return them, (num_layers, D, N, H), on the module's device."""
        states = []
        given = self.call.hx or (None, None)
        for name, state, like in zip(("h_0", "c_0"), given, self._final(), strict=True):
            if state is None:
                stored = self.arrays.new(name, tuple(like.shape), self.dtype).zero_()
                states.append(stored.to(self.device, self.dtype))
            else:
                states.append(self.call.layered(state.detach()))
                self.arrays.copy(name, states[-1])
        return states[0], states[1]

    def _final(self) -> State:
        return self.call.layered(self.ran.h_n), self.call.layered(self.ran.c_n)

    def open_layers(self) -> None:
        """Fill hidden, cell and gates of every layer and direction."""
        h_n, c_n = self._final()
        for layer, (entry, known) in enumerate(layers(self.call, self.ran, self.initial)):
            for way, h in enumerate(known):
                place = self.hidden[layer, way].copy_(h)
                direct = place.dtype == h.dtype and self.device.type == "cpu"
                direction = self._direction(layer, way, entry, place if direct else h)
                rows = [array[layer, way].flatten(0, 1) for array in self.places]
                found = open_direction(
                    direction, Destination(rows[0], rows[1:], direct), self._done
                )
                self.differences.add(found, h_n[layer, way], c_n[layer, way])
        if direction.past is not None:
            self.hidden.masked_fill_(direction.past.cpu().unsqueeze(2), torch.nan)

    def _direction(self, layer: int, way: int, entry: tuple[Tensor, ...], h: Tensor) -> Direction:
        packing, (h_0, c_0) = self.call.packing, self.initial
        past = None if packing is None else packing.past
        return Direction(
            weights=self.ran.weights[layer][way].to(self.device, self.dtype),
            inputs=entry,
            h=h,
            h_0=h_0[layer, way],
            c_0=c_0[layer, way],
            reverse=way == 1,
            past=past,
            lengths=None if packing is None or past is None else packing.lengths.to(past.device),
            stepwise=not self.fused and self.device.type == "cpu",
        )

    def _done(self, steps: int) -> None:
        self.finished += steps
        if self.progress is not None:
            self.progress(self.finished / self.total)

    def finish(self, started: float) -> Trace:
        """Store what the module returned and put the trace together."""
        call, ran, arrays = self.call, self.ran, self.arrays
        packing = call.packing
        arrays.keep("output", ran.output)
        arrays.keep("h_n", ran.h_n)
        arrays.keep("c_n", ran.c_n)
        data = data_of(call.input)
        arrays.copy("input", data if packing is None else packing.pad(data))
        if packing is not None:
            for name in ("lengths", "batch_sizes", "sorted_indices", "unsorted_indices"):
                if (values := getattr(packing, name)) is not None:
                    arrays.copy(name, values)
        terms = ran.weights[-1][0].w_ih.shape[1] + call.output_size
        get = arrays.by_name.get
        return Trace(
            output=get("output"), h_n=get("h_n"), c_n=get("c_n"), input=get("input"),
            h_0=get("h_0"), c_0=get("c_0"), hidden=get("hidden"), cell=get("cell"),
            input_gate=get("input_gate"), forget_gate=get("forget_gate"),
            cell_gate=get("cell_gate"), output_gate=get("output_gate"),
            lengths=get("lengths"), batch_sizes=get("batch_sizes"),
            sorted_indices=get("sorted_indices"), unsorted_indices=get("unsorted_indices"),
            proof=prove(self.differences, self.dtype, self.device, terms),
            batch_first=bool(call.module.batch_first),
            batched=call.batched,
            dtype=str(self.dtype).removeprefix("torch."),
            device=str(self.device),
            forward_seconds=ran.seconds,
            trace_seconds=time.perf_counter() - started,
            notes=tuple(ran.notes),
        )
