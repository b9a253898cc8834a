"""The whole window on a real engine."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QDialog,
    QFileDialog,
    QLabel,
    QMessageBox,
    QTabBar,
    QWidget,
)

import lstmviz.bridge.client as client_module
from lstmviz.bridge.launch import launch
from lstmviz.core.asking.run_state import RunState
from lstmviz.core.asking.session import Session
from lstmviz.core.files.pngtext import SESSION_KEY, read_text
from lstmviz.core.scenes.colors import DARK, LIGHT
from lstmviz.core.spec import RunSpec
from lstmviz.core.trace import Trace
from lstmviz.figures.spec import PictureKind
from lstmviz.gui.app import preferences
from lstmviz.gui.app.actions import ACTIONS, make_actions
from lstmviz.gui.app.commands import Commands
from lstmviz.gui.app.keeper import take_left
from lstmviz.gui.app.studio import Studio, make_application
from lstmviz.gui.app.timings import Timings
from lstmviz.gui.app.window import MainWindow
from lstmviz.gui.export.dialog import PictureDialog
from lstmviz.gui.export.wish import Wish
from lstmviz.gui.theme import Appearance, Scheme

KILLED = "The engine was ended by SIGKILL, as when memory runs out"


def opened(session=None, kept=None, **options):
    """Open a window with an engine of its own and wait until it shows a run."""
    studio = Studio(launch(), session or Session(), Appearance(Scheme.LIGHT), **options)
    studio.show(kept)
    QTest.qWaitForWindowActive(studio.window)
    wait_for(lambda: studio.document.run is not None)
    studio.finish()
    QTest.qWait(20)
    return studio


def closed(studio):
    studio.window.close()
    studio.window.deleteLater()
    studio.deleteLater()
    # PySide keeps the undo commands that were merged into others, and they the document.
    studio.document._run = studio.document._called = None


def ran(document, spec):
    """Return whether what is shown was run from `spec`."""
    return document.called is not None and document.called.settings == spec.settings()


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        QTest.qWait(5)


@pytest.fixture(scope="module")
def dressed(qapp):
    """The application as the program sets it up, and afterwards as it was."""
    app = make_application() or qapp
    before = app.palette(), app.styleSheet()
    yield app
    app.setStyleSheet(before[1])
    app.setPalette(before[0])


@pytest.fixture
def open_studio(dressed):  # noqa: ARG001 - before any window
    """Open windows that are closed at the end."""
    studios = []

    def open_one(*arguments, **options):
        studios.append(opened(*arguments, **options))
        return studios[-1]

    yield open_one
    for studio in studios:
        closed(studio)


@pytest.fixture(scope="module")
def lasting(dressed):  # noqa: ARG001 - before any window
    studio = opened()
    yield studio
    closed(studio)


@pytest.fixture
def studio(lasting):
    """A window at its defaults; it stays open, so that not every test waits for an engine."""

    def to_defaults():
        lasting.document.reset(Session(), "default settings")
        lasting.appearance.set_scheme(Scheme.LIGHT)
        lasting.window.resize(1440, 900)
        for dock in (lasting.window.settings_dock, lasting.window.panels_dock):
            dock.show()
        for tabs in (lasting.views.steps, lasting.views.panels):
            tabs.setCurrentIndex(0)
        wait_for(lambda: ran(lasting.document, RunSpec()) and not lasting.client.is_busy)
        lasting.document.set_fault("")
        lasting.document.unpin()
        lasting.document.undo_stack.clear()
        lasting.window.activateWindow()
        QTest.qWaitForWindowActive(lasting.window)
        lasting.window.setFocus()
        lasting.finish()
        QTest.qWait(20)

    to_defaults()
    yield lasting
    to_defaults()


def fault(studio):
    banner = studio.window._banner
    return banner.text() if banner.isVisible() else ""


def is_viewport(widget):
    around = widget.parentWidget()
    return isinstance(around, QAbstractScrollArea) and around.viewport() is widget


def settled(studio, until):
    until(lambda: not studio.client.is_busy and ran(studio.document, studio.document.spec))


# What it shows ------------------------------------------------------------------------------------


def test_a_change_shows_everywhere(studio, until):
    QTest.mouseClick(studio.views.settings.rows["bidirectional"].switch, Qt.MouseButton.LeftButton)
    QTest.keyClick(studio.window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    settled(studio, until)
    spec = studio.document.spec
    assert not spec.lstm.bidirectional
    assert spec.seed != 3
    assert studio.document.trace.num_directions == 1
    model = studio.views.contract.panel.table.model()
    texts = {
        model.index(row, 0).data(): model.index(row, 1).data() for row in range(model.rowCount())
    }
    assert texts["output"] == "(4, 24, 16)"
    assert "weight_ih_l0_reverse" not in texts
    assert studio.views.chips.proof.text().startswith(("✓ trace = nn.LSTM", "✓ trace ≈ nn.LSTM"))
    assert studio.views.plots["Time steps"].rows[1]._table.shape == (24, 16)


def test_every_control_has_a_name_for_those_who_cannot_see_it(open_studio, qtbot):
    studio = open_studio()
    views = studio.views
    for tabs in (views.steps, views.panels):
        for index in range(tabs.count()):
            tabs.setCurrentIndex(index)
            qtbot.wait(30)
    studio.document.change(lengths=(24, 9, 3, 1))
    nameless = [
        f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        for widget in studio.window.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.window() is studio.window  # not the list that a box pops up
        and not isinstance(widget, QTabBar)  # its tabs have names
        and not is_viewport(widget)  # what is around it has a name
        and not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    ]
    assert not nameless, "\n".join(nameless)


def test_the_smallest_window_and_a_large_one_hold_together(studio, qtbot):
    for size in ((880, 560), (2560, 1440), (1280, 720)):
        studio.window.resize(*size)
        qtbot.wait(40)
        assert (studio.window.width(), studio.window.height()) == size
        middle = studio.views.steps.geometry()
        assert middle.width() > 200
        assert studio.views.scrubber.isVisible()


def test_a_theme_switch_recolours_the_whole_window(studio, qtbot):
    def share(color):
        image = studio.window.grab().toImage()
        wanted = QColor(color).rgb()
        places = [(x, y) for x in range(3, image.width(), 23) for y in range(3, image.height(), 19)]
        return sum(image.pixel(x, y) == wanted for x, y in places) / len(places)

    def checked():
        names = ("scheme_system", "scheme_light", "scheme_dark")
        return [studio.actions[name].isChecked() for name in names]

    assert share(LIGHT.card) > 0.1
    assert checked() == [False, True, False]
    studio.actions["scheme_dark"].trigger()
    qtbot.wait(50)
    assert checked() == [False, False, True]
    assert share(DARK.card) > 0.1
    for leftover in (LIGHT.card, LIGHT.panel, LIGHT.window):
        assert share(leftover) < 0.01
    studio.actions["scheme_light"].trigger()
    qtbot.wait(50)
    assert share(LIGHT.card) > 0.1
    assert share(DARK.card) < 0.01


# What its actions do ------------------------------------------------------------------------------


def test_every_action_can_be_called_at_any_time(open_studio, monkeypatch, qtbot, until):
    studio = open_studio()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QMessageBox, "about", lambda *_: None)
    monkeypatch.setattr(QDialog, "exec", lambda _self: 0)
    before = set(studio.window.findChildren(QDialog))
    for tab in range(studio.views.steps.count()):
        studio.views.steps.setCurrentIndex(tab)
        for spec in ACTIONS:
            if spec.name != "quit":
                studio.actions[spec.name].trigger()
                qtbot.wait(5)
    studio.actions["play"].setChecked(False)
    studio.views.player.play(on=False)
    until(lambda: not studio.client.is_busy)
    assert fault(studio) == ""
    for dialog in set(studio.window.findChildren(QDialog)) - before:
        dialog.close()


@pytest.mark.parametrize("shown", [True, False])
def test_sides_are_hidden_and_shown_by_key(studio, shown, qtbot):
    control = Qt.KeyboardModifier.ControlModifier
    for key, dock, name in (
        (Qt.Key.Key_1, studio.window.settings_dock, "show_settings"),
        (Qt.Key.Key_2, studio.window.panels_dock, "show_panels"),
    ):
        for _ in range(2 if shown else 1):
            QTest.keyClick(studio.window, key, control)
            qtbot.wait(10)
        assert dock.isVisible() is shown
        assert studio.actions[name].isChecked() is shown


def test_undo_and_redo_by_key_even_from_a_field(studio, until):
    control = Qt.KeyboardModifier.ControlModifier
    field = studio.views.settings.rows["seq_len"].field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "30")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert studio.document.spec.input.seq_len == 30
    QTest.keyClick(field, Qt.Key.Key_Z, control)
    assert studio.document.spec.input.seq_len == 24
    assert field.text() == "24"
    QTest.keyClick(field, Qt.Key.Key_Z, control | Qt.KeyboardModifier.ShiftModifier)
    assert studio.document.spec.input.seq_len == 30
    settled(studio, until)


def test_escape_in_a_field_takes_back_what_was_typed(studio):
    field = studio.views.settings.rows["seq_len"].field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "999")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "24"
    studio.views.settings.rows["bias"].switch.setFocus()
    assert studio.document.spec == RunSpec()


def test_steps_by_key(studio):
    alt = Qt.KeyboardModifier.AltModifier
    for key, step in (
        (Qt.Key.Key_End, 23),
        (Qt.Key.Key_Right, 23),
        (Qt.Key.Key_Left, 22),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_Right, 1),
    ):
        QTest.keyClick(studio.window, key, alt)
        assert studio.document.view.step == step


def test_a_session_is_saved_and_opened_again(studio, until, monkeypatch, tmp_path):
    path = tmp_path / "mine.json"
    studio.document.change(hidden_size=12, lengths=(20, 5, 5, 1))
    studio.document.look_at(step=7, layer=0)
    settled(studio, until)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    studio.actions["save"].trigger()
    until(path.exists)
    saved = studio.document.session
    studio.actions["reset"].trigger()
    settled(studio, until)
    assert studio.document.spec == RunSpec()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    studio.actions["open"].trigger()
    until(lambda: studio.document.spec == saved.spec)
    settled(studio, until)
    assert studio.document.session == saved
    studio.actions["undo"].trigger()
    assert studio.document.spec == RunSpec()
    settled(studio, until)


@pytest.mark.parametrize("name", ["gone.json", "gone.png", "junk.json", "junk.png", "folder.json"])
def test_a_file_that_cannot_be_opened_is_a_sentence_and_changes_nothing(
    studio, tmp_path, name, until
):
    path = tmp_path / name
    if name.startswith("junk"):
        path.write_bytes(os.urandom(300))
    elif name.startswith("folder"):
        path.mkdir()
    run, before = studio.document.run, studio.document.session
    studio.commands.open_file(path)
    until(lambda: fault(studio))
    assert fault(studio).startswith(f"{name} was not opened: ")
    assert studio.document.session == before
    assert studio.document.run is run


def test_what_cannot_be_saved_is_a_sentence(studio, monkeypatch, tmp_path, until):
    place = str(tmp_path / "none" / "file")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (place, ""))
    for name in ("save", "save_trace"):
        studio.document.set_fault("")
        studio.actions[name].trigger()
        until(lambda: fault(studio))
        assert fault(studio).startswith("Not saved: ")
        assert studio.views.status.engine.text() == "Not saved"


def save(studio, path, scale=1.0):
    studio.commands.saver.save(Wish(path=path, kind=PictureKind.PNG, spec=None, scale=scale))


def test_pictures_and_numbers_are_saved(studio, tmp_path, monkeypatch, until):
    for scale in (1, 2, 3, 4):
        path = tmp_path / f"{scale}.png"
        save(studio, path, scale)
        until(path.exists)  # whole, or not there
        from PIL import Image

        with Image.open(path) as image:
            area = studio.window.picture_area
            assert image.size == (1440 * scale, area.height() * scale)
            assert 800 < area.height() < 900
    assert Session.from_json(read_text(path, "lstmviz")) == studio.commands.session_to_save()
    numbers = tmp_path / "run.npz"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(numbers), ""))
    studio.actions["save_trace"].trigger()
    until(lambda: studio.views.status.engine.text() == f"Saved run.npz in {tmp_path}")
    loaded = Trace.load(numbers)
    np.testing.assert_array_equal(loaded.hidden, studio.document.trace.hidden)
    assert fault(studio) == ""


def test_the_picture_dialog_saves_what_was_asked(studio, tmp_path, monkeypatch, until):
    def fill_in(dialog):
        dialog._path.setText(str(tmp_path / "slide.png"))
        dialog._scale.setCurrentIndex(2)
        return 1

    monkeypatch.setattr(PictureDialog, "exec", fill_in)
    studio.actions["save_picture"].trigger()
    until((tmp_path / "slide.png").exists)
    from PIL import Image

    with Image.open(tmp_path / "slide.png") as image:
        assert image.size == (4320, 3 * studio.window.picture_area.height())


def test_a_copied_picture_is_twice_the_window(studio):
    studio.actions["copy_picture"].trigger()
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (2880, 2 * studio.window.picture_area.height())
    assert len({image.pixel(x, 900) for x in range(0, 2880, 7)}) > 10


# When things go wrong -----------------------------------------------------------------------------


def test_a_killed_engine_is_said_and_replaced_while_the_picture_stays(open_studio, until):
    studio = open_studio()
    run, pid = studio.document.run, studio.client.pid
    picture = studio.views.plots["Time steps"].rows[1]._image.image.copy()
    os.kill(pid, signal.SIGKILL)
    until(lambda: fault(studio))
    assert fault(studio) == f"{KILLED}; a new one is starting."
    assert studio.document.run is run
    np.testing.assert_array_equal(studio.views.plots["Time steps"].rows[1]._image.image, picture)
    studio.document.change(hidden_size=9)
    until(lambda: studio.document.trace.hidden_size == 9)
    assert fault(studio) == ""
    assert studio.client.pid != pid


def test_a_run_that_pytorch_refuses_is_said_beside_its_field_and_never_in_force(studio, until):
    document, run = studio.document, studio.document.run
    before = document.asked
    document.change(device="nonsense")
    until(lambda: document.refusals)
    assert "nonsense" in document.refusals["device"]
    assert document.asked == before
    assert document.run is run
    assert not document.undo_stack.canUndo()
    # Nothing that changes nothing takes the sentence away.
    document.change(hidden_size=document.spec.lstm.hidden_size)
    settled(studio, until)
    assert "nonsense" in document.refusals["device"]
    document.change(hidden_size=9, device="cpu")
    settled(studio, until)
    assert document.trace.hidden_size == 9
    assert document.refusals == {}


def test_a_run_too_large_is_refused_beside_its_field_before_it_is_asked_for(studio, until):
    until(lambda: studio.document.memory_limit is not None)
    field = studio.views.settings.rows["batch_size"].field
    studio.document.change(hidden_size=8192, num_layers=64)
    assert "This run needs about" in " ".join(studio.document.refusals.values())
    assert not studio.client.is_busy
    assert studio.document.spec == RunSpec()
    assert field.isEnabled()


def test_a_long_run_is_stopped_by_escape_and_the_settings_go_back(studio, until, qtbot):
    run = studio.document.run
    pid = studio.client.pid
    studio.document.change(seq_len=100_000, hidden_size=256, batch_size=1)
    until(studio.views.status.progress.isVisible, 60)
    QTest.keyClick(studio.window, Qt.Key.Key_Escape)
    assert not studio.client.is_busy
    qtbot.wait(300)
    assert studio.document.run is run
    assert not studio.views.status.progress.isVisible()
    studio.document.change(seq_len=11, hidden_size=5)
    until(lambda: studio.document.trace.seq_len == 11)
    assert studio.client.pid == pid


def test_a_window_without_an_engine_offers_to_start_one_and_runs_what_was_set_meanwhile(
    dressed,  # noqa: ARG001 - the application
    monkeypatch,
):
    def launch_a_dead_one():
        engine = launch()
        engine.process.kill()
        return engine

    monkeypatch.setattr(client_module, "launch", launch_a_dead_one)
    studio = Studio(launch_a_dead_one(), Session(), Appearance(Scheme.LIGHT))
    studio.show()
    try:
        wait_for(lambda: studio.views.status.engine.text().startswith("No engine · next try in "))
        assert fault(studio) == (
            f"{KILLED}, 3 times in a row: it said nothing."
            " Another one is started by itself, and runs what is set here."
        )
        studio.document.change(hidden_size=9)
        assert studio.document.spec.lstm.hidden_size == 9
        studio.finish()
        assert not studio.window.grab().isNull()
        button = studio.window._banner._button
        assert button.isVisible()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert studio.actions["start_engine"].isEnabled()
        monkeypatch.setattr(client_module, "launch", launch)
        wait_for(button.isVisible)
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
        wait_for(lambda: studio.document.trace is not None)
        assert studio.document.trace.hidden_size == 9
        assert fault(studio) == ""
        assert not button.isVisible()
        assert not studio.actions["start_engine"].isEnabled()
    finally:
        studio.window.close()
        assert not studio.window.isVisible()
        closed(studio)


# Starting and ending ------------------------------------------------------------------------------


def test_the_last_settings_come_back_at_the_next_start(open_studio, until, tmp_path):
    path = tmp_path / "preferences.json"
    studio = open_studio(kept_at=path)
    studio.document.change(hidden_size=21)
    studio.document.look_at(step=4, layer=0)
    settled(studio, until)
    studio.actions["scheme_dark"].trigger()
    studio.actions["show_panels"].trigger()
    studio.window.close()
    kept = preferences.load(path)
    assert kept.session.spec == RunSpec().changed(hidden_size=21)
    assert kept.scheme is Scheme.DARK
    again = open_studio(kept.session, kept)
    assert again.document.trace.hidden_size == 21
    assert (again.document.view.step, again.document.view.layer) == (4, 0)
    assert not again.window.panels_dock.isVisible()
    assert again.window.settings_dock.isVisible()


_KILLED = """
import sys
from PySide6.QtCore import QTimer
from lstmviz.bridge.launch import launch
from lstmviz.gui.app import studio as app
from lstmviz.gui.app import start

