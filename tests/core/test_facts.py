"""Facts against PyTorch: the very expressions they print, evaluated on the real tensors."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from lstmviz.core.contract import contract
from lstmviz.core.facts import Counterparts, Fact, FactKind, facts
from lstmviz.core.facts.counterparts import are_affordable
from lstmviz.core.numbers import greatest_difference
from lstmviz.core.spec import DType, InitialState, RunSpec, Values
from lstmviz.core.trace import Trace
from lstmviz.engine.build import BuiltCall, build
from lstmviz.engine.counterparts import counterparts
from lstmviz.engine.opening.trace import trace

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

OTHER_CALLS = ("moved_", "unpacked_", "training_")
EXACT = (DType.FLOAT32, DType.FLOAT64)


def opened(spec: RunSpec, call: BuiltCall | None = None) -> Trace:
    call = call or build(spec)
    return trace(call.lstm, call.input, call.hx)


def facts_of(spec: RunSpec) -> tuple[Fact, ...]:
    return facts(spec.geometry, opened(spec), counterparts(spec))


def returned(prefix: str, spec: RunSpec, lstm: nn.LSTM, x: Any, hx: Any) -> dict[str, Any]:
    """Call `lstm` and name what it returns, as the facts' expressions do."""
    with torch.no_grad():
        output, (h_n, c_n) = lstm(x, hx)
    if isinstance(output, PackedSequence):
        output, _ = pad_packed_sequence(
            output, batch_first=lstm.batch_first, total_length=spec.input.seq_len
        )
    return {f"{prefix}output": output, f"{prefix}h_n": h_n, f"{prefix}c_n": c_n}


def names_of(spec: RunSpec, seen: Trace) -> dict[str, Any]:
    """Bind every name an expression may use, other calls made here and not by the engine."""
    call, first = build(spec), spec.lstm.batch_first
    lstm, x, hx = call.lstm, call.input, call.hx
    names = {"torch": torch, "lstm": lstm, "trace": seen}
    names |= {name: torch.from_numpy(getattr(seen, name)) for name in ("output", "h_n", "c_n")}
    twin = nn.LSTM(**{**arguments(lstm), "batch_first": not first}).eval().to(lstm.weight_ih_l0)
    twin.load_state_dict(lstm.state_dict())
    if spec.input.lengths:
        names["output"], _ = pad_packed_sequence(
            x._replace(data=names["output"]), batch_first=first, total_length=spec.input.seq_len
        )
        names["lengths"] = lengths = torch.tensor(spec.input.lengths)
        dense, _ = pad_packed_sequence(x, batch_first=first, total_length=spec.input.seq_len)
        names |= returned("unpacked_", spec, lstm, dense, hx)
        turned: Any = pack_padded_sequence(
            dense.transpose(0, 1), lengths, batch_first=not first, enforce_sorted=False
        )
    else:
        turned = x if spec.input.unbatched else x.transpose(0, 1)
    names |= returned("moved_", spec, twin, turned, hx)
    torch.manual_seed(spec.seed)
    names |= returned("training_", spec, lstm.train(), x, hx)
    return names


def arguments(lstm: nn.LSTM) -> dict[str, Any]:
    kept = ("input_size", "hidden_size", "num_layers", "bias", "dropout", "bidirectional")
    return {name: getattr(lstm, name) for name in (*kept, "proj_size")}


def numbers(value: Any) -> np.ndarray[Any, Any]:
    return np.asarray(value.double() if isinstance(value, torch.Tensor) else value, np.float64)


