"""Facts of the run: claims in plain words, each with its verdict on this run's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lstmviz.core.scenes.colors import Theme
from lstmviz.core.scenes.diagram.highlighted import alike
from lstmviz.core.words.rounding import rounded
from lstmviz.gui.controls.marks import failed_words, mark_cell, mark_color
from lstmviz.gui.document import Document
from lstmviz.gui.richtext import RichBrowser, escape
from lstmviz.gui.theme import Appearance, mono

if TYPE_CHECKING:
    from lstmviz.core.facts.fact import Fact


class FactsPanel(QWidget):
    """List the document's facts; pointing at one lights its numbers up everywhere."""

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._kept: int | None = None
        self._lit: frozenset[int] = frozenset()
        self._is_pointing = False
        self.text = RichBrowser()
        self.text.setOpenLinks(False)
        self.text.setAccessibleName("Facts, checked on this run")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self.text)
        self.text.highlighted.connect(self._point)
        self.text.anchorClicked.connect(self._click)
        document.facts_changed.connect(self._show)
        document.lit_changed.connect(self._show_lit)
        appearance.changed.connect(self._show)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        if not self.isVisible():
            return
        self._kept = None
        theme, facts = self._appearance.theme, self._document.facts
        place = self.text.verticalScrollBar().value()
        if facts:
            rows = "".join(
                fact_html(number, fact, theme, is_lit=number in self._lit)
                for number, fact in enumerate(facts)
            )
            self.text.setHtml(f'<table cellspacing="0" cellpadding="4">{rows}</table>')
        else:
            waiting = "The facts of this run will stand here once it is computed."
            self.text.setHtml(f'<p style="color:{theme.muted}">{waiting}</p>')
        self.text.verticalScrollBar().setValue(place)

    def _show_lit(self) -> None:
        """Set off the facts that speak of what is pointed at in another view."""
        if not self.isVisible() or self._is_pointing:
            return
        everywhere = alike(self._document.lit, self._document.shown_geometry)
        lit = frozenset(
            number
            for number, fact in enumerate(self._document.facts)
            if any(part.meets(other) for part in fact.slices for other in everywhere)
        )
        if lit != self._lit:
            self._lit = lit
            self._show()

    def _point(self, url: QUrl) -> None:
        number = _number(url)
        self._light(self._kept if number is None else number)

    def _click(self, url: QUrl) -> None:
        number = _number(url)
        self._kept = None if number == self._kept else number
        self._light(self._kept)

    def _light(self, number: int | None) -> None:
        facts = self._document.facts
        is_there = number is not None and number < len(facts)
        # What is pointed at here must not be drawn anew under the pointer.
        self._is_pointing = True
        self._document.light(facts[number].slices if is_there and number is not None else ())
        self._is_pointing = False


def fact_html(number: int, fact: Fact, theme: Theme, *, is_lit: bool = False) -> str:
    """Return one fact as a table row whose claim is a link; a lit one is set off."""
    ground = f' bgcolor="{theme.accent_soft}"' if is_lit else ""
    color = mark_color(fact.standing, theme)
    face = mono().family()
    # The claim often names what it compares; saying it twice only takes room.
    unnamed = [text for text in fact.expressions if text not in fact.claim]
    codes = "<br>".join(escape(text) for text in unnamed)
    codes += "<br>" if codes else ""
    amount = ""
    if fact.max_abs_difference is not None:
        amount = f"max |Δ| {rounded(fact.max_abs_difference)} · "
    return (
        f"<tr{ground}>{mark_cell(fact.standing, theme)}"
        f'<td><a href="fact:{number}" style="color:{theme.text};text-decoration:none">'
        f"{escape(fact.claim)}</a>{failed_words(fact.standing, theme)}<br>"
        f"<span style=\"font-family:'{face}';color:{theme.features}\">{codes}</span>"
        f'<span style="color:{color}">{amount}</span>'
        f'<span style="color:{theme.muted}">{escape(fact.detail)}</span></td></tr>'
    )


def _number(url: QUrl) -> int | None:
    text = url.toString()
    return int(text.removeprefix("fact:")) if text.startswith("fact:") else None
