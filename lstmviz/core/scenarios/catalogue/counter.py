"""A cell that counts brackets."""

from __future__ import annotations

from typing import Final

from lstmviz.core.scenarios.parts import SEED, ClaimText, Option, Pointer, Scenario, Size, TourStep

HIDDEN_SIZE: Final = 4
DEEPEST: Final = 10
"""Nesting up to which the network was trained."""
LEAST_PERCENT_RIGHT: Final = 99
LEAST_CORRELATION: Final = 0.98
MOST_PERCENT_OF_A_MOVE: Final = 10
"""What the claims demand; the engine measures against these."""
_TOO_DEEP: Final = 25

SCENARIO: Final = Scenario(
    name="counter",
    lesson=5,
    title="A cell that counts",
    summary="A trained LSTM that follows how deep brackets are nested in the text you type.",
    trained=True,
    sizes=(
        Size(
            name="practice", title="Practice texts it has never seen", default=64, low=16, high=512
        ),
        Size(name="practice_len", title="Characters of each", default=60, low=30, high=500),
        SEED,
    ),
    options=(
        Option(
            name="text",
            title="Text",
            default="f(a, g(b, (c + d)), h((x), ((y))))",
            longest=2000,
        ),
    ),
    claims=(
        ClaimText(
            name="reads-this-text",
            sentence="Rounded, it reads the right depth at every character of this text.",
            expressions=("model(text).round()", "depth(text)"),
        ),
        ClaimText(
            name="held-out",
            sentence=f"It is right at {LEAST_PERCENT_RIGHT} % or more of the characters of texts it"
            " has never seen.",
            expressions=("(model(practice).round() == depth(practice)).mean()",),
        ),
        ClaimText(
            name="cell-counts",
            sentence="One unit's cell state goes with the depth: they correlate by"
            f" {LEAST_CORRELATION} or more.",
            expressions=("cell[0, 0, :, :, unit]", "depth(practice)"),
        ),
        ClaimText(
            name="one-step-per-bracket",
            sentence="On average that unit moves one way at an opening bracket, as far back at a"
            f" closing one, and less than {MOST_PERCENT_OF_A_MOVE} % of that at any other"
            " character.",
            expressions=("cell[0, 0, 1:, :, unit] - cell[0, 0, :-1, :, unit]",),
        ),
    ),
    tour=(
        TourStep(
            text="Each character is one step: opening, closing, or anything else. The linear layer"
            " reads the depth off the hidden state.",
            at=Pointer(stage="lstm", tensor="input"),
            claim="reads-this-text",
        ),
        TourStep(
            text="Nobody told it how. One unit of the cell climbs a step at every opening bracket"
            " and comes down a step at every closing one.",
            at=Pointer(result="counting_cell"),
            claim="cell-counts",
        ),
        TourStep(
            text="To remember, its forget gate keeps what the cell holds; to count, it adds i·g.",
            at=Pointer(stage="lstm", tensor="forget_gate"),
            claim="one-step-per-bracket",
        ),
        TourStep(
            text=f"It was trained on texts of at most {DEEPEST} brackets within one another. Here"
            f" are {_TOO_DEEP}: where it loses count, the claim about this text fails, as it"
            " should.",
            at=Pointer(result="depth_read"),
            changes={"text": "(" * _TOO_DEEP + ")" * _TOO_DEEP},
        ),
    ),
)
