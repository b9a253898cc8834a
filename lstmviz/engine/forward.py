"""The module's own forward call, and every h_t that it reveals."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence
from torch.utils._python_dispatch import TorchDispatchMode

from lstmviz.engine.weights import layer_weights

if TYPE_CHECKING:
    from lstmviz.engine.call import Call, LayerWeights


@dataclass(slots=True)
class Forward:
    """What the module returned and what was seen on the way.

    Attributes
    ----------
    output : Tensor
        As returned; the packed data for packed input.
    h_n, c_n : Tensor
        As returned.
    weights : list of list of LayerWeights
        ``weights[layer][direction]``, as the call read them.
    seen : list of (input, output)
        Each fused layer call, in order: layer input (L, N, width) and h_t (L, N, H_out).
    seconds : float
    notes : list of str
        Warnings PyTorch gave.
    """

    output: Tensor
    h_n: Tensor
    c_n: Tensor
    weights: list[list[LayerWeights]]
    seen: list[tuple[Tensor, Tensor]] = field(default_factory=list)
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)


class _FusedLayers(TorchDispatchMode):
    """Keep input and output of every fused layer kernel that runs inside."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[Tensor, Tensor]] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func is torch.ops.aten.mkldnn_rnn_layer.default:
            self.seen.append((args[0], result[0]))
        return result


def run_forward(call: Call) -> Forward:
    """Run the module's forward once, without gradients."""
    started = time.perf_counter()
    watch = _FusedLayers()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if call.module.num_layers > 1:
            with watch:
                result = call.module.forward(call.input, call.hx)
        else:
            result = call.module.forward(call.input, call.hx)
    output, (h_n, c_n) = result
    if isinstance(output, PackedSequence):
        output = output.data
    seconds = time.perf_counter() - started
    notes = [str(warning.message) for warning in caught]
    weights = layer_weights(call.module)
    expected = call.module.num_layers * call.directions
    seen = watch.seen if len(watch.seen) == expected else []
    return Forward(output, h_n, c_n, weights, seen, seconds, notes)


def inner_states(call: Call, ran: Forward) -> list[tuple[tuple[Tensor, ...], list[Tensor]]]:
    """Return for each layer its input, in parts, and each direction's h_t (L, N, H_out)."""
    output = call.time_major(ran.output)
    width = call.output_size
    last = list(output.split(width, 2))
    entry: tuple[Tensor, ...] = (call.time_major(data_of(call.input)),)
    states: list[tuple[tuple[Tensor, ...], list[Tensor]]] = []
    each = call.directions
    for layer in range(call.module.num_layers - 1):
        if ran.seen:
            h = [seen[1] for seen in ran.seen[layer * each : (layer + 1) * each]]
            following: tuple[Tensor, ...] = (ran.seen[(layer + 1) * each][0],)
        else:
            h = rerun_layer(call, ran, layer, entry)
            following = tuple(h)
        states.append((entry, h))
        entry = following
    states.append((entry, last))
    return states


def data_of(input: Tensor | PackedSequence) -> Tensor:  # noqa: A002 - nn.LSTM's own name
    """Return the tensor that holds the values of `input`, without its history."""
    return (input.data if isinstance(input, PackedSequence) else input).detach()


def rerun_layer(
    call: Call, ran: Forward, layer: int, entry: tuple[Tensor, ...]
) -> list[Tensor]:
    """Run one layer as a fused call of its own; return each direction's h_t (L, N, H_out)."""
    x = torch.cat(entry, 2) if len(entry) > 1 else entry[0]
    flat = [weight for pack in ran.weights[layer] for weight in pack.present()]
    module, (h_0, c_0) = call.module, initial_state(call, ran)
    state = (h_0[layer], c_0[layer])
    rest = (flat, bool(module.bias), 1, 0.0, False, bool(module.bidirectional))
    if call.packing is None:
        h = torch._VF.lstm(x, state, *rest, False)[0]
        return list(h.split(call.output_size, 2))
    packing = call.packing
    order = packing.sorted_indices
    if order is not None:
        state = (state[0][:, order], state[1][:, order])
    data = x.reshape(-1, x.shape[2])[packing.rows]
    h = packing.pad(torch._VF.lstm(data, packing.batch_sizes, state, *rest)[0])
    return list(h.split(call.output_size, 2))


def initial_state(call: Call, ran: Forward) -> tuple[Tensor, Tensor]:
    """Return h_0 and c_0 as (num_layers, D, N, H), zeros where none were passed."""
    if call.hx is not None:
        h_0, c_0 = call.hx
        return call.layered(h_0.detach()), call.layered(c_0.detach())
    return torch.zeros_like(call.layered(ran.h_n)), torch.zeros_like(call.layered(ran.c_n))
