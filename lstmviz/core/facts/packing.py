"""What packing does, and what padding does without it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lstmviz.core.facts.fact import Fact, FactKind, FactPart, same, unlike
from lstmviz.core.facts.reading import RunReading
from lstmviz.core.region import Region
from lstmviz.core.trace import Array

_UNPACKED = "unpacked: the same batch, zeros past each length, passed without packing"


def padding_is_zero(run: RunReading) -> Iterator[Fact]:
    """Rows of zeros past a sequence's end."""
    padded = run.counterparts.padded
    if padded is None or not run.is_ragged:
        return
    values = padded.output[~_present(run)]
    regions = _padding(run)
    rows = FactPart(f"output[{_mask_text(run, '>=')}]", values, tuple(regions))
    zeros = FactPart(f"torch.zeros({', '.join(map(str, values.shape))})", np.zeros_like(values))
    detail = "pad_packed_sequence fills these rows; the LSTM never computed them"
    claim = "past its own length a sequence's output is rows of zeros"
    yield same(FactKind.RULE, claim, detail, (rows, zeros), 0.0)


def padding_spoils_reverse(run: RunReading) -> Iterator[Fact]:
    """Without packing the reverse direction starts in the padding."""
    unpacked = run.counterparts.unpacked
    if unpacked is None or not run.is_ragged or run.directions == 1:
        return
    parts = (run.output(0, 1), run.returned("unpacked", unpacked, "output", 0, 1))
    claim = "without packing the reverse direction is wrong at steps that are there"
    yield unlike(claim, f"it reads the padding first; {_UNPACKED}", parts, run.tolerance_h)


def padding_spoils_final_state(run: RunReading) -> Iterator[Fact]:
    """Without packing ``h_n`` is the state after the padding."""
    unpacked = run.counterparts.unpacked
    if unpacked is None or not run.is_ragged:
        return
    parts = (run.row("h_n", run.top_row), run.returned("unpacked", unpacked, "h_n", -1, 0))
    claim = "without packing h_n is the state after the padding, not after the sequence"
    yield unlike(claim, _UNPACKED, parts, run.tolerance_h)


def padding_spares_forward(run: RunReading) -> Iterator[Fact]:
    """One direction never looks ahead, so that padding behind a step cannot touch it."""
    padded, unpacked = run.counterparts.padded, run.counterparts.unpacked
    if padded is None or unpacked is None or not run.is_ragged or run.directions == 2:
        return
    present = _present(run)
    index = f"[{_mask_text(run, '<')}]"
    parts = (
        FactPart(f"output{index}", padded.output[present], tuple(_steps_present(run))),
        FactPart(f"unpacked_output{index}", unpacked.output[present]),
    )
    claim = "without packing the steps that are there are right all the same"
    yield same(
        FactKind.RULE,
        claim,
        f"one direction never looks ahead; {_UNPACKED}",
        parts,
        run.tolerance_h,
    )


def _present(run: RunReading) -> Array:
    """Return which steps are there, in the layout of ``output``."""
    present: Array = np.arange(run.steps) < run.lengths[:, None]
    return present if run.geometry.batch_first else present.T


def _mask_text(run: RunReading, relation: str) -> str:
    if run.geometry.batch_first:
        return f"torch.arange({run.steps}) {relation} lengths[:, None]"
    return f"torch.arange({run.steps})[:, None] {relation} lengths"


def _padding(run: RunReading) -> Iterator[Region]:
    for length, items in run.runs_of_lengths():
        if length < run.steps:
            yield run.output_region((length, run.steps), items)


def _steps_present(run: RunReading) -> Iterator[Region]:
    for length, items in run.runs_of_lengths():
        yield run.output_region((0, length), items)
