"""A call that returns nothing must not take a reference from None (see PITFALLS, PySide6 6.12)."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtWidgets import QLabel, QSlider


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal")
def test_qt_calls_take_no_reference_from_none(qtbot):
    label, slider = QLabel(), QSlider()
    qtbot.addWidget(label)
    qtbot.addWidget(slider)
    before = sys.getrefcount(None)
    for number in range(5000):
        slider.setValue(number % 100)
        label.setText("t")
        label.update()
    assert sys.getrefcount(None) > before - 500
