"""The dialog for pictures, and what it saves: every choice, what cannot be, stopping on the way."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from lstmviz.core.asking.session import read_session
from lstmviz.core.spec import RunSpec
from lstmviz.figures.spec import FigureView, PictureKind
from lstmviz.gui.app.background import Background
from lstmviz.gui.export.dialog import PictureDialog
from lstmviz.gui.export.saver import PictureSaver
from lstmviz.gui.export.wish import WINDOW


class Window(QWidget):
    """Something with words in it, of which a picture shows all but the uppermost rows."""

    @property
    def picture_area(self):
        return self.rect().adjusted(0, 20, 0, 0)


@pytest.fixture
def window(qtbot, app):  # noqa: ARG001 - widgets need it
    window = Window()
    QVBoxLayout(window).addWidget(QLabel("hidden_size"))
    window.resize(400, 300)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


@pytest.fixture
def saver(document, window, run_it):
    run_it(seq_len=6)
    background = Background(window)
    saver = PictureSaver(
        document, background, window, lambda: None, lambda: document.session_of_run
    )
    saver.said_all, saver.failed_all = [], []
    saver.said.connect(saver.said_all.append)
    saver.failed.connect(saver.failed_all.append)
    saver.background = background
    return saver


@pytest.fixture
def open_dialog(qtbot, saver, window, tmp_path):
    def act(**options):
        dialog = PictureDialog(saver, saver.background, window, folder=tmp_path, **options)
        qtbot.addWidget(dialog)
        with qtbot.waitExposed(dialog):
            dialog.show()
        return dialog

    yield act
    qtbot.waitUntil(lambda: not saver.background.is_busy, timeout=20_000)


def choose(box, value):
    """Choose in a box by the keyboard's own means."""
    box.setFocus()
    box.setCurrentIndex(box.findData(value))


def press_save(dialog):
    box = dialog.findChild(QDialogButtonBox)
    QTest.mouseClick(box.button(QDialogButtonBox.StandardButton.Save), Qt.MouseButton.LeftButton)
    return dialog.result() == 1


def saved(qtbot, saver, dialog):
    """Press Save, wait for the file and return what it holds."""
    assert press_save(dialog), dialog._refusal.text()
    saver.save(dialog.wish)
    qtbot.waitUntil(lambda: saver.said_all[-1].startswith("Saved "), timeout=60_000)
    assert saver.failed_all == []
    assert not list(dialog.path.parent.glob("*.part*"))
    return dialog.path.read_bytes()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Type a file name."),
        ("   ", "Type a file name."),
        ("/no/such/folder/w.png", "There is no folder /no/such/folder."),
        ("w.jpeg", r"must end in one of \.png, \.svg, \.pdf"),
        ("/", "Type a file name."),
        ("~nobody-of-that-name/w.png", "There is no folder ~nobody-of-that-name."),
        ("w.svg", "The window is pixels"),
    ],
)
def test_the_dialog_says_what_is_wrong_and_stays(open_dialog, tmp_path, typed, sentence):
    dialog = open_dialog()
    dialog._path.setText(typed if "/" in typed or not typed.strip() else str(tmp_path / typed))
    assert not press_save(dialog)
    assert dialog.isVisible()
    assert re.search(sentence, dialog._refusal.text())


def test_a_file_that_is_there_is_replaced_only_when_asked_twice(open_dialog, tmp_path):
    (tmp_path / "w.png").write_bytes(b"precious")
    dialog = open_dialog()
    dialog._path.setText(str(tmp_path / "w"))
    assert not press_save(dialog)
    assert "w.png is there already" in dialog._refusal.text()
    assert press_save(dialog)
    assert dialog.path == tmp_path / "w.png"


