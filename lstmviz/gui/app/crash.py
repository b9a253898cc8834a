"""The one place for what nobody caught, in a slot, on a thread or in the engine.

It is logged, told once in a window of its own, and costs nothing else: the session is kept.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from lstmviz.core.crashes import Crash, crash_of
from lstmviz.gui.app.logfile import log_path
from lstmviz.gui.richtext import Label
from lstmviz.gui.theme import mono

_LOG = logging.getLogger(__name__)
_DETAILS_HEIGHT: Final = 190


class Crashes(QObject):
    """Hears of every exception that nobody caught.

    Attributes
    ----------
    first : Crash or None
        The first there was.
    """

    happened = Signal(object)
    """Crash, on the window's thread, once for each place and kind"""

    _came = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.first: Crash | None = None
        self._known: set[str] = set()
        # Queued: it may have come from another thread, or from amid a painting.
        self._came.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def take(self, crash: Crash) -> None:
        """Log `crash` and tell of it, from any thread; one that is known is only counted."""
        if crash.words in self._known:
            _LOG.error("once more: %s", crash.words)
            return
        self._known.add(crash.words)
        _LOG.error("%s\n%s", crash.words, crash.details)
        self.first = self.first or crash
        self._came.emit(crash)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take what nobody catches inside the block, on any thread."""
        before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = lambda _kind, error, _trace: self._caught(error)
        threading.excepthook = lambda given: self._caught(given.exc_value)
        sys.unraisablehook = _unraisable
        try:
            yield
        finally:
            sys.excepthook, threading.excepthook, sys.unraisablehook = before

    def _caught(self, error: BaseException | None) -> None:
        if error is None or isinstance(error, KeyboardInterrupt | SystemExit):
            return
        self.take(crash_of(error))

    def _tell(self, crash: Crash) -> None:
        self.happened.emit(crash)


def _unraisable(given: Any) -> None:
    """Log what was raised where nothing can be raised, as while an object is taken apart."""
    if given.exc_value is not None:
        _LOG.error("%s\n%s", given.err_msg or "ignored", crash_of(given.exc_value).details)


class CrashDialog(QDialog):
    """Say that something went wrong which is the program's own fault, and hand the details over.

    Parameters
    ----------
    keep : callable
        Keeps the session; called with every crash.
    parent : QWidget
        The window, which goes on.
    """

    def __init__(self, keep: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("A mistake in lstmviz")
        self.setModal(False)
        self.setMinimumWidth(520)
        self._keep = keep
        self.sentence = Label(wordWrap=True)
        self.sentence.setProperty("role", "title")
        self._consolation = Label(
            "Your session is kept, and you can go on. If something on screen looks wrong, close"
            " the window and start again: everything will be as it is set now.",
            wordWrap=True,
        )
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setFont(mono(9))
        self.details.setFixedHeight(_DETAILS_HEIGHT)
        self.details.setAccessibleName("Details of the mistake")
        self._where = Label(f"Also in {log_path()}", wordWrap=True)
        self._where.setProperty("role", "muted")
        self._where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton("Copy details", QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        for widget in (self.sentence, self._consolation, self.details, self._where, buttons):
            layout.addWidget(widget)

    def show_crash(self, crash: Crash) -> None:
        """Tell of `crash`; below it, of those before that have not been closed yet."""
        self._keep()
        earlier = self.details.toPlainText() if self.isVisible() else ""
        self.sentence.setText(crash.sentence)
        text = f"{crash.details}\n\n{earlier}" if earlier else crash.details
        self.details.setPlainText(text)
        self.copy.setText("Copy details")
        self.show()

    def _copy(self) -> None:
        text = f"{self.sentence.text()}\n\n{self.details.toPlainText()}"
        QGuiApplication.clipboard().setText(text)
        self.copy.setText("Copied")
