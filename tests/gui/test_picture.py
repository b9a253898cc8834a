from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from lstmviz.core.files.pngtext import SESSION_KEY, read_text
from lstmviz.gui.export import picture
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


def test_what_cannot_be_written_is_said_and_leaves_what_was_there(widget, tmp_path):
    place = tmp_path / "w.png"
    place.mkdir()
    with pytest.raises(PictureError, match="cannot be written"):
        picture.save(widget, place, 1)
    with pytest.raises(PictureError, match="cannot be written"):
        picture.save(widget, tmp_path / "none" / "w.png", 1)
    assert [p.name for p in tmp_path.iterdir()] == [place.name]


def test_a_part_of_a_widget_is_a_picture_of_that_part(widget):
    whole = picture.picture(widget, 2)
    part = picture.picture(widget, 2, area=QRect(10, 20, 100, 50))
    assert (part.width(), part.height()) == (200, 100)
    assert part == whole.copy(20, 40, 200, 100)
