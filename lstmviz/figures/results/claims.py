"""The claims of a scenario on paper, with what was found, and its single numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lstmviz.core.scenarios.results import ScenarioRun
from lstmviz.core.scenarios.sheets import numbers_of
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.words.amounts import shown
from lstmviz.figures.faces import fitted, line_height, measure, wrapped
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick

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