def check(fact: Fact, names: dict[str, Any]) -> None:
    """Evaluate what the fact prints and hold it to its word."""
    found = [eval(text, names) for text in fact.expressions]  # noqa: S307 - our own expressions
    if fact.max_abs_difference is None:
        assert all(isinstance(value, bool) for value in found)
        assert fact.holds == all(found)
        return
    left, right = (numbers(value) for value in found)
    assert left.shape == right.shape, fact
    apart = float(np.max(np.abs(left - right), initial=0.0))
    others = any(text.startswith(OTHER_CALLS) for text in fact.expressions)
    # A kernel called twice may round differently; one run's own numbers are what they are.
    allowed = 4 * names["trace"].proof.tolerance_h if others else 0.0
    assert abs(apart - fact.max_abs_difference) <= allowed, fact
    check_slices(fact, names, found)


def check_slices(fact: Fact, names: dict[str, Any], found: list[Any]) -> None:
    """The slices hold the very numbers of the expressions about this run's own tensors."""
    told: set[float] = set()
    for text, value in zip(fact.expressions, found, strict=True):
        if not text.startswith((*OTHER_CALLS, "torch.zeros(")):
            told |= set(numbers(value).ravel().tolist())
    shown: set[float] = set()
    for region in fact.slices:
        tensor = names["trace"].cell if region.tensor == "cell" else names[region.tensor]
        box = tuple(slice(low, high) for low, high in region.ranges)
        assert all(
            0 <= low < high <= size
            for (low, high), size in zip(region.ranges, tensor.shape, strict=True)
        )
        shown |= set(numbers(tensor[box]).ravel().tolist())
    assert shown == told, fact


@given(st.data())
def test_every_fact_is_what_its_own_expressions_give(random_specs, data):
    spec = data.draw(random_specs())
    seen = opened(spec)
    names = names_of(spec, seen)
    for fact in facts(spec.geometry, seen, counterparts(spec)):
        check(fact, names)


@given(st.data())
def test_every_fact_holds_where_values_are_free_of_coincidence(random_specs, data):
    spec = data.draw(random_specs(EXACT)).changed(
        values=Values.NORMAL, initial_state=InitialState.RANDOM, dropout=0.0
    )
    for fact in facts_of(spec):
        assert fact.holds, fact


CLAIMS = {
    "one direction, one layer, unbatched": (
        {"num_layers": 1, "bidirectional": False, "unbatched": True},
        [
            "rule: output[-1] is h_n[0]",
            "rule: c_n is every layer's c at the last step",
            "right: h_n[-1] is the summary of the sequence",
            "rule: batch_first changes nothing: unbatched input has no N to move",
            "rule: layer 0 has 1,664 parameters",
        ],
    ),
    "bidirectional, two layers": (
        {},
        [
            "rule: output[:, -1, :16] is h_n[2]",
            "rule: output[:, 0, 16:] is h_n[3]",
            "pitfall: output[:, -1, 16:] is not h_n[3]",
            "rule: c_n[::2] is every layer's c at the last step",
            "rule: c_n[1::2] is every layer's reverse c at the first step",
            "right: torch.cat([h_n[-2], h_n[-1]], dim=-1) is the summary of each sequence",
            "pitfall: output[:, -1] is not the summary",
            "pitfall: h_n[-1] is not the whole summary",
            "right: h_n.view(2, 2, 4, 16) is by layer, direction, sample, unit",
            "pitfall: h_n.view(4, -1) mixes the samples",
            "pitfall: h_n.view(2, 4, 32) mixes the samples",
            "rule: batch_first moves N in input and output, and nothing else",
            "rule: batch_first does not touch h_n: it stays (D·num_layers, N, H_cell)",
            "rule: layer 0 has 1,664 parameters in each direction",
        ],
    ),
    "packed, projected, with dropout, time first": (
        {
            "lengths": (20, 9, 23, 1),
            "proj_size": 5,
            "dropout": 0.5,
            "batch_first": False,
            "bidirectional": False,
            "bias": False,
        },
        [
            "rule: output[lengths - 1, torch.arange(4)] is h_n[1]",
            "rule: c_n is every layer's c at each sequence's own last step",
            "right: h_n[-1] is the summary of each sequence",
            "pitfall: output[-1] is not the summary",
            "right: h_n.view(2, 1, 4, 5) is by layer, direction, sample, unit",
            "pitfall: h_n.view(4, -1) mixes the samples",
            "rule: past its own length a sequence's output is rows of zeros",
            "pitfall: without packing h_n is the state after the padding, not after the sequence",
            "rule: without packing the steps that are there are right all the same",
            "rule: batch_first moves N in input and output, and nothing else",
            "rule: batch_first does not touch h_n: it stays (D·num_layers, N, H_out)",
            "rule: h is narrower than c: H_out = 5, H_cell = 16",
            "rule: layer 0 has 912 parameters",
            "rule: dropout does not reach layer 0",
            "pitfall: without lstm.eval() dropout changes the numbers of the layers above",
        ],
    ),
    "one step, one unit, one sequence": (
        {"seq_len": 1, "batch_size": 1, "hidden_size": 1, "num_layers": 1, "dropout": 0.5},
        [
            "rule: output[:, -1, :1] is h_n[0]",
            "rule: output[:, 0, 1:] is h_n[1]",
            "rule: output[:, -1, 1:] is h_n[1] only because L = 1",
            "rule: c_n[::2] is every layer's c at the last step",
            "rule: c_n[1::2] is every layer's reverse c at the first step",
            "right: torch.cat([h_n[-2], h_n[-1]], dim=-1) is the summary of the sequence",
            "rule: output[:, -1] is the summary only because L = 1",
            "pitfall: h_n[-1] is not the whole summary",
            "right: h_n.view(1, 2, 1, 1) is by layer, direction, sample, unit",
            "rule: batch_first moves N in input and output, and nothing else",
            "rule: batch_first does not touch h_n: it stays (D·num_layers, N, H_cell)",
            "rule: layer 0 has 44 parameters in each direction",
            "pitfall: dropout=0.5 does nothing in a single layer",
        ],
    ),
}


