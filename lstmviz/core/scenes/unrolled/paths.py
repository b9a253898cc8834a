"""Data paths of one cell: what flows into it, what it feeds, where its numbers end up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lstmviz.core.places import final_step, steps_of_item
from lstmviz.core.trace import Trace

_DIRECTIONS: Final = ("fwd", "rev")


class Flow(StrEnum):
    """Which way a path goes."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Node:
    """A cell, or a place outside the network.

    Attributes
    ----------
    row : int
        0 is the input, then layer 0 forward, layer 0 reverse, …, then the output.
    step : float
        Column; -1 and L are before and after the sequence, where h_0 and h_n stand.
    """

    row: int
    step: float


@dataclass(frozen=True, slots=True)
class Path:
    """An arrow.

    Attributes
    ----------
    start, end : Node
    flow : Flow
    label : str
        What travels, e.g. ``"h, c"``, or the tensor that holds it, e.g. ``"h_n[2]"``.
    """

    start: Node
    end: Node
    flow: Flow
    label: str


def row_of(trace: Trace, layer: int, direction: int) -> int:
    """Return the row of a layer and direction."""
    return 1 + layer * trace.num_directions + direction


def row_count(trace: Trace) -> int:
    """Return how many rows there are, input and output included."""
    return 2 + trace.num_layers * trace.num_directions


def paths(trace: Trace, layer: int, direction: int, step: int, item: int) -> tuple[Path, ...]:
    """Return every path into and out of the cell at `layer`, `direction` and `step`."""
    here = Node(row_of(trace, layer, direction), step)
    return (*_into(trace, here, layer, direction, item), *_out(trace, here, layer, direction, item))


def _into(trace: Trace, here: Node, layer: int, direction: int, item: int) -> list[Path]:
    step = here.step
    found: list[Path] = []
    if layer == 0:
        found.append(Path(Node(0, step), here, Flow.IN, "x_t"))
    else:
        for below in range(trace.num_directions):
            node = Node(row_of(trace, layer - 1, below), step)
            found.append(Path(node, here, Flow.IN, f"h_t {_DIRECTIONS[below]}"))
    earlier = step + 1 if direction else step - 1
    is_first = not 0 <= earlier < steps_of_item(trace, item)
    row = layer * trace.num_directions + direction
    label = f"h_0[{row}], c_0[{row}]" if is_first else "h, c"
    found.append(Path(Node(here.row, earlier), here, Flow.IN, label))
    return found


def _out(trace: Trace, here: Node, layer: int, direction: int, item: int) -> list[Path]:
    step = here.step
    found: list[Path] = []
    if layer < trace.num_layers - 1:
        for above in range(trace.num_directions):
            node = Node(row_of(trace, layer + 1, above), step)
            found.append(Path(here, node, Flow.OUT, ""))
    else:
        low = direction * trace.output_size
        units = f"{low}:{low + trace.output_size}"
        node = Node(row_count(trace) - 1, step)
        found.append(Path(here, node, Flow.OUT, f"output[…, {units}]"))
    later = step - 1 if direction else step + 1
    row = layer * trace.num_directions + direction
    is_last = step == final_step(trace, direction, item)
    label = f"h_n[{row}], c_n[{row}]" if is_last else "h, c"
    found.append(Path(here, Node(here.row, later), Flow.OUT, label))
    return found
