"""Rows of heatmaps over one time axis on paper, and chosen units as curves beneath them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.scenes.plots.quantities import Quantity, axes_of
from lstmviz.core.scenes.plots.scale import ScaleKind
from lstmviz.figures.curves import CurvesRow
from lstmviz.figures.faces import line_height
from lstmviz.figures.heatmap import BARS, Heat, paint_bars, paint_bars_title, paint_heat, pooled
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick
from lstmviz.figures.pictured import Pictured
from lstmviz.figures.rowlabels import BESIDE, RowLabel, full_height, head_height, low_height
from lstmviz.figures.scales import paint_steps, steps_height

LEAST_BESIDE: Final = 560.0
"""Pixels of the design from which labels stand beside their rows; else above."""

_LABELS: Final = BESIDE + 8.0
_GAP: Final = 8.0
_BESIDE: Final = 12.0
_TALL: Final = {"input": 46.0, "output": 104.0}
_OTHER: Final = 76.0
_CURVES: Final = 104.0
_LEAST_CURVES: Final = 48.0
_LEAST: Final = 24.0
"""Pixels of the design that a row keeps however low the figure is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePlots:
    """Quantities of one call over time.

    Attributes
    ----------
    pictured : Pictured
    quantities : sequence of Quantity
        One row each, top to bottom.
    has_curves : bool
        Draw the chosen units beneath.
    has_legend : bool
        Say in words what a row is.
    pixels : float
        Pixels at 1x for one of the design.
    """

    pictured: Pictured
    quantities: Sequence[Quantity]
    has_curves: bool = True
    has_legend: bool = True
    pixels: float = 1.0
    stretch: float = 1.0

    def height(self, width: float) -> float:
        """Return how high it wants to be."""
        return sum(self._rows(width)) + self._fixed(width)

    def least(self, width: float) -> float:
        """Return how high it is at least."""
        row = max(_LEAST, low_height()) if _is_beside(width) else _LEAST
        curves = _LEAST_CURVES if self.has_curves else 0.0
        return row * len(self.quantities) + curves + self._fixed(width)

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw all rows into `rect`."""
        is_beside = _is_beside(rect.width)
        left = _LABELS if is_beside else 0.0
        plot = rect.width - left - BARS - _BESIDE
        head = 0.0 if is_beside else head_height()
        heights = self._shared(rect)
        y = rect.y + line_height(Face.CODE)
        if self.quantities:
            middle = (rect.right - BARS / 2, rect.y + line_height(Face.CODE) / 2 - 1)
            paint_bars_title(paper, self.pictured.view.step, middle)
        for quantity, tall in zip(self.quantities, heights, strict=False):
            body = Rect(rect.x + left, y + head, plot, tall)
            heat = self._heat(quantity, body, tick)
            paint_heat(paper, heat, body)
            paint_bars(paper, heat, Rect(rect.right - BARS, body.y, BARS, tall))
            label = self._label(quantity, heat)
            if is_beside:
                label.paint_beside(paper, Rect(rect.x, y, BESIDE, tall))
            else:
                label.paint_above(paper, Rect(rect.x, y, plot, head))
            y += head + tall + _GAP
        if self.has_curves:
            where = Rect(rect.x, y, rect.width, heights[-1])
            y = self._paint_curves(paper, where, Rect(rect.x + left, y, plot, heights[-1]), tick)
        else:
            y -= _GAP
        body = Rect(rect.x + left, rect.y, plot, y - rect.y)
        paint_steps(paper, self.pictured.plotted.seq_len, body)

    @property
    def _curves(self) -> CurvesRow:
        return CurvesRow(self.pictured, has_legend=self.has_legend, pixels=self.pixels)

    def _rows(self, width: float) -> list[float]:
        """Return how high each row wants to be, without what stands above it."""
        least = full_height(has_notes=self.has_legend) if _is_beside(width) else 0.0
        rows = [max(_TALL.get(quantity.tensor, _OTHER), least) for quantity in self.quantities]
        return [*rows, _CURVES] if self.has_curves else rows

    def _fixed(self, width: float) -> float:
        """Return the height of all that does not stretch."""
        rows = len(self.quantities) + self.has_curves
        heads = 0.0
        if not _is_beside(width):
            heads = head_height() * len(self.quantities)
            heads += self._curves.head_height if self.has_curves else 0.0
        return heads + _GAP * (rows - 1) + steps_height() + line_height(Face.CODE)

    def _shared(self, rect: Rect) -> list[float]:
        """Return the rows' heights: what they want, or in that proportion between the least."""
        wanted = self._rows(rect.width)
        spare = rect.height - self.least(rect.width)
        full = sum(wanted) + self._fixed(rect.width) - self.least(rect.width)
        row = max(_LEAST, low_height()) if _is_beside(rect.width) else _LEAST
        least = [row] * len(self.quantities) + ([_LEAST_CURVES] if self.has_curves else [])
        share = spare / full if full > 0 else 1.0
        return [low + (want - low) * share for want, low in zip(wanted, least, strict=True)]

    def _heat(self, quantity: Quantity, rect: Rect, tick: Tick) -> Heat:
        plotted = self.pictured.plotted
        is_difference = plotted.is_difference
        return pooled(
            plotted.table(quantity.table),
            plotted.seq_len,
            plotted.view.step,
            (rect.width * self.pixels, rect.height * self.pixels),
            ScaleKind.SIGNED if is_difference else quantity.kind,
            None if is_difference else quantity.fixed,
            tick,
        )

    def _label(self, quantity: Quantity, heat: Heat) -> RowLabel:
        plotted = self.pictured.plotted
        meaning = quantity.meaning_of(is_bidirectional=plotted.trace.num_directions > 1)
        pooling = heat.picture.pooling.in_words(heat.scale.rest)
        # Whose numbers they are and what is pooled come first, and are said whatever is left out.
        owed = [words for words in (plotted.whose.mark, pooling) if words]
        return RowLabel(
            title=quantity.title,
            axes=tuple(axes_of(quantity, self.pictured.geometry)),
            said="; ".join([*owed, meaning] if self.has_legend else owed),
            must_say=bool(owed),
            scale=heat.scale,
        )

    def _paint_curves(self, paper: Paper, rect: Rect, body: Rect, tick: Tick) -> float:
        curves = self._curves
        if _is_beside(rect.width):
            curves.paint_label(paper, Rect(rect.x, body.y, BESIDE, body.height))
        else:
            head = curves.head_height
            curves.paint_head(paper, Rect(rect.x, body.y, rect.width, head))
            body = Rect(body.x, body.y + head, body.width, body.height)
        curves.paint(paper, body, tick)
        return body.bottom


def _is_beside(width: float) -> bool:
    return width >= LEAST_BESIDE
