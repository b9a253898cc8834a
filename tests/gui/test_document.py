from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lstmviz.gui.history as history_module
from lstmviz.core.asking.asked import Asked
from lstmviz.core.asking.run_state import RunState
from lstmviz.core.asking.session import Session, View
from lstmviz.core.asking.source import Answer, LstmSource
from lstmviz.core.cost.memory import needed
from lstmviz.core.places import Place
from lstmviz.core.plotted import Whose
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.spec import RunSpec
from lstmviz.core.timing import Timing
from lstmviz.engine.run import run
from lstmviz.gui.document import Document


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test turns."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(history_module, "time", clock)
    return clock


def counted(signal):
    seen = []
    signal.connect(lambda *told: seen.append(told))
    return seen


def test_a_change_is_asked_for_once_and_can_be_undone_and_redone(document, clock):
    changes = counted(document.spec_changed)
    document.change(hidden_size=32)
    clock.now += 5
    document.change(bidirectional=False)
    assert len(changes) == 2
    stack = document.undo_stack
    assert stack.undoText() == "bidirectional on → off"
    stack.undo()
    assert document.spec == RunSpec().changed(hidden_size=32)
    assert stack.undoText() == "hidden_size 16 → 32"
    stack.undo()
    assert document.spec == RunSpec()
    assert not stack.canUndo()
    stack.redo()
    stack.redo()
    assert document.spec == RunSpec().changed(hidden_size=32, bidirectional=False)
    assert len(changes) == 6


def test_a_change_to_what_already_is_asks_for_nothing(document):
    changes = counted(document.spec_changed)
    document.change(hidden_size=16, seq_len=24)
    assert changes == []
    assert not document.undo_stack.canUndo()


def test_a_drag_is_one_step_to_undo(document, clock):
    for size in range(17, 60):
        document.change(hidden_size=size)
        clock.now += 0.05
    assert document.undo_stack.count() == 1
    assert document.undo_stack.undoText() == "hidden_size 16 → 59"
    document.undo_stack.undo()
    assert document.spec.lstm.hidden_size == 16


def test_a_drag_there_and_back_is_nothing_to_undo(document, clock):
    for size in (17, 18, 17, 16):
        document.change(hidden_size=size)
        clock.now += 0.05
    assert not document.undo_stack.canUndo()


def test_another_setting_or_a_pause_begins_another_step(document, clock):
    document.change(hidden_size=20)
    document.change(seq_len=30)
    document.change(hidden_size=21)
    clock.now += 2
    document.change(hidden_size=22)
    assert document.undo_stack.count() == 4
    document.undo_stack.undo()
    assert document.spec.lstm.hidden_size == 21


def test_a_refused_value_stays_as_a_draft_beside_its_field_and_the_spec_stays(document):
    changes = counted(document.spec_changed)
    document.change(seq_len=0)
    assert document.refusals == {"seq_len": "seq_len must be between 1 and 100,000, not 0."}
    assert document.drafts == {"seq_len": 0}
    assert document.spec == RunSpec()
    assert changes == []
    assert not document.undo_stack.canUndo()
    document.change(seq_len=12)
    assert document.refusals == document.drafts == {}
    assert document.spec.input.seq_len == 12


def test_two_settings_that_only_fit_together_can_be_set_one_after_the_other(document):
    document.change(proj_size=40)
    assert "smaller than hidden_size (16)" in document.refusals["proj_size"]
    document.change(hidden_size=64)
    assert document.refusals == document.drafts == {}
    assert (document.spec.lstm.hidden_size, document.spec.lstm.proj_size) == (64, 40)
    document.undo_stack.undo()
    assert document.spec == RunSpec()
    # And the other way round: a hidden_size that proj_size forbids is refused at hidden_size.
    document.undo_stack.redo()
    document.change(hidden_size=8)
    assert list(document.refusals) == ["hidden_size"]
    assert document.spec.lstm.hidden_size == 64
    document.change(proj_size=4)
    assert (document.spec.lstm.hidden_size, document.spec.lstm.proj_size) == (8, 4)
    assert document.refusals == {}


def test_a_draft_does_not_hold_up_other_settings(document):
    document.change(proj_size=40)
    document.change(seq_len=7)
    assert document.spec.input.seq_len == 7
    assert list(document.refusals) == ["proj_size"]
    assert document.drafts == {"proj_size": 40}


