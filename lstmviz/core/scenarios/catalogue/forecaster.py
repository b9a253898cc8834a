"""A real series, forecast a year ahead and left to run alone."""

from __future__ import annotations

from typing import Final

from lstmviz.core.scenarios.parts import ClaimText, Pointer, Scenario, Size, TourStep

HIDDEN_SIZE: Final = 16
LAST_TRAINING_YEAR: Final = 1920
"""The network saw no year after this one."""
LEAST_PERCENT_RIGHT: Final = 80
CYCLE_YEARS: Final = 120
SHORTEST_CYCLE: Final = 9
LONGEST_CYCLE: Final = 13
"""What the claims demand; the engine measures against these."""

SCENARIO: Final = Scenario(
    name="forecaster",
    lesson=6,
    title="A forecaster",
    summary="A trained LSTM on yearly sunspots: a year ahead, then on its own.",
    trained=True,
    sizes=(
        Size(
            name="alone_from",
            title="Runs alone from",
            default=1985,
            low=LAST_TRAINING_YEAR + 1,
            high=2008,
            is_count=False,
        ),
        Size(name="alone_years", title="Years it runs alone", default=60, low=1, high=300),
    ),
    options=(),
    claims=(
        ClaimText(
            name="beats-persistence",
            sentence="A year ahead, on years it has never seen, it is better than repeating the"
            " year before.",
            expressions=("rmse(forecast, truth)", "rmse(last_year, truth)"),
        ),
        ClaimText(
            name="has-the-cycle",
            sentence=f"Left to run alone for {CYCLE_YEARS} years, it goes on with a period of"
            f" {SHORTEST_CYCLE} to {LONGEST_CYCLE} years.",
            expressions=("rfft(alone).abs().argmax()",),
        ),
        ClaimText(
            name="knows-the-direction",
            sentence="It says rightly whether the next year will be higher or lower in"
            f" {LEAST_PERCENT_RIGHT} % or more of the years it has never seen.",
            expressions=("(forecast - last_year).sign()", "(truth - last_year).sign()"),
        ),
    ),
    tour=(
        TourStep(
            text="One number a year goes in, and the forecast for the next year comes out.",
            at=Pointer(stage="lstm", tensor="input"),
        ),
        TourStep(
            text=f"It was trained on the years up to {LAST_TRAINING_YEAR}. On all later ones taken"
            " together its forecast is held against repeating the year before.",
            at=Pointer(result="forecast"),
            claim="beats-persistence",
        ),
        TourStep(
            text="The same number of sunspots comes on the way up and on the way down. One number"
            " cannot tell which; the cell states, which rise and fall with the cycle, can.",
            at=Pointer(stage="lstm", tensor="cell"),
            claim="knows-the-direction",
        ),
        TourStep(
            text="Fed its own forecasts it runs alone: it keeps the cycle, and drifts out of step"
            " with the true one.",
            at=Pointer(result="alone"),
            claim="has-the-cycle",
        ),
    ),
)
