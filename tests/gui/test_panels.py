"""Facts, code, what-if, the error lab, the selected cell and help: what stands beside the plots."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from lstmviz.core.compare import Comparison, TensorChange
from lstmviz.core.facts import facts
from lstmviz.core.mistakes import CATALOGUE, GROUPS
from lstmviz.core.plotted import Whose
from lstmviz.core.region import Region
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.scenes.colors import LIGHT
from lstmviz.core.settings import TABLE
from lstmviz.core.snippet import Style, snippet
from lstmviz.core.words.standing import Standing
from lstmviz.engine.counterparts import counterparts
from lstmviz.engine.lab.laboratory import Laboratory
from lstmviz.gui.help.pages import FIRST, PROPERTY, page_of, pages
from lstmviz.gui.help.window import HelpWindow
from lstmviz.gui.panels.cell import CellPanel
from lstmviz.gui.panels.code import CodePanel
from lstmviz.gui.panels.compare import ComparePanel, comparison_html
from lstmviz.gui.panels.facts import FactsPanel, fact_html
from lstmviz.gui.panels.lab import LabPanel


@pytest.fixture
def make(qtbot, document, appearance):
    def act(kind):
        panel = kind(document, appearance)
        qtbot.addWidget(panel)
        panel.resize(420, 700)
        with qtbot.waitExposed(panel):
            panel.show()
        return panel

    return act


def tell_facts(document, trace):
    found = facts(document.spec.geometry, trace, counterparts(document.spec))
    document.accept_facts(document.run.generation, found)
    return found


def test_facts_are_listed_with_verdicts_and_light_their_slices(make, document, run_it):
    panel = make(FactsPanel)
    assert "once it is computed" in panel.text.toPlainText()
    found = tell_facts(document, run_it())
    shown = panel.text.toPlainText()
    for fact in found:
        assert fact.claim in shown
    assert {fact.standing for fact in found} == {Standing.HOLDS, Standing.IS_NOT}
    signs = [line for line in shown.splitlines() if line in {s.sign for s in Standing}]
    assert signs == [fact.standing.sign for fact in found]
    panel.text.highlighted.emit(QUrl("fact:0"))
    assert document.lit == found[0].slices
    panel.text.highlighted.emit(QUrl(""))
    assert document.lit == ()
    panel.text.anchorClicked.emit(QUrl("fact:1"))
    panel.text.highlighted.emit(QUrl(""))
    assert document.lit == found[1].slices


def test_a_failed_fact_is_unlike_a_true_is_not(make, document, run_it):
    panel = make(FactsPanel)
    found = tell_facts(document, run_it())
    says_not = next(fact for fact in found if fact.standing is Standing.IS_NOT)
    document.accept_facts(document.run.generation, (says_not, replace(says_not, holds=False)))
    calm, failed = (fact_html(0, fact, LIGHT) for fact in document.facts)
    assert LIGHT.bad not in calm
    assert f'bgcolor="{LIGHT.bad}"' in failed
    shown = panel.text.toPlainText()
    assert shown.count(Standing.IS_NOT.sign) == shown.count(Standing.FAILED.sign) == 1
    assert shown.count(f"{Standing.FAILED.words} on this run") == 1


def test_facts_of_an_older_run_are_dropped(document, run_it):
    trace = run_it()
    found = facts(document.spec.geometry, trace)
    run_it(seed=7)
    document.accept_facts(document.run.generation - 1, found)
    assert document.facts == ()


def test_code_follows_the_settings_and_is_copied_as_shown(make, document):
    panel = make(CodePanel)
    document.change(hidden_size=21)
    assert panel.text.toPlainText() == snippet(document.spec, Style.EXPLAINED)
    panel.style_box.setCurrentIndex(0)
    assert panel.text.toPlainText() == snippet(document.spec, Style.MINIMAL)
    panel.copy()
    assert QGuiApplication.clipboard().text() == panel.text.toPlainText()
    assert "nn.LSTM(8, 21" in panel.text.toPlainText()


def test_code_marks_the_lines_that_name_what_is_lit(make, document):
    panel = make(CodePanel)
    document.light((Region("h_n", ((0, 1), (0, 4), (0, 16))),))
    marked = {mark.cursor.block().text() for mark in panel.text.extraSelections()}
    assert any("h_n" in line for line in marked)
    assert all("h_n" in line.partition("#")[0] for line in marked)
    document.light(())
    assert panel.text.extraSelections() == []


def test_what_if_says_what_moved_and_what_kept_every_number(make, document, run_it, qtbot):
    panel = make(ComparePanel)
    run_it()
    qtbot.mouseClick(panel.pin_button, Qt.MouseButton.LeftButton)
    run_it(batch_first=False)
    shown = panel.text.toPlainText()
    assert "batch_first: on → off" in shown
    assert "(4, 24, 32) → (24, 4, 32)" in shown
    assert re.search(r"h_n\s+\(4, 4, 16\)\s+every number the same", shown)
    panel.plotted.setCurrentIndex(2)
    panel.plotted.activated.emit(2)
    assert document.plotted.whose is Whose.DIFFERENCE
    qtbot.mouseClick(panel.unpin_button, Qt.MouseButton.LeftButton)
    assert document.plotted.whose is Whose.THIS
    assert document.pinned is None


def test_lab_explains_a_pasted_message_in_this_setting(make, qtbot):
    panel = make(LabPanel)
    panel.message.setPlainText("RuntimeError: Expected hidden[1] size (4, 4, 16), got [4, 2, 6]")
    qtbot.waitUntil(lambda: "hidden[1] is c_0" in panel.text.toPlainText(), timeout=3000)
    assert "(4, 2, 6)" in panel.text.toPlainText()
    assert panel.text.verticalScrollBar().value() == 0
    panel.message.setPlainText("RuntimeError: the moon is full")
    qtbot.waitUntil(lambda: "hidden[1]" not in panel.text.toPlainText(), timeout=3000)
    assert not panel.run_button.isEnabled()


@pytest.mark.slow
def test_lab_runs_a_silent_mistake_and_shows_where_it_differs(make, document, qtbot):
    panel = make(LabPanel)
    panel.mistakes.choose("last-step-of-both-directions")
    with qtbot.waitSignal(panel.run_requested) as asked:
        qtbot.mouseClick(panel.run_button, Qt.MouseButton.LeftButton)
    assert asked.args == ["last-step-of-both-directions"]
    assert not panel.run_button.isEnabled()
    with Laboratory() as laboratory:
        experiment = laboratory.run(asked.args[0], document.spec)
    panel.show_experiment(experiment, "")
    numbers = re.findall(r"shape \(4, 32\) from \[0, \d+\]: (\S+),", panel.text.toPlainText())
    assert len(numbers) == 2
    assert numbers[0] != numbers[1]
    assert panel.run_button.isEnabled()
    document.change(seq_len=9)
    assert "shape (4, 32)" not in panel.text.toPlainText()


def test_lab_finds_mistakes_by_any_words_and_hides_empty_groups(make, qtbot):
    panel = make(LabPanel)

    def listed():
        items = [panel.mistakes.rows.item(row) for row in range(panel.mistakes.rows.count())]
        return [item.text().strip() for item in items if not item.isHidden()]

    assert len(listed()) == len(CATALOGUE) + len(GROUPS)
    qtbot.keyClicks(panel.mistakes.search, "padded summary")
    assert listed() == [
        "Silent: the wrong summary",
        "The last step of a padded batch as the summary",
    ]
    panel.mistakes.search.clear()
    assert len(listed()) == len(CATALOGUE) + len(GROUPS)
    qtbot.keyClicks(panel.mistakes.search, "Expected hidden[0] size (2, 3, 4)")
    (said,) = listed()
    assert said.startswith("None holds all these words")
    panel.mistakes.search.clear()
    assert len(listed()) == len(CATALOGUE) + len(GROUPS)


def test_lab_reads_a_dropped_log_from_its_end(make, qtbot, tmp_path):
    panel = make(LabPanel)
    log = tmp_path / "train.log"
    said = "RuntimeError: Expected hidden[1] size (4, 4, 16), got [4, 2, 6]\n"
    log.write_bytes(b"\xff epoch 1\n" * 40_000 + said.encode())
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(log))])
    assert panel.message.canInsertFromMimeData(dropped)
    panel.message.insertFromMimeData(dropped)
    assert len(panel.message.toPlainText()) <= 200_000
    qtbot.waitUntil(lambda: "hidden[1] is c_0" in panel.text.toPlainText(), timeout=5000)
    dropped.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    panel.message.insertFromMimeData(dropped)
    assert "could not be read: it is no regular file." in panel.text.toPlainText()


def test_lab_explains_what_no_mistake_of_the_catalogue_shows(make, qtbot):
    panel = make(LabPanel)
    panel.message.setPlainText("AttributeError: 'LSTM' object has no attribute 'proj_size'")
    qtbot.waitUntil(lambda: "A state_dict moves between versions" in panel.text.toPlainText())
    assert "What to write" in panel.text.toPlainText()
    assert not panel.run_button.isEnabled()


def test_lab_puts_wrong_and_right_side_by_side_where_there_is_room(make, qtbot):
    panel = make(LabPanel)
    for width, columns in ((1200, 2), (360, 0)):
        panel.resize(width, 800)
        qtbot.waitUntil(lambda w=width: panel.width() == w)
        panel.mistakes.choose("three-results")
        assert panel.text.toHtml().count("<td") == columns


def test_lab_offers_to_set_the_window_up_for_a_mistake(make, document, qtbot):
    panel = make(LabPanel)
    document.change(bidirectional=False)
    panel.mistakes.choose("last-step-of-both-directions")
    assert not panel.run_button.isEnabled()
    qtbot.mouseClick(panel.setup_button, Qt.MouseButton.LeftButton)
    assert document.spec.lstm.bidirectional
    assert panel.run_button.isEnabled()


@pytest.mark.parametrize(
    ("message", "own"),
    [
        (
            "RuntimeError: Expected hidden[0] size (3, 7, 33), got [3, 9, 33]",
            {"num_layers": 3, "batch_size": 9, "hidden_size": 33, "bidirectional": False},
        ),
        ("RuntimeError: input has inconsistent input_size: got 8 expected 17", {"input_size": 17}),
        (
            (
                "RuntimeError: Expected `len(lengths)` to be equal to batch_size, but got 5"
                " (batch_size=31)"
            ),
            {"batch_first": True, "batch_size": 5, "seq_len": 31},
        ),
    ],
)
def test_lab_sets_the_window_up_with_the_readers_own_sizes_in_one_step(
    make, document, qtbot, message, own
):
    panel = make(LabPanel)
    before, steps = document.spec, document.undo_stack.count()
    panel.message.setPlainText(message)
    qtbot.waitUntil(panel.setup_button.isEnabled)
    assert panel.setup_button.text() == "Set the window up like this"
    assert panel.setup_note.text().startswith("Will set, from your message: ")
    qtbot.mouseClick(panel.setup_button, Qt.MouseButton.LeftButton)
    assert {name: document.spec.value(name) for name in own} == own
    assert document.undo_stack.count() == steps + 1
    assert panel.setup_note.text().startswith("Set ")
    for name in own:
        if before.value(name) != own[name]:
            assert name in panel.setup_note.text()
    assert not panel.setup_button.isEnabled()
    document.undo_stack.undo()
    assert document.spec == before
    assert panel.setup_button.isEnabled()
    assert panel.setup_note.text().startswith("Will set, ")


def test_lab_leaves_a_scenario_to_set_the_window_up_in_one_step(make, document, qtbot):
    panel = make(LabPanel)
    document.enter(Choice("counter", {}))
    steps = document.undo_stack.count()
    panel.message.setPlainText("RuntimeError: input has inconsistent input_size: got 8 expected 17")
    qtbot.waitUntil(panel.setup_button.isEnabled)
    qtbot.mouseClick(panel.setup_button, Qt.MouseButton.LeftButton)
    assert document.choice is None
    assert document.spec.lstm.input_size == 17
    assert document.undo_stack.count() == steps + 1
    document.undo_stack.undo()
    assert document.choice == Choice("counter", {})


def test_lab_offers_no_sizes_that_a_message_does_not_give(make, qtbot):
    panel = make(LabPanel)
    panel.message.setPlainText("AttributeError: 'LSTM' object has no attribute 'proj_size'")
    qtbot.waitUntil(lambda: "A state_dict moves" in panel.text.toPlainText())
    assert not panel.setup_button.isEnabled()
    assert panel.setup_note.text() == ""


def test_lab_leads_to_the_page_on_other_frameworks(make, qtbot):
    panel = make(LabPanel)
    with qtbot.waitSignal(panel.page_requested) as asked:
        qtbot.mouseClick(panel.convert_button, Qt.MouseButton.LeftButton)
    assert asked.args[0] in {page.name for page in pages()}


@pytest.mark.parametrize("direction", [0, 1])
def test_cell_equations_hold_with_the_numbers_they_show(make, document, run_it, direction):
    panel = make(CellPanel)
    trace = run_it(initial_state="random")
    document.look_at(layer=1, direction=direction, item=2, step=23, unit=3)
    text = panel._text.text().replace("−", "-")
    match = re.search(r"(-?[\d.e-]+) = ([\d.e-]+)·\(?(-?[\d.e-]+)\)? \+ ([\d.e-]+)·", text)
    c, f, before, _i = map(float, match.groups())
    assert c == pytest.approx(trace.cell[1, direction, 23, 2, 3], rel=1e-3)
    assert f == pytest.approx(trace.forget_gate[1, direction, 23, 2, 3], rel=1e-3)
    start = trace.cell[1, 0, 22, 2, 3] if direction == 0 else trace.c_0[1, 1, 2, 3]
    assert before == pytest.approx(start, rel=1e-3)


def test_help_opens_the_page_of_what_has_the_focus(qtbot, document, appearance):
    names = {page.name for page in pages()}
    assert {setting.page for setting in TABLE} <= names
    assert FIRST in names
    outer = QWidget()
    inner = QWidget(outer)
    qtbot.addWidget(outer)
    outer.setProperty(PROPERTY, "packed")
    assert page_of(inner) == "packed"
    assert page_of(None) == FIRST
    window = HelpWindow(document, appearance, outer)
    qtbot.addWidget(window)
    window.open_page("packed")
    assert window.shown == "packed"
    assert "pack_padded_sequence" in window.text.toPlainText()
    window.text.anchorClicked.emit(QUrl("bidirectional.md"))
    assert window.shown == "bidirectional"


def test_facts_about_what_is_pointed_at_elsewhere_are_set_off(make, document, run_it):
    panel = make(FactsPanel)
    found = tell_facts(document, run_it())
    document.light(found[0].slices[:1])
    assert 0 in panel._lit
    assert len(panel._lit) < len(found)
    assert "background" in panel.text.toHtml().lower() or "bgcolor" in panel.text.toHtml().lower()
    document.light(())
    assert panel._lit == frozenset()


def test_another_call_with_the_same_settings_is_not_called_the_pinned_run(qapp):  # noqa: ARG001
    same = TensorChange(name="h_n", before=(1, 2), after=(1, 2), max_abs_difference=0.0)
    other = replace(same, max_abs_difference=0.5)
    assert "This is the pinned run" in comparison_html(
        Comparison(settings=(), tensors=(same,)), LIGHT
    )
    told = comparison_html(Comparison(settings=(), tensors=(other,)), LIGHT)
    assert "No setting differs: this is another call." in told
    assert "max |Δ| 0.5" in told
