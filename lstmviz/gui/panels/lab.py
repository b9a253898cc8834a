"""The error lab: paste a message, or pick a classic mistake and run it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.mistakes import CATALOGUE, Explanation, Mistake, explain
from lstmviz.core.mistakes.experiment import Experiment
from lstmviz.gui.document import Document
from lstmviz.gui.panels.labtext import OUTCOME, explanation_html, mistake_html, setup_sentence
from lstmviz.gui.panels.logedit import LogEdit
from lstmviz.gui.panels.mistakelist import MistakeList
from lstmviz.gui.richtext import Label, RichBrowser
from lstmviz.gui.theme import Appearance, mono

_TYPING_MS = 250
_WIDE = 560
"""Pixels from which the wrong and the right program stand side by side."""


class LabPanel(QWidget):
    """Explain pasted messages, and show mistakes with their live outcome.

    Parameters
    ----------
    document : Document
    appearance : Appearance
    """

    run_requested = Signal(str)
    """Name of the mistake to run with the document's settings."""
    page_requested = Signal(str)
    """Name of the help page asked for."""

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._explanation: Explanation | None = None
        self._experiments: dict[str, Experiment] = {}
        self._running = ""
        self._failure = ""
        self._was_wide = False
        self._set: dict[str, object] = {}
        self.message = LogEdit()
        self.message.setPlaceholderText(
            "Paste an error message or a whole traceback, or drop a log file…"
        )
        self.message.setFont(mono())
        self.message.setAccessibleName("Error message or traceback to explain")
        self.message.setTabChangesFocus(True)
        self.mistakes = MistakeList()
        self.text = RichBrowser()
        self.text.setOpenLinks(False)
        self.text.setAccessibleName("What it means and what to change")
        self.run_button = QPushButton("Run it, wrong and right")
        self.setup_button = QPushButton()
        self.convert_button = QPushButton("Other frameworks…")
        self.convert_button.setToolTip("How Keras, TensorFlow, ONNX and haste store their weights")
        self.setup_note = Label(wordWrap=True)
        self.setup_note.setProperty("role", "muted")
        self._note = Label(wordWrap=True)
        self._note.setProperty("role", "muted")
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._arrange()
        self._connect()

    def show_experiment(self, experiment: Experiment | None, sentence: str) -> None:
        """Show what came out of the mistake that was run, or why nothing did."""
        self._running = ""
        self._failure = sentence
        if experiment is not None:
            self._experiments[experiment["name"]] = experiment
        self._show()
        if experiment is not None:
            self.text.scrollToAnchor(OUTCOME)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.mistakes.fill()
        self._follow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_wide != self._was_wide:
            self._show()

    @property
    def _is_wide(self) -> bool:
        return self.text.viewport().width() >= _WIDE

    @property
    def _chosen(self) -> Mistake | None:
        return self.mistakes.chosen

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.run_button)
        buttons.addWidget(self.setup_button)
        buttons.addStretch(1)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(buttons)
        column.addWidget(self.setup_note)
        column.addWidget(self.text, 1)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        for part in (self.message, self.mistakes, lower):
            parts.addWidget(part)
        parts.setSizes([80, 200, 320])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(parts, 1)
        below = QHBoxLayout()
        below.addWidget(self._note, 1)
        below.addWidget(self.convert_button)
        layout.addLayout(below)

    def _connect(self) -> None:
        self.message.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._explain)
        self.message.file_refused.connect(self._refuse)
        self.mistakes.chosen_changed.connect(self._choose)
        self.run_button.clicked.connect(self._run)
        self.setup_button.clicked.connect(self._set_up)
        self.convert_button.clicked.connect(lambda: self.page_requested.emit("conversions"))
        self._document.spec_changed.connect(self._forget)
        self._appearance.changed.connect(self._show)

    def _refuse(self, sentence: str) -> None:
        self._failure = sentence
        self._show()

    def _show_applicable(self) -> None:
        possible = self.mistakes.show_applicable(self._document.spec_alike, self._appearance.theme)
        self._note.setText(f"{possible} of {len(CATALOGUE)} can happen with the present settings.")

    def _choose(self) -> None:
        self._explanation = None
        self._failure = ""
        self._set = {}
        self._show()

    def _explain(self) -> None:
        self._set = {}
        self._read()
        found = self._explanation.mistake if self._explanation else None
        if found is not None:
            self.mistakes.choose(found.name, quietly=True)
        self._show()
        self.text.verticalScrollBar().setValue(0)

    def _read(self) -> None:
        """Explain the text with the present settings."""
        text = self.message.toPlainText().strip()
        self._explanation = explain(text, self._document.spec_alike) if text else None

    def _forget(self) -> None:
        """Drop the outcomes shown: they were of other sizes."""
        self._experiments = {}
        self._failure = ""
        if self.isVisible():
            self._follow()

    def _follow(self) -> None:
        """Say all for the present settings."""
        if self._explanation is not None:
            self._read()
        self._show_applicable()
        self._show()

    def _run(self) -> None:
        chosen = self._chosen
        if chosen is not None and not self._running:
            self._running = chosen.name
            self._show()
            self.run_requested.emit(chosen.name)

    def _set_up(self) -> None:
        changes = self._changes()
        if not changes:
            return
        self._set = changes
        if self._document.choice is None:
            self._document.change(**changes)
        else:
            self._document.set_up(
                self._document.spec_alike.changed(**changes), "set up for a mistake"
            )
        self._show()

    def _changes(self) -> dict[str, object] | None:
        spec, chosen = self._document.spec_alike, self._chosen
        if self._explanation is not None:
            return self._explanation.spec_change
        return None if chosen is None or chosen.applies(spec) else chosen.nearest({}, spec)

    def _show(self) -> None:
        theme, spec, chosen = self._appearance.theme, self._document.spec_alike, self._chosen
        parts = []
        if self._explanation is not None:
            parts.append(explanation_html(self._explanation, theme))
        is_known = self._explanation is None or self._explanation.mistake is not None
        self._was_wide = self._is_wide
        if chosen is not None and is_known:
            experiment = self._experiments.get(chosen.name)
            parts.append(mistake_html(chosen, spec, experiment, theme, wide=self._was_wide))
        if self._failure:
            parts.append(f'<p style="color:{theme.bad}">{self._failure}</p>')
        place = self.text.verticalScrollBar().value()
        self.text.setHtml("".join(parts))
        self.text.verticalScrollBar().setValue(place)
        can_run = chosen is not None and is_known and chosen.applies(spec)
        self.run_button.setEnabled(can_run and not self._running)
        self.run_button.setText("Running…" if self._running else "Run it, wrong and right")
        self._offer()

    def _offer(self) -> None:
        """Offer to set the window up, and say what that sets, or what it has set."""
        changes, explanation = self._changes(), self._explanation
        told = explanation.told if explanation else {}
        text = "Set the window up like this" if told else "Set the window up for it"
        self.setup_button.setText(text)
        self.setup_button.setEnabled(bool(changes))
        spec = self._document.spec_alike
        held = {name: value for name, value in self._set.items() if spec.value(name) == value}
        self.setup_note.setText(setup_sentence(changes, told, held))
        self.setup_note.setVisible(bool(self.setup_note.text()))