def test_the_window_is_a_picture_of_what_it_shows_and_of_no_bar(qtbot, saver, open_dialog):
    dialog = open_dialog(view=WINDOW)
    choose(dialog._scale, 3)
    assert "1,200 × 840 pixels" in dialog._hint.text()
    assert not dialog.figure.width.isEnabled()
    with Image.open(io.BytesIO(saved(qtbot, saver, dialog))) as image:
        assert image.size == (1200, 840)
    assert read_session(dialog.path).spec == RunSpec().changed(seq_len=6)


@pytest.mark.parametrize("kind", [PictureKind.PNG, PictureKind.SVG, PictureKind.PDF])
def test_a_figure_is_saved_in_the_format_that_is_chosen(qtbot, saver, open_dialog, kind):
    dialog = open_dialog(view="hidden", is_dark=True)
    choose(dialog._kind, kind.value)
    assert dialog.path.suffix == f".{kind}"
    dialog.figure.width.setValue(500)
    data = saved(qtbot, saver, dialog)
    if kind is PictureKind.PNG:
        with Image.open(io.BytesIO(data)) as image:
            assert image.size[0] == 1000
            assert image.convert("RGB").getpixel((1, 1)) == (0x21, 0x26, 0x2E)
    else:
        assert {"svg": b'width="500"', "pdf": b"%PDF-"}[kind.value] in data
    assert read_session(dialog.path).spec == RunSpec().changed(seq_len=6)
    assert saver.said_all[-1] == f"Saved lstmviz.{kind} in {dialog.path.parent}"


@pytest.mark.parametrize("kind", [PictureKind.GIF, PictureKind.HTML])
def test_a_run_is_saved_to_play_and_to_scrub(qtbot, saver, open_dialog, kind):
    dialog = open_dialog(view="cell")
    dialog._path.setText(str(dialog.path.with_suffix(f".{kind}")))
    assert dialog.kind is kind
    data = saved(qtbot, saver, dialog)
    if kind is PictureKind.GIF:
        with Image.open(io.BytesIO(data)) as image:
            assert image.n_frames == 6
    else:
        assert data.lower().startswith(b"<!doctype html")
    assert read_session(dialog.path).spec.input.seq_len == 6


def test_the_session_can_be_left_out(qtbot, saver, open_dialog):
    dialog = open_dialog(view="hidden")
    choose(dialog._kind, "svg")
    dialog._session.setChecked(False)
    assert b"lstmviz-session" not in saved(qtbot, saver, dialog)


def test_every_view_of_a_single_lstm_can_be_chosen_and_is_shown(qtbot, open_dialog):
    dialog = open_dialog()
    views = [dialog._view.itemData(n) for n in range(dialog._view.count())]
    assert views == [WINDOW, *(v.value for v in FigureView if not v.needs_scenario)]
    before = dialog._preview.image.copy()
    choose(dialog._view, "diagram")
    qtbot.waitUntil(lambda: dialog._preview.image != before, timeout=20_000)
    image = dialog._preview.image
    # The very figure: 960 pixels wide at its own ratio.
    assert image.width() / image.height() == pytest.approx(
        dialog._size_said[0] / dialog._size_said[1], rel=0.02
    )
    assert (
        f"{2 * dialog._size_said[0]:,} × {2 * dialog._size_said[1]:,} pixels" in dialog._hint.text()
    )


def test_the_newest_of_quick_wishes_is_shown(qtbot, open_dialog):
    dialog = open_dialog(view="figure")
    for view in ("steps", "gates", "unrolled", "input"):
        choose(dialog._view, view)
        QTest.qWait(30)
    qtbot.waitUntil(lambda: dialog._size_said is not None and dialog._size_said[1] < 250)
    assert dialog._refusal.text() == ""


