"""No frozen data raises when it is compared, and what was saved equals what is loaded."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import pkgutil
import re

import numpy as np
import pytest

import lstmviz.core
import lstmviz.engine
from lstmviz.bridge.shared import Arena, attach
from lstmviz.bridge.wire import pack_run, pack_scenario, unpack_run, unpack_scenario
from lstmviz.core.spec import RunSpec
from lstmviz.core.trace import Trace
from lstmviz.engine.run import run
from lstmviz.engine.scenarios.run import run_scenario

HOLDS_ARRAYS = re.compile(r"\b(Array|NDArray|Tensor|PackedSequence)\b")


def dataclasses_of(package):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        for found in vars(importlib.import_module(module.name)).values():
            if dataclasses.is_dataclass(found) and found.__module__ == module.name:
                yield found


def test_nothing_that_holds_arrays_compares_them_as_if_they_were_numbers():
    held = {
        found
        for package in (lstmviz.core, lstmviz.engine)
        for found in dataclasses_of(package)
        if any(
            HOLDS_ARRAYS.search(str(kind)) and not str(kind).startswith("Callable")
            for kind in found.__annotations__.values()
        )
    }
    assert len(held) > 10
    assert Trace in held
    assert [found for found in held if found.__dataclass_params__.eq] == []


def attached(arena):
    return attach(arena.blocks, [os.dup(descriptor) for descriptor in arena.descriptors])


def over_the_wire(packed):
    return json.loads(json.dumps(packed))


@pytest.fixture(scope="module")
def made():
    return run(RunSpec().changed(seq_len=5, lengths=(5, 3, 1, 2)), generation=3)


def test_a_run_equals_its_copy_from_the_wire_and_a_trace_its_copy_from_a_file(made, tmp_path):
    (trace,) = made.traces
    assert np.isnan(trace.hidden).any()
    arena = Arena(trace.nbytes)
    try:
        packed = pack_run(made, arena)
        assert unpack_run(over_the_wire(packed), attached(arena)) == made
    finally:
        arena.close()
    trace.save(tmp_path / "a.npz")
    assert Trace.load(tmp_path / "a.npz") == trace


def test_a_scenario_equals_its_copy_from_the_wire():
    found = run_scenario("variable-lengths")
    arena = Arena(sum(trace.nbytes for trace in found.run.traces))
    try:
        packed, beside = pack_run(found.run, arena), pack_scenario(found, arena)
        maps = attached(arena)
        copied = unpack_run(over_the_wire(packed), maps)
        copied = unpack_scenario(over_the_wire(beside), copied, maps)
        assert copied == found
    finally:
        arena.close()


@pytest.mark.parametrize("name", ["input", "lengths", "dtype", "trace_seconds"])
def test_a_trace_differs_by_any_field(made, name):
    (trace,) = made.traces
    value = getattr(trace, name)
    other = value + 1 if not isinstance(value, str) else value + "!"
    changed = dataclasses.replace(trace, **{name: other})
    assert changed != trace
    assert dataclasses.replace(made, traces=(changed,)) != made
    assert trace != "a trace"


def test_arrays_of_another_type_are_other_arrays(made):
    (trace,) = made.traces
    assert (
        dataclasses.replace(trace, final={**trace.final, "h_n": trace.h_n.astype(np.float64)})
        != trace
    )
    assert dataclasses.replace(trace, gates={}) != trace
    moved = {**trace.states, "hidden": trace.hidden + 1}
    assert dataclasses.replace(trace, states=moved) != trace