@pytest.mark.parametrize(("settings", "expected"), CLAIMS.values(), ids=CLAIMS)
def test_facts_shown_are_those_that_apply_and_all_hold(settings, expected):
    found = facts_of(RunSpec().changed(**settings))
    assert [f"{fact.kind}: {fact.claim}" for fact in found] == expected
    assert all(fact.holds for fact in found)


def test_packed_sequences_of_full_length_are_read_like_unpacked_ones():
    plain = facts_of(RunSpec())
    packed = facts_of(RunSpec().changed(lengths=(24,) * 4))
    assert [fact.claim for fact in packed] == [fact.claim for fact in plain]


def test_the_reverse_half_of_the_last_step_has_taken_one_step():
    spec = RunSpec().changed(num_layers=1)
    call = build(spec)
    with torch.no_grad():
        output, _ = call.lstm(call.input)
        one_step, _ = call.lstm(call.input[:, -1:])
    assert torch.allclose(output[:, -1, 16:], one_step[:, 0, 16:], atol=1e-6)
    (fact,) = (f for f in facts_of(spec) if "usual classifier bug" in f.detail)
    assert fact.expressions == ("output[:, -1, 16:]", "h_n[1]")
    assert fact.kind is FactKind.PITFALL
    assert fact.max_abs_difference > 0.01


def test_facts_of_counterparts_are_absent_without_them():
    spec = RunSpec().changed(lengths=(20, 9, 23, 1), dropout=0.5)
    seen = opened(spec)
    for fact in facts(spec.geometry, seen):
        assert not any(
            word in text for text in fact.expressions for word in (*OTHER_CALLS, "zeros")
        )
    (shape,) = (
        f for f in facts(spec.geometry, seen) if f.claim.startswith("batch_first does not touch")
    )
    assert shape.expressions == ("h_n.shape == (4, 4, 16)",)
    assert shape.max_abs_difference is None
    assert shape.holds


