"""Whatever an engine says, the window neither fails nor waits for ever."""

from __future__ import annotations

import gc
import sys
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.bridge.border import Border
from lstmviz.bridge.protocol import RunRequest
from lstmviz.core.asking.asked import Asked
from lstmviz.core.asking.source import LstmSource, source_in_plain
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.spec import RunSpec
from tests.bridge.lies import BESIDE, Answers, Listened, changes, open_descriptors

SMALL = Asked(spec=RunSpec().changed(seq_len=5, hidden_size=3, input_size=2, batch_size=3))
PACKED = Asked(spec=SMALL.spec.changed(lengths=(2, 5, 3), num_layers=1))
SCENARIO = Asked(
    choice=Choice(
        "variable-lengths",
        {"seq_len": 5, "hidden_size": 3, "input_size": 2, "lengths": "2, 5, 3"},
    )
)


@pytest.fixture(scope="module")
def answers():
    found = Answers()
    # Now: what a test leaves behind is counted from here on.
    for asked in (SMALL, PACKED, SCENARIO):
        told(found, asked)
    yield found
    found.close()


@given(
    st.sampled_from([SMALL, PACKED, SCENARIO]),
    changes(),
    st.sampled_from([None, *range(len(BESIDE))]),
)
def test_a_line_that_lies_is_a_dead_engine_and_the_newest_run_still_comes(
    qapp,  # noqa: ARG001 - its event loop
    answers,
    asked,
    change,
    beside,
):
    def lie(told):
        # Facts that came after a lie must not wait: one of the other kinds stands before the run.
        return change(told) if beside is None else change([deepcopy(BESIDE[beside])]) + told

    with pytest.MonkeyPatch.context() as patch:
        listened = Listened(answers, patch, lie)
        try:
            listened.ask(asked)
            listened.until(lambda: listened.runs or listened.failed or listened.lost)
            newest = listened.ask(asked)
            listened.until(
                lambda: (
                    any(run.generation == newest for run in listened.runs)
                    or not listened.client.is_busy
                )
            )
            listened.ask(SMALL if asked is SCENARIO else SCENARIO)
            last = listened.ask(asked)
            listened.until(lambda: listened.runs and listened.runs[-1].generation == last)
            # Nobody who tells the truth is taken for a liar. (One that a busy machine keeps from
            # answering is replaced too, without a word.)
            assert len(listened.lost) <= 1
            assert set(listened.lost) <= {
                "The engine sent something that is no answer; a new one is starting."
            }
            shown = listened.document.trace
            assert shown.seq_len == 5
            assert np.isfinite(shown.h_n).all()
        finally:
            listened.close()


def told(answers, asked, generation=1):
    return answers(RunRequest(generation, source_in_plain(asked.source)))


def put(path, value):
    """Return what puts `value` where `path` leads in the message of a result."""

    def change(said):
        place = next(content for content, _ in said if content["kind"] == "Finished")
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return said

    return change


def array(name, key, value):
    return put(("run", "traces", 0, "arrays", name, key), value)


LIES = {
    "a future run without traces": lambda said: put(("run", "traces"), [])(
        put(("run", "generation"), 10**6)(put(("generation",), 10**6)(said))
    ),
    "a run without traces": put(("run", "traces"), []),
    "another generation inside": put(("run", "generation"), 7),
    "no arrays": put(("run", "traces", 0, "arrays"), {}),
    "objects": array("hidden", "dtype", "|O"),
    "beyond its block": array("hidden", "offset", 1 << 40),
    "a negative block": array("hidden", "block", -1),
    "all that is left": array("h_n", "shape", [-1]),
    "another shape": array("h_n", "shape", [3]),
    "larger blocks": put(("blocks", 0, "size"), 1 << 50),
    "another LSTM": array("input", "shape", [3, 10, 1]),
    "a proof in words": put(("run", "traces", 0, "plain", "proof", "ok"), "yes"),
    "a dtype of its own": put(("run", "traces", 0, "plain", "dtype"), "int3"),
    "a stage of no trace": put(("run", "stages", 0, "trace"), 9),
    "more descriptors": lambda said: [(content, more * 3) for content, more in said],
    "facts of nothing": lambda said: [
        *said[:-1],
        ({**said[-1][0], "facts": [{**said[-1][0]["facts"][0], "slices": [
            {"tensor": "nothing", "ranges": [[0, 1]]}]}]}, []),
    ],
    "facts beyond the numbers": lambda said: [
        *said[:-1],
        ({**said[-1][0], "facts": [{**said[-1][0]["facts"][0], "slices": [
            {"tensor": "h_n", "ranges": [[0, 1], [0, 1], [0, 99]]}]}]}, []),
    ],
    "more than all": lambda said: [said[0], ({**said[1][0], "fraction": 1.5}, []), *said[2:]],
    "a request": lambda said: [({"kind": "CancelRequest", "generation": 1}, []), *said],
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_every_kind_of_lie_is_found(qapp, answers, monkeypatch, lie):  # noqa: ARG001
    before = open_descriptors() if sys.platform == "linux" else 0
    listened = Listened(answers, monkeypatch, lie)
    listened.ask(SMALL)
    listened.until(lambda: listened.lost)
    newest = listened.ask(SMALL)
    listened.until(lambda: listened.runs and listened.runs[-1].generation == newest)
    assert len(listened.scripts) == 2
    listened.close()
    gc.collect()
    if sys.platform == "linux":
        # Every descriptor of what was not believed is closed.
        assert open_descriptors() <= before


@pytest.mark.parametrize("name", ["single", "packed", "scenario"])
def test_what_the_engine_really_says_is_believed(answers, monkeypatch, name, qapp):  # noqa: ARG001
    asked = {"single": SMALL, "packed": PACKED, "scenario": SCENARIO}[name]
    heard = []
    listened = Listened(answers, monkeypatch)
    listened.client.facts_found.connect(lambda *told: heard.append(told))
    generation = listened.ask(asked)
    listened.until(lambda: heard)
    assert heard[0][0] == generation
    assert len(listened.document.facts) > 3
    assert not listened.lost
    listened.close()


def test_a_border_forgets_what_is_answered():
    from lstmviz.bridge.protocol import Started

    border = Border()
    for generation in range(1, 200):
        border.note(RunRequest(generation, source_in_plain(LstmSource(SMALL))))
        border.check(Started(generation))
    assert len(border._requests) == 2
