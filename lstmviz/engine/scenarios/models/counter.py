"""A cell that counts: a trained LSTM that reads a text and says how deep its brackets are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from lstmviz.core.scenarios.catalogue.counter import (
    DEEPEST,
    HIDDEN_SIZE,
    LEAST_CORRELATION,
    LEAST_PERCENT_RIGHT,
    MOST_PERCENT_OF_A_MOVE,
)
from lstmviz.core.words.rounding import rounded, share
from lstmviz.engine.opening.trace import trace
from lstmviz.engine.scenarios.trained import load, path_of

if TYPE_CHECKING:
    from lstmviz.core.trace import Run
    from lstmviz.engine.scenarios.findings import Findings
    from lstmviz.engine.scenarios.run import Record

OPENS, CLOSES, OTHER = range(3)

_RIGHT_WAYS: Final = 0.98
"""Part of the brackets at which the counting cell must move the way of its kind."""


class BracketCounter(nn.Module):
    """Read characters, one-hot as opening, closing or other; say how deep the brackets are."""

    def __init__(self, hidden_size: int = HIDDEN_SIZE) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, hidden_size, batch_first=True)
        self.linear = nn.Linear(hidden_size, 1)

    def forward(self, characters: Tensor) -> Tensor:
        """Return the depth after each character, (N, L), for `characters` (N, L, 3)."""
        output, _ = self.lstm(characters)
        levels: Tensor = self.linear(output)
        return levels.squeeze(-1)


def encode(text: str) -> Tensor:
    """Return the kind of each character, (1, L): opening, closing or other."""
    return torch.tensor([[{"(": OPENS, ")": CLOSES}.get(letter, OTHER) for letter in text]])


def one_hot(kinds: Tensor) -> Tensor:
    """Return `kinds` (N, L) as the model reads them, (N, L, 3)."""
    return nn.functional.one_hot(kinds, 3).float()


def depth(kinds: Tensor) -> Tensor:
    """Return how many brackets are open after each character of `kinds`, (N, L)."""
    return ((kinds == OPENS).long() - (kinds == CLOSES).long()).cumsum(1)


def practice(count: int, length: int) -> Tensor:
    """Draw texts at random, (count, length): never below zero nor deeper than `DEEPEST`.

    In each, stretches that mostly open and stretches that mostly close take turns.
    """
    level, rising = torch.zeros(count, dtype=torch.long), torch.rand(count)
    kinds = torch.empty(count, length, dtype=torch.long)
    for t in range(length):
        turns = torch.rand(count) < 0.05
        rising = torch.where(turns, torch.rand(count), rising)
        step = torch.where(torch.rand(count) < rising, 1, -1)
        step = torch.where(level + step < 0, 1, step)
        step = torch.where(level + step > DEEPEST, -1, step)
        step = torch.where(torch.rand(count) < 0.3, 0, step)
        level = level + step
        kinds[:, t] = torch.where(step == 1, OPENS, torch.where(step == -1, CLOSES, OTHER))
    return kinds


def play(findings: Findings, record: Record) -> Run:
    """Run the typed text, and find the counting unit in texts that were never trained on."""
    model = BracketCounter().eval()
    load(model, path_of("counter"))
    text = findings.text("text")
    kinds = encode(text)
    run = record(model, one_hot(kinds))
    unit = _examine_practice(findings, model)
    read, true = model(one_hot(kinds))[0], depth(kinds)[0]
    letters = tuple(text)
    findings.keep("depth_read", "Depth as the model reads it", ("L",), read, letters)
    findings.keep("depth_true", "Depth as counted", ("L",), true, letters)
    cell = run.traces[0].cell[0, 0, :, 0, unit]
    findings.keep("counting_cell", f"Cell state of unit {unit}", ("L",), cell, letters)
    missed = int((read.round() != true).sum())
    found = f"{len(text) - missed:,} of {len(text):,} characters right"
    findings.judge("reads-this-text", missed == 0, found, float((read - true).abs().max()))
    return run


def _examine_practice(findings: Findings, model: BracketCounter) -> int:
    """Return the unit whose cell state goes best with the depth."""
    kinds = practice(findings.size("practice"), findings.size("practice_len"))
    true = depth(kinds)
    right, count = int((model(one_hot(kinds)).round() == true).sum()), kinds.numel()
    found = f"{right:,} of {count:,} right, {share(right, count)}"
    findings.judge("held-out", 100 * right >= LEAST_PERCENT_RIGHT * count, found)
    cell = torch.from_numpy(trace(model.lstm, one_hot(kinds), gates=False).cell[0, 0])
    cell = cell.transpose(0, 1)  # (N, L, H_cell), as the texts are
    units = correlations(cell.flatten(0, 1), true.flatten().float())
    findings.keep("correlations", "Correlation of each unit's cell with the depth",
                  ("H_cell",), units)  # fmt: skip
    unit = int(units.abs().argmax())
    findings.keep("unit", "The unit that counts", (), torch.tensor(unit))
    best = float(units[unit])
    holds = abs(best) >= LEAST_CORRELATION
    findings.judge("cell-counts", holds, f"unit {unit}: {rounded(best)}")
    _examine_moves(findings, cell[..., unit] * units[unit].sign(), kinds)
    return unit


def _examine_moves(findings: Findings, cell: Tensor, kinds: Tensor) -> None:
    """Look at how far the counting cell (N, L) moves at each kind of character."""
    moves = cell.diff(dim=1)
    by_kind = [moves[kinds[:, 1:] == kind] for kind in (OPENS, CLOSES, OTHER)]
    up, down, other = (float(move.mean()) for move in by_kind)
    largest_other = float(by_kind[OTHER].abs().mean())
    findings.keep("moves", "Mean move of the counting cell", ("kind",),
                  torch.tensor([up, down, other]), ("opening", "closing", "other"))  # fmt: skip
    right_ways = float((by_kind[OPENS] > 0).float().mean() * (by_kind[CLOSES] < 0).float().mean())
    most = MOST_PERCENT_OF_A_MOVE / 100 * up
    findings.judge(
        "one-step-per-bracket",
        right_ways >= _RIGHT_WAYS and max(abs(up + down), largest_other) < most,
        f"opening {rounded(up)}, closing {rounded(down)}, other {rounded(other)}",
    )


def correlations(values: Tensor, wanted: Tensor) -> Tensor:
    """Return the correlation of each column of `values` (rows, units) with `wanted` (rows,)."""
    values, wanted = values - values.mean(0), wanted - wanted.mean()
    scale: Tensor = torch.linalg.vector_norm(values, dim=0) * torch.linalg.vector_norm(wanted)
    found: Tensor = (values * wanted[:, None]).sum(0) / scale.clamp_min(1e-12)
    return found
