"""One sentence each for a proof, a NaN and a time, and none that says more than is so."""

from __future__ import annotations

import pytest

from lstmviz.core.proof import Proof, ProofVerdict
from lstmviz.core.timing import Timing
from lstmviz.core.trace import NonFinite
from lstmviz.core.words.of_traces import (
    half_in_words,
    nonfinite_in_words,
    proof_in_words,
    proof_relation,
    timing_in_words,
)

NAN = float("nan")


def proof(output=0.0, h_n=0.0, c_n=0.0, exact=False, unproven=""):
    return Proof(
        output=output,
        h_n=h_n,
        c_n=c_n,
        tolerance_h=1e-5,
        tolerance_c=1e-3,
        reason="",
        exact=exact,
        unproven=unproven,
    )


@pytest.mark.parametrize(
    ("given", "verdict", "relation", "sentence"),
    [
        (
            proof(exact=True),
            ProofVerdict.EXACT,
            "=",
            "The trace is what nn.LSTM returned, bit for bit.",
        ),
        (
            proof(output=2e-7, c_n=1e-4),
            ProofVerdict.WITHIN_ROUNDING,
            "≈",
            (
                "The trace is what nn.LSTM returned, within rounding: max |Δ| of h 2.0e-07,"
                " tolerance 1.0e-05; of c 1.0e-04, tolerance 1.0e-03."
            ),
        ),
        (
            proof(h_n=1e-4),
            ProofVerdict.FAILED,
            "≠",
            (
                "The trace is not what nn.LSTM returned: max |Δ| of h 1.0e-04, tolerance 1.0e-05;"
                " of c 0, tolerance 1.0e-03."
            ),
        ),
        (proof(c_n=2e-3, unproven="x."), ProofVerdict.FAILED, "≠", None),
        (proof(output=NAN), ProofVerdict.FAILED, "≠", None),
        (
            proof(output=2e-7, unproven="There is NaN."),
            ProofVerdict.UNPROVEN,
            "?",
            "The trace is not proven: There is NaN.",
        ),
    ],
)
def test_a_proof_comes_to_one_verdict_in_one_sentence(given, verdict, relation, sentence):
    assert given.verdict is verdict
    assert given.ok == (verdict in (ProofVerdict.EXACT, ProofVerdict.WITHIN_ROUNDING))
    assert proof_relation(given) == relation
    assert sentence is None or proof_in_words(given) == sentence


@pytest.mark.parametrize(
    ("where", "index", "value", "reached", "sentence"),
    [
        (
            "input",
            (3, 1, 2),
            "nan",
            (0, 1, 3, 1, 0),
            (
                "The first NaN comes from input[3, 1, 2]; the earliest state it reaches is at"
                " layer 0, reverse, step 3, batch item 1, unit 0."
            ),
        ),
        (
            "bias_hh_l1",
            (5,),
            "inf",
            None,
            "The first infinity comes from bias_hh_l1[5]; it saturates gates and reaches no state.",
        ),
        (
            "cell",
            (0, 0, 2, 0, 0),
            "-inf",
            (0, 0, 2, 0, 0),
            (
                "The first −infinity is c_t at layer 0, forward, step 2, batch item 0, unit 0;"
                " input, initial state and weights are finite, so a sum overflowed."
            ),
        ),
    ],
)
def test_the_first_nan_is_one_sentence(where, index, value, reached, sentence):
    found = NonFinite(where=where, index=index, value=value, reached=reached)
    assert nonfinite_in_words(found) == sentence


def test_a_time_says_how_it_was_found_out():
    assert timing_in_words(Timing(seconds=8e-4, calls=5, warm=True)) == (
        "0.80 ms (median of 5 warm calls)"
    )
    assert timing_in_words(Timing(seconds=2.5)) == "2.5 s (one call, not warmed up)"
    assert timing_in_words(Timing(seconds=0.05, warm=True)) == "50.0 ms (one warm call)"


def test_half_precision_is_said_of_half_precision_only():
    assert half_in_words("bfloat16") == (
        "The arrays are float32 and hold bfloat16 values, the type that nn.LSTM computed in."
    )
    assert half_in_words("float32") == half_in_words("float64") == ""
