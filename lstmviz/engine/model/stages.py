"""From recorded calls to the stages of a run: repeated ones folded, axes named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.core.trace import Port, Stage

if TYPE_CHECKING:
    from lstmviz.core.trace import Trace
    from lstmviz.engine.model.axis_names import Sighting
    from lstmviz.engine.model.recording import Recording, SeenCall


def stages_of(recording: Recording, traces: list[Trace]) -> tuple[Stage, ...]:
    """Return a stage for each submodule, and for each sequence that an LSTM was stepped through.

    Calls of one stage are folded: its ports get a first axis ``calls``, and an axis whose size
    differs from call to call is marked ``≤`` and has the largest. Stages are in the order of
    their first call.

    Parameters
    ----------
    recording : Recording
    traces : list of Trace
        Of the recording's first chains.
    """
    opened = {chain: k for k, chain in enumerate(recording.chains()[: len(traces)])}
    groups: dict[tuple[object, ...], list[SeenCall]] = {}
    for call in recording.calls:
        trace = None if call.chain is None else opened.get(call.chain)
        ports = tuple((s.name, len(s.shape), s.dtype) for s in (*call.inputs, *call.outputs))
        # The first call of a loop may leave the state out; it belongs to the same sequence.
        key = (call.name, trace) if trace is not None else (call.name, None, call.kind, ports)
        groups.setdefault(key, []).append(call)
    sizes = _sequence_sizes(recording, traces)
    return tuple(_stage(calls, key[1], sizes) for key, calls in groups.items())


def _stage(calls: list[SeenCall], trace: object, sizes: dict[int, str]) -> Stage:
    return Stage(
        name=calls[0].name,
        kind=calls[0].kind,
        inputs=_ports([call.inputs for call in calls], sizes),
        outputs=_ports([call.outputs for call in calls], sizes),
        trace=trace if isinstance(trace, int) else None,
    )


def _ports(calls: list[tuple[Sighting, ...]], sizes: dict[int, str]) -> tuple[Port, ...]:
    by_name: dict[str, list[Sighting]] = {}
    for sightings in calls:
        for seen in sightings:
            by_name.setdefault(seen.name, []).append(seen)
    return tuple(_port(name, seen, sizes) for name, seen in by_name.items())


def _port(name: str, seen: list[Sighting], sizes: dict[int, str]) -> Port:
    symbols = _symbols(seen[0], sizes)
    shapes = [s.shape for s in seen]
    shape = tuple(map(max, zip(*shapes, strict=True)))
    symbols = tuple(
        f"≤{symbol}" if any(other[k] != size for other in shapes) else symbol
        for k, (symbol, size) in enumerate(zip(symbols, shape, strict=True))
    )
    if len(seen) > 1:
        symbols, shape = ("calls", *symbols), (len(seen), *shape)
    return Port(name=name, axes=symbols, shape=shape, dtype=seen[0].dtype)


def _symbols(seen: Sighting, sizes: dict[int, str]) -> tuple[str, ...]:
    """Return the axes' names; one before the last that nothing names is told by its size."""
    known = seen.symbols()
    return tuple(
        symbol or (sizes.get(size, "") if k < len(known) - 1 and size > 1 else "")
        for k, (symbol, size) in enumerate(zip(known, seen.shape, strict=True))
    )


def _sequence_sizes(recording: Recording, traces: list[Trace]) -> dict[int, str]:
    """Return N and L by size, where a size means only one of them in this run."""
    found: dict[int, set[str]] = {}
    for call in recording.calls:
        for seen in (*call.inputs, *call.outputs):
            for symbol, size in zip(seen.own, seen.shape, strict=False):
                found.setdefault(size, set()).add(symbol)
    for trace in traces:  # of joined calls: the whole sequence's length
        found.setdefault(trace.seq_len, set()).add("L")
    return {
        size: next(iter(symbols))
        for size, symbols in found.items()
        if len(symbols) == 1 and symbols <= {"N", "L"}
    }
