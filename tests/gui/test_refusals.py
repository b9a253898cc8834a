"""Refusals: each says what is wrong with what was typed, and none moves anything."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QScrollBar,
    QStatusBar,
    QWidget,
)

from lstmviz.bridge.launch import launch
from lstmviz.core.asking.session import Session
from lstmviz.core.scenario import SCENARIOS
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.spec import BOUNDS
from lstmviz.gui.app.background import Background
from lstmviz.gui.app.studio import Studio
from lstmviz.gui.banner import Banner
from lstmviz.gui.controls.fields import NumberRow
from lstmviz.gui.controls.form import SettingsForm
from lstmviz.gui.controls.refusal import Refusal
from lstmviz.gui.export.dialog import PictureDialog
from lstmviz.gui.panels.selectors import Selectors
from lstmviz.gui.plots.unitslabel import UnitsLabel
from lstmviz.gui.scenarios.form import ScenarioForm
from lstmviz.gui.theme import Appearance, Scheme

WRONG = {
    "": "empty",
    "foo": "'foo'",
    "3.5.1": "'3.5.1'",
    "1,5": "",
    "-1": "-1",
    "9" * 30: "a number of 30 digits",
    "9" * 5000: "a number of 5,000 digits",
    "²": "'²'",
    "<b>2</b>": "'<b>2</b>'",
    "x" * 9000: "'" + "x" * 24 + "…'",
}
"""What may be typed where a whole number belongs, and how a sentence speaks of it."""


def enter(field, text):
    field.setFocus()
    field.setText(text)
    field.setModified(True)
    field._hand_on()


def sentence_of(refusal):
    return refusal.text() if refusal.isVisible() else ""


@pytest.fixture
def seen(qtbot):
    def act(widget, size=(300, 900)):
        qtbot.addWidget(widget)
        widget.resize(*size)
        with qtbot.waitExposed(widget):
            widget.show()
        qtbot.wait(10)
        return widget

    return act


# What they say ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, bound in BOUNDS.items() if bound.is_whole])
def test_every_field_of_the_settings_says_what_is_wrong_with_what_was_typed(seen, document, name):
    form = seen(SettingsForm(document))
    row = form.rows[name]
    for text, said in WRONG.items():
        enter(row.field, text)
        sentence = sentence_of(row._refusal)
        assert sentence.startswith(f"{name} must be "), text[:20]
        assert said in sentence
        assert row.field.accessibleDescription() == sentence
        assert row._refusal.textFormat() is Qt.TextFormat.PlainText


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_size_of_a_scenario_says_what_is_wrong_with_what_was_typed(seen, document, scenario):
    document.enter(Choice(scenario))
    form = seen(ScenarioForm(document))
    form.finish()
    numbers = {name: row for name, row in form.rows.items() if isinstance(row, NumberRow)}
    assert numbers.keys() == {size.name for size in SCENARIOS[scenario].sizes}
    for name, row in numbers.items():
        for text, said in WRONG.items():
            enter(row.field, text)
            sentence = sentence_of(row._refusal)
            assert sentence.startswith(f"{name} must be "), text[:20]
            assert said in sentence


def test_units_and_batch_item_say_their_range_and_what_was_typed(
    seen, document, appearance, run_it
):
    run_it()
    units, selectors = seen(UnitsLabel(document)), seen(Selectors(document, appearance))
    before = document.view
    for text, said in WRONG.items():
        enter(units.field, text)
        if said == "empty":
            assert sentence_of(units._refusal).endswith("none was typed.")
        elif text != "1,5":
            assert said in sentence_of(units._refusal)
            assert "from 0 to 15" in sentence_of(units._refusal)
        enter(selectors.item, text)
        assert sentence_of(selectors._refusal).startswith("batch item must be ")
        assert said in sentence_of(selectors._refusal)
    enter(units.field, "foo")
    enter(selectors.item, "99")
    assert sentence_of(selectors._refusal) == "batch item must be between 0 and 3, not 99."
    assert (document.view.item, document.view.step) == (before.item, before.step)
    enter(selectors.item, "2")
    assert document.view.item == 2
    assert sentence_of(selectors._refusal) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Give between 1 and 256 lengths, not 0."),
        ("1 " * 257, "Give between 1 and 256 lengths, not 257."),
        ("4, foo", "between 1 and seq_len (50), not 'foo'"),
        ("51", "between 1 and seq_len (50), not 51"),
        ("-4", "between 1 and seq_len (50), not -4"),
        ("9" * 5000, "between 1 and seq_len (50), not a number of 5,000 digits"),
    ],
)
def test_the_lengths_of_a_scenario_say_what_is_wrong_with_what_was_typed(text, said):
    from lstmviz.core.spec import SpecError
    from lstmviz.engine.scenarios.models.variable_lengths import read_lengths

    with pytest.raises(SpecError) as error:
        read_lengths(text, 50)
    assert said in error.value.sentence


# Where they stand ---------------------------------------------------------------------------------


def stood(window: QWidget) -> dict[Any, QRect]:
    """Return where every part of a window stands, but for what only lies over it."""
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    QApplication.processEvents()
    return {
        part: QRect(part.mapTo(window, QPoint(0, 0)), part.size())
        for part in window.findChildren(QWidget)
        if part.isVisible()
        and not isinstance(part, Refusal | Banner)
        and not isinstance(part.parentWidget(), Banner)
        # What the engine is doing is written there, whatever is typed.
        and not isinstance(part.parentWidget(), QStatusBar)
    }


@pytest.fixture
def open_studio(app, until):
    before = app.palette(), app.styleSheet()
    opened = []

    def open_one(size, session=None):
        studio = Studio(launch(), session or Session(), Appearance(Scheme.LIGHT))
        opened.append(studio)
        studio.window.resize(*size)
        studio.show()
        until(lambda: studio.document.run is not None and not studio.client.is_busy)
        studio.finish()
        until(lambda: studio.scenario_views is None or studio.scenario_views.form.isVisible())
        studio.finish()
        QTest.qWait(50)
        return studio

    yield open_one
    for studio in opened:
        studio.window.close()
        studio.window.deleteLater()
        studio.deleteLater()
    app.setStyleSheet(before[1])
    app.setPalette(before[0])


def over(window):
    """Return what lies over the window."""
    return [*window.findChildren(Refusal), *window.findChildren(Banner)]


def check_still(studio, say, unsay):
    window = studio.window
    before = stood(window)
    say()
    assert stood(window) == before
    said = [part for part in over(window) if part.isVisible()]
    assert said
    for one in said:
        place = QRect(one.mapTo(window, QPoint(0, 0)), one.size())
        assert window.rect().contains(place), one.text()
        assert one.height() >= one.heightForWidth(one.width())
        assert one.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    unsay()
    assert stood(window) == before
    assert not any(part.isVisible() for part in over(window))


@pytest.mark.parametrize("size", [(1280, 720), (1024, 768)])
def test_no_refusal_moves_a_control_of_the_single_lstm(open_studio, size):
    studio = open_studio(size)
    document, views = studio.document, studio.views
    document.change(lengths=(24, 9, 3, 1))
    QTest.qWait(100)
    studio.finish()
    rows = views.settings.rows
    for name in BOUNDS:
        good = str(document.spec.value(name))
        field = rows[name].field
        check_still(studio, lambda f=field: enter(f, "foo"), lambda f=field, g=good: enter(f, g))
    lengths = views.settings._packing.text.field
    check_still(studio, lambda: enter(lengths, "1, 99"), lambda: enter(lengths, "24, 9, 3, 1"))
    item = views.steps.cornerWidget().item
    check_still(studio, lambda: enter(item, "99"), lambda: enter(item, "1"))
    units = views.plots["Time steps"]._units_label.field
    check_still(studio, lambda: enter(units, "99"), lambda: enter(units, "2, 5, 11"))
    check_still(
        studio, lambda: document.set_fault("It failed. " * 20), lambda: document.set_fault("")
    )


def test_no_refusal_moves_a_control_of_a_scenario(open_studio):
    studio = open_studio((1280, 720), Session(choice=Choice("variable-lengths")))
    document = studio.document
    for name, row in studio.scenario_views.form.rows.items():
        bad = "foo" if isinstance(row, NumberRow) else ""
        good = document.choice.settings[name]
        if isinstance(good, bool):
            continue
        check_still(
            studio,
            lambda n=name, b=bad: document.change(**{n: b}),
            lambda n=name, g=good: document.change(**{n: g}),
        )


def test_several_refusals_stand_side_by_side_and_follow_their_fields(open_studio):
    studio = open_studio((1280, 720))
    form = studio.views.settings
    for name in ("input_size", "hidden_size", "num_layers", "seed"):
        studio.document.change(**{name: "foo"})
    said = [one for one in over(studio.window) if one.isVisible()]
    assert len(said) == 4
    places = [one.geometry() for one in said]
    assert not any(a.intersects(b) for a in places for b in places if a is not b)
    row = form.rows["num_layers"]
    before = row._refusal.y()
    form.verticalScrollBar().setValue(60)
    assert row._refusal.y() < before
    studio.window.settings_dock.hide()
    assert not any(one.isVisible() for one in said)
    studio.window.settings_dock.show()
    QTest.qWait(20)
    assert all(one.isVisible() for one in said)


def test_the_picture_dialog_keeps_its_buttons_where_they_are(seen, tmp_path):
    window = seen(QWidget(), (800, 600))
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    saver = SimpleNamespace(pictured=lambda: None, window_image=lambda _: image)
    dialog = PictureDialog(saver, Background(window), window)
    dialog.show()
    QTest.qWait(10)
    before = stood(dialog)
    dialog._path.setText(str(tmp_path / "a.txt"))
    dialog._accept_if_possible()
    assert "must end in" in dialog._refusal.text()
    after = stood(dialog)
    assert after == before
    dialog.close()


# The wheel ----------------------------------------------------------------------------------------


def test_the_wheel_changes_nothing_that_has_not_the_focus(open_studio):
    studio = open_studio((1280, 720), Session(choice=Choice("encoder-decoder")))
    for panel in (studio.views.unrolled, studio.views.code, studio.views.compare, studio.views.lab):
        panel.make_now()
    commands = studio.commands
    dialog = PictureDialog(commands.saver, commands.background, studio.window)
    kinds = (QComboBox, QAbstractSlider, QAbstractSpinBox)
    controls = [
        control
        for kind in kinds
        for control in studio.window.findChildren(kind)
        if not isinstance(control, QScrollBar)
    ]
    assert len(controls) > 15
    studio.window.setFocus()
    for control in controls:
        assert not control.hasFocus()
        assert not control.focusPolicy() & Qt.FocusPolicy.WheelFocus & ~Qt.FocusPolicy.StrongFocus
        for turn in (120, -120):
            before = value_of(control)
            event = QWheelEvent(
                control.rect().center(), control.mapToGlobal(control.rect().center()), QPoint(),
                QPoint(0, turn), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            event.ignore()
            control.wheelEvent(event)
            assert value_of(control) == before, control.accessibleName()
            assert not event.isAccepted(), control.accessibleName()
    dialog.deleteLater()


def value_of(control):
    return control.currentIndex() if isinstance(control, QComboBox) else control.value()
