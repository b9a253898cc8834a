"""A real series, forecast a year ahead and left to run alone."""

from __future__ import annotations

from typing import Final

from lstmviz.core.scenarios.parts import ClaimText, Pointer, Scenario, Size, TourStep

HIDDEN_SIZE: Final = 16
LAST_TRAINING_YEAR: Final = 1920
"""The network saw no year after this one."""

FORECASTER: Final = Scenario(
    name="forecaster",
    title="A forecaster",
    summary="A trained LSTM on three centuries of sunspots: a year ahead, then on its own.",
    trained=True,
    sizes=(
        Size(name="alone_from", title="Runs alone from", default=1985, low=1921, high=2008),
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
            sentence="Left to run alone for 120 years, it goes on with a period of 9 to 13 years.",
            expressions=("rfft(alone).abs().argmax()",),
        ),
        ClaimText(
            name="knows-the-direction",
            sentence="It says rightly whether the next year will be higher or lower in 80 % or more"
            " of the years it has never seen.",
            expressions=("(forecast - last_year).sign()", "(truth - last_year).sign()"),
        ),
    ),
    tour=(
        TourStep(
            text="One number a year goes in, and the forecast for the next year comes out.",
            at=Pointer(stage="lstm", tensor="input"),
        ),
        TourStep(
            text="It was trained on the years up to 1920. On all later ones its forecast beats"
            " repeating the year before.",
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
