from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lstmviz.core.facts import FactKind
from lstmviz.core.facts.fact import FactPart, same, unlike
from lstmviz.core.scenarios.results import Claim, ScenarioComparison
from lstmviz.core.words.standing import Standing

ONE, TWO = FactPart("a", np.ones(3)), FactPart("b", np.full(3, 2.0))


@pytest.mark.parametrize(
    ("fact", "wanted"),
    [
        (same(FactKind.RIGHT, "a is b", "", (ONE, ONE), 0.0), Standing.HOLDS),
        (same(FactKind.PITFALL, "a does nothing", "", (ONE, ONE), 0.0), Standing.HOLDS),
        (same(FactKind.RIGHT, "a is b", "", (ONE, TWO), 0.0), Standing.FAILED),
        (unlike("a is not b", "", (ONE, TWO)), Standing.IS_NOT),
        (unlike("a is not b", "", (ONE, ONE)), Standing.FAILED),
    ],
)
def test_a_true_is_not_stands_apart_from_what_holds_and_from_what_fails(fact, wanted):
    assert fact.standing is wanted
    assert fact.holds is (wanted is not Standing.FAILED)
    assert set(fact.as_json()) == {"claim", "expressions", "max_abs_difference", "holds"}


def test_the_three_are_told_apart_by_sign_and_by_words():
    assert len({standing.sign for standing in Standing}) == 3
    assert len({standing.words for standing in Standing}) == 3
    assert all(standing.words.isascii() for standing in Standing)


def test_a_scenarios_claim_stands_as_a_fact_does():
    claim = Claim(
        name="n", sentence="s", expressions=(), holds=True, max_abs_difference=0.5, measured="m"
    )
    assert claim.standing is Standing.HOLDS
    assert replace(claim, tells_apart=True).standing is Standing.IS_NOT
    assert replace(claim, tells_apart=True, holds=False).standing is Standing.FAILED


@pytest.mark.parametrize(
    ("apart", "exact", "sign"), [(0.0, True, "="), (1e-7, False, "≈"), (0.1, False, "≠")]
)
def test_equal_is_written_only_where_every_bit_agrees(apart, exact, sign):
    found = ScenarioComparison(
        name="n", title="t", left="a", right="b", max_abs_difference=apart, tolerance=1e-5,
        exact=exact,
    )  # fmt: skip
    assert found.sign == sign
