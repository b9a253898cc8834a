"""Bars say the numbers that the claims beside them say."""

from __future__ import annotations

import re

import pytest

from lstmviz.engine.scenarios.run import run_scenario
from lstmviz.gui.scenarios.bars import BarChart


@pytest.mark.parametrize(
    ("scenario", "result", "claim"),
    [
        ("counter", "correlations", "cell-counts"),
        ("counter", "moves", "one-step-per-bracket"),
        ("forecaster", "errors", "beats-persistence"),
    ],
)
def test_a_bar_and_its_claim_say_one_number(qtbot, scenario, result, claim):
    found = run_scenario(scenario)
    chart = BarChart()
    qtbot.addWidget(chart)
    chart.show_result(next(r for r in found.results if r.name == result))
    numbers = re.findall(r"−?\d[\d.,]*\d(?:e-\d+)?", found.claim(claim).measured)
    assert numbers
    for number in numbers:
        assert f" {number}" in chart.accessibleName(), number
