"""The module's own forward call, and what it reveals on the way.

On the CPU, PyTorch runs a float32 LSTM as one fused kernel per layer and direction. What goes into
and out of each is seen while the module's own call runs, so every inner h_t is the very one that
went into the output, and the input of each layer is what dropout left of the one before.
"""

from __future__ import annotations

import time
import warnings
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from lstmviz.engine.dispatch import Polled
from lstmviz.engine.freed import give_back_freed
from lstmviz.engine.opening.fused import FusedLayers, saved_layers
from lstmviz.engine.opening.plan import Seen
from lstmviz.engine.opening.preserve import compute_weights, draws, drops_out
from lstmviz.engine.opening.validate import CallError
from lstmviz.engine.opening.weights import layer_weights
from lstmviz.engine.progress import FORWARD_SHARE, POLL_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from lstmviz.engine.opening.call import LayerWeights, PendingCall
    from lstmviz.engine.opening.destinations import Destinations
    from lstmviz.engine.opening.fused import FusedLayer
    from lstmviz.engine.opening.plan import Plan
    from lstmviz.engine.progress import Pace

_FLOPS_PER_SECOND = 5e10
_SECONDS_PER_STEP = 3e-5
_KEPT_PER_STATE = 8
"""Numbers that the graph of an unfused call keeps for each of c_t."""


@dataclass(slots=True, eq=False)
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
    layers : list of FusedLayer
        Every direction of every layer, in h_n's order, where all of them could be seen.
    seconds : float
    notes : list of str
        Warnings PyTorch gave.
    """

    output: Tensor
    h_n: Tensor
    c_n: Tensor
    weights: list[list[LayerWeights]]
    layers: list[FusedLayer] = field(default_factory=list)
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)


def run_forward(
    call: PendingCall, plan: Plan, pace: Pace, *, grad: bool, destinations: Destinations | None
) -> Forward:
    """Run the module's forward once; with gradients where `grad`, because kernels differ by it.

    Parameters
    ----------
    call : PendingCall
    plan : Plan
    pace : Pace
    grad : bool
    destinations : Destinations, or None
        Where what fused kernels keep goes, if they are lent memory.

    Notes
    -----
    ``forward`` is called, not the module, so that the user's hooks do not take a trace for a call
    of theirs; hooks of ``torch.nn.utils`` that compute weights are run first.
    """
    module, started = call.module, time.perf_counter()
    compute_weights(module, (call.input,))

    def forward() -> Any:
        with torch.set_grad_enabled(grad):
            return module.forward(call.input, call.hx)

    if not plan.fused:
        ran = _run_unfused(call, pace, forward)
    elif plan.seen in (Seen.MET, Seen.LENT):
        ran = _run_met(call, pace, forward, destinations)
    else:
        ran = _run_alone(call, pace, forward, saved=plan.seen is Seen.SAVED)
    ran.seconds += time.perf_counter() - started
    return ran


def _run_alone(
    call: PendingCall, pace: Pace, forward: Callable[[], Any], *, saved: bool
) -> Forward:
    """Run fused layers, which have nothing to warn of; look up what PyTorch `saved` of them."""
    module = call.module
    seconds = expected_seconds(call) if pace.listening else 0.0
    returned = pace.call(forward, seconds, FORWARD_SHARE)
    ran = Forward(*_unpacked(returned), layer_weights(module))
    if saved:
        ran.layers = saved_layers(returned[0], module.num_layers, call.directions)
    return ran


def _run_met(
    call: PendingCall, pace: Pace, forward: Callable[[], Any], destinations: Destinations | None
) -> Forward:
    """Run fused layers and meet each as it runs."""
    watch = FusedLayers(call, pace, expected_seconds(call), destinations=destinations)
    with watch:
        unpacked = _unpacked(forward())
    pace.require_going_on()
    watch.end()
    ran = Forward(*unpacked, layer_weights(call.module))
    ran.seconds = -watch.opening_seconds
    if watch.complete:
        ran.layers = watch.seen
    if destinations is None:
        give_back_freed(_KEPT_PER_STATE * call.states, ran.output.element_size())
    return ran


def _run_unfused(call: PendingCall, pace: Pace, forward: Callable[[], Any]) -> Forward:
    """Run PyTorch's own step after step, or a GPU's kernel, and note its warnings."""
    module, expected = call.module, expected_seconds(call)
    mode: AbstractContextManager[Any] = nullcontext()
    if draws(module) and pace.listening and expected > POLL_SECONDS:
        mode, expected = Polled(pace, expected, FORWARD_SHARE), 0.0

    def work() -> Any:
        with mode:
            return forward()

    with warnings.catch_warnings(record=True) as caught, _masks_visible(call):
        warnings.simplefilter("always")
        unpacked = _unpacked(pace.call(_on_stream(work, call), expected, FORWARD_SHARE))
    give_back_freed(_KEPT_PER_STATE * call.states, unpacked[0].element_size())
    notes = [str(warning.message) for warning in caught]
    return Forward(*unpacked, layer_weights(module), notes=notes)


def _unpacked(result: Any) -> tuple[Tensor, Tensor, Tensor]:
    try:
        output, (h_n, c_n) = result
        return data_of(output), h_n.detach(), c_n.detach()
    except (TypeError, ValueError, AttributeError) as error:
        raise CallError("The module's forward did not return (output, (h_n, c_n)).") from error


def _masks_visible(call: PendingCall) -> AbstractContextManager[None]:
    """Turn cuDNN off where it would hide dropout's masks; PyTorch's own kernels show them."""
    if drops_out(call.module) and data_of(call.input).device.type == "cuda":
        return torch.backends.cudnn.flags(enabled=False)
    return nullcontext()


def _on_stream(work: Any, call: PendingCall) -> Any:
    """Make `work` wait for a GPU, on the caller's stream, also from another thread."""
    device = data_of(call.input).device
    if device.type != "cuda":
        return work
    stream = torch.cuda.current_stream(device)

    def waited() -> Any:
        with torch.cuda.stream(stream):
            result = work()
        stream.synchronize()
        return result

    return waited


def expected_seconds(call: PendingCall) -> float:
    """Return roughly how long the forward call takes, on a slow processor."""
    module = call.module
    widths = module.input_size + call.output_size * (1 + call.directions * module.num_layers)
    products = 8.0 * call.seq_len * call.batch_size * module.hidden_size * widths * call.directions
    steps = call.seq_len * module.num_layers * call.directions
    return products / _FLOPS_PER_SECOND + steps * _SECONDS_PER_STEP


def data_of(values: Tensor | PackedSequence) -> Tensor:
    """Return the tensor that holds the values, without its history, and with its own signs.

    A view whose numbers are to be negated first, as the imaginary part of a conjugate is, is
    something that numpy does not know.
    """
    data = values.data if isinstance(values, PackedSequence) else values
    return data.detach().resolve_neg()
