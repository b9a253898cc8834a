"""From a spec to a run: build it, call it, open it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lstmviz.core.contract import Role, TensorShape, contract
from lstmviz.core.cost.memory import check_fits
from lstmviz.core.spec import RunSpec
from lstmviz.core.trace import Port, Run, Stage
from lstmviz.engine.build import build
from lstmviz.engine.machine import memory_limit
from lstmviz.engine.opening.destinations import Allocate
from lstmviz.engine.opening.trace import trace
from lstmviz.engine.threads import small_runs_on_one_thread
from lstmviz.engine.timing import time_forward


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
    told = replace(opened, notes=(*call.notes, *opened.notes))
    return Run(generation=generation, stages=(_stage(spec),), traces=(told,))


def timed(run: Run, spec: RunSpec) -> Run:
    """Return `run` of `spec` with its forward timed warm; one call where that takes long."""
    (opened,) = run.traces
    timing = time_forward(spec, opened.forward_timing)
    return replace(run, traces=(replace(opened, forward_timing=timing),))


def _stage(spec: RunSpec) -> Stage:
    tensors = contract(spec.geometry).tensors
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
