"""A whole window on a real engine, for long use."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest
from PySide6.QtTest import QTest

from lstmviz.bridge.launch import launch
from lstmviz.core.asking.run_state import RunState
from lstmviz.core.asking.session import Session
from lstmviz.gui.app.studio import Studio, make_application
from lstmviz.gui.theme import Appearance, Scheme


class Tally:
    """Counts attempts, those that failed, and the time that the longest took.

    Attributes
    ----------
    memory : str
        What is to be told of memory; what this process holds unless set.
    """

    def __init__(self, what: str) -> None:
        self.what, self.memory = what, ""
        self.attempts = self.failures = 0
        self.worst = self.total = 0.0

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Count what happens in the block; what it raises is a failure, and goes on."""
        started = time.monotonic()
        self.attempts += 1
        try:
            yield
        except BaseException:
            self.failures += 1
            raise
        finally:
            seconds = time.monotonic() - started
            self.worst, self.total = max(self.worst, seconds), self.total + seconds

    def row(self) -> tuple[str, int, int, float, float, str]:
        """Return what the table at the end of the run says."""
        held = psutil.Process().memory_info().rss / 2**20
        memory = self.memory or f"window {held:.0f} MiB"
        return self.what, self.attempts, self.failures, self.worst, self.total, memory


@pytest.fixture
def tally(record_property):
    """Count under a name; the row is printed at the end of the run, whatever becomes of it."""

    @contextmanager
    def count(what):
        counted = Tally(what)
        try:
            yield counted
        finally:
            record_property("soak", counted.row())

    return count


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
    studio.document._run = studio.document._called = None
    app.setStyleSheet(before[1])
    app.setPalette(before[0])
