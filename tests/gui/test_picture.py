from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from lstmviz.core.files.pngtext import SESSION_KEY, read_text
from lstmviz.gui.export import picture
from lstmviz.gui.export.dialog import PictureDialog
from lstmviz.gui.export.picture import PictureError


@pytest.fixture
def widget(qtbot):
    """Black text and a one-unit line on white."""
    widget = QWidget()
    widget.setStyleSheet("background: white; color: black")
    layout = QVBoxLayout(widget)
    label = QLabel("hidden_size")
    line = QWidget()
    line.setFixedHeight(1)
    line.setStyleSheet("background: #ff0000")
    layout.addWidget(label)
    layout.addWidget(line)
    widget.resize(160, 80)
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), int)


@pytest.mark.parametrize("scale", [1, 1.5, 2, 3, 4])
def test_a_picture_is_drawn_at_its_scale_and_not_enlarged(widget, tmp_path, scale):
    path = tmp_path / "w.png"
    picture.save(widget, path, scale)
    image = pixels(path)
    assert image.shape == (80 * scale, 160 * scale, 3)
    red = (image == (255, 0, 0)).all(axis=2)
    # The line grows with the scale and its edges stay sharp.
    assert red.any(axis=1).sum() in (int(scale), -int(-scale // 1))
    assert np.unique(image[red.argmax(axis=0).max()], axis=0).shape[0] <= 2
    dark = (image < 60).all(axis=2)
    assert dark.sum() > 60 * scale
    if scale >= 2:
        # Enlarged pixels would come in blocks of one value.
        k = int(scale)
        block = image[: 80 * k, : 160 * k].reshape(80, k, 160, k, 3)
        assert (block.max(axis=(1, 3)) != block.min(axis=(1, 3))).any(axis=2).sum() > 40


def test_the_session_is_in_the_picture(widget, tmp_path):
    text = '{"a": "L × N"}'
    picture.save(widget, tmp_path / "w.PNG", 1, text)
    assert read_text(tmp_path / "w.PNG", SESSION_KEY) == text


def test_a_picture_beyond_what_an_image_can_be_is_refused(widget):
    widget.resize(9000, 100)
    with pytest.raises(PictureError, match="at most 32,767"):
        picture.picture(widget, 4)


@pytest.mark.parametrize("name", ["w.jpg", "w", "png", ".png.", "w.png.exe"])
def test_an_unknown_ending_is_refused(widget, tmp_path, name):
    with pytest.raises(PictureError, match=r"must end in one of \.png, \.svg, \.pdf"):
        picture.save(widget, tmp_path / name, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_what_cannot_be_written_is_said_and_leaves_what_was_there(widget, tmp_path, kind):
    place = tmp_path / f"w.{kind}"
    place.mkdir()
    with pytest.raises(PictureError, match="cannot be written"):
        picture.save(widget, place, 1)
    with pytest.raises(PictureError, match="cannot be written"):
        picture.save(widget, tmp_path / "none" / f"w.{kind}", 1)
    assert [p.name for p in tmp_path.iterdir()] == [place.name]


def test_svg_holds_text_and_its_size(widget, tmp_path):
    picture.save(widget, tmp_path / "w.svg", 2)
    text = (tmp_path / "w.svg").read_text(encoding="utf-8")
    assert "hidden_size" in text
    assert 'viewBox="0 0 160 80"' in text


def test_pdf_is_one_page_of_its_size(widget, tmp_path):
    picture.save(widget, tmp_path / "w.pdf", 1)
    data = (tmp_path / "w.pdf").read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") == 1
    assert b"/MediaBox [0 0 120" in data


@pytest.fixture
def dialog(qtbot, widget):
    dialog = PictureDialog(widget)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def press_save(dialog):
    box = dialog.findChild(QDialogButtonBox)
    QTest.mouseClick(box.button(QDialogButtonBox.StandardButton.Save), Qt.MouseButton.LeftButton)
    return dialog.result() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Type a file name."),
        ("   ", "Type a file name."),
        ("/no/such/folder/w.png", "There is no folder /no/such/folder."),
        ("w.jpeg", "must end in .png, .svg or .pdf"),
        ("/", "Type a file name."),
        ("~nobody-of-that-name/w.png", "There is no folder ~nobody-of-that-name."),
    ],
)
def test_the_dialog_says_what_is_wrong_and_stays(dialog, typed, sentence, qtbot):
    import re

    dialog._path.setText(typed)
    assert not press_save(dialog)
    assert dialog.isVisible()
    assert re.search(sentence, dialog._refusal.text())
    assert dialog._refusal.isVisible()
    qtbot.wait(1)


def test_the_dialog_gives_path_part_and_scale(dialog, tmp_path):
    dialog._path.setText(str(tmp_path / "slide"))
    dialog._scale.setFocus()
    QTest.keyClick(dialog._scale, Qt.Key.Key_End)
    assert "640 × 320 pixels" in dialog._size.text()
    dialog._part.setFocus()
    QTest.keyClick(dialog._part, Qt.Key.Key_End)
    assert press_save(dialog)
    assert dialog.path == tmp_path / "slide.png"
    assert dialog.scale == 4
    assert dialog.is_whole_window is False
