"""A document with real runs, and the views on it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from lstmviz.gui.app.studio import make_application
from lstmviz.gui.document import Document
from lstmviz.gui.theme import Appearance, Scheme


@pytest.fixture
def app(qapp):
    """The application as the program sets it up."""
    return make_application() or qapp


@pytest.fixture
def appearance(app):
    """The light theme; whatever a test changes is undone."""
    before = app.palette(), app.styleSheet()
    # Undressed until a test asks: under a style sheet every widget takes longer to make.
    yield Appearance(Scheme.LIGHT)
    app.setStyleSheet(before[1])
    app.setPalette(before[0])


@pytest.fixture
def document(app):
    document = Document(parent=app)
    yield document
    document.deleteLater()


@pytest.fixture
def run_it(document):
    """Run what the document asks for, in this process, and show it; returns the trace."""
    from lstmviz.core.asking.source import Answer, LstmSource
    from lstmviz.engine.run import run

    generations = iter(range(1, 1000))

    def act(**settings):
        if settings:
            document.change(**settings)
            assert document.refusals == {}
        done = run(document.spec, generation=next(generations))
        document.accept(Answer(source=LstmSource(document.spec), run=done))
        return done.traces[0]

    return act


@pytest.fixture
def drag():
    """Press at one place of a widget, move over others and let go at the last."""

    def act(widget, *places, modifiers=Qt.KeyboardModifier.NoModifier):
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton

        def send(kind, place, button, buttons):
            point = QPointF(place)
            event = QMouseEvent(kind, point, widget.mapToGlobal(point), button, buttons, modifiers)
            QApplication.sendEvent(widget, event)

        send(QEvent.Type.MouseButtonPress, places[0], left, left)
        for place in places[1:]:
            send(QEvent.Type.MouseMove, place, none, left)
        send(QEvent.Type.MouseButtonRelease, places[-1], left, none)

    return act
