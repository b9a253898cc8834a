"""The contract as a table: every tensor with its axes, shape, type and bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, NamedTuple

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QPainter, QPen, QStaticText
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QLabel,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.contract import Contract, Role, TensorShape, contract
from lstmviz.core.region import whole
from lstmviz.core.wording import bytes_in_words, time_in_words
from lstmviz.gui.document import Document
from lstmviz.gui.theme import Appearance, Theme, mono

_COLUMNS: Final = ("tensor", "shape", "axes", "dtype", "bytes")
_SHAPE, _AXES = 1, 2
_SMALLER: Final = 0.88
_Index = QModelIndex | QPersistentModelIndex


class ContractModel(QAbstractTableModel):
    """The tensors of a contract as rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tensors: tuple[TensorShape, ...] = ()
        self._cells: list[tuple[str, ...]] = []
        self._lit: frozenset[str] = frozenset()
        self._lit_color = QColor()
        self._before: dict[str, tuple[int, ...]] = {}
        self._bold = small_mono(is_bold=True)
        self._font = small_mono()

    def show_contract(self, shapes: Contract) -> None:
        """Replace all rows."""
        self._cells = [_cells(tensor) for tensor in shapes.tensors]
        if len(shapes.tensors) == len(self._tensors):
            self._tensors = shapes.tensors
            self._repaint()
        else:
            self.beginResetModel()
            self._tensors = shapes.tensors
            self.endResetModel()

    def tensor(self, row: int) -> TensorShape:
        """Return the tensor in `row`."""
        return self._tensors[row]

    def show_lit(self, names: frozenset[str], color: QColor) -> None:
        """Give the rows of the tensors called `names` a background."""
        if (names, color) != (self._lit, self._lit_color):
            self._lit, self._lit_color = names, color
            self._repaint()

    def show_before(self, before: dict[str, tuple[int, ...]]) -> None:
        """Mark the tensors whose shape is not the one in `before`; empty to mark none."""
        if before != self._before:
            self._before = before
            self._repaint()

    def is_reshaped(self, tensor: TensorShape) -> bool:
        """Return whether `tensor` had another shape, or was not there, in the pinned run."""
        return bool(self._before) and self._before.get(tensor.name) != tensor.shape

    def _repaint(self) -> None:
        last = self.index(len(self._tensors) - 1, len(_COLUMNS) - 1)
        self.dataChanged.emit(self.index(0, 0), last)

    def longest(self, column: int) -> str:
        """Return the longest text in `column`."""
        return max((cells[column] for cells in self._cells), key=len, default="")

    def rowCount(self, _parent: _Index | None = None) -> int:
        return len(self._tensors)

    def columnCount(self, _parent: _Index | None = None) -> int:
        return len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Horizontal:
            return _COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        tensor = self._tensors[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cells[index.row()][index.column()]
        if role == Qt.ItemDataRole.FontRole:
            return self._bold if self.is_reshaped(tensor) else self._font
        if role == Qt.ItemDataRole.BackgroundRole and tensor.name in self._lit:
            return self._lit_color
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            was = f"; {self._was(tensor)}" if self.is_reshaped(tensor) else ""
            return f"{_in_words(tensor)}{was}"
        return None

    def _was(self, tensor: TensorShape) -> str:
        before = self._before.get(tensor.name)
        return f"{before} in the pinned run" if before else "not in the pinned run"


def _cells(tensor: TensorShape) -> tuple[str, ...]:
    return (
        tensor.name,
        str(tensor.shape),
        ", ".join(axis.symbol for axis in tensor.axes),
        tensor.dtype,
        bytes_in_words(tensor.bytes),
    )


def small_mono(*, is_bold: bool = False) -> QFont:
    """Return the face of the table: the contract has many columns and little room."""
    font = mono(QApplication.font().pointSizeF() * _SMALLER)
    font.setBold(is_bold)
    return font


def _in_words(tensor: TensorShape) -> str:
    axes = ", ".join(f"{axis.symbol} = {axis.size:,} ({axis.kind})" for axis in tensor.axes)
    return f"{tensor.name}: {axes}; {tensor.dtype}, {tensor.bytes:,} bytes"


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

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
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

    def _lay_out(self, index: _Index, theme: Theme) -> _Cell:
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
    if column == _SHAPE:
        words = [str(size) for size in tensor.shape]
    elif column == _AXES:
        words = [axis.symbol for axis in tensor.axes]
    else:
        return [(text, theme.text)]
    runs: list[tuple[str, str]] = []
    for word, axis in zip(words, tensor.axes, strict=True):
        runs += [(", ", theme.muted), (word, theme.axis(axis.kind))]
    if column == _AXES:
        return runs[1:]
    end = ",)" if len(words) == 1 else ")"
    return [("(", theme.muted), *runs[1:], (end, theme.muted)]


class ContractPanel(QWidget):
    """Table of tensors, and beneath it what they add up to."""

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._model = ContractModel(self)
        self._widest = [0] * len(_COLUMNS)
        self.table = QTableView()
        self.table.setModel(self._model)
        self._delegate = TensorDelegate(self._model, self.table)
        self.table.setItemDelegate(self._delegate)
        self._arrange_table()
        self._totals = QLabel(wordWrap=True)
        self._totals.setProperty("role", "muted")
        # Always two lines: a table that changes its height is laid out and painted once more.
        self._totals.setFixedHeight(2 * self._totals.fontMetrics().lineSpacing())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 10)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._totals)
        document.spec_changed.connect(self._show)
        document.run_changed.connect(self._show_totals)
        document.lit_changed.connect(self._show_lit)
        document.pinned_changed.connect(self._show_pinned)
        self.table.setMouseTracking(True)
        self.table.entered.connect(self._point)
        self.table.selectionModel().currentChanged.connect(self._point)
        appearance.changed.connect(self._show_theme)
        self._show()
        self._show_theme()

    def _arrange_table(self) -> None:
        self.table.setAccessibleName("Contract: every tensor's axes, shape, dtype and bytes")
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(25)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.setTabKeyNavigation(False)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        font: QFont = header.font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        header.setFont(font)

    def _show(self) -> None:
        shapes = contract(self._document.spec)
        self._model.show_contract(shapes)
        self._fit_columns()
        self._show_totals()

    def _fit_columns(self) -> None:
        measure = QFontMetrics(small_mono())
        for column, title in enumerate(_COLUMNS):
            longest = self._model.longest(column)
            wide = max(measure.horizontalAdvance(longest), measure.horizontalAdvance(title))
            # Columns only grow: one that follows every digit moves the whole table about.
            if wide + 10 > self._widest[column]:
                self._widest[column] = wide + 10
                self.table.setColumnWidth(column, wide + 10)

    def _point(self, index: _Index, *_: object) -> None:
        """Light the tensor of a row up in the other views."""
        tensor = self._model.tensor(index.row())
        is_drawn = tensor.role is not Role.PARAMETER and not tensor.name.startswith("packed")
        self._document.light((whole(tensor.name, self._document.spec),) if is_drawn else ())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._document.light(())

    def _show_lit(self) -> None:
        names = frozenset(region.tensor for region in self._document.lit)
        self._model.show_lit(names, QColor(self._appearance.theme.accent_soft))

    def _show_pinned(self) -> None:
        pinned = self._document.pinned
        shapes = contract(pinned[1]).tensors if pinned else ()
        self._model.show_before({tensor.name: tensor.shape for tensor in shapes})

    def _show_totals(self) -> None:
        shapes = contract(self._document.spec)
        trace = self._document.trace
        text = f"{shapes.parameters:,} parameters, {bytes_in_words(shapes.parameter_bytes)}."
        if trace is not None:
            text += (
                f" Forward {time_in_words(trace.forward_seconds)},"
                f" trace {time_in_words(trace.trace_seconds)}, {bytes_in_words(trace.nbytes)}."
            )
        self._totals.setText(text)

    def _show_theme(self) -> None:
        self._delegate.show_theme(self._appearance.theme)
        self.table.viewport().update()
