"""What a scenario found, on paper: its claims, its numbers, and every result as what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lstmviz.core.scenarios.results import ScenarioRun
from lstmviz.core.scenarios.sheets import Form, numbers_of, sheets
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.scenes.plots.scale import BLANK
from lstmviz.core.scenes.results.maps import scales_of
from lstmviz.core.words.amounts import shown
from lstmviz.figures.cards import BarsCard, Card, CurvesCard, MapCard
from lstmviz.figures.faces import fitted, line_height, measure, wrapped
from lstmviz.figures.packed import PackedCard
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick
from lstmviz.figures.pictured import Pictured

LEAST_PAIRED: Final = 620.0
"""Pixels of the design from which two results share a row."""

_GAP: Final = 18.0
_MARK: Final = 16.0


@dataclass(frozen=True, slots=True)
class ClaimsPart:
    """The claims of a scenario with what was found, and its single numbers."""

    findings: ScenarioRun
    stretch: float = 0.0

    def height(self, width: float) -> float:
        """Return how high it is at `width`."""
        note = line_height(Face.NOTE)
        lines = sum(len(said) + len(found) for _, said, found, _ in self._claims(width))
        return (lines + len(self._numbers())) * note + 5 * len(self.findings.claims)

    def least(self, width: float) -> float:
        """Return how high it is at least: it does not give way."""
        return self.height(width)

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Write it into `rect`."""
        tick()
        theme, note = paper.theme, line_height(Face.NOTE)
        y = rect.y + note / 2
        for sign, said, found, is_failure in self._claims(rect.width):
            paper.text(sign, (rect.x, y), Face.NAME, theme.bad if is_failure else theme.good)
            for lines, color in ((said, theme.text), (found, theme.muted)):
                for line in lines:
                    paper.text(line, (rect.x + _MARK, y), Face.NOTE, color)
                    y += note
            y += 5
        for title, words in self._numbers():
            name = fitted(title, Face.NOTE, rect.width - measure(words, Face.CODE) - 10)
            x = rect.x + paper.text(name, (rect.x, y), Face.NOTE, theme.muted) + 10
            paper.text(words, (x, y), Face.CODE, theme.text)
            y += note

    def _claims(self, width: float) -> list[tuple[str, list[str], list[str], bool]]:
        """Return sign, sentence, what was found and failure of each claim, texts in lines."""
        room = width - _MARK
        return [
            (
                claim.standing.sign,
                wrapped(shown(claim.sentence), Face.NOTE, room),
                wrapped(shown(claim.measured), Face.NOTE, room),
                claim.standing.is_failure,
            )
            for claim in self.findings.claims
        ]

    def _numbers(self) -> list[tuple[str, str]]:
        return [(shown(title), shown(words)) for title, words in numbers_of(self.findings.results)]


@dataclass(frozen=True, slots=True)
class CardsPart:
    """Results as drawings, two to a row where they are narrow and there is room."""

    pictured: Pictured
    pixels: float = 1.0
    stretch: float = 0.0

    def height(self, width: float) -> float:
        """Return how high it is at `width`."""
        rows = self._rows(width)
        tall = sum(max(card.height(wide) for card, wide in row) for row in rows)
        return tall + _GAP * max(0, len(rows) - 1)

    def least(self, width: float) -> float:
        """Return how high it is at least: it does not give way."""
        return self.height(width)

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw all into `rect`."""
        y = rect.y
        for row in self._rows(rect.width):
            x, tall = rect.x, max(card.height(wide) for card, wide in row)
            for card, wide in row:
                tick()
                card.paint(paper, Rect(x, y, wide, card.height(wide)), tick)
                x += wide + _GAP
            y += tall + _GAP

    def _rows(self, width: float) -> list[list[tuple[Card, float]]]:
        half = (width - _GAP) / 2
        rows: list[list[tuple[Card, float]]] = []
        is_open = False
        for card in self._cards():
            if card.is_wide or width < LEAST_PAIRED:
                rows.append([(card, width)])
                is_open = False
            elif is_open:
                rows[-1].append((card, half))
                is_open = False
            else:
                rows.append([(card, half)])
                is_open = True
        return rows

    def _cards(self) -> Sequence[Card]:
        findings, view = self.pictured.findings, self.pictured.view
        assert findings is not None  # noqa: S101 - only a scenario has results
        cards: list[Card] = []
        if findings.packed is not None:
            cards.append(PackedCard(findings.packed, view.step))
        together = sheets(findings.results)
        scales = scales_of(together)
        for sheet in together:
            if sheet.form is Form.CURVES:
                cards.append(CurvesCard(sheet, view.step, self.pixels))
            elif sheet.form is Form.BARS:
                cards.append(BarsCard(sheet, self.pixels))
            elif sheet.form is Form.MAP:
                scale = scales.get(sheet.key, BLANK)
                cards.append(MapCard(sheet, scale, view.item, self.pixels))
        return cards
