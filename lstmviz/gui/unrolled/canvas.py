"""The scene of the unrolled network: rows of cells between their names and a time axis."""

from __future__ import annotations

from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QPen
from PySide6.QtWidgets import QFrame, QGraphicsRectItem

from lstmviz.core.scenes.colors import Theme
from lstmviz.core.scenes.plots.colormap import color_table
from lstmviz.core.scenes.plots.pooling import Pooled
from lstmviz.core.scenes.plots.scale import BLANK, Scale
from lstmviz.gui.plots.stepaxis import StepAxis
from lstmviz.gui.plots.timeview import TimeView
from lstmviz.gui.theme import mono
from lstmviz.gui.unrolled.drawing import PathsItem

_NAMES_WIDTH: Final = 124
_ROOM_FOR_TWO_LINES: Final = 30.0
_MOST_NAMES: Final = 24


class Strip(pg.ImageItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Some rows of the network with a scale of their own."""

    def __init__(self) -> None:
        super().__init__(axisOrder="row-major")
        self.scale_shown = BLANK
        self.picture: Pooled | None = None

    def show_picture(
        self, picture: Pooled | None, scale: Scale, theme: Theme, where: QRectF
    ) -> None:
        """Draw `picture`, or nothing, at `where` in steps and rows."""
        self.picture, self.scale_shown = picture, scale
        self.setVisible(picture is not None)
        if picture is not None:
            self.show_theme(theme)
            self.setImage(scale.indices(picture.values), autoLevels=False, levels=None)
            self.setRect(where)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.setLookupTable(color_table(theme, self.scale_shown.ramp))


class UnrolledCanvas(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph has no types
    """Images of cells, input and output, with the paths of one cell above them.

    Attributes
    ----------
    cells, entry, result : Strip
    """

    key_pressed = Signal(object)
    pointed = Signal(int, int)
    """(step, row) under the pointer; -1, -1 when it leaves"""

    def __init__(self) -> None:
        super().__init__(None, background=None)
        self.setFrameShape(QFrame.Shape.NoFrame)
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.setCentralItem(layout)
        self.names = pg.AxisItem("left", maxTickLength=0)
        self.names.setWidth(_NAMES_WIDTH)
        self.time = TimeView()
        self.steps = StepAxis(0)
        self.steps.setHeight(36)
        self.names.linkToView(self.time)
        self.steps.linkToView(self.time)
        layout.addItem(self.names, 0, 0)
        layout.addItem(self.time, 0, 1)
        layout.addItem(self.steps, 1, 1)
        self._rows = 1
        self._nothing = (QGraphicsRectItem(), QGraphicsRectItem())
        self.cells, self.entry, self.result = Strip(), Strip(), Strip()
        self.paths = PathsItem()
        for item in (*self._nothing, self.cells, self.entry, self.result, self.paths):
            self.time.addItem(item, ignoreBounds=True)
        self.scene().sigMouseMoved.connect(self._point)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self.setBackground(theme.card)
        self.time.show_theme(theme)
        self.paths.show_theme(theme)
        for strip in (self.cells, self.entry, self.result):
            strip.show_theme(theme)
        for box in self._nothing:
            box.setPen(QPen(QColor(0, 0, 0, 0)))
            box.setBrush(QBrush(QColor(theme.box_front)))
        for axis in (self.names, self.steps):
            axis.setPen(pg.mkPen(QColor(0, 0, 0, 0)))
            axis.setTextPen(pg.mkPen(theme.muted))
            axis.setTickFont(mono(mono().pointSizeF() * 0.85))
        self.steps.setLabel("t, the step along axis L", color=theme.time)

    def show_extent(self, rows: int, seq_len: int, present: int) -> None:
        """Have room for `rows` rows and `seq_len` steps, of which `present` are there."""
        self._rows = rows
        time = self.time
        # Half a step of room at both ends, where h_0 comes from and h_n goes to.
        time.show_steps(seq_len, present, rows)
        time.setLimits(xMin=-1.2, xMax=seq_len + 0.2, maxXRange=seq_len + 1.4)
        time.setXRange(-1.2, seq_len + 0.2, padding=0)
        time.show_height(0, rows)
        for box, row in zip(self._nothing, (0, rows - 1), strict=True):
            box.setRect(QRectF(-0.5, row, present, 1))

    def show_names(self, names: list[tuple[str, str]]) -> None:
        """Name the rows from below, in as many of two lines as they are high enough for."""
        is_tall = self.time.height() >= _ROOM_FOR_TWO_LINES * len(names)
        every = max(1, len(names) // _MOST_NAMES)
        ends = (0, len(names) - 1)
        ticks = [
            (row + 0.5, "\n".join(lines if is_tall and lines[1] else lines[:1]))
            for row, lines in enumerate(names)
            if row in ends or not row % every
        ]
        self.names.setTicks([ticks])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.key_pressed.emit(event)

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self.pointed.emit(-1, -1)

    def _point(self, position: QPointF) -> None:
        inside = self.time.sceneBoundingRect().contains(position)
        place = self.time.mapSceneToView(position)
        step, row = round(place.x()), int(place.y())
        is_there = inside and step >= 0 and 0 <= place.y() < self._rows
        self.pointed.emit(*((step, row) if is_there else (-1, -1)))
