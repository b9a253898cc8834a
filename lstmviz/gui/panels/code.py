"""The PyTorch program that makes the run shown, to read, copy and save."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QShowEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.snippet import Style, snippet
from lstmviz.gui.controls.wheel import ChoiceBox
from lstmviz.gui.document import Document
from lstmviz.gui.panels.highlight import PythonHighlighter
from lstmviz.gui.theme import Appearance, mono

_TITLES: Final = {Style.MINIMAL: "Minimal", Style.EXPLAINED: "Explained"}
_SMALLER: Final = 0.9
_VARIABLES: Final = {"input": "x"}
"""What the program calls a tensor of the contract."""
_WORD: Final = re.compile(r"\w+")


class CodePanel(QWidget):
    """Show the program for the document's settings.

    Parameters
    ----------
    document : Document
    appearance : Appearance
    """

    saving_requested = Signal(object, str)
    """(path, text)"""

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self.style_box = ChoiceBox()
        self.style_box.setAccessibleName("Style of the program")
        for style, title in _TITLES.items():
            self.style_box.addItem(title, style)
        self.style_box.setCurrentIndex(1)
        self.copy_button = QPushButton("Copy")
        self.save_button = QPushButton("Save .py…")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        font = mono(mono().pointSizeF() * _SMALLER)
        self.text.setFont(font)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTabStopDistance(4 * QFontMetricsF(font).horizontalAdvance(" "))
        self.text.setAccessibleName("PyTorch program that makes this run")
        self._highlighter = PythonHighlighter(self.text.document(), appearance)
        line = QHBoxLayout()
        line.addWidget(self.style_box)
        line.addStretch(1)
        line.addWidget(self.copy_button)
        line.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addLayout(line)
        layout.addWidget(self.text, 1)
        self.style_box.currentIndexChanged.connect(self._show)
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self._save)
        document.asked_changed.connect(self._show)
        document.lit_changed.connect(self._show_lit)

    def program(self) -> str:
        """Return the program in the chosen style; a scenario has one style only."""
        choice = self._document.choice
        if choice is not None:
            from lstmviz.core.scenarios.program import program

            return program(choice)
        return snippet(self._document.spec, Style(self.style_box.currentData()))

    def copy(self) -> None:
        """Put the program on the clipboard."""
        QGuiApplication.clipboard().setText(self.program())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        if not self.isVisible():
            return
        text = self.program()
        self.style_box.setEnabled(self._document.choice is None)
        if text != self.text.toPlainText():
            place = self.text.verticalScrollBar().value()
            self.text.setPlainText(text)
            self.text.verticalScrollBar().setValue(place)

    def _show_lit(self) -> None:
        """Mark the lines that name the tensors pointed at."""
        if not self.isVisible():
            return
        names = {_VARIABLES.get(region.tensor, region.tensor) for region in self._document.lit}
        marks = []
        block = self.text.document().begin()
        while names and block.isValid():
            if names & set(_WORD.findall(block.text().partition("#")[0])):
                mark = QTextEdit.ExtraSelection()
                mark.cursor = QTextCursor(block)
                mark.format = self._mark()
                marks.append(mark)
            block = block.next()
        self.text.setExtraSelections(marks)

    def _mark(self) -> QTextCharFormat:
        style = QTextCharFormat()
        style.setBackground(QColor(self._appearance.theme.accent_soft))
        style.setProperty(QTextFormat.Property.FullWidthSelection, True)
        return style

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save program", "run.py", "Python (*.py)")
        if name:
            self.saving_requested.emit(Path(name), self.program())
