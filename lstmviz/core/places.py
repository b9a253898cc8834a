"""Where a number of a trace stands in PyTorch's own tensors, and how to index it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from lstmviz.core.cells import STATE_KINDS
from lstmviz.core.geometry import Layout
from lstmviz.core.trace import Array, Trace

_ALL: Final = slice(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One number of the opened arrays.

    Attributes
    ----------
    tensor : str
        A field of `Trace` with five axes, such as ``"hidden"``, or ``"output"`` or ``"input"``.
    layer, direction, step, item, unit : int
        For ``output``, `layer` is the last and `unit` counts over both directions; for ``input``,
        `layer` and `direction` are 0 and `unit` counts the features of a step.
    """

    tensor: str
    layer: int
    direction: int
    step: int
    item: int
    unit: int


def output_of_item(trace: Trace, item: int) -> Array:
    """Return the module's output for one batch item, whatever the layout.

    Parameters
    ----------
    trace : Trace
    item : int
        0 to N - 1.

    Returns
    -------
    array, shape (L, D·H_out)
        For packed input only as many rows as the sequence has steps. A view where there is one.
    """
    if trace.batch_sizes is not None:
        return _unpacked(trace, item)
    index: tuple[Any, ...] = trace.layout.sequence(_ALL, item, _ALL)
    rows: Array = trace.output[index]
    return rows


def input_of_item(trace: Trace, item: int) -> Array:
    """Return what the module reads for one batch item, whatever the layout.

    Parameters
    ----------
    trace : Trace
    item : int
        0 to N - 1.

    Returns
    -------
    array, shape (L, H_in)
        A view; for packed input without the padding, which the module never reads.
    """
    steps = steps_of_item(trace, item)
    # A padded batch is kept time-first whatever the module's layout.
    layout = trace.layout if trace.batch_sizes is None else Layout()
    index: tuple[Any, ...] = layout.sequence(slice(steps), item, _ALL)
    rows: Array = trace.input[index]
    return rows


def _unpacked(trace: Trace, item: int) -> Array:
    assert trace.batch_sizes is not None  # noqa: S101 - the caller has looked
    assert trace.lengths is not None  # noqa: S101 - set wherever batch_sizes is
    steps = int(trace.lengths[item])
    starts = np.concatenate([[0], np.cumsum(trace.batch_sizes)[: steps - 1]])
    rank = item if trace.unsorted_indices is None else int(trace.unsorted_indices[item])
    rows: Array = trace.output[starts + rank]
    return rows


def steps_of_item(trace: Trace, item: int) -> int:
    """Return how many steps batch item `item` has."""
    return trace.seq_len if trace.lengths is None else int(trace.lengths[item])


def is_in(trace: Trace, place: Place) -> bool:
    """Return whether `trace` has a number at `place`, or a step past a sequence's length there."""
    widths = {
        "input": trace.input.shape[-1],
        "output": trace.num_directions * trace.output_size,
        "hidden": trace.output_size,
    }
    sizes = (
        (place.layer, trace.num_layers),
        (place.direction, trace.num_directions),
        (place.step, trace.seq_len),
        (place.item, trace.batch_size),
        (place.unit, widths.get(place.tensor, trace.hidden_size)),
    )
    return all(0 <= index < size for index, size in sizes)


def value_at(trace: Trace, place: Place) -> float:
    """Return the number at `place`; NaN past a sequence's length."""
    if place.tensor in ("output", "input"):
        cut = output_of_item if place.tensor == "output" else input_of_item
        rows = cut(trace, place.item)
        return float(rows[place.step, place.unit]) if place.step < len(rows) else float("nan")
    array = trace.array(place.tensor)
    return float(array[place.layer, place.direction, place.step, place.item, place.unit])


def expressions(trace: Trace, place: Place) -> tuple[str, ...]:
    """Return every way PyTorch's own tensors hold the number at `place`, the plainest first.

    Numbers that PyTorch never returns (inner layers, c before the last step, gates) are given as
    an index into the trace.
    """
    found: list[str] = []
    if place.tensor == "input":
        return (_sequence_expression(trace, "input", place.step, place.item, place.unit),)
    if place.tensor == "output":
        direction, unit = divmod(place.unit, trace.output_size)
        top = trace.num_layers - 1
        found.append(_sequence_expression(trace, "output", place.step, place.item, place.unit))
        found += _final_expression(trace, "h_n", top, direction, place.step, place.item, unit)
        return tuple(found)
    if place.tensor == "hidden" and place.layer == trace.num_layers - 1:
        joined = place.direction * trace.output_size + place.unit
        found.append(_sequence_expression(trace, "output", place.step, place.item, joined))
    if state := STATE_KINDS.get(place.tensor):
        found += _final_expression(
            trace, state.final, place.layer, place.direction, place.step, place.item, place.unit
        )
    opened = (place.layer, place.direction, place.step, place.item, place.unit)
    return tuple(found) or (f"trace.{place.tensor}[{', '.join(map(str, opened))}]",)


def final_step(trace: Trace, direction: int, item: int) -> int:
    """Return the input position at which a direction ends: the last step, or 0 in reverse."""
    return 0 if direction else steps_of_item(trace, item) - 1


def _sequence_expression(trace: Trace, name: str, step: int, item: int, unit: int) -> str:
    return f"{name}[{', '.join(map(str, trace.layout.sequence(step, item, unit)))}]"


def _final_expression(
    trace: Trace, name: str, layer: int, direction: int, step: int, item: int, unit: int
) -> list[str]:
    if step != final_step(trace, direction, item):
        return []
    row = layer * trace.num_directions + direction
    return [f"{name}[{', '.join(map(str, trace.layout.state(row, item, unit)))}]"]