def test_a_fact_fails_where_its_numbers_do():
    spec = RunSpec()
    seen = opened(spec)
    fallen = [
        f.claim
        for f in facts(spec.geometry, replace(seen, final={**seen.final, "h_n": seen.h_n[::-1]}))
        if not f.holds
    ]
    assert "output[:, -1, :16] is h_n[2]" in fallen
    assert "output[:, 0, 16:] is h_n[3]" in fallen
    assert "torch.cat([h_n[-2], h_n[-1]], dim=-1) is the summary of each sequence" in fallen
    assert not any(claim.startswith("c_n") for claim in fallen)


def test_a_pitfall_that_makes_no_difference_here_does_not_hold():
    # Without biases and from zeros, zeros read as padding leave the reverse state at zero.
    spec = RunSpec().changed(num_layers=1, bias=False, lengths=(20, 9, 23, 1), values=Values.NORMAL)
    (fact,) = (f for f in facts_of(spec) if "reverse direction is wrong" in f.claim)
    assert fact.max_abs_difference <= 1e-6
    assert not fact.holds
    (fact,) = (f for f in facts_of(spec.changed(bias=True)) if f.claim == fact.claim)
    assert fact.holds


def test_a_run_of_nan_has_facts_that_json_can_hold():
    spec = RunSpec().changed(num_layers=1)
    call = build(spec)
    call.input[0, 5] = torch.nan
    seen = opened(spec, call)
    found = {fact.claim: fact for fact in facts(spec.geometry, seen, counterparts(spec, call))}
    equal = found["output[:, -1, :16] is h_n[0]"]
    assert equal.holds
    assert equal.max_abs_difference == 0.0
    # The reverse half has not met the NaN at the last step; its final state has.
    apart = found["output[:, -1, 16:] is not h_n[1]"]
    assert apart.holds
    assert math.isnan(apart.max_abs_difference)
    text = json.dumps([fact.as_json() for fact in found.values()], allow_nan=False)
    assert {"claim": apart.claim, "expressions": list(apart.expressions)}.items() <= next(
        item for item in json.loads(text) if item["claim"] == apart.claim
    ).items()
    assert apart.as_json()["max_abs_difference"] is None


def test_json_has_the_promised_keys():
    for fact in facts_of(RunSpec()):
        assert list(fact.as_json()) == ["claim", "expressions", "max_abs_difference", "holds"]


def test_parameter_slices_are_the_whole_parameters_of_layer_0():
    spec = RunSpec().changed(proj_size=5)
    (fact,) = (f for f in facts_of(spec) if f.claim.startswith("layer 0 has"))
    assert [region.tensor for region in fact.slices] == [
        "weight_ih_l0",
        "weight_hh_l0",
        "bias_ih_l0",
        "bias_hh_l0",
        "weight_hr_l0",
    ]
    shapes = contract(spec.geometry)
    for region in fact.slices:
        assert region.ranges == tuple((0, n) for n in shapes.tensor(region.tensor).shape)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.5], 0.5),
        ([math.nan, 1.0], [math.nan, 1.0], 0.0),
        ([math.inf], [math.inf], 0.0),
        ([math.inf], [-math.inf], math.nan),
        ([math.nan], [1.0], math.nan),
        ([math.inf, 1.0], [1.0, 1.0], math.nan),
        ([], [], 0.0),
    ],
)
def test_difference_knows_what_is_not_finite(a, b, expected):
    found = greatest_difference(np.array(a, np.float32), np.array(b, np.float32))
    assert found == expected or (math.isnan(found) and math.isnan(expected))


def test_difference_broadcasts_nothing():
    with pytest.raises(ValueError, match="shapes differ"):
        greatest_difference(np.zeros((2, 3)), np.zeros((1, 3)))


def test_a_large_run_is_not_repeated_for_its_facts():
    assert are_affordable(RunSpec())
    large = RunSpec().changed(hidden_size=512, seq_len=10_000, batch_size=8)
    assert not are_affordable(large)
    assert counterparts(large) == Counterparts()
