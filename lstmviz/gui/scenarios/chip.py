"""One stage of the pipeline strip."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget

from lstmviz.core.scenarios.pipeline import StageLink, kind_of
from lstmviz.core.scenes.colors import LIGHT, Theme
from lstmviz.gui.richtext import plain_tip
from lstmviz.gui.theme import mono

_PAD: Final = 11.0
_RADIUS: Final = 7.0
_SMALL: Final = 0.88

Runs = list[tuple[str, str]]
"""Pieces of text, each with its colour."""


class StageChip(QAbstractButton):
    """Draw a stage: name and type, symbols, shape. An LSTM can be pressed to open its trace."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._link = StageLink(stage="", title="", kind="", axes=(), shape=())
        self._is_pointed = False
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def link(self) -> StageLink:
        """The stage drawn."""
        return self._link

    @property
    def is_pointed(self) -> bool:
        """Whether a tour points at it."""
        return self._is_pointed

    def show_link(self, link: StageLink, *, is_open: bool, is_pointed: bool) -> None:
        """Draw `link`; `is_open` where its trace is the one shown."""
        if (link, is_open, is_pointed) == (self._link, self.isChecked(), self._is_pointed):
            return
        can_open = link.trace is not None
        self._link, self._is_pointed = link, is_pointed
        self.setChecked(is_open)
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if can_open else Qt.CursorShape.ArrowCursor
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if can_open else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(f"{link.title}, {link.kind}, {', '.join(map(str, link.shape))}")
        self.setAccessibleDescription("; ".join(link.tensors))
        act = "\nPress to look inside." if can_open and not is_open else ""
        self.setToolTip(plain_tip("\n".join(link.tensors) + act))
        self.updateGeometry()
        self.update()

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        if theme is not self._theme:
            self._theme = theme
            self.update()

    def nextCheckState(self) -> None:
        # Which trace is open is the document's to say.
        return

    def sizeHint(self) -> QSize:
        lines = zip(self._lines(), self._fonts(), strict=True)
        width = max(_width(runs, fonts) for runs, fonts in lines)
        height = sum(QFontMetricsF(fonts[0]).height() for fonts in self._fonts())
        return QSize(round(width + 2 * _PAD + 1), round(height + 13))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        top = 6.0
        for runs, fonts in zip(self._lines(), self._fonts(), strict=True):
            measure = QFontMetricsF(fonts[0])
            x, base = _PAD, top + measure.ascent()
            for (text, color), font in zip(runs, _spread(fonts, len(runs)), strict=True):
                painter.setFont(font)
                painter.setPen(QColor(color))
                painter.drawText(QPointF(x, base), text)
                x += QFontMetricsF(font).horizontalAdvance(text)
            top += measure.height()

    def _paint_frame(self, painter: QPainter) -> None:
        theme = self._theme
        is_lstm = self._link.trace is not None
        color, width = (theme.layers if is_lstm else theme.line), 1.2
        if self.isChecked():
            color, width = theme.accent, 1.6
        if self._is_pointed:
            color, width = theme.layers, 2.4
        if self.hasFocus():
            color, width = theme.accent, 2.4
        fill = theme.accent_soft if self.isChecked() else theme.card
        painter.setPen(QPen(QColor(color), width))
        painter.setBrush(QColor(fill))
        edge = width / 2 + 0.5
        body = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        painter.drawRoundedRect(body, _RADIUS, _RADIUS)

    def _lines(self) -> tuple[Runs, Runs, Runs]:
        theme, link = self._theme, self._link
        name: Runs = [(link.title, theme.text), (f"  {link.kind}", theme.muted)]
        symbols: Runs = []
        sizes: Runs = [("(", theme.muted)]
        for place, (symbol, size) in enumerate(zip(link.axes, link.shape, strict=True)):
            kind = kind_of(symbol)
            color = theme.axis(kind) if kind else theme.muted
            comma: Runs = [(", ", theme.muted)] if place else []
            symbols += [*comma, (symbol or "·", color)]
            sizes += [*comma, (f"{size}", color)]
        end = ",)" if len(link.shape) == 1 else ")"
        calls = f"  × {link.calls:,} calls" if link.calls > 1 else ""
        return name, symbols or [("", theme.muted)], [*sizes, (f"{end}{calls}", theme.muted)]

    def _fonts(self) -> tuple[tuple[QFont, QFont], ...]:
        name, kind = QFont(QApplication.font()), QFont(QApplication.font())
        name.setBold(True)
        kind.setPointSizeF(kind.pointSizeF() * _SMALL)
        shape = mono(mono().pointSizeF() * _SMALL)
        return (name, kind), (shape, shape), (shape, shape)


def _spread(fonts: tuple[QFont, QFont], count: int) -> list[QFont]:
    return [fonts[0], *[fonts[1]] * (count - 1)]


def _width(runs: Runs, fonts: tuple[QFont, QFont]) -> float:
    pieces = zip(runs, _spread(fonts, len(runs)), strict=True)
    return sum(QFontMetricsF(font).horizontalAdvance(text) for (text, _), font in pieces)
