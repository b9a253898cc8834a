"""Painting a scene, on any painter: widget, picture, SVG or PDF."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF

from lstmviz.core.scenes.colors import Theme
from lstmviz.core.scenes.diagram.scene import (
    Arrow,
    Box,
    Edge,
    Layer,
    Point,
    Polygon,
    Rect,
    Scene,
    SceneLabel,
    Tone,
)
from lstmviz.core.scenes.diagram.solid import Face3, project, shell, surfaces
from lstmviz.core.scenes.diagram.strokes import arrow_head, bends, tone_color
from lstmviz.gui.diagram.fonts import letters

_RADIUS: Final = 6.0


def color(theme: Theme, tone: Tone) -> QColor:
    """Return the colour of `tone`."""
    return QColor(tone_color(theme, tone))


def faded(shade: QColor, alpha: float) -> QColor:
    """Return `shade` with an opacity of 0 to 1."""
    pale = QColor(shade)
    pale.setAlphaF(alpha)
    return pale


def paint_scene(painter: QPainter, scene: Scene, theme: Theme) -> None:
    """Paint everything that does not depend on where the user looks or points."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_frame(painter, scene, theme)
    for layer in scene.layers:
        _paint_layer(painter, scene, layer, theme)
    for box in scene.boxes:
        _paint_box(painter, scene, box, theme)
    _paint_linked(painter, scene, theme)
    for edge in scene.edges:
        _paint_edge(painter, scene, edge, theme)
    for arrow in scene.arrows:
        _paint_arrow(painter, scene, arrow, theme)
    for label in scene.labels:
        paint_label(painter, scene, label, color(theme, label.tone))


def fill_polygons(painter: QPainter, polygons: Iterable[Polygon], brush: QColor) -> None:
    """Fill `polygons` without outlines."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush)
    for polygon in polygons:
        painter.drawConvexPolygon(polygon_f(polygon))


def polygon_f(polygon: Polygon) -> QPolygonF:
    """Return `polygon` as Qt has it."""
    return QPolygonF([QPointF(*point) for point in polygon])


def rect_f(rect: Rect) -> QRectF:
    """Return `rect` as Qt has it."""
    return QRectF(*rect)


def paint_label(painter: QPainter, scene: Scene, label: SceneLabel, shade: QColor) -> None:
    """Write a label, line by line."""
    painter.setFont(letters(label.face, scene.scale))
    painter.setPen(shade)
    flag = Qt.AlignmentFlag.AlignHCenter
    if label.align != 0.5:
        flag = Qt.AlignmentFlag.AlignLeft if label.align < 0.5 else Qt.AlignmentFlag.AlignRight
    line = label.rect.height / len(label.lines)
    for index, text in enumerate(label.lines):
        rect = QRectF(label.rect.x, label.rect.y + index * line, label.rect.width, line)
        painter.drawText(
            rect, flag | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, text
        )


def _paint_frame(painter: QPainter, scene: Scene, theme: Theme) -> None:
    painter.setPen(QPen(QColor(theme.line), 1.0))
    painter.setBrush(QColor(theme.panel))
    painter.drawRoundedRect(rect_f(scene.frame), 9 * scene.scale, 9 * scene.scale)


def _paint_layer(painter: QPainter, scene: Scene, layer: Layer, theme: Theme) -> None:
    pen = QPen(faded(QColor(theme.layers), 0.85), 1.2 * scene.scale)
    if layer.folded:
        pen = QPen(faded(QColor(theme.layers), 0.5), 1.0 * scene.scale, Qt.PenStyle.DotLine)
    painter.setPen(pen)
    painter.setBrush(QColor(theme.panel if layer.folded else theme.box_top))
    painter.drawRoundedRect(rect_f(layer.rect), _RADIUS * scene.scale, _RADIUS * scene.scale)


def _paint_box(painter: QPainter, scene: Scene, box: Box, theme: Theme) -> None:
    outline = QPen(faded(QColor(theme.text), 0.2), 1.0)
    outline.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if box.hollow:
        outline = QPen(QColor(theme.muted), 1.0, Qt.PenStyle.DotLine)
    if box.bars:
        _paint_padding(painter, box, theme)
    shades = {
        Face3.FRONT: theme.box_front,
        Face3.TOP: theme.box_top,
        Face3.SIDE: theme.box_side,
    }
    painter.setPen(outline)
    for face, polygon in shell(box):
        painter.setBrush(Qt.BrushStyle.NoBrush if box.hollow else QBrush(QColor(shades[face])))
        painter.drawConvexPolygon(polygon_f(polygon))
    _paint_rows(painter, scene, box, theme)


def _paint_linked(painter: QPainter, scene: Scene, theme: Theme) -> None:
    """Tint the parts of output and h_n that are the same numbers, a direction at a time."""
    for tone in (Tone.FORWARD, Tone.REVERSE):
        for box in scene.boxes:
            parts = [r for r, its in scene.linked if r.tensor == box.tensor and its is tone]
            fill_polygons(painter, surfaces(box, *parts), faded(color(theme, tone), 0.42))


def _paint_padding(painter: QPainter, box: Box, theme: Theme) -> None:
    """Outline the padded tensor that a ragged batch comes from."""
    pen = QPen(faded(QColor(theme.muted), 0.7), 1.0, Qt.PenStyle.DotLine)
    painter.setPen(pen)
    painter.setBrush(QBrush(faded(QColor(theme.absent), 0.45)))
    for _face, polygon in shell(box.unpacked):
        painter.drawConvexPolygon(polygon_f(polygon))


def _paint_rows(painter: QPainter, scene: Scene, box: Box, theme: Theme) -> None:
    """Rule the layers·directions of a state, and the two directions of an output."""
    count = max(box.rows, box.halves)
    if count < 2 or box.front.height / count < 3.5 * scene.scale:
        return
    painter.setPen(QPen(faded(QColor(theme.text), 0.16), 1.0))
    end = box.bars[0][2] if box.bars else 1.0
    for row in range(1, count):
        start, stop = project(box, 0, row / count, 0), project(box, end, row / count, 0)
        painter.drawLine(QPointF(*start), QPointF(*stop))


def _paint_edge(painter: QPainter, scene: Scene, edge: Edge, theme: Theme) -> None:
    pen = QPen(color(theme, edge.tone), 1.5 * scene.scale)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawLine(QPointF(*edge.start), QPointF(*edge.end))


def _paint_arrow(painter: QPainter, scene: Scene, arrow: Arrow, theme: Theme) -> None:
    shade = color(theme, arrow.tone)
    pen = QPen(shade, (1.2 if arrow.dashed else 1.4) * scene.scale)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if arrow.dashed:
        pen.setDashPattern([3.0, 2.5])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    points = arrow.points
    if arrow.head:
        tip, before = points[-1], points[-2]
        head = arrow_head(before, tip, 7 * scene.scale)
        neck = Point((head[1].x + head[2].x) / 2, (head[1].y + head[2].y) / 2)
        painter.drawPath(rounded_path((*points[:-1], neck), _RADIUS * scene.scale))
        fill_polygons(painter, [head], shade)
    else:
        painter.drawPath(rounded_path(points, _RADIUS * scene.scale))


def rounded_path(points: Polygon, radius: float) -> QPainterPath:
    """Return the path along `points` with its corners rounded."""
    path = QPainterPath(QPointF(*points[0]))
    for start, corner, end in bends(points, radius):
        path.lineTo(QPointF(*start))
        path.quadTo(QPointF(*corner), QPointF(*end))
    path.lineTo(QPointF(*points[-1]))
    return path
