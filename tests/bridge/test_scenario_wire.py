from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from lstmviz.bridge.launch import launch
from lstmviz.core.asking.source import LstmSource, ScenarioSource
from lstmviz.core.scenario import SCENARIOS
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.spec import RunSpec


class Heard:
    """Everything a client said, in order."""

    def __init__(self, client):
        self.found, self.runs, self.failures, self.lost = [], [], [], []
        client.answer_arrived.connect(self.take)
        client.run_failed.connect(lambda *told: self.failures.append(told))
        client.engine_lost.connect(self.lost.append)

    def take(self, answer):
        if answer.findings:
            self.found.append(answer.findings)
        else:
            self.runs.append(answer.run)


@pytest.fixture
def client(make_client):
    return make_client(launch())


@pytest.fixture
def heard(client):
    return Heard(client)


def asked(name, **settings):
    return ScenarioSource(Choice(name, settings))


def test_every_scenario_crosses_with_the_numbers_it_has_in_one_process(client, heard, until):
    from lstmviz.engine.scenarios.run import run_scenario

    for name in SCENARIOS:
        generation = client.request(asked(name))
        until(lambda: not client.is_busy)
        assert heard.failures == []
        came, here = heard.found[-1], run_scenario(name)
        assert came.run.generation == generation
        assert came.settings == here.settings
        # Two processes place their memory differently, and vector code rounds by where it starts.
        assert [(c.name, c.holds) for c in came.claims] == [(c.name, c.holds) for c in here.claims]
        for ours, theirs in zip(came.comparisons, here.comparisons, strict=True):
            assert (ours.name, ours.agrees) == (theirs.name, theirs.agrees)
            assert ours.max_abs_difference == pytest.approx(
                theirs.max_abs_difference, rel=1e-3, abs=ours.tolerance
            )
        assert [(s.name, s.trace) for s in came.run.stages] == [
            (s.name, s.trace) for s in here.run.stages
        ]
        for ours, theirs in zip(came.run.traces, here.run.traces, strict=True):
            for field, array in theirs.arrays().items():
                np.testing.assert_allclose(getattr(ours, field), array, rtol=1e-4, atol=1e-5)
        for ours, theirs in zip(came.results, here.results, strict=True):
            assert (ours.name, ours.title, ours.axes, ours.labels) == (
                theirs.name, theirs.title, theirs.axes, theirs.labels,
            )  # fmt: skip
            np.testing.assert_allclose(ours.values, theirs.values, rtol=1e-4, atol=1e-4)
            assert not ours.values.flags.writeable
    packed = {found.scenario: found.packed for found in heard.found}
    assert packed["variable-lengths"].saved == pytest.approx(1 - 260 / 400)
    assert packed["variable-lengths"].batch_sizes[0] == 8
    assert packed["chunks"] is None


def test_spec_and_scenario_share_one_queue_and_the_newest_wins(client, heard, until):
    client.request(asked("chunks", seq_len=60))
    client.request(LstmSource(RunSpec()))
    last = client.request(asked("chunks", seq_len=40, chunk=10))
    until(lambda: not client.is_busy)
    assert heard.found[-1].run.generation == last
    assert heard.found[-1].run.traces[0].seq_len == 40
    generation = client.request(LstmSource(RunSpec()))
    until(lambda: not client.is_busy)
    assert heard.runs[-1].generation == generation


def test_a_setting_that_only_the_engine_can_judge_is_refused_at_its_field(client, heard, until):
    told = asked("variable-lengths")
    # As if no rule of ours knew better.
    object.__setattr__(told.choice, "settings", {**told.choice.settings, "lengths": "3, two"})
    client.request(told)
    until(lambda: heard.failures)
    ((_, field, sentence),) = heard.failures
    assert field == "lengths"
    assert "not 'two'" in sentence
    assert not client.is_busy


def test_a_scenario_is_asked_for_again_after_its_engine_was_killed(client, heard, until):
    client.request(LstmSource(RunSpec()))
    until(lambda: heard.runs)
    generation = client.request(asked("encoder-decoder", seq_len=200, batch_size=64))
    os.kill(client.pid, signal.SIGKILL)
    until(lambda: heard.found)
    assert heard.found[0].run.generation == generation
    assert "SIGKILL" in heard.lost[0]
    assert all(claim.holds for claim in heard.found[0].claims)
