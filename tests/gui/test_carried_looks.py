"""A session brings the window back as it stood, also when its file is dropped on it."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from lstmviz.bridge.launch import launch
from lstmviz.core.asking.looks import Looks
from lstmviz.core.asking.session import Session, read_session
from lstmviz.core.files.carried import session_token
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.spec import RunSpec
from lstmviz.figures.spec import PictureKind
from lstmviz.gui.app.studio import Studio, make_application
from lstmviz.gui.export.wish import Wish
from lstmviz.gui.theme import Appearance, Scheme

LOOKS = Looks(plots="unrolled", panel="code", measure="forget", scheme="dark", has_settings=False)
SESSION = Session(spec=RunSpec().changed(hidden_size=9), looks=LOOKS)


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        QTest.qWait(5)


@pytest.fixture
def open_studio(qapp):
    before = qapp.palette(), qapp.styleSheet()
    make_application()
    studios = []

    def act(session=None):
        studio = Studio(launch(), session or Session(), Appearance(Scheme.LIGHT))
        studios.append(studio)
        studio.show()
        wait_for(lambda: studio.document.run is not None)
        studio.finish()
        return studio

    yield act
    for studio in studios:
        studio.window.close()
        studio.window.deleteLater()
        studio.deleteLater()
        studio.document._run = studio.document._called = None
    qapp.setStyleSheet(before[1])
    qapp.setPalette(before[0])


def dragged(*urls):
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    return data


def sent(studio, kind, data):
    place = QPoint(60, 200) if kind is QDragEnterEvent else QPointF(60, 200)
    button, key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = kind(place, Qt.DropAction.CopyAction, data, button, key)
    QApplication.sendEvent(studio.window.windowHandle(), event)
    return event


def test_a_dropped_picture_brings_its_session_and_the_window_back(open_studio, tmp_path):
    studio = open_studio()
    path = tmp_path / "mine.svg"
    path.write_text(f"<svg><metadata>{session_token(SESSION.to_json())}</metadata></svg>")
    data = dragged(QUrl.fromLocalFile(str(path)).toString())
    assert sent(studio, QDragEnterEvent, data).isAccepted()
    hint = studio.dropping.hint
    assert hint.isVisible()
    assert (hint.sentence, hint.size()) == ("Drop to open mine.svg", studio.window.size())
    QApplication.sendEvent(studio.window.windowHandle(), QDragLeaveEvent())
    assert not hint.isVisible()
    sent(studio, QDragEnterEvent, data)
    sent(studio, QDropEvent, data)
    assert not hint.isVisible()
    wait_for(lambda: studio.document.spec == SESSION.spec)
    assert studio.commands.session_to_keep().looks == LOOKS
    wait_for(lambda: not studio.client.is_busy)
    saved = tmp_path / "again.png"
    studio.commands.saver.save(Wish(path=saved, kind=PictureKind.PNG, spec=None))
    wait_for(saved.exists)
    assert read_session(saved) == replace(SESSION, view=studio.document.view)
    studio.actions["undo"].trigger()
    assert studio.document.spec == RunSpec()


@pytest.mark.parametrize(
    ("urls", "sentence"),
    [
        (
            ("file:///a.png", "file:///b.png"),
            "Nothing was opened: one file opens at a time, and these are 2.",
        ),
        (
            ("https://example.org/a.png",),
            "Nothing was opened: only a file on this computer can be dropped, and this is a link.",
        ),
    ],
)
def test_what_cannot_be_dropped_is_a_sentence(open_studio, urls, sentence):
    studio = open_studio()
    before = studio.document.session
    sent(studio, QDragEnterEvent, dragged(*urls))
    sent(studio, QDropEvent, dragged(*urls))
    assert (studio.document.fault, studio.document.session) == (sentence, before)


def test_a_start_in_a_scenario_opens_the_tab_that_comes_with_it(open_studio):
    looks = Looks(plots="results", panel="facts")
    studio = open_studio(Session(choice=Choice("chunks"), looks=looks))
    wait_for(lambda: studio.views.steps.tabText(studio.views.steps.currentIndex()) == "Results")
    wait_for(lambda: studio.commands.session_to_keep().looks.panel == "facts")
