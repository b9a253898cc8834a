"""Scenarios in the whole window, on a real engine."""

from __future__ import annotations

import os
import signal
from html import escape

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from lstmviz.bridge.launch import launch
from lstmviz.core.asking.session import Session
from lstmviz.core.asking.source import LstmSource, ScenarioSource
from lstmviz.core.region import Region
from lstmviz.core.scenario import SCENARIOS
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.spec import RunSpec
from lstmviz.gui.app.actions import SCENARIO_TITLES
from lstmviz.gui.app.studio import Studio
from lstmviz.gui.scenarios.gallery import Gallery
from lstmviz.gui.theme import Appearance, Scheme


@pytest.fixture
def open_studio(app, until):
    """Open windows with real engines; they are closed at the end."""
    before = app.palette(), app.styleSheet()
    opened = []

    def open_one(session=None):
        studio = Studio(launch(), session or Session(), Appearance(Scheme.LIGHT))
        opened.append(studio)
        studio.window.resize(1440, 900)
        studio.show()
        until(lambda: studio.document.run is not None)
        studio.finish()
        return studio

    yield open_one
    for studio in opened:
        studio.window.close()
        studio.window.deleteLater()
        studio.deleteLater()
    app.setStyleSheet(before[1])
    app.setPalette(before[0])


@pytest.fixture
def enter(until):
    """Choose a scenario, and wait until its run is shown everywhere."""

    def act(studio, name):
        studio.commands.show_scenario(name)
        until(lambda: not studio.client.is_busy and studio.scenario_views is not None)
        studio.finish()
        return studio.document.scenario_run

    return act


@pytest.fixture
def settle(until):
    """Wait until the run of what is asked for is shown."""

    def act(studio):
        until(lambda: not studio.client.is_busy)
        studio.finish()

    return act


def test_the_menu_names_every_scenario_as_it_calls_itself():
    shown = {name: title.replace("&", "") for name, title in SCENARIO_TITLES.items()}
    assert shown == {"": "Single LSTM", **{name: s.title for name, s in SCENARIOS.items()}}


def test_a_scenario_brings_its_form_strip_claims_and_results_and_takes_them_away_again(
    open_studio, enter, settle
):
    studio = open_studio()
    document, window, views = studio.document, studio.window, studio.views
    plain = document.trace.output.copy()
    found = enter(studio, "sentence-classifier")
    scenario_views = studio.scenario_views
    # The numbers are those of the engine, and every view reads their shapes.
    assert found.claims[0].holds
    assert document.geometry.hidden_size == 128
    assert (document.geometry.batch_size, document.geometry.seq_len) == (32, 20)
    assert document.trace is found.run.traces[0]
    assert scenario_views.form.isVisible()
    assert not views.settings.isVisible()
    assert [chip.link.title for chip in scenario_views.strip.chips] == ["words", "lstm", "linear"]
    assert [chip.link.shape for chip in scenario_views.strip.chips] == [
        (32, 20, 100),
        (32, 20, 128),
        (32, 2),
    ]
    assert "equal, bit by bit" in scenario_views.panel.text.toPlainText()
    tabs = [views.panels.tabText(n) for n in range(views.panels.count())]
    assert tabs[0] == "Scenario"
    assert views.panels.currentIndex() == 0
    views.steps.setCurrentWidget(scenario_views.results)
    studio.finish()
    assert list(scenario_views.results_view.cards) == ["logits_last_step", "logits_final_states"]
    studio.actions["show_single"].trigger()
    settle(studio)
    assert document.spec == RunSpec()
    np.testing.assert_array_equal(document.trace.output, plain)
    assert views.settings.isVisible()
    assert not scenario_views.form.isVisible()
    assert not scenario_views.strip.isVisible()
    assert views.steps.indexOf(scenario_views.results) == -1
    assert views.panels.indexOf(scenario_views.panel) == -1
    assert window._choose.text().startswith("Single LSTM")


def test_entering_changing_and_leaving_are_steps_to_undo(open_studio, enter, settle):
    studio = open_studio()
    document, stack = studio.document, studio.document.undo_stack
    enter(studio, "chunks")
    document.change(seq_len=60)
    settle(studio)
    assert document.trace.seq_len == 60
    assert stack.undoText() == "seq_len 200 → 60"
    studio.scenario_views.form.leaving_requested.emit()
    settle(studio)
    assert document.choice is None
    assert stack.undoText() == "single LSTM"
    stack.undo()
    settle(studio)
    assert document.choice == Choice("chunks", {"seq_len": 60})
    assert studio.scenario_views.form.isVisible()
    assert document.trace.seq_len == 60
    stack.undo()
    stack.undo()
    settle(studio)
    assert document.choice is None
    assert not stack.canUndo()
    assert document.spec == RunSpec()
    assert document.called.settings == RunSpec().settings()


