"""The contract as a table: every tensor with its axes, shape, type and bytes."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
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

from lstmviz.core.contract import Contract, TensorShape, contract
from lstmviz.core.wording import bytes_in_words, time_in_words
from lstmviz.gui.document import Document
from lstmviz.gui.theme import Appearance, Theme, mono

_COLUMNS: Final = ("tensor", "shape", "axes", "dtype", "bytes")
_SMALLER: Final = 0.88
_Index = QModelIndex | QPersistentModelIndex


class ContractModel(QAbstractTableModel):
    """The tensors of a contract as rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tensors: tuple[TensorShape, ...] = ()
        self._cells: list[tuple[str, ...]] = []
        self._font = small_mono()

    def show_contract(self, shapes: Contract) -> None:
        """Replace all rows."""
        self._cells = [_cells(tensor) for tensor in shapes.tensors]
        if len(shapes.tensors) == len(self._tensors):
            self._tensors = shapes.tensors
            last = self.index(len(self._tensors) - 1, len(_COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        else:
            self.beginResetModel()
            self._tensors = shapes.tensors
            self.endResetModel()

    def tensor(self, row: int) -> TensorShape:
        """Return the tensor in `row`."""
        return self._tensors[row]

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
            return self._font
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return _in_words(tensor)
        return None


def _cells(tensor: TensorShape) -> tuple[str, ...]:
    return (
        tensor.name,
        str(tensor.shape),
        ", ".join(axis.symbol for axis in tensor.axes),
        tensor.dtype,
        bytes_in_words(tensor.bytes),
    )


def small_mono() -> QFont:
    """Return the face of the table: the contract has many columns and little room."""
    return mono(QApplication.font().pointSizeF() * _SMALLER)


def _in_words(tensor: TensorShape) -> str:
    axes = ", ".join(f"{axis.symbol} = {axis.size:,} ({axis.kind})" for axis in tensor.axes)
    return f"{tensor.name}: {axes}; {tensor.dtype}, {tensor.bytes:,} bytes"


class AxesDelegate(QStyledItemDelegate):
    """Write axes and sizes each in its axis colour."""

    def __init__(self, model: ContractModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme: Theme | None = None
        self._font = small_mono()
        self._metrics = QFontMetrics(self._font)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        self._theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        tensor = self._model.tensor(index.row())
        if self._theme is None:
            return
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(self._theme.accent_soft))
        painter.setFont(self._font)
        metrics = self._metrics
        left = option.rect.left() + 4
        baseline = option.rect.center().y() + metrics.capHeight() // 2 + 1
        for text, color in _runs(tensor, index.column(), self._theme):
            painter.setPen(QColor(color))
            painter.drawText(left, baseline, text)
            left += metrics.horizontalAdvance(text)
        painter.restore()


def _runs(tensor: TensorShape, column: int, theme: Theme) -> list[tuple[str, str]]:
    is_shape = column == 1
    texts = [str(axis.size) if is_shape else axis.symbol for axis in tensor.axes]
    runs: list[tuple[str, str]] = [("(", theme.muted)] if is_shape else []
    for place, (text, axis) in enumerate(zip(texts, tensor.axes, strict=True)):
        if place:
            runs.append((", ", theme.muted))
        runs.append((text, theme.axis(axis.kind)))
    if is_shape:
        runs.append((",)" if len(texts) == 1 else ")", theme.muted))
    return runs


class ContractPanel(QWidget):
    """Table of tensors, and beneath it what they add up to."""

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._model = ContractModel(self)
        self.table = QTableView()
        self.table.setModel(self._model)
        self._delegate = AxesDelegate(self._model, self.table)
        for column in (1, 2):
            self.table.setItemDelegateForColumn(column, self._delegate)
        self._arrange_table()
        self._totals = QLabel(wordWrap=True)
        self._totals.setProperty("role", "muted")
        # Two lines from the start, so that the table keeps its height when the text grows.
        self._totals.setMinimumHeight(2 * self._totals.fontMetrics().lineSpacing())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 10)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._totals)
        document.spec_changed.connect(self._show)
        document.run_changed.connect(self._show_totals)
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
            if wide + 10 != self.table.columnWidth(column):
                self.table.setColumnWidth(column, wide + 10)

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
