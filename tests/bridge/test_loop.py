"""The engine's loop without a process of its own: what it does when something newer comes."""

from __future__ import annotations

import socket

import numpy as np
import pytest

from lstmviz.bridge.link import Link
from lstmviz.bridge.loop import Engine
from lstmviz.bridge.protocol import (
    CancelRequest,
    ExperimentRequest,
    FactsFound,
    Failed,
    RunRequest,
    TimingFound,
)
from lstmviz.core.asking.source import LstmSource, source_in_plain
from lstmviz.core.facts import Counterparts
from lstmviz.core.spec import RunSpec
from lstmviz.engine.sources import run_source


@pytest.fixture
def ends():
    ours, theirs = map(Link, socket.socketpair())
    yield ours, theirs
    ours.close()
    theirs.close()


def kinds(link):
    found = []
    while link.waiting(0):
        found += [type(message) for message in link.receive()]
    return found


@pytest.mark.parametrize("news", [RunRequest(2, {}), CancelRequest(1)])
def test_facts_give_way_to_what_is_newer(ends, monkeypatch, news):
    window, engine = ends[0], Engine(ends[1])
    looks = []

    def for_ever(_spec, _call=None, *, progress):
        window.send(news)
        while True:
            looks.append(progress(0.5))

    monkeypatch.setattr("lstmviz.engine.counterparts.counterparts", for_ever)
    engine._tell_more(run_source(LstmSource(RunSpec()), generation=1))
    assert FactsFound not in kinds(window)
    if isinstance(news, RunRequest):
        assert engine._next == news


def test_facts_give_way_between_two_of_them(ends, monkeypatch):
    window, engine = ends[0], Engine(ends[1])
    monkeypatch.setattr("lstmviz.bridge.loop._LOOK_SECONDS", 0.0)
    monkeypatch.setattr("lstmviz.bridge.loop._FACTS_PAUSE_SECONDS", 0.0)

    def at_once(_spec, _call=None, *, progress):  # noqa: ARG001 - as the real one
        window.send(RunRequest(2, {}))
        return Counterparts()

    monkeypatch.setattr("lstmviz.engine.counterparts.counterparts", at_once)
    engine._tell_more(run_source(LstmSource(RunSpec()), generation=1))
    assert FactsFound not in kinds(window)
    assert engine._next is not None


def test_facts_are_told_although_an_experiment_was_asked_for(ends, monkeypatch):
    window, engine = ends[0], Engine(ends[1])
    asked = []
    monkeypatch.setattr(engine._bench, "put", asked.append)
    window.send(ExperimentRequest(1, "name", {}))
    engine._tell_more(run_source(LstmSource(RunSpec()), generation=1))
    assert kinds(window) == [TimingFound, FactsFound]
    assert len(asked) == 1


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(12, "Cannot allocate memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate"),
    ],
)
def test_facts_that_find_no_memory_are_told_without_what_takes_it(ends, monkeypatch, error):
    window, engine = ends[0], Engine(ends[1])

    def fails(*_args, **_named):
        raise error

    monkeypatch.setattr("lstmviz.engine.counterparts.counterparts", fails)
    engine._tell_more(run_source(LstmSource(RunSpec()), generation=1))
    found = next(message for message in window.receive() if isinstance(message, FactsFound))
    assert any("h_n" in fact["claim"] for fact in found.facts)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        np.empty,
        OSError(12, "Cannot allocate memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate"),
        RuntimeError("std::bad_alloc"),
    ],
)
def test_a_run_that_finds_no_memory_says_so(ends, monkeypatch, error):
    window, engine = ends[0], Engine(ends[1])

    def fails(*_args, **_named):
        if error is np.empty:
            np.empty(2**50)
        raise error

    monkeypatch.setattr("lstmviz.engine.run.run", fails)
    engine._answer(RunRequest(1, source_in_plain(LstmSource(RunSpec()))))
    _, failed = window.receive()
    assert "not enough memory" in failed.sentence
    assert "Errno" not in failed.sentence


@pytest.mark.parametrize(
    ("error", "is_ours"), [(KeyError("h"), True), (RuntimeError("mat1 and mat2"), False)]
)
def test_a_mistake_of_our_own_is_not_called_pytorchs(ends, monkeypatch, error, is_ours):
    window, engine = ends[0], Engine(ends[1])

    def run_badly(*_arguments, **_options):
        raise error

    monkeypatch.setattr("lstmviz.engine.run.run", run_badly)
    engine._answer(RunRequest(1, source_in_plain(LstmSource(RunSpec()))))
    failed = [message for message in window.receive() if isinstance(message, Failed)]
    assert [message.is_ours for message in failed] == [is_ours]
    assert failed[0].sentence.startswith(
        "lstmviz made a mistake of its own: KeyError" if is_ours else "PyTorch refused this run"
    )
    assert "run_badly" in failed[0].detail


def test_what_pytorch_refuses_in_python_is_pytorchs():
    import torch

    from lstmviz.bridge.loop import _is_pytorchs

    with pytest.raises(ValueError, match="dropout") as caught:
        torch.nn.LSTM(1, 1, dropout=2.0)
    assert _is_pytorchs(caught.value)
