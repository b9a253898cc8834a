"""The tensors of a contract as rows of a table."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication, QWidget

from lstmviz.core.contract import Contract, TensorShape
from lstmviz.core.words.amounts import bytes_in_words
from lstmviz.gui.richtext import plain_tip
from lstmviz.gui.theme import mono

COLUMNS: Final = ("tensor", "shape", "axes", "dtype", "bytes")
SHAPE, AXES = 1, 2
"""Columns whose words have axis colours."""

_SMALLER: Final = 0.88

Index = QModelIndex | QPersistentModelIndex


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
        last = self.index(len(self._tensors) - 1, len(COLUMNS) - 1)
        self.dataChanged.emit(self.index(0, 0), last)

    def longest(self, column: int) -> str:
        """Return the longest text in `column`."""
        return max((cells[column] for cells in self._cells), key=len, default="")

    def rowCount(self, _parent: Index | None = None) -> int:
        return len(self._tensors)

    def columnCount(self, _parent: Index | None = None) -> int:
        return len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Horizontal:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        tensor = self._tensors[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cells[index.row()][index.column()]
        if role == Qt.ItemDataRole.FontRole:
            return self._bold if self.is_reshaped(tensor) else self._font
        if role == Qt.ItemDataRole.BackgroundRole and tensor.name in self._lit:
            return self._lit_color
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            was = f"; {self._was(tensor)}" if self.is_reshaped(tensor) else ""
            return plain_tip(f"{_in_words(tensor)}{was}")
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
