from __future__ import annotations

import pytest

from lstmviz.core.asking.asked import Asked
from lstmviz.core.asking.run_state import RunState, state_in_words
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.spec import RunSpec


def asked(**settings):
    return Asked(spec=RunSpec().changed(**settings))


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (RunState.UNDER_WAY, "Running. Still shown: the run with seq_len 24."),
        (RunState.STOPPED, "Stopped. Still shown: the run with seq_len 24."),
        (RunState.FAILED, "This run failed. Still shown: the run with seq_len 24."),
        (RunState.CURRENT, ""),
        (RunState.EMPTY, ""),
    ],
)
def test_notice_says_what_happened_and_which_run_is_shown(state, sentence):
    assert state_in_words(state, asked(seq_len=999), asked()) == sentence


def test_notice_names_every_setting_that_differs():
    newer = asked(hidden_size=32, bidirectional=False)
    said = state_in_words(RunState.STOPPED, newer, asked())
    assert said == "Stopped. Still shown: the run with hidden_size 16, bidirectional on."


def test_notice_names_what_is_shown_where_another_scenario_is_asked_for():
    counter, single = Asked(choice=Choice("counter")), Asked()
    assert (
        state_in_words(RunState.UNDER_WAY, counter, single)
        == "Running. Still shown: the single LSTM."
    )
    title = counter.choice.scenario.title
    assert state_in_words(RunState.UNDER_WAY, single, counter) == f"Running. Still shown: {title}."


def test_only_an_earlier_run_is_behind():
    behind = {state for state in RunState if state.is_behind}
    assert behind == {RunState.UNDER_WAY, RunState.STOPPED, RunState.FAILED}
