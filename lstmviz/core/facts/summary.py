"""The summary vector of a sequence: the right one, and what is taken for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lstmviz.core.facts.fact import Fact, FactKind, FactPart, same, unlike
from lstmviz.core.facts.reading import RunReading


def right_summary(run: RunReading) -> Iterator[Fact]:
    """Join both directions of the last layer's final state."""
    whose = "each sequence" if run.batched and run.items > 1 else "the sequence"
    part = _summary(run)
    detail = "the last layer's final state"
    if run.directions == 2:
        detail += ", forward beside reverse"
    claim = f"{part.text} is the summary of {whose}"
    yield same(FactKind.RIGHT, claim, detail, (part, _summary_in_output(run)), run.tolerance_h)


def last_step_as_summary(run: RunReading) -> Iterator[Fact]:
    """``output`` at the last step: padding, or half of it only begun."""
    part, right = run.output(-1), _summary(run)
    claim = f"{part.text} is not the summary"
    if run.is_ragged:
        detail = f"for a sequence shorter than L = {run.steps:,} it is padding, all zeros"
        yield unlike(claim, detail, (part, right))
    elif run.directions == 2 and run.steps > 1:
        detail = f"its reverse half has taken 1 of {run.steps:,} steps"
        yield unlike(claim, detail, (part, right))
    elif run.directions == 2:
        claim = f"{part.text} is the summary only because L = 1"
        detail = "a test with one step cannot tell the two apart"
        yield same(FactKind.RULE, claim, detail, (part, right), run.tolerance_h)


def reverse_row_as_summary(run: RunReading) -> Iterator[Fact]:
    """``h_n[-1]`` is one direction."""
    if run.directions == 2:
        reverse = run.row("h_n", run.top_row + 1, "down")
        forward = run.row("h_n", run.top_row, "down")
        detail = f"it is the reverse direction alone; the forward one is {forward.text}"
        yield unlike(f"{reverse.text} is not the whole summary", detail, (reverse, forward))


def rows_are_layers_then_directions(run: RunReading) -> Iterator[Fact]:
    """Layers outside, directions inside."""
    if run.layers * run.directions == 1:
        return
    batch = (run.items,) if run.batched else ()
    split = (run.layers, run.directions, *batch, run.width)
    reverse = run.directions - 1
    text, row = f"h_n.view({_listed(split)})", run.top_row + reverse
    values = run.trace.h_n.reshape(split)[-1, reverse]
    part = FactPart(f"{text}[-1, {reverse}]", values, (run.rows("h_n", row),))
    known = run.output(0, 1) if reverse else run.ends()
    axes = "layer, direction, sample, unit" if run.batched else "layer, direction, unit"
    detail = "layers are outside, directions inside"
    yield same(FactKind.RIGHT, f"{text} is by {axes}", detail, (part, known), run.tolerance_h)


def rows_mixed_by_view(run: RunReading) -> Iterator[Fact]:
    """``h_n.view(N, -1)`` cuts across samples."""
    if not run.batched or run.items == 1 or run.layers * run.directions == 1:
        return
    n, h_n = run.items, run.trace.h_n
    wrong = FactPart(f"h_n.view({n}, -1)", h_n.reshape(n, -1), (run.whole("h_n"),))
    right = FactPart(f"h_n.transpose(0, 1).reshape({n}, -1)", h_n.swapaxes(0, 1).reshape(n, -1))
    detail = f"N is not h_n's first axis; {right.text} keeps each sample's rows together"
    yield unlike(f"{wrong.text} mixes the samples", detail, (wrong, right))


def directions_mixed_by_view(run: RunReading) -> Iterator[Fact]:
    """``h_n.view(num_layers, N, D·H)`` joins neighbours in the batch, not directions."""
    if not run.batched or run.items == 1 or run.directions == 1 or run.layers == 1:
        return
    n, h_n, layers = run.items, run.trace.h_n, run.layers
    joined = (layers, n, 2 * run.width)
    wrong = FactPart(f"h_n.view({_listed(joined)})", h_n.reshape(joined), (run.whole("h_n"),))
    split = (layers, 2, n, run.width)
    right = FactPart(
        f"h_n.view({_listed(split)}).transpose(1, 2).reshape({_listed(joined)})",
        h_n.reshape(split).swapaxes(1, 2).reshape(joined),
    )
    detail = "it joins two samples of one direction, not two directions of one sample"
    yield unlike(f"{wrong.text} mixes the samples", detail, (wrong, right))


def _summary(run: RunReading) -> FactPart:
    if run.directions == 1:
        return run.row("h_n", run.top_row, "down")
    return _joined(run.row("h_n", run.top_row, "down"), run.row("h_n", run.top_row + 1, "down"))


def _summary_in_output(run: RunReading) -> FactPart:
    return run.ends() if run.directions == 1 else _joined(run.ends(0), run.output(0, 1))


def _joined(first: FactPart, second: FactPart) -> FactPart:
    values = np.concatenate([first.values, second.values], axis=-1)
    text = f"torch.cat([{first.text}, {second.text}], dim=-1)"
    return FactPart(text, values, (*first.regions, *second.regions))


def _listed(sizes: tuple[int, ...]) -> str:
    return ", ".join(map(str, sizes))
