"""A user who does anything at any time: whatever was done, what is shown is what ran, and proven.

Ten thousand steps: ``python -m pytest tests/soak/test_random_use.py --soak 67``.
"""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QSlider,
)
from shiboken6 import isValid

from lstmviz.core.asking.run_state import RunState
from lstmviz.core.asking.session import Session
from lstmviz.core.mistakes import CATALOGUE
from lstmviz.gui.app.actions import ACTIONS
from lstmviz.gui.controls.fields import ChoiceRow, NumberRow, SwitchRow
from tests.soak.measures import Clock

pytestmark = pytest.mark.slow

_STEPS = 150
_NUMBERS = (
    "1",
    "2",
    "3",
    "5",
    "7",
    "12",
    "24",
    "33",
    "64",
    "0",
    "-1",
    "1e3",
    "1.5",
    "x",
    "",
    "9" * 40,
)
_TEXTS = (
    "",
    "9, 7, 4",
    "(()",
    "<b>&amp;",
    "x" * 300,
    "Expected hidden[0] size (2, 4, 16), got [4, 2, 16]",
)
_SMALL = {"seq_len": 400, "hidden_size": 96, "input_size": 64, "batch_size": 24, "num_layers": 5}
"""Larger numbers than these are left to other tests: this one is about many steps."""


