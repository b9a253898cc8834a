from __future__ import annotations

import pytest

from lstmviz.core.asked import Asked
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.spec import RunSpec
from lstmviz.core.standing import Standing, notice


def asked(**settings):
    return Asked(spec=RunSpec().changed(**settings))


@pytest.mark.parametrize(
    ("standing", "sentence"),
    [
        (Standing.UNDER_WAY, "Running. Still shown: the run with seq_len 24."),
        (Standing.STOPPED, "Stopped. Still shown: the run with seq_len 24."),
        (Standing.FAILED, "This run failed. Still shown: the run with seq_len 24."),
        (Standing.CURRENT, ""),
        (Standing.EMPTY, ""),
    ],
)
def test_notice_says_what_happened_and_which_run_is_shown(standing, sentence):
    assert notice(standing, asked(seq_len=999), asked()) == sentence


def test_notice_names_every_setting_that_differs():
    newer = asked(hidden_size=32, bidirectional=False)
    said = notice(Standing.STOPPED, newer, asked())
    assert said == "Stopped. Still shown: the run with hidden_size 16, bidirectional on."


def test_notice_names_what_is_shown_where_another_scenario_is_asked_for():
    counter, single = Asked(choice=Choice("counter")), Asked()
    assert notice(Standing.UNDER_WAY, counter, single) == "Running. Still shown: the single LSTM."
    title = counter.choice.scenario.title
    assert notice(Standing.UNDER_WAY, single, counter) == f"Running. Still shown: {title}."


def test_only_an_earlier_run_is_behind():
    behind = {standing for standing in Standing if standing.is_behind}
    assert behind == {Standing.UNDER_WAY, Standing.STOPPED, Standing.FAILED}
