"""A whole window on a real engine, for long use."""

from __future__ import annotations

import time

import pytest
from PySide6.QtTest import QTest

from lstmviz.bridge.launch import launch
from lstmviz.core.run_state import RunState
from lstmviz.core.session import Session
from lstmviz.gui.app import Studio, make_application
from lstmviz.gui.theme import Appearance, Scheme


@pytest.fixture
def settle():
    """Wait until nothing is under way in a window."""

    def act(studio):
        end = time.monotonic() + 300
        document, client = studio.document, studio.client
        while client.is_busy or document.freshness.state is RunState.UNDER_WAY:
            assert time.monotonic() < end, "it does not come to rest"
            QTest.qWait(5)
        QTest.qWait(5)

    return act


@pytest.fixture
def studio(qapp, settle):
    app = make_application() or qapp
    before = app.palette(), app.styleSheet()
    studio = Studio(launch(), Session(), Appearance(Scheme.LIGHT))
    studio.show()
    settle(studio)
    studio.finish()
    yield studio
    studio.window.close()
    studio.window.deleteLater()
    studio.deleteLater()
    studio.document._run = None
    app.setStyleSheet(before[1])
    app.setPalette(before[0])
