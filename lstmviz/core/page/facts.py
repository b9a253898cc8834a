"""What a page's script has to know of a call: sizes, layout, rows of plots, where numbers are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from lstmviz.core.asking.session import View
from lstmviz.core.geometry import Geometry
from lstmviz.core.page.numbers import Numbers, page_arrays
from lstmviz.core.scenes.plots.quantities import STATES, Quantity, axes_of, of_gate
from lstmviz.core.trace import Array, Trace


def call_facts(name: str, trace: Trace, numbers: Numbers) -> dict[str, Any]:
    """Return the facts of one call as JSON-ready data; its arrays go into `numbers`.

    Parameters
    ----------
    name : str
        Of the call, as its model calls it; empty for a single LSTM.
    trace : Trace
    numbers : Numbers
    """
    geometry = trace.geometry()
    return {
        "name": name,
        "layers": trace.num_layers,
        "directions": trace.num_directions,
        "steps": trace.seq_len,
        "items": trace.batch_size,
        "outputSize": trace.output_size,
        "hiddenSize": trace.hidden_size,
        "inputSize": geometry.input_size,
        "batched": trace.batched,
        "batchFirst": trace.batch_first,
        "lengths": _whole(trace.lengths),
        "batchSizes": _whole(trace.batch_sizes),
        "unsorted": _whole(trace.unsorted_indices),
        "states": [asdict(state) | {"final": state.final} for state in trace.kind.states],
        "rows": list(_rows(trace, geometry)),
        "arrays": {name: numbers.add(array) for name, array in page_arrays(trace).items()},
        "view": asdict(View().fitted(trace)),
    }


def _whole(array: Array | None) -> list[int] | None:
    return None if array is None else [int(number) for number in array]


def _rows(trace: Trace, geometry: Geometry) -> Iterator[dict[str, Any]]:
    known = ("input", "output", *trace.states)
    for quantity in STATES:
        if quantity.tensor in known:
            yield _row("states", quantity, geometry)
    for gate in trace.kind.gates:
        if gate.name in trace.gates:
            yield _row("gates", of_gate(gate), geometry)


def _row(group: str, quantity: Quantity, geometry: Geometry) -> dict[str, Any]:
    return {
        "group": group,
        "tensor": quantity.tensor,
        "title": quantity.title,
        "meaning": quantity.meaning_of(is_bidirectional=geometry.bidirectional),
        "kind": quantity.kind.value,
        "fixed": quantity.fixed,
        "axes": [[symbol, kind.value] for symbol, kind in axes_of(quantity, geometry)],
    }
