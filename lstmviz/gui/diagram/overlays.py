"""What lies over the diagram: the cursor, what is lit, the keyboard's place and the explanation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from lstmviz.core.asking.session import View
from lstmviz.core.cells import OPENED_NAMES
from lstmviz.core.region import Region
from lstmviz.core.scenes.colors import Theme
from lstmviz.core.scenes.diagram.hit_test import item_region, step_region
from lstmviz.core.scenes.diagram.scene import AxisAt, Face, Polygon, Scene
from lstmviz.core.scenes.diagram.solid import bands, surfaces
from lstmviz.gui.diagram.fonts import letters
from lstmviz.gui.diagram.paint import color, faded, fill_polygons, polygon_f, rect_f

_LIT: Final = 0.55
_ITEM: Final = 0.38
_STEP: Final = 0.14


def paint_cursor(painter: QPainter, scene: Scene, view: View, theme: Theme) -> None:
    """Show the step and the batch item that the user looks at."""
    for name in ("input", "output", "h_n", "c_n"):
        box = scene.box(name)
        if box is None:
            continue
        if box.back is not None and box.shape[box.back] > 1:
            item = item_region(box, min(view.item, box.shape[box.back] - 1))
            fill_polygons(painter, bands(box, item), faded(QColor(theme.batch), _ITEM))
        if name in ("input", "output"):
            step = step_region(box, min(view.step, box.shape[box.across] - 1))
            _fill_outlined(painter, scene, surfaces(box, step), QColor(theme.time), _STEP)


def paint_lit(painter: QPainter, scene: Scene, regions: Iterable[Region], theme: Theme) -> None:
    """Light up every part that `regions` cover."""
    shade = QColor(theme.accent)
    lit: dict[str, list[Region]] = {}
    for region in regions:
        lit.setdefault(region.tensor, []).append(region)
    for tensor, parts in lit.items():
        box = scene.box(tensor)
        if box is not None and not box.hollow:
            fitting = [part for part in parts if len(part.ranges) == len(box.shape)]
            _fill_outlined(painter, scene, surfaces(box, *fitting), shade, _LIT)
        elif tensor in OPENED_NAMES:
            _paint_lit_rows(painter, scene, parts, shade)


def paint_reshaped(painter: QPainter, scene: Scene, names: Iterable[str], theme: Theme) -> None:
    """Underline the names of tensors whose shape is not the pinned run's."""
    marked = set(names)
    painter.setPen(QPen(QColor(theme.accent), 2.5 * scene.scale))
    for label in scene.labels:
        if label.face is Face.NAME and marked.intersection(label.lines):
            base = label.rect.bottom
            painter.drawLine(QPointF(label.rect.x, base), QPointF(label.rect.right, base))


def paint_axis(painter: QPainter, scene: Scene, axis: AxisAt, theme: Theme) -> None:
    """Set off one axis: its edge and its label."""
    for edge in scene.edges:
        if edge.axis == axis:
            pen = QPen(color(theme, edge.tone), 3.5 * scene.scale)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(QPointF(*edge.start), QPointF(*edge.end))
    for label in scene.labels:
        if label.axis == axis:
            shade = color(theme, label.tone)
            painter.setPen(QPen(shade, 1.0))
            painter.setBrush(faded(shade, 0.14))
            rect = rect_f(label.rect).adjusted(-2, -0.5, 2, 0.5)
            painter.drawRoundedRect(rect, 3 * scene.scale, 3 * scene.scale)


def paint_hint(painter: QPainter, scene: Scene, text: str, theme: Theme) -> None:
    """Write the line of explanation; what stands between backticks is code."""
    x, rect = scene.hint.x, scene.hint
    for index, part in enumerate(text.split("`")):
        code = index % 2 == 1
        font = letters(Face.SYMBOL if code else Face.NOTE, scene.scale)
        painter.setFont(font)
        painter.setPen(QColor(theme.text if code else theme.muted))
        width = QFontMetricsF(font).horizontalAdvance(part)
        room = QRectF(x, rect.y, max(0.0, rect.right - x), rect.height)
        elided = QFontMetricsF(font).elidedText(part, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)
        x += width
        if x >= rect.right:
            return


def _fill_outlined(
    painter: QPainter, scene: Scene, polygons: list[Polygon], shade: QColor, alpha: float
) -> None:
    pen = QPen(shade, 1.0 * scene.scale)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(faded(shade, alpha))
    for polygon in polygons:
        painter.drawConvexPolygon(polygon_f(polygon))


def _paint_lit_rows(
    painter: QPainter, scene: Scene, regions: Iterable[Region], shade: QColor
) -> None:
    """Light the layers·directions that `regions` of the opened arrays are of."""
    painter.setPen(QPen(faded(shade, 0.8), 1.0 * scene.scale))
    painter.setBrush(faded(shade, 0.18))
    spots = {region.ranges[:2] for region in regions}
    for layer in scene.layers:
        for row in layer.rows:
            layers, directions = row.region.ranges[:2]
            if any(_overlap(layers, spot[0]) and _overlap(directions, spot[1]) for spot in spots):
                painter.drawRoundedRect(rect_f(row.rect), 4 * scene.scale, 4 * scene.scale)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
