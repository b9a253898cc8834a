"""Names for what goes into and comes out of a submodule, and for the axes of each tensor.

An axis is followed from tensor to tensor: an LSTM names the axes of its own tensors, and a name
holds wherever the very same tensor, or a view of it, is seen again, and across modules that keep
an axis (linear, embedding, pointwise). What cannot be followed has no name.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

_KEEPS_ALL: Final = (nn.Dropout, nn.LayerNorm, nn.ReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.Softmax)
_LAST: Final[dict[type[nn.Module], tuple[str, str]]] = {
    nn.Linear: ("in_features", "out_features"),
    nn.Embedding: ("", "embedding_dim"),
}


@dataclass(slots=True)
class PassingAxis:
    """One axis as it passes through a model; joined ones share a symbol."""

    size: int
    symbol: str = ""
    _joined: PassingAxis | None = None

    def root(self) -> PassingAxis:
        """Return the axis that stands for all it was joined with."""
        axis = self
        while axis._joined is not None:
            axis = axis._joined
        return axis

    def join(self, other: PassingAxis) -> None:
        """Say that both are one axis."""
        mine, theirs = self.root(), other.root()
        if mine is not theirs and mine.size == theirs.size:
            mine.symbol = mine.symbol or theirs.symbol
            theirs._joined = mine  # noqa: SLF001


@dataclass(slots=True)
class Sighting:
    """A tensor that a stage took or gave.

    Attributes
    ----------
    name : str
    shape : tuple of int
    dtype : str
    axes : tuple of PassingAxis
    own : tuple of str
        What this stage itself calls the axes; empty strings where it does not know.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    axes: tuple[PassingAxis, ...]
    own: tuple[str, ...] = field(default=())

    def symbols(self) -> tuple[str, ...]:
        """Return the best name of each axis; empty where there is none."""
        own = self.own or ("",) * len(self.axes)
        return tuple(mine or axis.root().symbol for mine, axis in zip(own, self.axes, strict=True))


class AxisBook:
    """Remembers the axes of tensors for as long as these live."""

    def __init__(self) -> None:
        self._known: dict[int, list[tuple[weakref.ref[Tensor], tuple[PassingAxis, ...]]]] = {}

    def see(self, name: str, tensor: Tensor) -> Sighting:
        """Return `tensor` as a sighting, with the axes it is known by."""
        axes = self._axes(tensor)
        return Sighting(name, tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), axes)

    def _axes(self, tensor: Tensor) -> tuple[PassingAxis, ...]:
        found: list[PassingAxis | None] = [None] * tensor.dim()
        key = _storage(tensor)
        entries = [e for e in self._known.get(key, []) if e[0]() is not None]
        for reference, axes in entries:
            other = reference()
            if other is tensor:
                return axes
            if other is not None and key:
                _match(tensor, other, axes, found)
        made = tuple(a or PassingAxis(size) for a, size in zip(found, tensor.shape, strict=True))
        self._known[key] = [*entries, (weakref.ref(tensor), made)]
        return made


def _storage(tensor: Tensor) -> int:
    try:
        return tensor.untyped_storage().data_ptr()
    except (RuntimeError, NotImplementedError):  # a tensor without storage, such as a sparse one
        return 0


def _match(
    tensor: Tensor, other: Tensor, axes: tuple[PassingAxis, ...], found: list[PassingAxis | None]
) -> None:
    """Fill `found` with the axes that a view shares with `other`: same stride, same size."""
    if tensor.shape == other.shape and tensor.stride() == other.stride():
        found[:] = axes
        return
    steps = {(other.stride(k), other.shape[k]): axes[k] for k in range(other.dim())}
    for k, size in enumerate(tensor.shape):
        if size > 1 and found[k] is None:
            found[k] = steps.get((tensor.stride(k), size))


def tensors_in(name: str, value: Any) -> Iterator[tuple[str, Tensor]]:
    """Yield every tensor in `value`, named by how to reach it."""
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, PackedSequence):
        yield f"{name}.data", value.data
        yield f"{name}.batch_sizes", value.batch_sizes
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from tensors_in(f"{name}[{key!r}]", item)
    elif isinstance(value, list | tuple):
        for k, item in enumerate(value):
            yield from tensors_in(f"{name}[{k}]", item)


def arguments(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return what `module` was called with, by the names in its ``forward``."""
    try:
        bound = inspect.signature(module.forward).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return {f"input[{k}]": value for k, value in enumerate(args)} | kwargs
    named: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        kind = bound.signature.parameters[name].kind
        named |= value if kind is inspect.Parameter.VAR_KEYWORD else {name: value}
    return named


LSTM_NAMES: Final = {
    "hx[0]": "h_0", "hx[1]": "c_0", "output[0]": "output", "output[1][0]": "h_n",
    "output[1][1]": "c_n", "output[0].data": "output.data",
    "output[0].batch_sizes": "output.batch_sizes",
}  # fmt: skip
CELL_NAMES: Final = {"hx[0]": "h_0", "hx[1]": "c_0", "output[0]": "h_1", "output[1]": "c_1"}


def name_axes(
    module: nn.Module, inputs: tuple[Sighting, ...], outputs: tuple[Sighting, ...]
) -> None:
    """Let `module` name the axes of its own tensors, and join the axes that it keeps."""
    if isinstance(module, nn.LSTM | nn.LSTMCell):
        _name_lstm(module, (*inputs, *outputs))
    elif isinstance(module, _KEEPS_ALL) and inputs and outputs:
        for before, after in zip(inputs[0].axes, outputs[0].axes, strict=False):
            before.join(after)
    else:
        for kind, (before_name, after_name) in _LAST.items():
            if isinstance(module, kind) and inputs and outputs:
                _name_last(inputs[0], outputs[0], before_name, after_name)


def _name_last(before: Sighting, after: Sighting, before_name: str, after_name: str) -> None:
    kept = len(after.axes) - 1
    for one, other in zip(before.axes[:kept], after.axes[:kept], strict=False):
        one.join(other)
    last = after.axes[-1].root()
    last.symbol = last.symbol or after_name
    if before_name:
        last = before.axes[-1].root()
        last.symbol = last.symbol or before_name


def _name_lstm(module: nn.LSTM | nn.LSTMCell, sightings: tuple[Sighting, ...]) -> None:
    width = "H_out" if getattr(module, "proj_size", 0) else "H_cell"
    sequence = ("N", "L") if getattr(module, "batch_first", False) else ("L", "N")
    is_cell = isinstance(module, nn.LSTMCell)
    features = {"h_0": width, "h_n": width, "c_0": "H_cell", "c_n": "H_cell"}
    for seen in sightings:
        name, dims = seen.name, len(seen.shape)
        if name.endswith("batch_sizes"):
            seen.own = ("L",)
        elif name.endswith(".data"):
            seen.own = ("Σ lengths", "H_in" if name.startswith("input") else f"D·{width}")
        elif is_cell:
            seen.own = ("N", "H_in" if name == "input" else "H_cell")[-dims:]
        elif name in features:
            seen.own = ("D·num_layers", *(("N",) if dims == 3 else ()), features[name])
        elif name in ("input", "output"):
            last = "H_in" if name == "input" else f"D·{width}"
            seen.own = (*(sequence if dims == 3 else ("L",)), last)
        for axis, symbol in zip(seen.axes, seen.own, strict=False):
            root = axis.root()
            root.symbol = root.symbol or symbol
