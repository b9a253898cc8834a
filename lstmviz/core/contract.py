"""Every tensor's symbolic and concrete shape, from the sizes alone.

Source of the shapes: the pages of ``torch.nn.LSTM``, ``nn.GRU`` and ``nn.RNN``, sections Inputs,
Outputs and Variables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import prod
from typing import Final

from lstmviz.core.cells import StateKind
from lstmviz.core.geometry import Geometry


class AxisKind(StrEnum):
    """What an axis counts; each kind has one colour everywhere."""

    TIME = "time"
    BATCH = "batch"
    FEATURES = "features"
    LAYERS = "layers"


class Role(StrEnum):
    """What a tensor is to the call."""

    INPUT = "input"
    RESULT = "result"
    PARAMETER = "parameter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of a tensor.

    Attributes
    ----------
    symbol : str
        e.g. ``"N"``, ``"D·H_out"``.
    kind : AxisKind
    size : int
    worked : str
        The symbol with its numbers filled in, e.g. ``"2·16"``; the size alone where it is plain.
    """

    symbol: str
    kind: AxisKind
    size: int
    worked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorShape:
    """Name, axes and size of one tensor.

    Attributes
    ----------
    name : str
        As PyTorch names it.
    axes : tuple of Axis
    dtype : str
    itemsize : int
        Bytes of one number.
    role : Role
    """

    name: str
    axes: tuple[Axis, ...]
    dtype: str
    itemsize: int
    role: Role

    @property
    def shape(self) -> tuple[int, ...]:
        """Size of each axis."""
        return tuple(axis.size for axis in self.axes)

    @property
    def bytes(self) -> int:
        """Memory of the tensor's numbers."""
        return prod(self.shape) * self.itemsize


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What goes in, what comes out and what is learned.

    Attributes
    ----------
    tensors : tuple of TensorShape
        Inputs, results, then parameters in the order of ``named_parameters()``.
    trace_bytes : int
        Memory of a full trace of this run: states and gates of every layer, direction and step.
    """

    tensors: tuple[TensorShape, ...]
    trace_bytes: int

    @property
    def parameters(self) -> int:
        """Number of learnable numbers."""
        return sum(prod(t.shape) for t in self.tensors if t.role is Role.PARAMETER)

    @property
    def parameter_bytes(self) -> int:
        """Memory of all parameters."""
        return sum(t.bytes for t in self.tensors if t.role is Role.PARAMETER)

    def tensor(self, name: str) -> TensorShape:
        """Return the tensor called `name`.

        Raises
        ------
        KeyError
            This run has no such tensor.
        """
        for tensor in self.tensors:
            if tensor.name == name:
                return tensor
        raise KeyError(name)


def contract(geometry: Geometry) -> Contract:
    """Return every tensor of the run that `geometry` describes, without running it."""
    tensors = (*_inputs(geometry), *_results(geometry), *_parameters(geometry))
    return Contract(tensors=tensors, trace_bytes=trace_bytes(geometry))


def trace_bytes(geometry: Geometry) -> int:
    """Return the bytes of the arrays that a full trace of `geometry` holds."""
    itemsize = max(geometry.itemsize, 4)  # half types are shown as float32
    items, steps, rows = geometry.batch_size, geometry.steps, geometry.rows
    states = sum(geometry.width(state) for state in geometry.kind.states)
    gates = len(geometry.kind.gates) * geometry.hidden_size
    opened = steps * items * rows * (states + gates)
    state = 2 * rows * items * states
    joined = geometry.num_directions * geometry.output_size
    if geometry.lengths is None:
        outer = items * geometry.seq_len * (geometry.input_size + joined)
        return itemsize * (opened + state + outer)
    # Packed, output has no row for padding, and lengths, sizes and two orders are kept beside it.
    outer = items * steps * geometry.input_size + sum(geometry.lengths) * joined
    indices = 8 * (steps + 3 * items)
    return itemsize * (opened + state + outer) + indices


def _time(geometry: Geometry) -> Axis:
    size = geometry.seq_len
    return Axis(symbol="L", kind=AxisKind.TIME, size=size, worked=f"{size}")


def _batch(geometry: Geometry) -> Axis:
    size = geometry.batch_size
    return Axis(symbol="N", kind=AxisKind.BATCH, size=size, worked=f"{size}")


def _features(symbol: str, size: int, worked: str = "") -> Axis:
    return Axis(symbol=symbol, kind=AxisKind.FEATURES, size=size, worked=worked or f"{size}")


def _layers(geometry: Geometry) -> Axis:
    d, layers = geometry.num_directions, geometry.num_layers
    return Axis(
        symbol="D·num_layers", kind=AxisKind.LAYERS, size=d * layers, worked=f"{d}·{layers}"
    )


def _state_features(geometry: Geometry, state: StateKind) -> Axis:
    symbol = geometry.output_symbol if state.is_output else "H_cell"
    return _features(symbol, geometry.width(state))


def _sequence_axes(geometry: Geometry, features: Axis) -> tuple[Axis, ...]:
    return geometry.layout.sequence(_time(geometry), _batch(geometry), features)


def _state_axes(geometry: Geometry, features: Axis) -> tuple[Axis, ...]:
    return geometry.layout.state(_layers(geometry), _batch(geometry), features)


def _tensor(geometry: Geometry, name: str, axes: tuple[Axis, ...], role: Role) -> TensorShape:
    return TensorShape(
        name=name, axes=axes, dtype=geometry.dtype, itemsize=geometry.itemsize, role=role
    )


def _inputs(geometry: Geometry) -> Iterator[TensorShape]:
    yield _tensor(
        geometry,
        "input",
        _sequence_axes(geometry, _features("H_in", geometry.input_size)),
        Role.INPUT,
    )
    for state in geometry.kind.states:
        axes = _state_axes(geometry, _state_features(geometry, state))
        yield _tensor(geometry, state.initial, axes, Role.INPUT)
    if geometry.lengths:
        yield from _packed(geometry, geometry.lengths)


def _packed(geometry: Geometry, lengths: tuple[int, ...]) -> Iterator[TensorShape]:
    """Yield what ``pack_padded_sequence`` makes of the input: only real steps."""
    rows = Axis(symbol="Σ lengths", kind=AxisKind.TIME, size=sum(lengths), worked=f"{sum(lengths)}")
    yield _tensor(
        geometry, "packed.data", (rows, _features("H_in", geometry.input_size)), Role.INPUT
    )
    steps = Axis(
        symbol="max(lengths)", kind=AxisKind.TIME, size=max(lengths), worked=f"{max(lengths)}"
    )
    yield TensorShape(
        name="packed.batch_sizes", axes=(steps,), dtype="int64", itemsize=8, role=Role.INPUT
    )


def _results(geometry: Geometry) -> Iterator[TensorShape]:
    symbol, size, d = geometry.output_symbol, geometry.output_size, geometry.num_directions
    joined = _features(f"D·{symbol}", d * size, f"{d}·{size}")
    yield _tensor(geometry, "output", _sequence_axes(geometry, joined), Role.RESULT)
    for state in geometry.kind.states:
        axes = _state_axes(geometry, _state_features(geometry, state))
        yield _tensor(geometry, state.final, axes, Role.RESULT)


_DIRECTION_SUFFIX: Final = ("", "_reverse")


def _gate_rows(geometry: Geometry) -> Axis:
    multiple, size = geometry.kind.multiple, geometry.hidden_size
    if multiple == 1:
        return _features("H_cell", size)
    return _features(f"{multiple}·H_cell", geometry.weight_rows, f"{multiple}·{size}")


def _parameters(geometry: Geometry) -> Iterator[TensorShape]:
    gates = _gate_rows(geometry)
    symbol, width, d = geometry.output_symbol, geometry.output_size, geometry.num_directions
    hidden = _features(symbol, width)
    below = _features(f"D·{symbol}", d * width, f"{d}·{width}")
    for layer in range(geometry.num_layers):
        features = _features("H_in", geometry.input_size) if layer == 0 else below
        for suffix in _DIRECTION_SUFFIX[:d]:
            place = f"l{layer}{suffix}"
            shapes: dict[str, tuple[Axis, ...]] = {
                f"weight_ih_{place}": (gates, features),
                f"weight_hh_{place}": (gates, hidden),
            }
            if geometry.bias:
                shapes |= {f"bias_ih_{place}": (gates,), f"bias_hh_{place}": (gates,)}
            if geometry.proj_size:
                shapes[f"weight_hr_{place}"] = (hidden, _features("H_cell", geometry.hidden_size))
            for name, axes in shapes.items():
                yield _tensor(geometry, name, axes, Role.PARAMETER)
