"""Which way PyTorch computes a spec, and roughly how long that takes."""

from __future__ import annotations

from typing import Final

from lstmviz.core.spec import DType, RunSpec

_OPERATIONS_PER_SECOND: Final = {
    DType.FLOAT32: 2e10,
    DType.FLOAT64: 1e10,
    DType.BFLOAT16: 4e9,
    DType.FLOAT16: 5e8,
}
"""Floating-point operations, measured on two slow cores; the half types have no fast product."""

_SECONDS_PER_STEP: Final = 1e-4
"""What calling the operators of one unfused step takes, however small it is."""
_SECONDS_PER_DRAW: Final = 1e-8
"""What one random number takes, of weights as of input."""


def is_fused(spec: RunSpec) -> bool:
    """Return whether PyTorch runs each layer and direction of `spec` as one kernel.

    On the CPU that is so in float32, without projection and for sequences of one length; some
    processors fuse bfloat16 too. A GPU's kernels are all of that kind.
    """
    if spec.device != "cpu":
        return True
    return spec.dtype is DType.FLOAT32 and not spec.lstm.proj_size and not is_ragged(spec)


def is_ragged(spec: RunSpec) -> bool:
    """Return whether `spec` packs sequences of different lengths."""
    return len(set(spec.input.lengths or ())) > 1


def operations(spec: RunSpec) -> float:
    """Return the floating-point operations of one forward call, padding included."""
    lstm, inputs = spec.lstm, spec.input
    rows = inputs.seq_len * inputs.columns * lstm.num_directions
    joined = lstm.num_directions * lstm.output_size
    widths = lstm.input_size + (lstm.num_layers - 1) * joined + lstm.num_layers * lstm.output_size
    projected = 2.0 * lstm.num_layers * lstm.proj_size
    return rows * lstm.hidden_size * (8.0 * widths + projected)


def call_seconds(spec: RunSpec) -> float:
    """Return roughly how long one forward call of `spec` takes on a slow processor."""
    kind = spec.dtype if spec.device == "cpu" else DType.FLOAT32
    seconds = operations(spec) / _OPERATIONS_PER_SECOND[kind]
    if is_fused(spec):
        return seconds
    steps = spec.input.seq_len * spec.lstm.num_layers * spec.lstm.num_directions
    return seconds + steps * _SECONDS_PER_STEP


def build_seconds(spec: RunSpec, parameters: int) -> float:
    """Return roughly how long it takes to draw `parameters` numbers and the input of `spec`."""
    inputs = spec.input
    return (parameters + inputs.seq_len * inputs.columns * spec.lstm.input_size) * _SECONDS_PER_DRAW
