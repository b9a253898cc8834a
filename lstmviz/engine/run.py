"""From a spec to a run: build it, call it, open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import torch

from lstmviz.core.contract import Role, TensorShape, contract
from lstmviz.core.memory import check_fits
from lstmviz.core.spec import RunSpec
from lstmviz.core.trace import Port, Run, Stage
from lstmviz.engine.arrays import Allocate
from lstmviz.engine.build import build
from lstmviz.engine.machine import memory_limit
from lstmviz.engine.trace import trace

_SMALL_RUN: Final = 2e8
"""Floating-point operations that one thread does in about 10 ms."""


def run(
    spec: RunSpec,
    *,
    generation: int = 0,
    allocate: Allocate | None = None,
    progress: Callable[[float], None] | None = None,
) -> Run:
    """Run what `spec` describes and open it.

    Parameters
    ----------
    spec : RunSpec
    generation : int
        Passed on to the run.
    allocate : Allocate, optional
        Makes the arrays of the trace.
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
    with small_runs_on_one_thread(spec):
        call = build(spec)
        opened = trace(call.lstm, call.input, call.hx, allocate=allocate, progress=progress)
    return Run(generation=generation, stages=(_stage(spec),), traces=(opened,))


@contextmanager
def small_runs_on_one_thread(spec: RunSpec) -> Iterator[None]:
    """Compute a small run on one thread.

    Several threads gain nothing there, and wait for one another at every step: on a busy machine
    each of those waits was seen to take 10 ms and more, and the window shares these cores.
    """
    lstm, inputs = spec.lstm, spec.input
    per_step = 8 * lstm.hidden_size * (lstm.input_size + lstm.output_size)
    rows = lstm.num_layers * lstm.num_directions
    operations = per_step * rows * inputs.steps * inputs.columns
    threads = torch.get_num_threads()
    if operations < _SMALL_RUN:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


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