def test_every_scenario_and_the_single_lstm_keep_views_of_their_own(open_studio, enter, settle):
    studio = open_studio()
    document, stack = studio.document, studio.document.undo_stack
    document.look_at(layer=0, direction=1, item=3, step=17, unit=9, units=(1, 15))
    single = document.view
    enter(studio, "forecaster")
    assert document.view != single
    document.look_at(step=200, unit=1, units=(3, 0))
    forecaster = document.view
    enter(studio, "encoder-decoder")
    document.look_at(item=11, step=28, units=(60, 61, 62))
    document.open_trace(1)
    translation = document.view
    kept = Session.from_json(document.session.to_json())
    enter(studio, "forecaster")
    assert document.view == forecaster
    for _ in range(3):
        stack.undo()
    settle(studio)
    assert document.choice is None
    assert document.view == single
    for _ in range(2):
        stack.redo()
    settle(studio)
    assert document.view == translation
    assert document.shown == 1
    studio.actions["show_single"].trigger()
    settle(studio)
    assert document.view == single
    # In a saved session, too.
    assert kept.view == translation
    document.reset(Session(), "default settings")
    settle(studio)
    document.reset(kept, "open kept.json")
    settle(studio)
    assert document.view == translation
    enter(studio, "forecaster")
    assert document.view == forecaster
    studio.actions["show_single"].trigger()
    settle(studio)
    assert document.view == single


def test_every_tour_walks_through_and_what_it_says_holds(open_studio, enter, settle):
    studio = open_studio()
    for name in SCENARIOS:
        enter(studio, name)
        walk(studio, SCENARIOS[name].tour, settle)


def walk(studio, steps, settle):
    document, tour, box = (
        studio.document,
        studio.scenario_views.tour,
        studio.scenario_views.panel.box,
    )
    assert box.next.text() == "Start"
    assert box.text.text().startswith(f"{len(steps)} steps, ")
    settle(studio)
    under_the_pointer = box.next.mapTo(studio.window, box.next.rect().center())
    room = box.next.rect()
    for place, step in enumerate(steps):
        box.next.click()
        settle(studio)
        assert box.next.mapTo(studio.window, box.next.rect().center()) == under_the_pointer
        assert box.next.rect() == room
        assert document.refusals == {}
        assert tour.place == place
        assert tour.is_here
        assert step.text == box.text.text()
        assert step.changes.items() <= dict(document.choice.settings).items()
        if step.claim:
            assert tour.claim.holds, step.text
            assert escape(tour.claim.measured) in box.verdict.text()
            assert f">{tour.claim.standing.sign}<" in box.verdict.text()
        if step.at.result:
            assert studio.views.steps.currentWidget() is studio.scenario_views.results
            leaves = studio.scenario_views.results_view.cards.values()
            assert [leaf.shows(step.at.result) for leaf in leaves if leaf.is_set_off] == [True]
        elif step.at.stage:
            pointed = [chip for chip in studio.scenario_views.strip.chips if chip.is_pointed]
            assert {chip.link.stage for chip in pointed} == {step.at.stage}
            if pointed[0].link.trace is not None:
                assert document.shown == pointed[0].link.trace
    assert box.next.text() == "Finish"
    box.back.click()
    settle(studio)
    assert tour.place == len(steps) - 2
    tour.stop()
    assert document.lit == ()


def test_a_step_lights_its_numbers_up_in_the_layout_they_have(open_studio, enter, settle):
    studio = open_studio()
    document = studio.document
    enter(studio, "sentence-classifier")
    document.change(hidden_size=16, batch_size=5)
    settle(studio)
    studio.scenario_views.tour.go(2)
    settle(studio)
    lit = Region("output", ((0, 5), (19, 20), (16, 32)))
    assert document.lit == (lit,)
    assert (document.view.direction, document.view.step) == (1, 19)
    # It comes back when something else has been pointed at.
    document.light((Region("h_n", ((0, 1), (0, 5), (0, 16))),))
    document.light(())
    assert document.lit == (lit,)
    # What the user chose stays, through the whole tour.
    assert document.choice.settings["hidden_size"] == 16


