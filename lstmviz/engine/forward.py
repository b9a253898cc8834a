"""The module's own forward call, and every h_t that it reveals.

On the CPU, PyTorch runs a float32 LSTM as one fused kernel per layer and direction. A dispatch mode
sees their arguments and results while the module's own call runs, so every inner h_t is the very
one that went into the output, and the input of each layer is what dropout left of the one before.
Where no such kernel runs, each inner layer is run once more as a fused call of its own.
"""

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

_FUSED_LAYER = torch.ops.aten.mkldnn_rnn_layer.default


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

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Else the first use imports torch._dynamo and sympy: seconds, for a compiler not used here.
        return False

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[Tensor, Tensor]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ARG002
        result = func(*args, **kwargs) if kwargs else func(*args)
        if func is _FUSED_LAYER:
            self.seen.append((args[0], result[0]))
        return result


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
        and torch.backends.mkldnn.is_available()
    )


def run_forward(call: Call, *, fused: bool, grad: bool) -> Forward:
    """Run the module's forward once; with gradients where `grad`, because fused kernels differ."""
    seen: list[tuple[Tensor, Tensor]] = []
    module, started = call.module, time.perf_counter()
    with warnings.catch_warnings(record=True) as caught, torch.set_grad_enabled(grad):
        warnings.simplefilter("always")
        if fused and module.num_layers > 1:
            with _FusedLayers() as watch:
                output, (h_n, c_n) = module.forward(call.input, call.hx)
            if len(watch.seen) == module.num_layers * call.directions:
                seen = watch.seen
        else:
            output, (h_n, c_n) = module.forward(call.input, call.hx)
    seconds = time.perf_counter() - started
    returned = (data_of(output), h_n.detach(), c_n.detach())
    notes = [str(warning.message) for warning in caught]
    return Forward(*returned, layer_weights(module), seen, seconds, notes)


def data_of(values: Tensor | PackedSequence) -> Tensor:
    """Return the tensor that holds the values, without its history."""
    return (values.data if isinstance(values, PackedSequence) else values).detach()
