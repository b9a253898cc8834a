"""The panel of a scenario: its tour, its claims on this run and what was compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from lstmviz.core.scenarios.sheets import numbers_of
from lstmviz.core.words.rounding import rounded
from lstmviz.core.words.standing import Standing
from lstmviz.gui.controls.marks import failed_words, mark_cell, mark_color
from lstmviz.gui.richtext import RichBrowser, escape
from lstmviz.gui.scenarios.tourbox import TourBox
from lstmviz.gui.theme import mono

if TYPE_CHECKING:
    from lstmviz.core.scenarios.results import Claim, ScenarioComparison, ScenarioRun
    from lstmviz.gui.document import Document
    from lstmviz.gui.scenarios.tour import Tour
    from lstmviz.gui.theme import Appearance
from lstmviz.core.scenes.colors import Theme

_POINTED: Final = "pointed"
"""Anchor of the claim that the tour is at."""


class ScenarioPanel(QWidget):
    """Say what the document's scenario claims, and whether this run bears it out."""

    def __init__(
        self,
        document: Document,
        appearance: Appearance,
        tour: Tour,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._tour = tour
        self._html = ""
        self.box = TourBox(tour, appearance)
        self.text = RichBrowser()
        self.text.setAccessibleName("Claims of this scenario, checked on this run")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(9)
        layout.addWidget(self.box)
        layout.addWidget(self.text, 1)
        document.run_changed.connect(self._show)
        document.asked_changed.connect(self._show)
        tour.moved.connect(self._show)
        appearance.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        found, choice = self._document.scenario_run, self._document.choice
        if choice is None:
            return
        if found is None or found.scenario != choice.name:
            theme = self._appearance.theme
            waiting = "What this run shows will stand here once it is computed."
            self._html = f'<p style="color:{theme.muted}">{waiting}</p>'
            self.text.setHtml(self._html)
            return
        step = self._tour.step
        html = findings_html(found, self._appearance.theme, step.claim if step else "")
        if html == self._html:
            return
        self._html = html
        place = self.text.verticalScrollBar().value()
        self.text.setHtml(html)
        self.text.verticalScrollBar().setValue(place)
        if step and step.claim:
            self.text.scrollToAnchor(_POINTED)
        elif step:
            self.text.verticalScrollBar().setValue(0)


def findings_html(found: ScenarioRun, theme: Theme, pointed: str = "") -> str:
    """Return the claims and comparisons of a run as rich text.

    Parameters
    ----------
    found : ScenarioRun
    theme : Theme
    pointed : str
        Name of a claim to set off.
    """
    claims = "".join(claim_html(claim, theme, is_set_off=claim.name == pointed)
                     for claim in found.claims)  # fmt: skip
    html = _heading("Checked on this run", theme) + _table(claims)
    numbers = numbers_of(found.results)
    if numbers:
        rows = "".join(_number_html(title, text, theme) for title, text in numbers)
        html += "<br>" + _heading("Found", theme) + _table(rows)
    if found.comparisons:
        rows = "".join(scenario_comparison_html(one, theme) for one in found.comparisons)
        html += "<br>" + _heading("Compared", theme) + _table(rows)
    return html


def claim_html(claim: Claim, theme: Theme, *, is_set_off: bool = False) -> str:
    """Return one claim with its verdict as a table row."""
    color = mark_color(claim.standing, theme)
    ground = f' bgcolor="{theme.accent_soft}"' if is_set_off else ""
    anchor = f'<a name="{_POINTED}"></a>' if is_set_off else ""
    return (
        f"<tr{ground}>{mark_cell(claim.standing, theme)}"
        f"<td>{anchor}{escape(claim.sentence)}{failed_words(claim.standing, theme)}<br>"
        f"{_codes(claim.expressions, theme)}"
        f'<span style="color:{color}">{escape(claim.measured)}</span></td></tr>'
    )


def scenario_comparison_html(comparison: ScenarioComparison, theme: Theme) -> str:
    """Return what was compared, and how far it is apart, as a table row."""
    agrees = comparison.agrees
    color = mark_color(Standing.HOLDS if agrees else Standing.IS_NOT, theme)
    if comparison.exact:
        amount = "equal, bit by bit"
    else:
        amount = f"max |Δ| {rounded(comparison.max_abs_difference)}"
        amount += f", within {rounded(comparison.tolerance)}" if agrees else ""
    return (
        f'<tr><td style="color:{color}"><b>{comparison.sign}</b></td>'
        f"<td>{escape(comparison.title)}<br>"
        f"{_codes((comparison.left, comparison.right), theme)}"
        f'<span style="color:{color}">{amount}</span></td></tr>'
    )


def _number_html(title: str, text: str, theme: Theme) -> str:
    return f'<tr><td style="color:{theme.muted}">·</td><td>{escape(title)}: <b>{text}</b></td></tr>'


def _codes(expressions: tuple[str, ...], theme: Theme) -> str:
    if not expressions:
        return ""
    lines = "<br>".join(escape(text) for text in expressions)
    return (
        f"<span style=\"font-family:'{mono().family()}';color:{theme.features}\">{lines}</span><br>"
    )


def _heading(title: str, theme: Theme) -> str:
    return f'<p style="color:{theme.muted};margin:2px 4px"><b>{escape(title)}</b></p>'


def _table(rows: str) -> str:
    return f'<table cellspacing="0" cellpadding="4">{rows}</table>'
