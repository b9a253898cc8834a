"""Where the final states stand in ``output``, and where ``c_n`` comes from."""

from __future__ import annotations

from collections.abc import Iterator

from lstmviz.core.facts.fact import Fact, FactKind, FactPart, same, unlike
from lstmviz.core.facts.reading import RunReading
from lstmviz.core.region import Region


def output_ends_in_h_n(run: RunReading) -> Iterator[Fact]:
    """Each direction of ``output``, where it ends, is a row of ``h_n``."""
    both = run.directions == 2
    part, row = run.ends(0 if both else None), run.row("h_n", run.top_row)
    end = "each sequence's own last step" if run.is_ragged else "the last step"
    detail = f"last layer, forward: ends at {end}"
    yield same(FactKind.RULE, f"{part.text} is {row.text}", detail, (part, row), run.tolerance_h)
    if both:
        part, row = run.output(0, 1), run.row("h_n", run.top_row + 1)
        detail = "last layer, reverse: ends at the first step"
        yield same(
            FactKind.RULE, f"{part.text} is {row.text}", detail, (part, row), run.tolerance_h
        )


def reverse_half_has_begun_only(run: RunReading) -> Iterator[Fact]:
    """At the last step, the reverse half is where that direction starts."""
    if run.directions == 1 or run.is_ragged:
        return
    part, row = run.output(-1, 1), run.row("h_n", run.top_row + 1)
    if run.steps > 1:
        detail = f"it has taken 1 of its {run.steps:,} steps there: the usual classifier bug"
        yield unlike(f"{part.text} is not {row.text}", detail, (part, row))
    else:
        claim = f"{part.text} is {row.text} only because L = 1"
        detail = "with more steps the reverse direction has taken one step there, not all"
        yield same(FactKind.RULE, claim, detail, (part, row), run.tolerance_h)


def cell_ends_in_c_n(run: RunReading) -> Iterator[Fact]:
    """``c_n`` is the cell state where each direction ends."""
    rows = run.layers * run.directions
    for direction in range(run.directions):
        cell = _final_cells(run, direction)
        text = "c_n" if run.directions == 1 else ("c_n[::2]", "c_n[1::2]")[direction]
        regions = tuple(run.rows("c_n", row) for row in range(direction, rows, run.directions))
        final = FactPart(text, run.trace.c_n[direction :: run.directions], regions)
        end = "each sequence's own last step" if run.is_ragged else "the last step"
        where = "reverse c at the first step" if direction else f"c at {end}"
        yield same(
            FactKind.RULE,
            f"{text} is every layer's {where}",
            "output never holds c; nn.LSTM returns its final value only",
            (cell, final),
            run.tolerance_c,
        )


def _final_cells(run: RunReading, direction: int) -> FactPart:
    """Return the cell state at a direction's last step in every layer."""
    cell, layers = run.trace.cell, (0, run.layers)
    units = (0, run.trace.hidden_size)
    item = "" if run.batched else ", 0"

    def region(step: int, items: tuple[int, int]) -> Region:
        return Region("cell", (layers, (direction, direction + 1), (step, step + 1), items, units))

    if direction == 0 and run.is_ragged:
        text = f"trace.cell[:, 0, lengths.numpy() - 1, range({run.items})]"
        values = cell[:, 0, run.lengths - 1, range(run.items)]
        regions = [region(length - 1, items) for length, items in run.runs_of_lengths()]
        return FactPart(text, values, tuple(regions))
    step = 0 if direction else run.steps - 1
    values = cell[:, direction, step] if run.batched else cell[:, direction, step, 0]
    text = f"trace.cell[:, {direction}, {0 if direction else -1}{item}]"
    return FactPart(text, values, (region(step, (0, run.items)),))