def test_a_preset_sets_width_letters_and_height(qtbot, open_dialog):
    dialog = open_dialog(view="figure")
    dialog.figure.preset.setCurrentIndex(3)
    dialog.figure.preset.activated.emit(3)
    spec = dialog.wish.spec
    assert (spec.width, spec.height, spec.font) == (1440, 810, 18)
    dialog.figure.preset.setCurrentIndex(1)
    dialog.figure.preset.activated.emit(1)
    assert dialog.wish.spec.width == pytest.approx(84 * 72 / 25.4)
    assert dialog.wish.spec.height is None
    dialog.figure.unit.setCurrentIndex(dialog.figure.unit.findData("in"))
    dialog.figure.unit.activated.emit(dialog.figure.unit.currentIndex())
    assert dialog.figure.width.value() == pytest.approx(3.3, abs=0.01)
    dialog.figure.unit.setCurrentIndex(dialog.figure.unit.findData("mm"))
    dialog.figure.unit.activated.emit(dialog.figure.unit.currentIndex())
    dialog.figure.width.setValue(90)
    assert dialog.figure.preset.currentText() == "as set below"
    assert dialog.wish.spec.width == pytest.approx(90 * 72 / 25.4)
    qtbot.waitUntil(lambda: dialog._size_said is not None, timeout=20_000)


def test_what_does_not_fit_is_said_where_it_was_set(qtbot, open_dialog):
    dialog = open_dialog(view="figure")
    choose(dialog.figure.unit, "mm")
    dialog.figure.width.setValue(40)
    qtbot.waitUntil(lambda: "need a figure at least" in dialog._refusal.text(), timeout=5000)
    assert not press_save(dialog)
    dialog.figure.width.setValue(84)
    qtbot.waitUntil(lambda: dialog._refusal.text() == "", timeout=5000)


def test_saving_can_be_stopped_and_leaves_nothing(qtbot, saver, open_dialog):
    dialog = open_dialog(view="figure")
    dialog._path.setText(str(dialog.path.with_suffix(".apng")))
    assert press_save(dialog)
    saver.save(dialog.wish)
    saver._progress.canceled.emit()
    qtbot.waitUntil(lambda: saver.said_all[-1] == "Stopped: nothing was saved", timeout=20_000)
    assert not dialog.path.exists()
    assert saver.failed_all == []


def test_what_cannot_be_written_is_said(qtbot, saver, open_dialog):
    dialog = open_dialog(view="hidden")
    dialog._path.setText(str(dialog.path.with_suffix(".svg")))
    wish = dialog.wish
    wish.path.mkdir()
    saver.save(wish)
    qtbot.waitUntil(lambda: bool(saver.failed_all), timeout=20_000)
    assert "Not saved: " in saver.failed_all[0]
    assert wish.path.is_dir()


def test_every_field_has_a_name_and_comes_in_the_order_that_the_eye_goes(open_dialog):
    dialog = open_dialog(view="figure")
    seen, field = [], dialog._view
    for _ in range(40):
        seen.append(field)
        field = field.nextInFocusChain()
        if field is dialog._view:
            break
    order = [f for f in seen if f.focusPolicy() & Qt.FocusPolicy.TabFocus and f.isVisible()]
    order = [f for f in order if not isinstance(f.parent(), QAbstractSpinBox)]
    for field in order:
        name = field.accessibleName() or getattr(field, "text", str)()
        assert name, field
        assert "&" not in field.accessibleName()
    places = [f.mapTo(dialog, f.rect().topLeft()) for f in order]
    rows = [place.y() for place in places]
    assert rows == sorted(rows) or max(np.diff(sorted(rows))) > 0


def test_the_dialog_of_a_run_that_is_not_there_yet_says_so(qtbot, document, window, tmp_path):
    background = Background(window)
    saver = PictureSaver(document, background, window, lambda: None, lambda: document.session)
    dialog = PictureDialog(saver, background, window, view="figure", folder=tmp_path)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    qtbot.waitUntil(lambda: "before the first run" in dialog._refusal.text(), timeout=5000)
    failed = []
    saver.failed.connect(failed.append)
    saver.save(dialog.wish)
    assert "before the first run" in failed[0]
