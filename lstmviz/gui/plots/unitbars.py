"""The units at one step as bars, on the scale of the heatmap beside them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from lstmviz.core.scenes.colors import LIGHT, Theme
from lstmviz.core.scenes.plots.pooling import pool_row
from lstmviz.core.scenes.plots.scale import BLANK, Scale, ScaleKind
from lstmviz.core.trace import Array

BARS_WIDTH: Final = 64
_NOTHING: Final = {"x0": [0], "x1": [0], "y": [0], "height": [0], "pen": None}


class UnitBars(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph has no types
    """Draw one bar for each row of pixels of the map."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self._theme = LIGHT
        self._scale = BLANK
        self.invertY(True)
        self.setMouseEnabled(x=False, y=False)
        self.setMaximumWidth(BARS_WIDTH)
        self.setMinimumWidth(BARS_WIDTH)
        self._negative = pg.BarGraphItem(**_NOTHING)
        self._positive = pg.BarGraphItem(**_NOTHING)
        self._middle = pg.InfiniteLine(pos=0.5, angle=90)
        for item in (self._middle, self._negative, self._positive):
            self.addItem(item, ignoreBounds=True)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self._color()

    def show_scale(self, scale: Scale) -> None:
        """Let the bars reach as far as the map's colours do."""
        if scale.kind is not self._scale.kind:
            self._scale = scale
            self._color()
        self._scale = scale
        self.setXRange(*scale.ends, padding=0)

    def show_values(self, values: Array, rows: int) -> None:
        """Draw `values`, shape (units,), in at most `rows` bars.

        Blocks of units are those of a picture of `rows` rows, so that one mark holds for both.
        """
        units = len(values)
        values = pool_row(values, rows, self._scale.rest)
        size = units / len(values)
        centers = (np.arange(len(values)) + 0.5) * size
        for bars, part in (
            (self._negative, np.minimum(values, 0)),
            (self._positive, np.maximum(values, 0)),
        ):
            bars.setOpts(x0=np.zeros_like(part), x1=part, y=centers, height=0.8 * size)

    def _color(self) -> None:
        theme, is_signed = self._theme, self._scale.kind is ScaleKind.SIGNED
        positive = theme.positive if is_signed else theme.half
        for bars, color in ((self._negative, theme.negative), (self._positive, positive)):
            soft = QColor(color)
            soft.setAlphaF(0.75)
            bars.setOpts(brush=soft)
        self._middle.setPen(pg.mkPen(theme.line, width=1))
        self._middle.setVisible(bool(self._scale.middle))
