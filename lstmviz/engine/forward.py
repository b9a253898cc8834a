"""The module's own forward call, and every h_t that it reveals.

On the CPU, PyTorch runs a float32 LSTM as one fused kernel per layer and direction. A dispatch mode
sees their arguments and results while the module's own call runs, so every inner h_t is the very
one that went into the output, and the input of each layer is what dropout left of the one before.
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
from torch.utils._python_dispatch import TorchDispatchMode

from lstmviz.engine.pace import POLL_SECONDS
from lstmviz.engine.preserve import compute_weights, draws, drops_out
from lstmviz.engine.validate import CallError
from lstmviz.engine.weights import layer_weights

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from lstmviz.engine.call import Call, LayerWeights
    from lstmviz.engine.pace import Pace

_FUSED_LAYER = torch.ops.aten.mkldnn_rnn_layer.default
_DRAW_MASK = torch.ops.aten.bernoulli_.float
_FLOPS_PER_SECOND = 5e10
_SECONDS_PER_STEP = 3e-5


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


class _Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """A dispatch mode that is ordinary Python: switching it off for Dynamo would import Dynamo."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False


class _FusedLayers(_Watch):  # type: ignore[no-untyped-call]
    """Keep input and output of every fused layer kernel that runs inside.

    Dropout masks are drawn from a copy of the global generator: the same masks, but a call that is
    left running after a cancel draws nothing from the caller's.
    """

    def __init__(self, *, draws: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.seen: list[tuple[Tensor, Tensor]] = []
        self._generator = torch.Generator().set_state(torch.get_rng_state()) if draws else None

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is _DRAW_MASK:
            return func(*args, generator=self._generator)
        result = func(*args, **kwargs) if kwargs else func(*args)
        if func is _FUSED_LAYER:
            self.seen.append((args[0], result[0]))
        return result


class _Polled(_Watch):  # type: ignore[no-untyped-call]
    """Give the caller a word between any two operations, where no thread can run them alone."""

    def __init__(self, pace: Pace, seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._pace, self._seconds = pace, seconds
        self._begun = self._last = time.monotonic()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        now = time.monotonic()
        if now - self._last > POLL_SECONDS:
            self._last = now
            self._pace.waited(now - self._begun, self._seconds)
        return func(*args, **kwargs) if kwargs else func(*args)


def is_fused_on_cpu(call: Call) -> bool:
    """Return whether PyTorch runs this call as one oneDNN kernel per layer and direction."""
    data = data_of(call.input)
    return (
        data.dtype == torch.float32
        and data.device.type == "cpu"
        and not call.module.proj_size
        and (call.packing is None or call.packing.past is None)
        and data.numel() > 0
        and torch._C._get_mkldnn_enabled()  # noqa: SLF001
        and torch._C._has_mkldnn  # noqa: SLF001
    )


def run_forward(call: Call, pace: Pace, *, fused: bool, grad: bool) -> Forward:
    """Run the module's forward once; with gradients where `grad`, because kernels differ by it.

    Notes
    -----
    ``forward`` is called, not the module, so that the user's hooks do not take a trace for a call
    of theirs; hooks of ``torch.nn.utils`` that compute weights are run first.
    """
    module, started = call.module, time.perf_counter()
    dropping, expected = drops_out(module), expected_seconds(call)
    watch = _FusedLayers(draws=dropping) if fused and module.num_layers > 1 else None
    mode: AbstractContextManager[Any] = watch or nullcontext()
    if draws(module) and not fused and pace.listening and expected > POLL_SECONDS:
        mode, expected = _Polled(pace, expected), 0.0

    def forward() -> Any:
        with torch.set_grad_enabled(grad), mode:
            return module.forward(call.input, call.hx)

    work = _on_stream(forward, call)
    notes: list[str] = []
    compute_weights(module, (call.input,))
    if fused:  # Nothing to warn of, and listening costs as much as a small step.
        returned = _unpacked(pace.call(work, expected))
    else:
        with warnings.catch_warnings(record=True) as caught, _masks_visible(call, dropping):
            warnings.simplefilter("always")
            returned = _unpacked(pace.call(work, expected))
        notes = [str(warning.message) for warning in caught]
    seconds = time.perf_counter() - started
    seen = [] if watch is None else watch.seen
    if len(seen) != module.num_layers * call.directions:
        seen = []
    return Forward(*returned, layer_weights(module), seen, seconds, notes)


def _unpacked(result: Any) -> tuple[Tensor, Tensor, Tensor]:
    try:
        output, (h_n, c_n) = result
        return data_of(output), h_n.detach(), c_n.detach()
    except (TypeError, ValueError, AttributeError) as error:
        raise CallError("The module's forward did not return (output, (h_n, c_n)).") from error


def _masks_visible(call: Call, dropping: bool) -> AbstractContextManager[None]:
    """Turn cuDNN off where it would hide dropout's masks; PyTorch's own kernels show them."""
    if dropping and data_of(call.input).device.type == "cuda":
        return torch.backends.cudnn.flags(enabled=False)
    return nullcontext()


def _on_stream(work: Any, call: Call) -> Any:
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


def expected_seconds(call: Call) -> float:
    """Return roughly how long the forward call takes, on a slow processor."""
    module = call.module
    widths = module.input_size + call.output_size * (1 + call.directions * module.num_layers)
    products = 8.0 * call.seq_len * call.batch_size * module.hidden_size * widths * call.directions
    steps = call.seq_len * module.num_layers * call.directions
    return products / _FLOPS_PER_SECOND + steps * _SECONDS_PER_STEP


def data_of(values: Tensor | PackedSequence) -> Tensor:
    """Return the tensor that holds the values, without its history."""
    return (values.data if isinstance(values, PackedSequence) else values).detach()
