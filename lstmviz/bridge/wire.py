"""A run as JSON with its arrays in shared memory, and back."""

from __future__ import annotations

import mmap
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, TypedDict, get_type_hints

from lstmviz.bridge.protocol import Finished
from lstmviz.bridge.shared import Arena, read
from lstmviz.bridge.typed import typed
from lstmviz.core.cells import CELLS
from lstmviz.core.region import Region
from lstmviz.core.trace import Run, Stage, Trace

if TYPE_CHECKING:
    from lstmviz.core.asking.source import Answer
    from lstmviz.core.facts.fact import Fact
    from lstmviz.core.scenarios.results import ScenarioRun


class _ResultPart(TypedDict):
    """A result but its numbers."""

    name: str
    title: str
    axes: list[str]
    labels: list[str]


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
    """Rebuild a run whose arrays are read-only views of `maps`.

    Raises
    ------
    ValueError, KeyError, TypeError, IndexError
        The data are none.
    """
    return Run(
        generation=typed(int, packed["generation"]),
        stages=tuple(typed(Stage, stage) for stage in packed["stages"]),
        traces=tuple(_trace(trace, maps) for trace in packed["traces"]),
    )


def _trace(packed: dict[str, Any], maps: list[mmap.mmap]) -> Trace:
    """Rebuild a trace; what is no array of it is read as its own fields are annotated."""
    hints = get_type_hints(Trace)
    arrays: dict[str, Any] = {name: read(maps, place) for name, place in packed["arrays"].items()}
    told = dict(packed["plain"])
    kind = CELLS[typed(str, told.pop("kind"))]
    plain = {name: typed(hints[name], part) for name, part in told.items()}
    return Trace.of(arrays, kind=kind, **plain)


def pack_answer(answer: Answer, arena: Arena) -> Finished:
    """Return the message that says `answer`; the memory of `arena` goes with it."""
    run = pack_run(answer.run, arena)
    findings = pack_scenario(answer.findings, arena) if answer.findings else None
    return Finished(answer.run.generation, run, arena.blocks, findings)


def pack_scenario(found: ScenarioRun, arena: Arena) -> dict[str, Any]:
    """Return what `found` holds beside its run, with where in `arena` its arrays lie."""
    return {
        "arrays": {name: arena.place(array) for name, array in found.arrays().items()},
        "plain": found.plain(),
    }


def unpack_scenario(packed: dict[str, Any], run: Run, maps: list[mmap.mmap]) -> ScenarioRun:
    """Rebuild what a scenario found, with read-only views of `maps`.

    Raises
    ------
    ValueError, KeyError, TypeError, IndexError
        The data are none.
    """
    from lstmviz.core.scenarios.results import Claim, ScenarioComparison, ScenarioRun

    plain = packed["plain"]
    for kind, name in (
        (_ResultPart, "results"),
        (ScenarioComparison, "comparisons"),
        (Claim, "claims"),
    ):
        typed(list[kind], plain[name])  # type: ignore[valid-type]
    typed(int | None, plain["padded_steps"])  # type: ignore[arg-type]
    typed(dict[str, int | bool | str], plain["settings"])
    arrays = {name: read(maps, place) for name, place in packed["arrays"].items()}
    return ScenarioRun.from_parts(run, arrays, plain)


def pack_fact(fact: Fact) -> dict[str, Any]:
    """Return `fact` as JSON-ready data; a NaN difference stays a NaN."""
    return asdict(fact)


def unpack_fact(packed: dict[str, Any], shapes: dict[str, tuple[int, ...]]) -> Fact:
    """Rebuild a fact of an LSTM call whose tensors have `shapes`.

    Raises
    ------
    ValueError, KeyError, TypeError
        The data are none, or speak of numbers that are not there.
    """
    from lstmviz.core.facts.fact import Fact

    fact = typed(Fact, {**packed, "slices": []})
    return replace(fact, slices=tuple([_region(part, shapes) for part in packed["slices"]]))


def _region(packed: dict[str, Any], shapes: dict[str, tuple[int, ...]]) -> Region:
    # Written out: a ragged batch has thousands of them, and the window waits.
    tensor, ranges = packed["tensor"], packed["ranges"]
    shape = shapes[tensor]
    if len(packed) != 2 or len(ranges) != len(shape):
        raise ValueError("no region")
    found = []
    for (low, high), size in zip(ranges, shape, strict=True):
        if type(low) is not int or type(high) is not int or not 0 <= low <= high <= size:
            raise ValueError("a region beyond its tensor")
        found.append((low, high))
    return Region(tensor, tuple(found))
