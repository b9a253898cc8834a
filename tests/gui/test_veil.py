"""An earlier run is said to be one, wherever it is shown."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from lstmviz.core.asking.run_state import RunState
from lstmviz.core.asking.session import Session
from lstmviz.gui.panels.badges import Badges
from lstmviz.gui.panels.contract import ContractPanel
from lstmviz.gui.veil import Veils


@pytest.fixture
def page(qtbot):
    page = QWidget()
    page.resize(700, 400)
    qtbot.addWidget(page)
    page.show()
    return page


@pytest.fixture
def made(document, appearance, page):
    actions = {name: QAction(name, page) for name in ("run", "cancel")}
    actions["run"].triggered.connect(document.ask_again)
    return Veils(document, appearance, page, actions, page)


def is_laid(veils):
    laid = {veil.isVisible() for veil in veils._veils} | {veils.notice.isVisible()}
    assert len(laid) == 1
    return laid.pop()


def button(veils, name):
    return veils.notice._buttons[name]


def test_a_run_that_comes_at_once_lays_no_veil(made, document, run_it):
    run_it()
    run_it(hidden_size=20)
    QTest.qWait(300)
    assert document.freshness.state is RunState.CURRENT
    assert not is_laid(made)


def test_a_run_that_takes_its_time_is_said_with_a_way_to_stop_it(made, document, run_it, until):
    run_it()
    document.change(seq_len=300)
    assert not is_laid(made)
    until(lambda: is_laid(made))
    assert document.freshness.notice == "Running. Still shown: the run with seq_len 24."
    assert button(made, "cancel").isVisible()
    assert not button(made, "run").isVisible()
    run_it()
    assert not is_laid(made)


def test_after_a_stop_the_way_on_stands_over_the_picture(made, document, run_it, page):
    run_it()
    document.change(seq_len=300)
    document.freshness.halt(RunState.STOPPED)
    assert is_laid(made)
    assert made.notice.geometry().intersected(page.rect()) == made.notice.geometry()
    asked = []
    document.asked_changed.connect(lambda: asked.append(document.asked))
    QTest.mouseClick(button(made, "run"), Qt.MouseButton.LeftButton)
    assert [one.spec.input.seq_len for one in asked] == [300]
    assert document.freshness.state is RunState.UNDER_WAY


def test_undoing_the_change_makes_the_run_shown_the_one_asked_for(made, document, run_it):
    run_it()
    document.change(seq_len=300)
    document.freshness.halt(RunState.STOPPED)
    document.undo_stack.undo()
    assert document.freshness.state is RunState.CURRENT
    assert not is_laid(made)


def test_a_failed_run_leaves_the_earlier_one_in_force(made, document, run_it):
    run_it()
    document.change(seq_len=300)
    document.refuse_run("", "PyTorch refused this run: no.")
    assert document.spec.input.seq_len == 24
    assert document.drafts["seq_len"] == 300
    assert document.freshness.state is RunState.CURRENT
    assert not is_laid(made)


def test_the_chip_and_the_totals_do_not_vouch_for_a_run_that_is_not_there(
    document, appearance, run_it, qtbot
):
    chips, contract = Badges(document), ContractPanel(document, appearance)
    for widget in (chips, contract):
        qtbot.addWidget(widget)
    run_it()
    assert chips.proof.property("state") == "good"
    document.change(seq_len=300)
    assert chips.proof.property("state") == "good", "a chip that changes with every run flickers"
    document.freshness.halt(RunState.STOPPED)
    assert chips.proof.property("state") == "neutral"
    assert "Still shown: the run with seq_len 24." in chips.proof.toolTip()
    assert "The run before:" in contract._totals.text()
    run_it()
    assert chips.proof.property("state") == "good"
    assert "The run before:" not in contract._totals.text()


def test_a_picture_shows_the_run_and_the_settings_it_was_made_from(document, run_it):
    run_it()
    document.change(seq_len=300)
    document.freshness.halt(RunState.STOPPED)
    assert document.session.spec.input.seq_len == 300
    assert document.session_of_run.spec.input.seq_len == 24
    with document.rewound():
        assert document.spec.input.seq_len == 24
        assert document.freshness.state is RunState.CURRENT
    assert document.spec.input.seq_len == 300
    assert document.freshness.state is RunState.STOPPED
    assert (
        Session.from_json(document.session_of_run.to_json()).spec.settings()
        == document.called.settings
    )
