"""The forward's time is that of warm calls, and says of how many."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import torch

from lstmviz.core.spec import RunSpec
from lstmviz.core.timing import Timing
from lstmviz.engine import timing
from lstmviz.engine.opening.trace import trace
from lstmviz.engine.run import run, timed
from lstmviz.engine.scenarios.run import run_scenario
from lstmviz.engine.timing import median_of, time_forward


class Clock:
    """Time that passes only while a forward runs, and as long as that is told to take."""

    def __init__(self, *seconds):
        self.now, self.calls, self._seconds = 0.0, 0, seconds

    def perf_counter(self):
        return self.now

    def forward(self):
        self.now += self._seconds[min(self.calls, len(self._seconds) - 1)]
        self.calls += 1


@pytest.mark.parametrize(
    ("seconds", "found"),
    [
        ((0.001, 0.005, 0.002, 0.001, 0.009), Timing(seconds=0.002, calls=5, warm=True)),
        ((0.02,), Timing(seconds=0.02, calls=2, warm=True)),
        ((0.01, 0.03), Timing(seconds=0.02, calls=2, warm=True)),
        ((0.5,), Timing(seconds=0.5, calls=1, warm=True)),
    ],
)
def test_the_median_is_of_as_many_calls_as_there_is_time_for(monkeypatch, seconds, found):
    clock = Clock(*seconds)
    monkeypatch.setattr(timing, "time", clock)
    assert median_of(clock.forward, "cpu") == found
    assert clock.calls == found.calls


def test_a_newer_request_ends_the_repeating(monkeypatch):
    clock = Clock(0.001)
    monkeypatch.setattr(timing, "time", clock)
    asked = count()
    found = median_of(clock.forward, "cpu", overtaken=lambda: next(asked) >= 2)
    assert found == Timing(seconds=0.001, calls=2, warm=True)
    assert median_of(clock.forward, "cpu", overtaken=lambda: True) is None


def test_a_call_too_long_to_repeat_is_one_call(monkeypatch):
    monkeypatch.setattr(timing, "build", None)
    first = Timing(seconds=0.2)
    assert time_forward(RunSpec().changed(seq_len=10_000, hidden_size=128), first) is first


def test_a_first_call_however_long_does_not_keep_a_short_one_from_being_timed():
    assert time_forward(RunSpec(), Timing(seconds=100.0)).warm


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_timing_a_run_changes_nothing_but_the_time(dropout):
    spec = RunSpec().changed(seq_len=7, dropout=dropout)
    first = run(spec)
    cold = replace(first.traces[0], forward_timing=Timing(seconds=0.0))
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    (found,) = timed(replace(first, traces=(cold,)), spec).traces
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    assert found.forward_timing.warm
    assert 1 <= found.forward_timing.calls <= 5
    assert found.forward_seconds == found.forward_timing.seconds > 0
    assert replace(found, forward_timing=cold.forward_timing) == cold
    np.testing.assert_array_equal(found.output, run(spec).traces[0].output)


def test_a_run_tells_what_pytorch_warned_of_and_that_half_precision_is_shown_as_float32():
    warned = run(RunSpec().changed(num_layers=1, dropout=0.5)).traces[0].notes
    assert len(warned) == 1
    assert "dropout" in warned[0]
    half = run(RunSpec().changed(dtype="bfloat16")).traces[0]
    assert half.notes == (
        "The arrays are float32 and hold bfloat16 values, the type that nn.LSTM computed in.",
    )
    assert run(RunSpec()).traces[0].notes == ()


def test_the_lstms_of_a_scenario_are_timed_warm_and_a_users_own_call_is_not_repeated():
    found = run_scenario("variable-lengths").run.traces
    assert all(trace.forward_timing.warm for trace in found)
    calls = []

    class Counting(torch.nn.LSTM):
        def forward(self, *given):
            calls.append(given)
            return super().forward(*given)

    opened = trace(Counting(3, 4), torch.randn(5, 2, 3))
    assert len(calls) == 1
    assert (opened.forward_timing.calls, opened.forward_timing.warm) == (1, False)