show = app.Studio.show
def show_and_play(studio, kept=None):
    show(studio, kept)
    sizes = iter(range(10**9))
    def change():
        studio.document.look_at(step=next(sizes) % 20)
        studio.document.change(hidden_size=8 + next(sizes) % 20)
    timer = QTimer(studio, interval=20)
    timer.timeout.connect(change)
    timer.start()
app.Studio.show = show_and_play
start.open_window(launch(), None)
"""


def test_a_window_killed_amid_quick_changes_offers_its_session_back(
    dressed,  # noqa: ARG001 - the application
    tmp_path,
):
    path = tmp_path / "lstmviz" / "preferences.json"
    window = psutil.Popen(
        [sys.executable, "-c", _KILLED], env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    )
    wait_for(lambda: list((path.parent / "windows").glob("*.json")))
    engines = window.children()
    window.kill()
    window.wait()
    psutil.wait_procs(engines, 10)
    left = take_left(path)
    assert left is not None
    size = left[1].session.spec.lstm.hidden_size
    assert size != RunSpec().lstm.hidden_size or left[1].present
    studio = opened(left[1].session, left[1], kept_at=path, left=left)
    try:
        assert studio.document.trace.hidden_size == size
        assert studio.window.notice.isVisible()
        assert "did not end properly" in studio.window.notice.label.text()
        if left[1].present:
            studio.actions["undo"].trigger()
            assert studio.document.spec.lstm.hidden_size != size
            assert not studio.window.notice.isVisible()
    finally:
        closed(studio)
    assert list((path.parent / "windows").iterdir()) == []
    assert take_left(path) is None


def test_junk_for_geometry_leaves_a_usable_window(open_studio):
    junk = preferences.Preferences(geometry=os.urandom(80), state=os.urandom(200))
    studio = open_studio(kept=junk)
    assert studio.window.isVisible()
    assert studio.window.width() >= 880


def test_closing_ends_the_engine(open_studio):
    studio = open_studio()
    pid = studio.client.pid
    studio.actions["quit"].trigger()
    assert not studio.window.isVisible()
    assert not psutil.pid_exists(pid)


def test_timings_are_written_as_promised(open_studio, until, tmp_path, qtbot):
    path = tmp_path / "timings.jsonl"
    studio = open_studio(timings=Timings(path))
    until(lambda: "first_plots" in path.read_text(encoding="utf-8"))
    for size in (17, 18, 19):
        studio.document.change(hidden_size=size)
        settled(studio, until)
        qtbot.wait(60)
    studio.window.close()
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    at = {line["event"]: line["at"] for line in lines if "at" in line}
    assert set(at) == {"window_shown", "engine_ready", "first_plots"}
    assert 0 < at["window_shown"] < at["first_plots"]
    assert at["engine_ready"] < at["first_plots"]
    changes = [line for line in lines if line["event"] == "change"]
    assert len(changes) == 3
    for change, after in zip(changes, [*changes[1:], None], strict=True):
        assert change.keys() == {"event", "changed", "painted"}
        assert at["first_plots"] < change["changed"] < change["painted"] < change["changed"] + 10
        assert after is None or change["painted"] <= after["changed"]
    assert lines[-1].keys() == {"event", "longest_block"}
    assert 0 <= lines[-1]["longest_block"] < 60


@pytest.mark.parametrize(
    ("width", "height", "fills"), [(1280, 720, True), (1440, 900, True), (1920, 1080, False)]
)
def test_the_window_fills_a_screen_on_which_it_would_not_stand_whole(
    qtbot, monkeypatch, width, height, fills
):
    appearance = Appearance()
    actions = make_actions(Commands(appearance).by_name(), appearance, appearance)
    window = MainWindow(actions, lambda: None)
    qtbot.addWidget(window)
    screen = SimpleNamespace(availableGeometry=lambda: QRect(0, 0, width, height))
    monkeypatch.setattr(window, "screen", lambda: screen)
    window.fit_screen()
    assert window.isMaximized() == fills


def test_a_picture_after_a_stop_is_of_the_run_it_shows(studio, tmp_path, until):
    document = studio.document
    before, after = tmp_path / "before.png", tmp_path / "after.png"
    save(studio, before)
    until(before.exists)
    document.change(seq_len=100_000)
    studio.commands.cancel()
    assert document.freshness.state is RunState.STOPPED
    save(studio, after)
    until(after.exists)
    assert Session.from_json(read_text(after, SESSION_KEY)).spec == RunSpec()
    assert ran(document, RunSpec())
    # Undo is offered by now; the figure is the same.
    window, figure = studio.window, studio.window.figure
    place = figure.mapTo(window, QPoint()) - window.picture_area.topLeft()
    shown = QRect(place, figure.size())
    assert QImage(str(after)).copy(shown) == QImage(str(before)).copy(shown)
    assert document.spec.input.seq_len == 100_000
    assert document.freshness.state is RunState.STOPPED


def cut_off(window):
    """Return the wrapped sentences of which the last lines are not to be seen."""
    labels = [label for label in window.findChildren(QLabel) if label.isVisible()]
    return [
        label.text()
        for label in labels
        if label.wordWrap() and label.text()
        if label.height() < label.heightForWidth(label.width())
    ]


@pytest.mark.parametrize("size", [(1024, 768), (1280, 720), (1366, 768), (1920, 1080)])
def test_no_sentence_is_cut_off_below(studio, size):
    studio.window.resize(*size)
    for tabs in (studio.views.panels, studio.views.steps):
        for place in range(tabs.count()):
            tabs.setCurrentIndex(place)
            studio.finish()
            # A change that has just come is laid out in the next turn.
            wait_for(lambda: not cut_off(studio.window))