def test_two_drafts_each_keep_their_own_sentence(document):
    document.change(seq_len=0)
    document.change(hidden_size="many")
    assert set(document.refusals) == {"seq_len", "hidden_size"}
    assert "seq_len" in document.refusals["seq_len"]
    assert "hidden_size" in document.refusals["hidden_size"]
    document.change(hidden_size=20)
    assert document.spec.lstm.hidden_size == 20
    assert list(document.refusals) == ["seq_len"]
    document.change(seq_len=9)
    assert document.refusals == {}


def test_undo_takes_drafts_back_too(document, clock):
    document.change(hidden_size=20)
    clock.now += 5
    document.change(seq_len=0)
    document.undo_stack.undo()
    assert document.spec == RunSpec()
    assert document.refusals == document.drafts == {}


def test_what_does_not_fit_in_memory_is_refused_beforehand_with_the_estimate(document):
    document.set_memory_limit(needed(RunSpec()) * 4)
    changes = counted(document.spec_changed)
    document.change(seq_len=50_000)
    assert changes == []
    assert "This run needs about" in document.refusals["seq_len"]
    assert document.spec == RunSpec()
    # No way round it: together with a draft, other settings are held to the limit too.
    document.change(batch_size=60_000)
    assert document.spec == RunSpec()
    assert "batch_size" in document.refusals


def test_reset_is_one_step_that_undo_takes_back(document, clock):
    document.change(hidden_size=20)
    clock.now += 5
    session = Session(spec=RunSpec().changed(seq_len=5, seed=9), view=View(step=3))
    document.reset(session, "open a.json")
    assert document.session == session
    assert document.undo_stack.undoText() == "open a.json"
    document.undo_stack.undo()
    assert document.spec == RunSpec().changed(hidden_size=20)


def test_the_view_is_kept_inside_every_run(document, run_it):
    run_it(seq_len=10, num_layers=3, hidden_size=12)
    document.look_at(layer=2, direction=1, item=3, step=9, unit=11, units=(11, 4))
    run_it(seq_len=4, num_layers=1, hidden_size=5, batch_size=1, bidirectional=False)
    view = document.view
    assert (view.layer, view.direction, view.item, view.step) == (0, 0, 0, 3)
    assert view.unit < 5
    assert view.units == (4,)
    document.look_at(step=10**30, item=10**30)
    assert (document.view.step, document.view.item) == (3, 0)


def test_what_a_smaller_run_lacks_comes_back_with_a_larger_one(document, run_it):
    run_it(seq_len=20, num_layers=3, hidden_size=12)
    document.look_at(layer=2, direction=1, item=3, step=15, unit=11, units=(11, 4))
    chosen = document.view
    run_it(seq_len=4, num_layers=1, hidden_size=5, batch_size=1, bidirectional=False)
    # What is chosen meanwhile is kept too.
    document.look_at(step=2)
    run_it(seq_len=20, num_layers=3, hidden_size=12, batch_size=4, bidirectional=True)
    assert document.view == replace(chosen, step=2)


def test_undoing_a_reset_brings_the_view_back(document, run_it):
    run_it()
    document.look_at(step=3, layer=0, units=(1, 2))
    before = document.view
    document.reset(Session(view=View(step=5, units=(9,))), "open a.json")
    run_it()
    assert (document.view.step, document.view.units) == (5, (9,))
    document.undo_stack.undo()
    run_it()
    assert document.view == before
    document.undo_stack.redo()
    assert document.view.units == (9,)


def test_a_failed_run_keeps_the_last_good_one(document, run_it):
    trace = run_it()
    document.refuse_run("", "PyTorch refused this run.")
    assert document.trace is trace
    assert document.fault == "PyTorch refused this run."
    document.refuse_run("seq_len", "There is not enough memory for this run.")
    assert document.trace is trace
    assert document.refusals == {"seq_len": "There is not enough memory for this run."}
    run_it()
    assert document.fault == ""


_CHANGES = st.one_of(
    st.fixed_dictionaries({"hidden_size": st.integers(-1, 40) | st.just("x")}),
    st.fixed_dictionaries({"proj_size": st.integers(-1, 40)}),
    st.fixed_dictionaries({"seq_len": st.integers(-1, 40)}),
    st.fixed_dictionaries({"batch_size": st.integers(-1, 5)}),
    st.fixed_dictionaries({"unbatched": st.booleans()}),
    st.fixed_dictionaries(
        {"lengths": st.none() | st.lists(st.integers(0, 40), max_size=5).map(tuple)}
    ),
)