class User:
    """Acts at random on a window, as a hand would: by clicks, keys and dialogs."""

    def __init__(self, studio, rng, folder):
        self.studio, self.rng, self.folder = studio, rng, folder
        self.done = []
        self.acts = {
            self.type_a_setting: 8,
            self.flip_a_switch: 4,
            self.choose_a_setting: 3,
            self.drag_a_slider: 4,
            self.turn_a_wheel: 2,
            self.set_a_scenario: 5,
            self.type_anywhere: 3,
            self.open_a_tab: 5,
            self.call_an_action: 8,
            self.click_in_the_plots: 5,
            self.move_in_time: 4,
            self.choose_what_is_plotted: 3,
            self.run_a_mistake: 2,
            self.save_and_open: 3,
            self.look_around: 3,
            self.wait: 3,
        }

    def step(self):
        """Do one thing."""
        (act,) = self.rng.choices(list(self.acts), list(self.acts.values()))
        said = act()
        self.done.append(f"{act.__name__} {said if said is not None else ''}".strip())

    # Acts -----------------------------------------------------------------------------------------

    def type_a_setting(self):
        row = self._row(NumberRow)
        if row is None:
            return "none"
        text = self.rng.choice(_NUMBERS)
        limit = _SMALL.get(row.name)
        if limit and text.isdigit():
            text = str(min(int(text), limit)) if len(text) < 5 else text
        return f"{row.name} {text!r} {self._type(row.field, text)}"

    def flip_a_switch(self):
        row = self._row(SwitchRow)
        if row is None:
            return "none"
        QTest.mouseClick(row.switch, Qt.MouseButton.LeftButton)
        return row.name

    def choose_a_setting(self):
        row = self._row(ChoiceRow)
        if row is None:
            return "none"
        self._choose(row.box)
        return row.name

    def drag_a_slider(self):
        row = self._row(NumberRow)
        if row is None:
            return "none"
        if row.name in ("seq_len", "hidden_size", "input_size"):
            return "none"
        for _ in range(self.rng.randint(1, 12)):
            if not isValid(row.slider):
                # Another scenario has come meanwhile, with a form of its own.
                return "gone"
            key = self.rng.choice((Qt.Key.Key_Left, Qt.Key.Key_Right))
            QTest.keyClick(row.slider, key)
            QApplication.processEvents()
        if isValid(row) and self.studio.document.asked.settings().get(row.name, 0) > _SMALL.get(
            row.name, 10**9
        ):
            self.studio.document.change(**{row.name: 2})
        return row.name

    def turn_a_wheel(self):
        views = self.studio.views
        view = self.rng.choice([row.viewport() for row in views.plots["Time steps"].rows])
        if not view.isVisible():
            return "out of sight"
        window = self.studio.window.windowHandle()
        place = view.mapTo(self.studio.window, QPoint(view.width() // 2, view.height() // 2))
        QTest.wheelEvent(window, place, QPoint(0, self.rng.choice((-120, 120))))
        return None

    def set_a_scenario(self):
        choice = self.studio.document.choice
        if choice is None:
            return "none"
        name, value = self.rng.choice(list(choice.settings.items()))
        if isinstance(value, bool):
            new = not value
        elif isinstance(value, int):
            new = self.rng.choice((0, 1, 2, 3, value - 1, value + 1, 10**9))
        else:
            new = self.rng.choice((*_TEXTS, value))
        self.studio.document.change(**{name: new})
        return f"{name} {new!r}"

    def type_anywhere(self):
        fields = [f for f in self.studio.window.findChildren(QLineEdit) if self._is_there(f)]
        if not fields:
            return "none"
        field = self.rng.choice(fields)
        text = self.rng.choice(_TEXTS)
        return f"{field.accessibleName()} {text[:20]!r} {self._type(field, text)}"

    def open_a_tab(self):
        tabs = self.rng.choice((self.studio.views.steps, self.studio.views.panels))
        tabs.setCurrentIndex(self.rng.randrange(tabs.count()))
        return tabs.tabText(tabs.currentIndex())

    def call_an_action(self):
        spec = self.rng.choice([spec for spec in ACTIONS if spec.name != "quit"])
        QTimer.singleShot(0, self._answer_dialogs)
        self.studio.actions[spec.name].trigger()
        return spec.name

    def click_in_the_plots(self):
        views = [
            *self.studio.views.plots["Time steps"].rows,
            *self.studio.views.plots["Gates"].rows,
        ]
        view = self.rng.choice(views).viewport()
        if not view.isVisible():
            return "out of sight"
        place = QPoint(self.rng.randrange(view.width()), self.rng.randrange(view.height()))
        QTest.mouseMove(view, place)
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
        return f"{place.x()}, {place.y()}"

    def move_in_time(self):
        slider = self.studio.views.scrubber.findChild(QSlider)
        slider.setValue(self.rng.randint(slider.minimum(), slider.maximum()))

    def choose_what_is_plotted(self):
        panel = self.studio.views.compare
        self.studio.views.panels.setCurrentWidget(panel)
        if panel.panel is None:
            return "not there"
        button = self.rng.choice((panel.panel.pin_button, panel.panel.unpin_button))
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        if panel.panel.plotted.isEnabled():
            self._choose(panel.panel.plotted)
        return panel.panel.plotted.currentText()

    def run_a_mistake(self):
        lab = self.studio.views.lab
        self.studio.views.panels.setCurrentWidget(lab)
        if lab.panel is None:
            return "not there"
        place = self.rng.randrange(len(CATALOGUE))
        lab.panel.mistakes.choose(CATALOGUE[place].name)
        QTest.mouseClick(lab.panel.run_button, Qt.MouseButton.LeftButton)
        return CATALOGUE[place].name

    def save_and_open(self):
        name = self.rng.choice(("save", "open", "save_picture", "save_trace", "open"))
        QTimer.singleShot(0, self._answer_dialogs)
        self.studio.actions[name].trigger()
        return name

    def look_around(self):
        window = self.studio.window
        window.resize(self.rng.randint(880, 1700), self.rng.randint(560, 1100))

    def wait(self):
        QTest.qWait(self.rng.choice((0, 1, 30, 300)))

    # How ------------------------------------------------------------------------------------------

    def _row(self, kind):
        """Return a row of the form in sight; None where it has none of that kind."""
        scenario_views = self.studio.scenario_views
        rows = self.studio.views.settings.rows.values()
        if self.studio.document.choice is not None:
            rows = (
                scenario_views.form.findChildren(kind)
                if scenario_views is not None and scenario_views.is_made
                else ()
            )
        rows = [row for row in rows if type(row) is kind and row.isVisible()]
        return self.rng.choice(rows) if rows else None

    def _is_there(self, widget):
        return widget.isVisible() and widget.isEnabled() and not widget.isReadOnly()

    def _type(self, field, text):
        if not self._is_there(field):
            return "not there"
        field.setFocus()
        field.selectAll()
        field.insert(text)
        QTest.keyClick(
            field, self.rng.choice((Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Escape))
        )
        return "typed"

    def _choose(self, box):
        index = self.rng.randrange(box.count())
        box.setCurrentIndex(index)
        box.activated.emit(index)

    def _answer_dialogs(self):
        """Answer whatever dialog is open, until none is."""
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            return
        QTimer.singleShot(20, self._answer_dialogs)
        if isinstance(dialog, QFileDialog):
            names = sorted(path.name for path in self.folder.iterdir())
            is_saving = dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
            new = ["new.json", "new.npz", "new.png", "no/such/folder.json"]
            dialog.setDirectory(str(self.folder))
            dialog.selectFile(self.rng.choice(new if is_saving else names or new))
            dialog.accept() if self.rng.random() < 0.8 else dialog.reject()
        elif isinstance(dialog, QMessageBox):
            dialog.done(self.rng.choice((0, 1)))
        elif isinstance(dialog, QDialog):
            for field in dialog.findChildren(QLineEdit):
                ending = self.rng.choice(("png", "svg", "pdf", "gif"))
                field.setText(str(self.folder / f"picture.{ending}"))
            cards = getattr(dialog, "cards", [])
            if cards and self.rng.random() < 0.8:
                self.rng.choice(cards).click()
            elif hasattr(dialog, "_accept_if_possible") and self.rng.random() < 0.7:
                dialog._accept_if_possible()
                dialog._accept_if_possible()
            if dialog.isVisible() and self.rng.random() < 0.5:
                dialog.reject()


def check(studio):
    """What must hold of the window whenever it has come to rest."""
    document = studio.document
    state = document.freshness.state
    if state is RunState.CURRENT:
        assert document.asked.differences(document.freshness.ran) == ()
        if document.choice is None:
            assert document.called.settings == document.spec.settings()
            assert document.scenario_run is None
        else:
            assert document.scenario_run.scenario == document.choice.name
            assert document.scenario_run.settings == dict(document.choice.settings)
        assert document.freshness.notice == ""
    else:
        assert document.fault or document.refusals or state is RunState.STOPPED
        assert document.freshness.notice
    assert document.trace.proof.ok
    assert document.view.fitted(document.trace) == document.view
    assert Session.from_json(document.session.to_json()) == document.session
    assert document.trace.geometry().steps == document.shown_geometry.steps


@pytest.mark.timeout(0)
def test_whatever_is_done_what_is_shown_is_what_ran(
    studio, settle, soak, tmp_path, monkeypatch, tally
):
    monkeypatch.setattr(QApplication, "beep", lambda: None)
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    seed = random.SystemRandom().randrange(2**32)
    user = User(studio, random.Random(seed), tmp_path)  # noqa: S311 - a seed to go back to
    clock = Clock()
    try:
        with tally("anything a user can do") as steps:
            for number in range(soak(_STEPS)):
                with steps.attempt():
                    user.step()
                    if number % 3 == 0:
                        settle(studio)
                        check(studio)
            steps.memory = f"longest block {clock.longest} ms"
        studio.views.player.play(on=False)
        settle(studio)
        check(studio)
    except BaseException:
        print(f"seed {seed}; the last of {len(user.done)} steps:", *user.done[-40:], sep="\n  ")
        raise
    finally:
        clock.stop()
        for dialog in studio.window.findChildren(QDialog):
            dialog.close()
    print(f"{len(user.done)} steps, longest block {clock.longest} ms, seed {seed}")
