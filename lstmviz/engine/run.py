"""From a spec to a run: build it, call it, open it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from lstmviz.core.contract import Role, TensorShape, contract
from lstmviz.core.memory import check_fits
from lstmviz.core.spec import RunSpec
from lstmviz.core.trace import Port, Run, Stage
from lstmviz.engine.build import build
from lstmviz.engine.machine import memory_limit
from lstmviz.engine.trace import trace

Allocate = Callable[[str, tuple[int, ...], npt.DTypeLike], npt.NDArray[Any]]


def run(
    spec: RunSpec,
    *,
    generation: int = 0,
    allocate: Allocate = lambda _name, shape, dtype: np.empty(shape, dtype),
    progress: Callable[[float], None] | None = None,
) -> Run:
    """Run what `spec` describes and open it.

    Parameters
    ----------
    spec : RunSpec
    generation : int
        Passed on to the run.
    allocate : callable
        Makes the arrays of the trace: name, shape, dtype to array.
    progress : callable, optional
        Told the fraction done now and then; raises to cancel.

    Raises
    ------
    SpecError
        The run does not fit in memory.
    RuntimeError
        PyTorch refused the call.
    """
    check_fits(spec, memory_limit())
    call = build(spec)
    opened = trace(call.lstm, call.input, call.hx, allocate=allocate, progress=progress)
    return Run(generation=generation, stages=(_stage(spec),), traces=(opened,))


def _stage(spec: RunSpec) -> Stage:
    tensors = contract(spec).tensors
    return Stage(
        name="",
        kind="LSTM",
        inputs=tuple(_port(t) for t in tensors if t.role is Role.INPUT),
        outputs=tuple(_port(t) for t in tensors if t.role is Role.RESULT),
        trace=0,
    )


def _port(tensor: TensorShape) -> Port:
    return Port(
        name=tensor.name,
        axes=tuple(axis.symbol for axis in tensor.axes),
        shape=tensor.shape,
        dtype=tensor.dtype,
    )
