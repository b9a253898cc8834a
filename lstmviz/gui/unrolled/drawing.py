"""Arrows between cells, drawn in pixels so that they stay the same size at every zoom."""

from __future__ import annotations

import math
from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF, QTransform

from lstmviz.core.scenes.colors import LIGHT, Theme
from lstmviz.core.scenes.unrolled.paths import Flow, Node, Path
from lstmviz.gui.theme import mono

_HEAD: Final = 7.0
_LEAST_LABEL_WIDTH: Final = 34.0
_LEAST_CELL: Final = 9.0
_APART: Final = 5.0
_HALO: Final = 2.6
_END_GAP: Final = 6.0
"""What parts input and output, which no cell computes in one piece, from the cells."""


class PathsItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Draw the paths of one cell over the image of all cells."""

    def __init__(self) -> None:
        super().__init__()
        self._paths: tuple[Path, ...] = ()
        self._rows = self._steps = 1
        self._theme = LIGHT
        self.setZValue(30)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self.update()

    def show_paths(self, paths: tuple[Path, ...], rows: int, steps: int) -> None:
        """Draw `paths` in a network of `rows` rows and `steps` columns."""
        self.prepareGeometryChange()
        self._paths, self._rows, self._steps = paths, rows, steps
        self.update()

    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        view = self.getViewBox()
        return QRectF(view.viewRect()) if view is not None else QRectF()

    def paint(self, painter: QPainter, *_: object) -> None:
        transform = painter.transform()
        painter.save()
        painter.resetTransform()
        scale = self._device_scale(painter)
        painter.scale(scale, scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(mono(mono().pointSizeF() * 0.88))
        self._draw_grid(painter, transform, scale)
        for number, path in enumerate(self._paths):
            start = transform.map(self._center(path.start)) / scale
            end = transform.map(self._center(path.end)) / scale
            if start.x() == end.x():
                # Two paths along one column run side by side.
                shift = QPointF(_APART if number % 2 else -_APART, 0)
                start, end = start + shift, end + shift
            self._draw(painter, path, start, end)
        if self._paths:
            self._mark_cell(painter, transform.mapRect(self._cell()), scale)
        painter.restore()

    def _draw_grid(self, painter: QPainter, transform: QTransform, scale: float) -> None:
        """Part the cells where there is room, and input and output from them."""
        view = self.boundingRect()
        cell = transform.mapRect(QRectF(0, 0, 1, 1))
        width, height = cell.width() / scale, cell.height() / scale
        painter.setPen(QPen(QColor(self._theme.card), 2))
        top, bottom = 1, self._rows - 1
        if width >= _LEAST_CELL:
            for step in range(math.floor(view.left()), math.ceil(view.right()) + 1):
                x = step - 0.5
                line = transform.map(QLineF(x, top, x, bottom))
                painter.drawLine(line.p1() / scale, line.p2() / scale)
        for row in range(top, bottom + 1):
            is_end = row in (top, bottom)
            if height >= _LEAST_CELL or is_end:
                painter.setPen(QPen(QColor(self._theme.card), _END_GAP if is_end else 2))
                line = transform.map(QLineF(view.left(), row, view.right(), row))
                painter.drawLine(line.p1() / scale, line.p2() / scale)

    def _device_scale(self, painter: QPainter) -> float:
        device = painter.device()
        return float(device.devicePixelRatioF()) if device is not None else 1.0

    def _center(self, node: Node) -> QPointF:
        return QPointF(node.step, node.row + 0.5)

    def _cell(self) -> QRectF:
        here = next(path.end for path in self._paths if path.flow is Flow.IN)
        return QRectF(here.step - 0.5, here.row, 1, 1)

    def _mark_cell(self, painter: QPainter, cell: QRectF, scale: float) -> None:
        box = QRectF(cell.topLeft() / scale, cell.size() / scale)
        painter.setPen(QPen(QColor(self._theme.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 3, 3)

    def _draw(self, painter: QPainter, path: Path, start: QPointF, end: QPointF) -> None:
        color = QColor(self._theme.features if path.flow is Flow.IN else self._theme.layers)
        along = end - start
        length = math.hypot(along.x(), along.y())
        if length < 2:
            return
        unit = along / length
        inset = min(6.0, length / 4)
        tip, tail = end - unit * inset, start + unit * inset
        side = QPointF(-unit.y(), unit.x()) * _HEAD / 2.4
        back = tip - unit * _HEAD
        head = QPolygonF([tip, back + side, back - side])
        # On paper of its own: below it lie colours of any lightness.
        paper = QColor(self._theme.card)
        for shade, wide in ((paper, 1.8 + _HALO), (color, 1.8)):
            painter.setPen(QPen(shade, wide))
            painter.setBrush(shade)
            painter.drawLine(tail, tip)
            painter.drawPolygon(head)
        self._write(painter, path, start, end, color)

    def _write(
        self, painter: QPainter, path: Path, start: QPointF, end: QPointF, color: QColor
    ) -> None:
        """Name a path: above it, or beside it in the row of the other cell where it runs up."""
        label = path.label
        if not label:
            return
        metrics = QFontMetricsF(painter.font())
        width = metrics.horizontalAdvance(label) + 8
        is_sideways = abs(end.x() - start.x()) > abs(end.y() - start.y())
        if is_sideways and abs(end.x() - start.x()) < _LEAST_LABEL_WIDTH and "[" not in label:
            return
        middle = (start + end) / 2
        left = middle.x() - width / 2 if is_sideways else middle.x() + 6
        other = start if path.flow is Flow.IN else end
        top = middle.y() - metrics.height() - 3
        if not is_sideways:
            top = other.y() - metrics.height() / 2
        box = QRectF(left, top, width, metrics.height())
        paper = QColor(self._theme.card)
        paper.setAlphaF(0.88)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paper)
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(color)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label)
