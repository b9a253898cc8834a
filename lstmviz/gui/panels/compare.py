"""What-if: a pinned run beside the present one, what changed and by how much."""

from __future__ import annotations

import math
from typing import Any, Final

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.compare import Comparison, TensorChange, compare
from lstmviz.core.plotted import Whose
from lstmviz.core.scenes.colors import Theme
from lstmviz.gui.controls.wheel import ChoiceBox
from lstmviz.gui.document import Document
from lstmviz.gui.richtext import Label, RichBrowser, escape
from lstmviz.gui.theme import Appearance, mono

_HINT: Final = (
    "Pin the run that is shown, then change a setting: what moved, what changed shape and what"
    " kept every number will stand here. Try it with batch_first."
)


class ComparePanel(QWidget):
    """Pin a run, and read what a change of settings does to it."""

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self.pin_button = QPushButton("Pin this run")
        self.unpin_button = QPushButton("Unpin")
        self.plotted = ChoiceBox()
        self.plotted.setAccessibleName("what the plots show")
        for whose in Whose:
            self.plotted.addItem(whose.words, whose)
        self._plot_label = Label("plots show")
        self._plot_label.setBuddy(self.plotted)
        self.refusal = Label(wordWrap=True)
        self.refusal.setProperty("role", "refusal")
        self.refusal.hide()
        self.text = RichBrowser()
        self.text.setAccessibleName("What changed since the pinned run")
        buttons = QHBoxLayout()
        buttons.addWidget(self.pin_button)
        buttons.addWidget(self.unpin_button)
        buttons.addStretch(1)
        line = QHBoxLayout()
        line.addWidget(self._plot_label)
        line.addWidget(self.plotted, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addLayout(buttons)
        layout.addLayout(line)
        layout.addWidget(self.refusal)
        layout.addWidget(self.text, 1)
        self.pin_button.clicked.connect(document.pin)
        self.unpin_button.clicked.connect(document.unpin)
        self.plotted.activated.connect(
            lambda index: document.plot(Whose(self.plotted.itemData(index)))
        )
        document.run_changed.connect(self._show)
        # Another batch item has another length, and so another answer.
        document.view_changed.connect(self._show_plotted)
        document.pinned_changed.connect(self._show)
        appearance.changed.connect(self._show)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        if not self.isVisible():
            return
        document, theme = self._document, self._appearance.theme
        is_pinned = document.pinned is not None
        self.pin_button.setEnabled(document.run is not None)
        self.unpin_button.setEnabled(is_pinned)
        for part in (self.plotted, self._plot_label):
            part.setEnabled(is_pinned)
        self._show_plotted()
        if document.pinned is None or document.called is None:
            self.text.setHtml(f'<p style="color:{theme.muted}">{_HINT}</p>')
            return
        found = compare(document.pinned, document.called)
        self.text.setHtml(comparison_html(found, theme))

    def _show_plotted(self) -> None:
        """Show what was asked for, and why it cannot be."""
        plotted = self._document.plotted
        asked = plotted.asked if plotted else Whose.THIS
        self.plotted.setCurrentIndex(list(Whose).index(asked))
        refusal = plotted.refusal if plotted else ""
        self.refusal.setText(f"{refusal} The plots show this run.")
        self.refusal.setVisible(bool(refusal))


def comparison_html(comparison: Comparison, theme: Theme) -> str:
    """Return what changed, as rich text."""
    if comparison.is_same:
        return f'<p style="color:{theme.muted}">This is the pinned run. Change a setting.</p>'
    face = mono().family()
    changed = "<br>".join(
        f"{escape(name)}: {escape(_word(before))} → <b>{escape(_word(after))}</b>"
        for name, before, after in comparison.settings
    )
    settings = changed or "No setting differs: this is another call."
    rows = "".join(_row(change, theme) for change in comparison.tensors)
    return (
        f"<p style=\"font-family:'{face}'\">{settings}</p>"
        f'<table cellspacing="0" cellpadding="4" style="font-family:\'{face}\'">{rows}</table>'
    )


def _row(change: TensorChange, theme: Theme) -> str:
    if change.is_reshaped:
        before = _shape(change.before)
        after = f'<b style="color:{theme.accent}">{_shape(change.after)}</b>'
        shape = f"{before} → {after}"
    else:
        shape = _shape(change.after)
    return f"<tr><td>{change.name}</td><td>{shape}<br>{_amount(change, theme)}</td></tr>"


def _amount(change: TensorChange, theme: Theme) -> str:
    difference = change.max_abs_difference
    if difference is None:
        return ""
    color = theme.good if difference == 0 else theme.batch
    number = "NaN" if math.isnan(difference) else f"{difference:.2g}"
    same = "every number the same" if difference == 0 else f"max |Δ| {number}"
    how = " with N and L swapped" if change.is_swapped else ""
    return f'<span style="color:{color}">{same}{how}</span>'


def _shape(shape: tuple[int, ...] | None) -> str:
    return "none" if shape is None else str(shape)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "off" if value is None else str(value)
