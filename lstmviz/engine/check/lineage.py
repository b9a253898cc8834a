"""How what is known of a tensor passes to what is computed from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import torch

from lstmviz.engine.check.facts import Batch, Ledger, Output, Pending, State

_MOVED: Final = frozenset(
    (
        "to", "float", "double", "half", "bfloat16", "cuda", "cpu", "long", "int", "contiguous",
        "clone", "detach", "detach_", "requires_grad_", "type", "type_as", "alias",
        "__deepcopy__", "pin_memory",
    )
)  # fmt: skip
_STEPWISE: Final = frozenset(
    (
        "dropout", "relu", "relu_", "gelu", "leaky_relu", "elu", "tanh", "sigmoid", "softplus",
        "layer_norm", "add", "sub", "mul", "div", "__add__", "__radd__", "__sub__", "__mul__",
        "__rmul__", "__truediv__", "masked_fill", "where", "clamp", "add_", "mul_", "normalize",
        "feature_dropout",
    )
)  # fmt: skip
_WIDTHS: Final = frozenset(("embedding", "linear", "cat", "conv1d", "max_pool1d", "avg_pool1d"))
_FOLDED: Final = frozenset(
    (
        "view", "reshape", "flatten", "unflatten", "unsqueeze", "squeeze", "conv2d",
        "max_pool2d", "avg_pool2d", "batch_norm", "adaptive_avg_pool2d",
    )
)  # fmt: skip
_ASKED: Final = frozenset(
    (
        "size", "dim", "ndimension", "numel", "stride", "is_contiguous", "is_floating_point",
        "element_size", "data_ptr", "item", "tolist", "numpy", "__len__", "__repr__", "__str__",
        "__format__", "__array__", "__bool__", "__hash__", "__iter__", "backward", "retain_grad",
        "register_hook", "allclose", "equal", "isclose", "storage", "untyped_storage", "__get__",
        "__set__", "__setitem__", "is_cuda", "get_device",
    )
)  # fmt: skip
_SELECTED: Final = frozenset(("__getitem__", "select", "narrow", "chunk", "split", "unbind"))


def passed_on(ledger: Ledger, name: str, args: tuple[Any, ...], result: Any) -> None:
    """Give `result` of the operation called `name` what is known of its arguments."""
    if not isinstance(result, torch.Tensor):
        return
    for given in tensors_of(args):
        if given is result or not ledger.known(given):
            continue
        for batch in ledger.of(given, Batch):
            axis = _axis(name, given, result, batch.axis, args)
            if axis is not None:
                ledger.add(result, replace(batch, axis=axis))
        for output in ledger.of(given, Output):
            _output(ledger, name, args, given, result, output)
        _state(ledger, name, given, result)
        for pending in ledger.of(given, Pending):
            is_half = pending.half and result.dim() and result.shape[-1] <= pending.half
            if name in _MOVED | _FOLDED or (name in _SELECTED and not is_half):
                ledger.add(result, pending)


def _state(ledger: Ledger, name: str, given: torch.Tensor, result: torch.Tensor) -> None:
    if name not in _MOVED | _SELECTED | {"__get__"}:
        return
    for state in ledger.of(given, State):
        detached = state.detached or name in {"detach", "__get__"}
        is_whole = state.is_whole and result.shape == given.shape
        ledger.add(result, replace(state, is_whole=is_whole, detached=detached))


def is_computed_with(name: str, result: Any) -> bool:
    """Return whether an operation computes numbers from its tensors, and not only asks or moves."""
    if name in _MOVED | _FOLDED | _ASKED | _SELECTED or name.startswith(("__get__", "is_")):
        return False
    tensors = [each for each in tensors_of((result,)) if each.dtype != torch.bool]
    return bool(tensors) and all(each.is_floating_point() for each in tensors)


def _output(
    ledger: Ledger,
    name: str,
    args: tuple[Any, ...],
    given: torch.Tensor,
    result: torch.Tensor,
    output: Output,
) -> None:
    if result.shape == given.shape and name in _MOVED | _STEPWISE | {"index_select"}:
        ledger.add(result, output)
    elif name in {"transpose", "permute", "swapaxes"} and given.dim() == result.dim() == 3:
        axis = _axis(name, given, result, 0 if output.batch_first else 1, args)
        if axis in {0, 1}:
            ledger.add(result, replace(output, batch_first=axis == 0))


def _axis(
    name: str, given: torch.Tensor, result: torch.Tensor, axis: int, args: tuple[Any, ...]
) -> int | None:
    """Return where an axis of `given` is in `result`; None if that is not certain."""
    if name in {"transpose", "swapaxes", "transpose_"} and len(args) >= 3:
        one, other = (int(a) % given.dim() for a in args[1:3])
        return {one: other, other: one}.get(axis, axis)
    if name == "t" and given.dim() == 2:
        return 1 - axis
    if name == "permute":
        order = args[1] if len(args) == 2 and isinstance(args[1], list | tuple) else args[1:]
        places = [int(a) % given.dim() for a in order]
        return places.index(axis) if axis in places else None
    if name in _MOVED | _STEPWISE:
        return axis if result.shape == given.shape else None
    keeps = result.dim() > axis and result.shape[: axis + 1] == given.shape[: axis + 1]
    if name in _WIDTHS | _FOLDED:
        return axis if keeps else None
    if name == "__getitem__" and len(args) > 1:
        index = args[1] if isinstance(args[1], tuple) else (args[1],)
        whole = all(each == slice(None) for each in index[: axis + 1] if isinstance(each, slice))
        plain = all(isinstance(each, slice) for each in index[: axis + 1])
        return axis if keeps and whole and plain else None
    return None


def tensors_of(values: tuple[Any, ...]) -> list[torch.Tensor]:
    """Return the tensors among `values`, and in lists and tuples among them."""
    found: list[torch.Tensor] = []
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += [each for each in value if isinstance(each, torch.Tensor)]
    return found