@given(st.lists(_CHANGES | st.sampled_from(["undo", "redo"]), max_size=25))
def test_any_sequence_of_changes_leaves_a_valid_document_that_undo_takes_all_back(acts):
    document = Document()
    for act in acts:
        if act == "undo":
            document.undo_stack.undo()
        elif act == "redo":
            document.undo_stack.redo()
        else:
            document.change(**act)
            (name,) = act
            accepted = document.spec.value(name) == act[name]
            assert accepted or name in document.refusals
        assert RunSpec.from_settings(document.spec.settings()) == document.spec
        assert document.refusals.keys() == document.drafts.keys()
        assert all(document.refusals.values())
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert document.spec == RunSpec()


# Refused by the engine ----------------------------------------------------------------------------


def asked_since(document):
    """Return what is asked for from now on, in order."""
    asked = []
    document.asked_changed.connect(lambda: asked.append(document.asked))
    return asked


def test_what_only_the_engine_can_refuse_goes_back_to_its_field(document, run_it, clock):
    run_it(hidden_size=20)
    clock.now += 5
    ran = document.asked
    document.change(device="cuda:0")
    document.refuse_run("device", "There is no CUDA device.")
    assert document.asked == ran
    assert document.freshness.state is RunState.CURRENT
    assert document.drafts == {"device": "cuda:0"}
    assert document.refusals == {"device": "There is no CUDA device."}
    assert document.session.spec == ran.spec
    assert document.undo_stack.states() == (Asked(), ran)
    assert not document.undo_stack.canRedo()
    assert document.fault == ""
    # What changes nothing, and what has nothing to do with it, leaves the refusal where it is.
    asked = asked_since(document)
    document.change(hidden_size=20)
    assert document.refusals == {"device": "There is no CUDA device."}
    assert asked == []
    document.change(seq_len=9)
    assert document.drafts == {"device": "cuda:0"}
    assert document.refusals == {"device": "There is no CUDA device."}
    assert asked == [ran.changed(seq_len=9)]
    document.change(device="cpu")
    assert document.refusals == document.drafts == {}


def test_of_two_quick_changes_the_one_that_can_be_stays(document, run_it, clock):
    run_it(hidden_size=20)
    clock.now += 5
    ran = document.asked
    document.change(seq_len=100_000)
    document.change(bidirectional=False)
    asked = asked_since(document)
    document.refuse_run("seq_len", "There is not enough memory for this run.")
    kept = ran.changed(bidirectional=False)
    assert asked == [kept]
    assert document.freshness.state is not RunState.CURRENT
    assert document.drafts == {"seq_len": 100_000}
    assert document.undo_stack.states() == (Asked(), ran, kept)
    assert document.undo_stack.undoText() == "bidirectional on → off"
    # The second is refused too: both stand in their fields.
    document.refuse_run("", "PyTorch refused this run.")
    assert document.asked == ran
    assert document.drafts == {"seq_len": 100_000, "bidirectional": False}
    assert document.refusals["bidirectional"] == "PyTorch refused this run."
    assert document.undo_stack.states() == (Asked(), ran)


def test_undo_and_redo_pass_over_what_was_refused(document, run_it, clock):
    states = [document.asked]
    for size in (20, 30, 40):
        clock.now += 5
        document.change(hidden_size=size)
        states.append(document.asked)
    run_it()
    stack = document.undo_stack
    stack.undo()
    assert document.asked == states[2]
    document.refuse_run("hidden_size", "There is not enough memory for this run.")
    assert document.asked == states[3]
    assert stack.states() == (*states[:2], states[3])
    stack.undo()
    assert document.asked == states[1]
    run_it()
    stack.redo()
    document.refuse_run("hidden_size", "There is not enough memory for this run.")
    assert document.asked == states[1]
    assert stack.states() == tuple(states[:2])
    stack.undo()
    assert document.asked == states[0]
    assert document.drafts == {}


def test_a_drag_that_ends_in_what_is_refused_goes_back_to_the_last_that_ran(document, run_it):
    run_it(hidden_size=17)
    run_it(hidden_size=18)
    document.change(hidden_size=8000)
    document.refuse_run("hidden_size", "Too much.")
    assert document.spec.lstm.hidden_size == 18
    assert document.undo_stack.undoText() == "hidden_size 16 → 18"
    document.undo_stack.undo()
    assert document.asked == Asked()


