"""A run as JSON with its arrays in shared memory, and back."""

from __future__ import annotations

import mmap
from dataclasses import asdict
from typing import Any

from lstmviz.bridge.shared import Arena, read
from lstmviz.core.trace import Port, Run, Stage, Trace


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
