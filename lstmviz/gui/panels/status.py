"""The status line: the engine, the number under the pointer, what undo would take back."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QProgressBar, QStatusBar, QWidget

from lstmviz.gui.document import Document
from lstmviz.gui.richtext import Label
from lstmviz.gui.theme import mono

_NOTICED_MS: Final = 200


class StatusLine(QStatusBar):
    """Say quietly what is going on."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setSizeGripEnabled(False)
        self.engine = Label("Loading the engine…")
        self.progress = QProgressBar()
        self.progress.setFixedWidth(90)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("progress of the run")
        self.progress.hide()
        self.pointed = Label()
        self.pointed.setFont(mono())
        self.undo = Label()
        self._noticing = QTimer(self, interval=_NOTICED_MS, singleShot=True)
        self._noticing.timeout.connect(lambda: self.engine.setText("Running"))
        self.addWidget(self.engine)
        self.addWidget(self.progress)
        self.addWidget(self.pointed, 1)
        self.addPermanentWidget(self.undo)
        document.pointed_changed.connect(self._show_pointed)
        document.run_changed.connect(self._show_pointed)
        document.pinned_changed.connect(self._show_pointed)
        document.undo_stack.undoTextChanged.connect(self._show_undo)
        self._show_undo(document.undo_stack.undoText())

    def show_running(self) -> None:
        """Say that a run is under way, once it has taken long enough to be noticed."""
        self._noticing.start()

    def show_engine(self, sentence: str) -> None:
        """Say what the engine is doing."""
        self._noticing.stop()
        self.progress.hide()
        if self.engine.text() != sentence:
            self.engine.setText(sentence)

    def show_progress(self, fraction: float) -> None:
        """Say how much of a long run is done."""
        self.engine.setText("Running")
        self.progress.setValue(round(100 * fraction))
        self.progress.show()

    def _show_pointed(self) -> None:
        plotted, place = self._document.plotted, self._document.pointed
        if plotted is None or place is None:
            self.pointed.setText(self._document.described)
            return
        value, names = plotted.value(place), plotted.names(place)
        if math.isnan(value) and place.step >= plotted.steps:
            self.pointed.setText(f"{names[0]}: past the end of this sequence, not computed")
            return
        said = f"{' = '.join(names)} = {value:.6g}"
        pixel = self._document.pixel
        self.pointed.setText(f"{said}; {pixel.in_words()}" if pixel else said)

    def _show_undo(self, text: str) -> None:
        self.undo.setText(f"undo: {text}" if text else "")
        self.undo.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
