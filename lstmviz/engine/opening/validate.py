"""Refuse what PyTorch would silently broadcast, read past its end, or crash on.

PyTorch's own errors are left to PyTorch: a call that looks malformed is handed to the module, which
raises in its own words, and only where it would not raise, or not safely, we do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from lstmviz.engine.torch_internals import flat_names, flat_weights

if TYPE_CHECKING:
    from lstmviz.engine.opening.call import State


class CallError(ValueError):
    """A call that cannot be traced; the message is the sentence to show."""


def require_traceable(module: nn.Module) -> None:
    """Raise CallError unless `module` is an ``nn.LSTM`` or ``nn.LSTMCell``."""
    if not isinstance(module, nn.LSTM | nn.LSTMCell):
        kind = f"{type(module).__module__}.{type(module).__qualname__}"
        raise CallError(f"Only torch.nn.LSTM and torch.nn.LSTMCell can be traced, not {kind}.")
    if isinstance(module, torch.jit.ScriptModule):
        raise CallError("A scripted LSTM hides its layers; pass the nn.LSTM it was made from.")


def require_well_formed(module: nn.LSTM, input: Tensor | PackedSequence, hx: State | None) -> None:  # noqa: A002
    """Raise unless the call is one that the ``nn.LSTM`` page describes.

    Raises
    ------
    CallError
        Where PyTorch would go on with wrong memory or a broadcast.
    Exception
        PyTorch's own, where it raises.
    """
    _require_dense(input)
    _require_weights(module)
    if isinstance(input, PackedSequence):
        _require_packing(module, input)
        fault = _state_fault(module, hx, int(input.batch_sizes[0]), 3)
        if fault and not fault.startswith("hx"):
            raise CallError(fault)
    else:
        fault = _input_fault(module, input) or _state_fault(module, hx, *_batch(module, input))
    if fault:
        with torch.no_grad():
            module.forward(input, hx)
        raise CallError(fault)


def _require_dense(input: Tensor | PackedSequence) -> None:  # noqa: A002
    data = input.data if isinstance(input, PackedSequence) else input
    if isinstance(data, Tensor) and (kind := kind_without_numbers(data)):
        raise CallError(f"The input is a {kind} tensor; only dense tensors with values can be run.")


def kind_without_numbers(values: Tensor) -> str:
    """Return what `values` is called where it is no dense tensor with numbers, else nothing."""
    if values.is_nested:
        return "nested"
    if values.is_meta:
        return "meta"
    return "" if values.layout == torch.strided else str(values.layout).removeprefix("torch.")


def _require_weights(module: nn.LSTM) -> None:
    """Raise where the weights are not what the module's attributes say.

    A weight of another shape is one that the fused kernel would read past. Which attributes count
    is what `nn.LSTM` reads at each call; they may have been set since the weights were made.
    """
    _require_whole_sizes(module)
    cells, width = module.hidden_size, module.proj_size or module.hidden_size
    directions = 2 if module.bidirectional else 1
    rest = ((4 * cells, width), *((4 * cells,),) * (2 if module.bias else 0))
    rest = (*rest, (width, cells)) if module.proj_size else rest
    first, later = (4 * cells, module.input_size), (4 * cells, width * directions)
    needed = ((first, *rest) * directions) + ((later, *rest) * directions) * (module.num_layers - 1)
    flat = flat_weights(module)
    if len(flat) != len(needed):
        raise CallError(
            f"The LSTM has {len(flat)} weights; num_layers {module.num_layers}, bidirectional"
            f" {module.bidirectional}, bias {module.bias} and proj_size {module.proj_size} call for"
            f" {len(needed)}: one of them has been changed since it was made."
        )
    for k, (weight, shape) in enumerate(zip(flat, needed, strict=True)):
        if isinstance(weight, Tensor) and (weight.shape != shape or weight.is_meta):
            name = flat_names(module)[k]
            has = "no values" if weight.is_meta else f"shape {tuple(weight.shape)}"
            raise CallError(f"{name} has {has}; this LSTM needs {shape}.")
        if isinstance(weight, Tensor) and weight.is_complex():
            kind = str(weight.dtype).removeprefix("torch.")
            raise CallError(f"The LSTM computes in {kind}; only real numbers can be traced.")


def _require_whole_sizes(module: nn.LSTM) -> None:
    for name in ("input_size", "hidden_size", "proj_size", "num_layers"):
        size = getattr(module, name)
        if not isinstance(size, int) or size < (0 if name == "proj_size" else 1):
            raise CallError(f"{name} must be a positive whole number, not {str(size)[:40]!r}.")


def _require_packing(module: nn.LSTM, packed: PackedSequence) -> None:
    data, sizes = packed.data, packed.batch_sizes
    well_sized = sizes.dim() == 1 and sizes.dtype == torch.int64 and sizes.device.type == "cpu"
    if not well_sized or not sizes.numel() or data.dim() != 2:
        raise CallError("The PackedSequence needs data (rows, H_in) and int64 batch_sizes (L,).")
    falling = bool((sizes[1:] <= sizes[:-1]).all()) and int(sizes[-1]) > 0
    if not falling or int(sizes.sum()) != data.shape[0]:
        raise CallError(
            f"The PackedSequence's batch_sizes must fall and sum to its {data.shape[0]} rows,"
            f" got {sizes.tolist() if sizes.numel() < 20 else f'a sum of {int(sizes.sum())}'}."
        )
    batch = int(sizes[0])
    for order in (packed.sorted_indices, packed.unsorted_indices):
        if order is not None and sorted(order.tolist()) != list(range(batch)):
            raise CallError(f"The PackedSequence's indices must order its {batch} sequences.")
    ragged = int(sizes[-1]) != batch
    if data.shape[1] != module.input_size and not ragged:
        raise CallError(
            f"The PackedSequence has {data.shape[1]} features; input_size is {module.input_size}."
        )


def _input_fault(module: nn.LSTM, input: Tensor) -> str:  # noqa: A002
    if not isinstance(input, Tensor) or input.dim() not in (2, 3):
        return "The input must be a tensor of 2 or 3 dimensions, or a PackedSequence."
    if input.shape[-1] != module.input_size:
        return f"The input has {input.shape[-1]} features; input_size is {module.input_size}."
    if input.shape[1 if module.batch_first and input.dim() == 3 else 0] == 0:
        return "The input has no time steps."
    return ""


def _batch(module: nn.LSTM, input: Tensor) -> tuple[int, int]:  # noqa: A002
    if not isinstance(input, Tensor) or input.dim() != 3:
        return 0, 2
    return input.shape[0 if module.batch_first else 1], 3


def _state_fault(module: nn.LSTM, hx: State | None, batch: int, dims: int) -> str:
    """Return what is wrong with hx, or nothing; begins with hx where PyTorch raises safely."""
    if hx is None:
        return ""
    if (
        not isinstance(hx, tuple | list)
        or len(hx) != 2
        or not all(isinstance(s, Tensor) for s in hx)
    ):
        return "hx must be a pair of tensors, (h_0, c_0)."
    rows = module.num_layers * (2 if module.bidirectional else 1)
    widths = (module.proj_size or module.hidden_size, module.hidden_size)
    for name, state, width in zip(("h_0", "c_0"), hx, widths, strict=True):
        needed = (rows, batch, width) if dims == 3 else (rows, width)
        if state.shape != needed:
            return f"{name} has shape {tuple(state.shape)}; this call needs {needed}."
    return ""