def test_a_stage_is_opened_by_mouse_and_by_key(open_studio, enter, until):
    studio = open_studio()
    document = studio.document
    enter(studio, "encoder-decoder")
    chips = studio.scenario_views.strip.chips
    assert [chip.link.trace for chip in chips] == [None, 0, 1, None]
    encoder = document.trace
    QTest.mouseClick(chips[2], Qt.MouseButton.LeftButton)
    assert document.shown == 1
    assert document.trace is document.scenario_run.run.traces[1]
    np.testing.assert_array_equal(document.trace.h_0[0, 0], encoder.h_n[0])
    assert document.geometry.has_state
    until(lambda: document.facts)
    assert all(fact.holds for fact in document.facts)
    chips[1].setFocus()
    QTest.keyClick(chips[1], Qt.Key.Key_Space)
    assert document.shown == 0
    assert document.trace is encoder
    QTest.mouseClick(chips[3], Qt.MouseButton.LeftButton)
    assert document.shown == 0
    # A change keeps the stage that is open.
    document.open_trace(1)
    document.change(seq_len=11)


def test_bad_settings_are_refused_at_their_fields_and_the_picture_stays(open_studio, enter, settle):
    studio = open_studio()
    document = studio.document
    enter(studio, "variable-lengths")
    trace = document.trace
    row = studio.scenario_views.form.rows["hidden_size"]
    row.change_requested.emit("hidden_size", 0)
    assert "between 2 and 1,024, not 0" in row._refusal.text()
    assert document.trace is trace
    row.change_requested.emit("hidden_size", 12)
    settle(studio)
    assert row._refusal.text() == ""
    assert document.trace.hidden_size == 12
    # Only the engine can judge these.
    lengths = studio.scenario_views.form.rows["lengths"]
    shown = document.trace
    lengths.field.setPlainText("40, 51")
    settle(studio)
    assert "between 1 and seq_len (50), not 51" in lengths._refusal.text()
    assert document.trace is shown
    assert document.fault == ""
    lengths.field.setPlainText("40, 50, 3")
    settle(studio)
    assert document.refusals == {}
    assert document.trace.lengths.tolist() == [40, 50, 3]


def test_typed_text_is_counted_as_it_is_typed(open_studio, enter, settle):
    studio = open_studio()
    enter(studio, "counter")
    studio.scenario_views.form.rows["text"].field.setPlainText("((a)")
    settle(studio)
    found = studio.document.scenario_run
    assert found.result("depth_true").tolist() == [1, 2, 2, 1]
    np.testing.assert_array_equal(np.round(found.result("depth_read")), [1, 2, 2, 1])
    assert found.settings["text"] == "((a)"


def test_an_engine_killed_in_a_scenario_is_replaced_and_the_scenario_goes_on(
    open_studio, enter, settle, until
):
    studio = open_studio()
    document = studio.document
    enter(studio, "forecaster")
    os.kill(studio.client.pid, signal.SIGKILL)
    until(lambda: "SIGKILL" in document.fault)
    assert document.scenario_run is not None
    document.change(alone_years=20)
    until(lambda: document.scenario_run.settings["alone_years"] == 20)
    settle(studio)
    assert document.fault == ""
    assert len(document.scenario_run.result("alone")) == 20


def test_a_saved_session_opens_in_its_scenario(open_studio, until):
    choice = Choice("counter", {"text": "(()"})
    session = Session.from_json(Session(choice=choice).to_json())
    assert session.choice == choice
    studio = open_studio(session)
    until(lambda: studio.scenario_views is not None and studio.scenario_views.is_made)
    assert studio.document.session.choice == choice
    assert studio.scenario_views.form.isVisible()
    assert studio.document.scenario_run.settings["text"] == "(()"


def test_a_late_run_of_what_was_left_is_dropped(document):
    from lstmviz.engine.sources import run_source

    document.enter(Choice("counter"))
    document.accept(run_source(LstmSource(RunSpec()), generation=1))
    assert document.run is None
    document.accept(run_source(ScenarioSource(Choice("counter")), generation=2))
    assert document.scenario_run is not None
    document.enter(None)
    late = run_source(ScenarioSource(Choice("counter", {"text": "("})), generation=3)
    document.accept(late)
    assert document.scenario_run is not late.findings


def test_the_gallery_chooses_by_arrow_and_enter(appearance, qtbot):
    gallery = Gallery(appearance, Choice("chunks"))
    qtbot.addWidget(gallery)
    gallery.show()
    shown = [card.name for card in gallery.cards if card.isChecked()]
    assert shown == ["chunks"]
    assert [card.name for card in gallery.cards] == ["", *SCENARIOS]
    gallery.cards[4].setFocus()
    QTest.keyClick(gallery, Qt.Key.Key_Right)
    QTest.keyClick(gallery, Qt.Key.Key_Return)
    assert gallery.result() == Gallery.DialogCode.Accepted
    assert gallery.chosen == "counter"
