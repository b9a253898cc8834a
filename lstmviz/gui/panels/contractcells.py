"""How a cell of the contract is painted: axes and sizes each in its axis colour."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QStaticText
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from lstmviz.core.contract import TensorShape
from lstmviz.core.scenes.colors import Theme
from lstmviz.gui.panels.contractmodel import AXES, SHAPE, ContractModel, Index, small_mono


class TensorDelegate(QStyledItemDelegate):
    """Write axes and sizes each in its axis colour."""

    def __init__(self, model: ContractModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme: Theme | None = None
        self._fonts = {bold: small_mono(is_bold=bold) for bold in (False, True)}
        self._laid: dict[tuple[int, int], _Cell] = {}
        model.dataChanged.connect(self._laid.clear)
        model.modelReset.connect(self._laid.clear)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme
        self._laid.clear()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._theme
        if theme is None:
            return
        place = index.row(), index.column()
        cell = self._laid.get(place)
        if cell is None:
            cell = self._laid[place] = self._lay_out(index, theme)
        rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(theme.accent_soft))
        elif cell.background is not None:
            painter.fillRect(rect, cell.background)
        painter.setFont(self._fonts[cell.is_bold])
        left, middle = rect.left() + 4.0, rect.center().y()
        for word, at, height, pen in cell.words:
            painter.setPen(pen)
            painter.drawStaticText(QPointF(left + at, middle - height / 2), word)

    def _lay_out(self, index: Index, theme: Theme) -> _Cell:
        tensor = self._model.tensor(index.row())
        is_bold = self._model.is_reshaped(tensor)
        words, at = [], 0.0
        for text, color in _runs(tensor, index.column(), str(index.data()), theme):
            word, width = _set(text, is_bold)
            words.append((word, at, word.size().height(), QPen(QColor(color))))
            at += width
        return _Cell(tuple(words), is_bold, index.data(Qt.ItemDataRole.BackgroundRole))


class _Cell(NamedTuple):
    """A cell ready to be painted: words with their place, height and pen."""

    words: tuple[tuple[QStaticText, float, float, QPen], ...]
    is_bold: bool
    background: QColor | None


@lru_cache(maxsize=1024)
def _set(text: str, is_bold: bool) -> tuple[QStaticText, float]:
    """Return `text` laid out, and how wide it is; the same few words stand in every row."""
    font = small_mono(is_bold=is_bold)
    word = QStaticText(text)
    word.setTextFormat(Qt.TextFormat.PlainText)
    word.prepare(font=font)
    return word, QFontMetricsF(font).horizontalAdvance(text)


def _runs(tensor: TensorShape, column: int, text: str, theme: Theme) -> list[tuple[str, str]]:
    """Return the words of a cell with their colours."""
    if column == SHAPE:
        words = [str(size) for size in tensor.shape]
    elif column == AXES:
        words = [axis.symbol for axis in tensor.axes]
    else:
        return [(text, theme.text)]
    runs: list[tuple[str, str]] = []
    for word, axis in zip(words, tensor.axes, strict=True):
        runs += [(", ", theme.muted), (word, theme.axis(axis.kind))]
    if column == AXES:
        return runs[1:]
    end = ",)" if len(words) == 1 else ")"
    return [("(", theme.muted), *runs[1:], (end, theme.muted)]
