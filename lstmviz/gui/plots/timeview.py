"""A view box over time: click or drag to choose a step, wheel to zoom, middle drag to pan."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QGraphicsRectItem

from lstmviz.core.scenes.colors import Theme


class TimeView(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph has no types
    """Steps along x; the step cursor and, past a sequence's end, its absence are drawn here.

    `step_picked` gives view coordinates (x, y) and whether the pointer is only dragging.
    """

    step_picked = Signal(float, float)
    menu_asked = Signal(float, float, object)
    """(x, y) in the view, and the place on the screen"""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.setMouseEnabled(x=True, y=False)
        self._absent = QGraphicsRectItem()
        self._absent.setPen(Qt.PenStyle.NoPen)
        self._cursor = QGraphicsRectItem()
        self._cursor.setZValue(20)
        self._height = 1.0
        for item in (self._absent, self._cursor):
            self.addItem(item, ignoreBounds=True)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        pen = pg.mkPen(theme.accent, width=2)
        pen.setCosmetic(True)
        self._cursor.setPen(pen)
        fill = QColor(theme.accent)
        fill.setAlpha(24)
        self._cursor.setBrush(fill)
        self._absent.setBrush(QBrush(QColor(theme.line), Qt.BrushStyle.BDiagPattern))

    def show_steps(self, seq_len: int, present: int, height: float) -> None:
        """Take the extent: `seq_len` steps of which the first `present` are there."""
        self._height = height
        self.show_limits(seq_len)
        self._absent.setRect(QRectF(present - 0.5, 0, max(0, seq_len - present), height))
        self._absent.setVisible(present < seq_len)

    def show_limits(self, seq_len: int) -> None:
        """Let the view show `seq_len` steps and no more.

        Of views that are linked all must know before the first is moved: one that does not would
        hold the others back.
        """
        self.setLimits(xMin=-0.5, xMax=seq_len - 0.5, minXRange=min(4, seq_len), maxXRange=seq_len)

    def show_height(self, low: float, high: float) -> None:
        """Take the extent along y."""
        self._height = high - low
        self.setYRange(low, high, padding=0)
        rect = self._absent.rect()
        self._absent.setRect(QRectF(rect.left(), low, rect.width(), high - low))
        step = self._cursor.rect()
        self._cursor.setRect(QRectF(step.left(), low, 1, high - low))

    def show_cursor(self, step: int) -> None:
        """Put the cursor on `step`."""
        rect = self._cursor.rect()
        self._cursor.setRect(QRectF(step - 0.5, rect.top(), 1, self._height))

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            if event.double():
                self.autoRangeTime()
            else:
                self._pick(event)
            event.accept()
        elif event.button() == Qt.MouseButton.RightButton:
            point = self.mapToView(event.pos())
            self.menu_asked.emit(point.x(), point.y(), event.screenPos().toPoint())
            event.accept()

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pick(event)
            event.accept()
        else:
            super().mouseDragEvent(event, axis=0 if axis is None else axis)

    def autoRangeTime(self) -> None:
        """Show all steps."""
        limits = self.state["limits"]["xLimits"]
        self.setXRange(limits[0], limits[1], padding=0)

    def _pick(self, event: Any) -> None:
        point = self.mapToView(event.pos())
        self.step_picked.emit(point.x(), point.y())
