"""Dialogs: what they say is made from what there is, and closed ones are gone."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

from PySide6.QtCore import QEvent
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from lstmviz.core.asking.looks import Looks
from lstmviz.core.scenario import SCENARIOS
from lstmviz.gui.app.background import Background
from lstmviz.gui.app.commands import Commands
from lstmviz.gui.export.dialog import PictureDialog
from lstmviz.gui.scenarios.gallery import Gallery, lead


def test_the_gallery_names_exactly_those_whose_sizes_cannot_be_changed():
    def fixed(scenarios):
        return {s.title for s in scenarios if "hidden_size" not in {z.name for z in s.sizes}}

    every = tuple(SCENARIOS.values())
    assert set(re.findall("“(.*?)”", lead(every))) == fixed(every)
    free = tuple(s for s in every if s.title not in fixed(every))
    assert lead(free).endswith("All sizes can be changed.")
    one = (*free, replace(free[0], title="Bought", trained=True))
    assert lead(one).endswith("except those of the trained network of “Bought”.")


def test_a_dialog_that_was_closed_is_gone(qtbot, document, appearance, monkeypatch):
    window = QWidget()
    qtbot.addWidget(window)
    commands = Commands(appearance)
    commands.document, commands.window = document, window
    commands.views = SimpleNamespace()
    commands._saver = SimpleNamespace(pictured=lambda: None, window_image=lambda _: QImage())
    commands.background = Background(window)
    commands.looks = SimpleNamespace(collected=Looks)
    for kind in (Gallery, PictureDialog):
        monkeypatch.setattr(kind, "exec", lambda _dialog: 0)
    for _ in range(5):
        commands.open_gallery()
        commands.save_picture()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert window.findChildren(QDialog) == []