def test_a_scenario_that_cannot_be_run_gives_way_to_what_is_shown(document, run_it):
    run_it()
    document.enter(Choice("counter"))
    document.refuse_run("", "The engine was ended twice in this run.")
    assert document.choice is None
    assert document.fault == "The engine was ended twice in this run."
    assert document.undo_stack.states() == (Asked(),) or not document.undo_stack.canUndo()


def test_a_session_of_another_machine_runs_here_with_what_is_missing_in_its_field(app):
    document = Document(Session(spec=RunSpec().changed(seq_len=7, device="cuda:1")), app)
    document.refuse_run("device", "There is no cuda:1.")
    assert document.spec == RunSpec().changed(seq_len=7)
    assert document.refusals == {"device": "There is no cuda:1."}
    # And where nothing is known that would do, all of it stays.
    document.refuse_run("", "PyTorch refused this run.")
    assert document.spec == RunSpec().changed(seq_len=7)
    assert document.fault == "PyTorch refused this run."
    document.deleteLater()


_REFUSED = st.sampled_from(["", "hidden_size", "seq_len", "batch_size", "lengths", "device"])


@given(
    st.lists(
        _CHANGES
        | st.sampled_from(["undo", "redo", "ran"])
        | st.tuples(st.just("refused"), _REFUSED),
        max_size=25,
    )
)
def test_any_sequence_of_refusals_keeps_only_what_ran_or_is_under_way(acts):
    document = Document()
    run = SimpleNamespace(traces=(None,), generation=0)
    document._show_call = lambda *_: None
    for act in acts:
        if act == "undo":
            document.undo_stack.undo()
        elif act == "redo":
            document.undo_stack.redo()
        elif act == "ran":
            document.accept(Answer(source=LstmSource(document.spec), run=run))
        elif isinstance(act, tuple):
            gone, ran = document.asked, document.freshness.ran
            document.refuse_run(act[1], "Refused.")
            assert document.refusals or document.fault
            if ran is not None and ran != gone:
                assert gone not in document.undo_stack.states()
                assert document.asked != gone
        else:
            document.change(**act)
        states, index = document.undo_stack.states(), document.undo_stack.index()
        assert not states or states[index] == document.asked
        assert all(a != b for a, b in pairwise(states))
        assert document.refusals.keys() >= document.drafts.keys()
        assert RunSpec.from_settings(document.spec.settings()) == document.spec


def test_a_first_setting_that_never_ran_and_is_refused_later_leaves_the_history(document):
    first = document.asked
    document._show_call = lambda *_: None
    document.change(batch_size=1)
    run = SimpleNamespace(traces=(None,), generation=0)
    document.accept(Answer(source=LstmSource(document.spec), run=run))
    document.change(batch_size=first.spec.input.batch_size)
    assert document.asked == first
    document.refuse_run("", "Refused.")
    assert first not in document.undo_stack.states()
    assert document.spec.input.batch_size == 1


def test_a_warm_time_is_taken_for_the_run_shown_and_for_no_other(document):
    spec = RunSpec().changed(seq_len=3)
    document.accept(Answer(source=LstmSource(spec), run=run(spec, generation=4)))
    shown, told = document.run, counted(document.timing_changed)
    assert document.forward_timing == shown.traces[0].forward_timing
    warm = Timing(seconds=1e-3, calls=5, warm=True)
    document.accept_timing(3, warm)
    assert not told
    document.accept_timing(4, warm)
    assert document.forward_timing == warm
    assert len(told) == 1
    assert document.run is shown
    document.accept(Answer(source=LstmSource(spec), run=run(spec, generation=5)))
    assert document.forward_timing == document.run.traces[0].forward_timing


def test_whoever_hears_of_a_change_sees_the_run_shown_as_behind_it(document, run_it):
    run_it()
    heard = []
    document.asked_changed.connect(lambda: heard.append(document.freshness.state))
    document.change(hidden_size=5)
    assert heard == [RunState.UNDER_WAY]


def test_a_place_that_the_run_plotted_does_not_have_is_none(document, run_it):
    run_it(hidden_size=32)
    document.pin()
    run_it(hidden_size=16)
    document.point_at(Place(tensor="hidden", layer=0, direction=0, step=3, item=0, unit=26))
    assert document.pointed is None
    document.plot(Whose.PINNED)
    there = Place(tensor="hidden", layer=0, direction=0, step=3, item=0, unit=7)
    document.point_at(there)
    assert document.pointed == there
