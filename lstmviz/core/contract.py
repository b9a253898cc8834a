"""Every tensor's symbolic and concrete shape, from a spec alone.

Source of the shapes: the ``torch.nn.LSTM`` page, sections Inputs, Outputs and Variables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import prod
from typing import Final

from lstmviz.core.spec import LstmSpec, RunSpec


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


def contract(spec: RunSpec) -> Contract:
    """Return every tensor of the run that `spec` describes, without running it."""
    tensors = (*_inputs(spec), *_results(spec), *_parameters(spec))
    return Contract(tensors=tensors, trace_bytes=trace_bytes(spec))


def trace_bytes(spec: RunSpec) -> int:
    """Return the bytes of the arrays that a full trace of `spec` holds."""
    lstm, inputs = spec.lstm, spec.input
    itemsize = max(spec.dtype.itemsize, 4)  # half types are shown as float32
    rows = lstm.num_layers * lstm.num_directions
    opened = inputs.steps * inputs.columns * rows * (5 * lstm.hidden_size + lstm.output_size)
    state = 2 * rows * inputs.columns * (lstm.hidden_size + lstm.output_size)
    joined = lstm.num_directions * lstm.output_size
    if inputs.lengths is None:
        outer = inputs.columns * inputs.seq_len * (lstm.input_size + joined)
        return itemsize * (opened + state + outer)
    # Packed, output has no row for padding, and lengths, sizes and two orders are kept beside it.
    outer = inputs.columns * inputs.steps * lstm.input_size + sum(inputs.lengths) * joined
    indices = 8 * (inputs.steps + 3 * inputs.columns)
    return itemsize * (opened + state + outer) + indices


def _time(spec: RunSpec) -> Axis:
    size = spec.input.seq_len
    return Axis(symbol="L", kind=AxisKind.TIME, size=size, worked=f"{size}")


def _batch(spec: RunSpec) -> Axis:
    size = spec.input.batch_size
    return Axis(symbol="N", kind=AxisKind.BATCH, size=size, worked=f"{size}")


def _features(symbol: str, size: int, worked: str = "") -> Axis:
    return Axis(symbol=symbol, kind=AxisKind.FEATURES, size=size, worked=worked or f"{size}")


def _layers(lstm: LstmSpec) -> Axis:
    d, layers = lstm.num_directions, lstm.num_layers
    return Axis(
        symbol="D·num_layers", kind=AxisKind.LAYERS, size=d * layers, worked=f"{d}·{layers}"
    )


def _sequence_axes(spec: RunSpec, features: Axis) -> tuple[Axis, ...]:
    if spec.input.unbatched:
        return (_time(spec), features)
    if spec.lstm.batch_first:
        return (_batch(spec), _time(spec), features)
    return (_time(spec), _batch(spec), features)


def _state_axes(spec: RunSpec, features: Axis) -> tuple[Axis, ...]:
    middle = () if spec.input.unbatched else (_batch(spec),)
    return (_layers(spec.lstm), *middle, features)


def _tensor(spec: RunSpec, name: str, axes: tuple[Axis, ...], role: Role) -> TensorShape:
    return TensorShape(
        name=name, axes=axes, dtype=spec.dtype.value, itemsize=spec.dtype.itemsize, role=role
    )


def _output_symbol(lstm: LstmSpec) -> str:
    return "H_out" if lstm.proj_size else "H_cell"


def _inputs(spec: RunSpec) -> Iterator[TensorShape]:
    lstm = spec.lstm
    yield _tensor(
        spec, "input", _sequence_axes(spec, _features("H_in", lstm.input_size)), Role.INPUT
    )
    hidden = _features(_output_symbol(lstm), lstm.output_size)
    cell = _features("H_cell", lstm.hidden_size)
    yield _tensor(spec, "h_0", _state_axes(spec, hidden), Role.INPUT)
    yield _tensor(spec, "c_0", _state_axes(spec, cell), Role.INPUT)
    if spec.input.lengths:
        yield from _packed(spec, spec.input.lengths)


def _packed(spec: RunSpec, lengths: tuple[int, ...]) -> Iterator[TensorShape]:
    """Yield what ``pack_padded_sequence`` makes of the input: only real steps."""
    rows = Axis(symbol="Σ lengths", kind=AxisKind.TIME, size=sum(lengths), worked=f"{sum(lengths)}")
    yield _tensor(spec, "packed.data", (rows, _features("H_in", spec.lstm.input_size)), Role.INPUT)
    steps = Axis(
        symbol="max(lengths)", kind=AxisKind.TIME, size=max(lengths), worked=f"{max(lengths)}"
    )
    yield TensorShape(
        name="packed.batch_sizes", axes=(steps,), dtype="int64", itemsize=8, role=Role.INPUT
    )


def _results(spec: RunSpec) -> Iterator[TensorShape]:
    lstm = spec.lstm
    symbol, size, d = _output_symbol(lstm), lstm.output_size, lstm.num_directions
    joined = _features(f"D·{symbol}", d * size, f"{d}·{size}")
    yield _tensor(spec, "output", _sequence_axes(spec, joined), Role.RESULT)
    yield _tensor(spec, "h_n", _state_axes(spec, _features(symbol, size)), Role.RESULT)
    yield _tensor(
        spec, "c_n", _state_axes(spec, _features("H_cell", lstm.hidden_size)), Role.RESULT
    )


_DIRECTION_SUFFIX: Final = ("", "_reverse")


def _parameters(spec: RunSpec) -> Iterator[TensorShape]:
    lstm = spec.lstm
    gates = _features("4·H_cell", 4 * lstm.hidden_size, f"4·{lstm.hidden_size}")
    symbol, width, d = _output_symbol(lstm), lstm.output_size, lstm.num_directions
    hidden = _features(symbol, width)
    below = _features(f"D·{symbol}", d * width, f"{d}·{width}")
    for layer in range(lstm.num_layers):
        features = _features("H_in", lstm.input_size) if layer == 0 else below
        for suffix in _DIRECTION_SUFFIX[:d]:
            place = f"l{layer}{suffix}"
            shapes: dict[str, tuple[Axis, ...]] = {
                f"weight_ih_{place}": (gates, features),
                f"weight_hh_{place}": (gates, hidden),
            }
            if lstm.bias:
                shapes |= {f"bias_ih_{place}": (gates,), f"bias_hh_{place}": (gates,)}
            if lstm.proj_size:
                shapes[f"weight_hr_{place}"] = (hidden, _features("H_cell", lstm.hidden_size))
            for name, axes in shapes.items():
                yield _tensor(spec, name, axes, Role.PARAMETER)
