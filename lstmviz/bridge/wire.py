"""A run as JSON with its arrays in shared memory, and back."""

from __future__ import annotations

import mmap
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lstmviz.bridge.shared import Arena, read
from lstmviz.core.region import Region
from lstmviz.core.trace import Port, Run, Stage, Trace

if TYPE_CHECKING:
    from lstmviz.core.facts.fact import Fact
    from lstmviz.core.scenarios.results import ScenarioRun


def pack_run(run: Run, arena: Arena) -> dict[str, Any]:
    """Return `run` as JSON-ready data that says where in `arena` its arrays lie."""
    return {
        "generation": run.generation,
        "stages": [asdict(stage) for stage in run.stages],
        "traces": [
            {
                "arrays": {name: arena.place(array) for name, array in trace.arrays().items()},
                "plain": trace.plain(),
            }
            for trace in run.traces
        ],
    }


def unpack_run(packed: dict[str, Any], maps: list[mmap.mmap]) -> Run:
    """Rebuild a run whose arrays are read-only views of `maps`."""
    return Run(
        generation=packed["generation"],
        stages=tuple(_stage(stage) for stage in packed["stages"]),
        traces=tuple(
            Trace.from_parts(
                {name: read(maps, place) for name, place in trace["arrays"].items()},
                trace["plain"],
            )
            for trace in packed["traces"]
        ),
    )


def pack_scenario(found: ScenarioRun, arena: Arena) -> dict[str, Any]:
    """Return what `found` holds beside its run, with where in `arena` its arrays lie."""
    return {
        "arrays": {name: arena.place(array) for name, array in found.arrays().items()},
        "plain": found.plain(),
    }


def unpack_scenario(packed: dict[str, Any], run: Run, maps: list[mmap.mmap]) -> ScenarioRun:
    """Rebuild what a scenario found, with read-only views of `maps`."""
    from lstmviz.core.scenarios.results import ScenarioRun

    arrays = {name: read(maps, place) for name, place in packed["arrays"].items()}
    return ScenarioRun.from_parts(run, arrays, packed["plain"])


def pack_fact(fact: Fact) -> dict[str, Any]:
    """Return `fact` as JSON-ready data; a NaN difference stays a NaN."""
    return asdict(fact)


def unpack_fact(packed: dict[str, Any]) -> Fact:
    """Rebuild a fact."""
    from lstmviz.core.facts.fact import Fact, Kind

    slices = tuple(
        Region(part["tensor"], tuple((low, high) for low, high in part["ranges"]))
        for part in packed["slices"]
    )
    return Fact(
        kind=Kind(packed["kind"]),
        claim=packed["claim"],
        detail=packed["detail"],
        expressions=tuple(packed["expressions"]),
        max_abs_difference=packed["max_abs_difference"],
        holds=packed["holds"],
        slices=slices,
        tells_apart=packed["tells_apart"],
    )


def _stage(data: dict[str, Any]) -> Stage:
    return Stage(
        name=data["name"],
        kind=data["kind"],
        inputs=tuple(_port(port) for port in data["inputs"]),
        outputs=tuple(_port(port) for port in data["outputs"]),
        trace=data["trace"],
    )


def _port(data: dict[str, Any]) -> Port:
    return Port(
        name=data["name"],
        axes=tuple(data["axes"]),
        shape=tuple(data["shape"]),
        dtype=data["dtype"],
    )
