"""Where dropout acts."""

from __future__ import annotations

from collections.abc import Iterator

from lstmviz.core.facts.fact import Fact, FactKind, FactPart, same, unlike
from lstmviz.core.facts.reading import RunReading


def _training(run: RunReading) -> str:
    seed = run.counterparts.seed
    return f"training: the same call after lstm.train() and torch.manual_seed({seed})"


def between_layers_only(run: RunReading) -> Iterator[Fact]:
    """Not before layer 0, not after the last: only what goes from one layer to the next."""
    training, d = run.counterparts.training, run.directions
    if training is None or run.layers == 1:
        return
    h_n, rows = run.trace.h_n, run.layers * d
    first = FactPart(f"h_n[:{d}]", h_n[:d], (run.rows("h_n", 0, d),))
    claim = "dropout does not reach layer 0"
    detail = f"it acts on what one layer hands to the next; {_training(run)}"
    other = FactPart(f"training_h_n[:{d}]", training.h_n[:d])
    yield same(FactKind.RULE, claim, detail, (first, other), run.tolerance_h)

    if not run.is_ragged:
        end = run.returned("training", training, "output", -1, 0)
        state = run.returned("training", training, "h_n", -1, 0)
        claim = "dropout does not reach the output of the last layer"
        yield same(FactKind.RULE, claim, _training(run), (end, state), run.tolerance_h)

    above = FactPart(f"h_n[{d}:]", h_n[d:], (run.rows("h_n", d, rows),))
    other = FactPart(f"training_h_n[{d}:]", training.h_n[d:])
    claim = "without lstm.eval() dropout changes the numbers of the layers above"
    detail = f"and anew at every call; {_training(run)}"
    yield unlike(claim, detail, (above, other), run.tolerance_h)


def in_one_layer(run: RunReading) -> Iterator[Fact]:
    """Dropout in a single layer has nothing to act on."""
    training = run.counterparts.training
    if training is None or run.layers > 1:
        return
    claim = f"dropout={run.geometry.dropout} does nothing in a single layer"
    detail = f"it acts between layers only; {_training(run)}"
    parts = (run.of("h_n"), FactPart("training_h_n", training.h_n))
    yield same(FactKind.PITFALL, claim, detail, parts, run.tolerance_h)
