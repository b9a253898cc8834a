"""Every result of a scenario on paper, side by side where there is room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lstmviz.core.scenarios.sheets import Form, sheets
from lstmviz.core.scenes.diagram.scene import Rect
from lstmviz.core.scenes.plots.scale import BLANK
from lstmviz.core.scenes.results.maps import scales_of
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick
from lstmviz.figures.pictured import Pictured
from lstmviz.figures.results.bars import ResultBars
from lstmviz.figures.results.curves import ResultCurves
from lstmviz.figures.results.maps import ResultMap
from lstmviz.figures.results.packed import PackedRows
from lstmviz.figures.results.titled import ResultDrawing

LEAST_PAIRED: Final = 620.0
"""Pixels of the design from which two results share a row."""

_GAP: Final = 18.0


@dataclass(frozen=True, slots=True)
class ResultsPart:
    """Results as drawings, two to a row where they are narrow and there is room.

    Attributes
    ----------
    drawings : tuple of ResultDrawing
        As `drawings_of` gives them.
    """

    drawings: tuple[ResultDrawing, ...]
    stretch: float = 0.0

    def height(self, width: float) -> float:
        """Return how high it is at `width`."""
        rows = self._rows(width)
        tall = sum(max(drawing.height(wide) for drawing, wide in row) for row in rows)
        return tall + _GAP * max(0, len(rows) - 1)

    def least(self, width: float) -> float:
        """Return how high it is at least: it does not give way."""
        return self.height(width)

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw all into `rect`."""
        y = rect.y
        for row in self._rows(rect.width):
            x, tall = rect.x, max(drawing.height(wide) for drawing, wide in row)
            for drawing, wide in row:
                tick()
                drawing.paint(paper, Rect(x, y, wide, drawing.height(wide)), tick)
                x += wide + _GAP
            y += tall + _GAP

    def _rows(self, width: float) -> list[list[tuple[ResultDrawing, float]]]:
        half = (width - _GAP) / 2
        rows: list[list[tuple[ResultDrawing, float]]] = []
        is_open = False
        for drawing in self.drawings:
            if drawing.is_wide or width < LEAST_PAIRED:
                rows.append([(drawing, width)])
                is_open = False
            elif is_open:
                rows[-1].append((drawing, half))
                is_open = False
            else:
                rows.append([(drawing, half)])
                is_open = True
        return rows


def drawings_of(pictured: Pictured, pixels: float) -> tuple[ResultDrawing, ...]:
    """Return what is drawn of a scenario's results.

    Parameters
    ----------
    pictured : Pictured
        Of a scenario.
    pixels : float
        Pixels at 1x for one of the design.
    """
    findings, view = pictured.findings, pictured.view
    assert findings is not None  # noqa: S101 - only a scenario has results
    found: list[ResultDrawing] = []
    if findings.packed is not None:
        found.append(PackedRows(findings.packed, view.step))
    together = sheets(findings.results)
    scales = scales_of(together)
    for sheet in together:
        if sheet.form is Form.CURVES:
            found.append(ResultCurves(sheet, view.step, pixels))
        elif sheet.form is Form.BARS:
            found.append(ResultBars(sheet))
        elif sheet.form is Form.MAP:
            found.append(ResultMap(sheet, scales.get(sheet.key, BLANK), view.item, pixels))
    return tuple(found)
