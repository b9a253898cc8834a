"""A small drawing of each scenario, as vectors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QApplication

from lstmviz.gui.scenarios.items import item_color
from lstmviz.gui.theme import mono

if TYPE_CHECKING:
    from lstmviz.core.scenes.colors import Theme

_SIZE: Final = (224.0, 90.0)
"""The room in which every drawing is made; it is scaled into the one there is."""

_Point = tuple[float, float]


def paint_thumbnail(painter: QPainter, name: str, room: QRectF, theme: Theme) -> None:
    """Draw the scenario called `name`, or the single LSTM for an empty name, into `room`."""
    painter.save()
    scale = min(room.width() / _SIZE[0], room.height() / _SIZE[1])
    painter.translate(
        room.left() + (room.width() - scale * _SIZE[0]) / 2,
        room.top() + (room.height() - scale * _SIZE[1]) / 2,
    )
    painter.scale(scale, scale)
    DRAWINGS[name](_Pencil(painter, theme))
    painter.restore()


class _Pencil:
    """Draws the few things that all thumbnails are made of."""

    def __init__(self, painter: QPainter, theme: Theme) -> None:
        self._painter = painter
        self.theme = theme

    def box(self, x: float, y: float, wide: float, tall: float, text: str, color: str) -> None:
        """Draw a stage with its name."""
        self._painter.setPen(QPen(QColor(color), 1.4))
        self._painter.setBrush(QColor(self.theme.panel))
        body = QRectF(x, y, wide, tall)
        self._painter.drawRoundedRect(body, 5, 5)
        font = QFont(QApplication.font())
        font.setPixelSize(11)
        self._painter.setFont(font)
        self._painter.setPen(QColor(self.theme.text))
        self._painter.drawText(body, Qt.AlignmentFlag.AlignCenter, text)

    def lstm(self, x: float, y: float, wide: float = 46.0, text: str = "LSTM") -> None:
        """Draw an LSTM."""
        self.box(x, y, wide, 30, text, self.theme.layers)

    def arrow(self, start: _Point, end: _Point, color: str = "") -> None:
        """Draw an arrow to the right, upwards or downwards."""
        shade = QColor(color or self.theme.muted)
        self._painter.setPen(QPen(shade, 1.3))
        self._painter.setBrush(shade)
        self._painter.drawLine(QLineF(*start, *end))
        (x, y), is_down = end, abs(end[1] - start[1]) > abs(end[0] - start[0])
        back = -6 if end[1] > start[1] else 6
        head = [(0, 0), (-3, back), (3, back)] if is_down else [(0, 0), (-6, -3), (-6, 3)]
        self._painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in head]))

    def cells(
        self, x: float, y: float, columns: int, rows: int, color: str, size: float = 8.0
    ) -> None:
        """Draw a grid of cells of one colour, in uneven shades."""
        self._painter.setPen(Qt.PenStyle.NoPen)
        for row in range(rows):
            for column in range(columns):
                shade = QColor(color)
                shade.setAlphaF(0.25 + 0.6 * ((7 * row + 3 * column) % 5) / 4)
                self._painter.setBrush(shade)
                place = QRectF(x + column * size, y + row * size, size - 1, size - 1)
                self._painter.drawRect(place)

    def line(self, points: list[_Point], color: str, *, dashed: bool = False) -> None:
        """Draw a curve."""
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        self._painter.setPen(QPen(QColor(color), 1.8, style))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawPolyline(QPolygonF([QPointF(*point) for point in points]))

    def bar(self, x: float, y: float, wide: float, tall: float, color: QColor) -> None:
        """Draw a plain rectangle."""
        self._painter.fillRect(QRectF(x, y, wide, tall), color)

    def text(self, x: float, y: float, text: str, color: str, *, code: bool = False) -> None:
        """Write `text` from `x` on the line `y`."""
        font = mono() if code else QFont(QApplication.font())
        font.setPixelSize(11)
        self._painter.setFont(font)
        self._painter.setPen(QColor(color))
        self._painter.drawText(QPointF(x, y), text)


def _single(pencil: _Pencil) -> None:
    theme = pencil.theme
    pencil.cells(8, 25, 6, 5, theme.accent)
    pencil.arrow((60, 45), (82, 45))
    pencil.lstm(86, 30, 52)
    pencil.arrow((142, 45), (164, 45))
    pencil.cells(168, 25, 6, 5, theme.features)


def _sentence(pencil: _Pencil) -> None:
    theme = pencil.theme
    for place in range(5):
        x = 8 + place * 27.0
        pencil.cells(x + 6, 60, 1, 3, theme.accent)
        pencil.arrow((x + 10, 57), (x + 10, 43))
        pencil.box(x, 14, 20, 24, "", theme.layers)
        if place < 4:
            pencil.arrow((x + 20, 26), (x + 26, 26))
    pencil.arrow((138, 26), (158, 26))
    pencil.box(162, 12, 46, 28, "linear", theme.line)
    pencil.bar(166, 66, 14, 16, QColor(theme.positive))
    pencil.bar(188, 56, 14, 26, QColor(theme.accent))
    pencil.arrow((185, 41), (185, 53))


def _translation(pencil: _Pencil) -> None:
    theme = pencil.theme
    pencil.lstm(22, 26, 62, "encoder")
    pencil.arrow((86, 41), (136, 41), theme.layers)
    pencil.text(97, 34, "h, c", theme.layers, code=True)
    pencil.lstm(140, 26, 62, "decoder")
    pencil.cells(29, 66, 6, 2, theme.accent)
    pencil.arrow((53, 64), (53, 57))
    pencil.cells(147, 66, 6, 2, theme.positive)
    pencil.arrow((171, 64), (171, 57))
    pencil.cells(147, 2, 6, 2, theme.features)
    pencil.arrow((171, 26), (171, 20))


def _lengths(pencil: _Pencil) -> None:
    lengths = (8, 5, 10, 3, 7)
    for row, length in enumerate(lengths):
        pencil.bar(10, 12 + 14 * row, 84, 11, QColor(pencil.theme.line))
        pencil.bar(10, 12 + 14 * row, 8.4 * length, 11, item_color(row))
    pencil.arrow((102, 45), (124, 45))
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    for step in range(max(lengths)):
        for rank, row in enumerate(order):
            if step < lengths[row]:
                pencil.bar(132 + 8.4 * step, 12 + 14 * rank, 7.2, 11, item_color(row))


def _chunks(pencil: _Pencil) -> None:
    theme = pencil.theme
    for place in range(3):
        x = 10.0 + place * 72
        pencil.lstm(x, 20, 50)
        pencil.cells(x + 1, 62, 6, 2, theme.accent)
        pencil.arrow((x + 25, 60), (x + 25, 51))
        if place < 2:
            pencil.arrow((x + 51, 35), (x + 70, 35), theme.layers)
    pencil.text(62, 15, "h, c", theme.layers, code=True)
    pencil.text(134, 15, "h, c", theme.layers, code=True)


def _counter(pencil: _Pencil) -> None:
    theme = pencil.theme
    text = "(a(b(c))(d))"
    depth, points = 0, []
    for place, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        x = 16 + place * 16.5
        color = theme.accent if letter in "()" else theme.muted
        pencil.text(x, 84, letter, color, code=True)
        points += [(x - 4, 62 - 17 * depth), (x + 12, 62 - 17 * depth)]
    pencil.line([(12, 62), *points], theme.layers)
    pencil.line([(12, 67), (212, 67)], theme.line)


def _forecaster(pencil: _Pencil) -> None:
    theme = pencil.theme

    def wave(start: float, end: float, lag: float) -> list[_Point]:
        steps = range(int(start), int(end), 2)
        return [(x, 48 - 28 * math.sin((x - lag) / 13) * (0.7 + 0.3 * math.cos(x / 40)))
                for x in steps]  # fmt: skip

    pencil.line([(10, 84), (214, 84)], theme.line)
    pencil.line(wave(10, 214, 0), theme.muted)
    pencil.line(wave(10, 140, 3), theme.accent)
    pencil.line(wave(140, 214, 9), theme.positive, dashed=True)


DRAWINGS: Final[dict[str, Callable[[_Pencil], None]]] = {
    "": _single,
    "sentence-classifier": _sentence,
    "encoder-decoder": _translation,
    "variable-lengths": _lengths,
    "chunks": _chunks,
    "counter": _counter,
    "forecaster": _forecaster,
}
"""How each scenario is drawn, and the single LSTM under an empty name."""
