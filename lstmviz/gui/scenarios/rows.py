"""Rows of a scenario's form whose values are longer than a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from lstmviz.gui.controls.fields import ChoiceRow, Row
from lstmviz.gui.theme import mono

_LINES: Final = 3


class WideChoiceRow(ChoiceRow):
    """One of a few, each a few words long: the box stands beneath its label."""

    def __init__(
        self, name: str, title: str, choices: Sequence[str], parent: QWidget | None = None
    ) -> None:
        tip = f"{name}: {title.lower()}."
        super().__init__(name, title, tip, [(choice, choice) for choice in choices], parent)
        self._stack(self.box)


class WritingRow(Row):
    """A text of any length, handed on as it is typed."""

    def __init__(self, name: str, title: str, longest: int, parent: QWidget | None = None) -> None:
        super().__init__(name, title, f"{name}: up to {longest:,} characters.", parent)
        self.field = QPlainTextEdit()
        self.field.setFont(mono())
        self.field.setTabChangesFocus(True)
        line = self.field.fontMetrics().lineSpacing()
        self.field.setFixedHeight(_LINES * line + 14)
        self.field.textChanged.connect(self._typed)
        self._is_told = False
        self._name_editor(self.field)
        self._stack(self.field)

    def show_value(self, value: Any) -> None:
        if str(value) != self.field.toPlainText():
            self._is_told = True
            self.field.setPlainText(str(value))
            self._is_told = False

    def _typed(self) -> None:
        if not self._is_told:
            self._ask(self.field.toPlainText())
