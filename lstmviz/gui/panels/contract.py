"""The contract as a table: every tensor with its axes, shape, type and bytes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.contract import Role, contract
from lstmviz.core.region import whole
from lstmviz.core.words.amounts import bytes_in_words, time_in_words
from lstmviz.core.words.of_traces import remarks, timing_in_words
from lstmviz.gui.document import Document
from lstmviz.gui.panels.contractcells import TensorDelegate
from lstmviz.gui.panels.contractmodel import COLUMNS, ContractModel, Index, small_mono
from lstmviz.gui.richtext import Label
from lstmviz.gui.taking.offer import Offer
from lstmviz.gui.theme import Appearance


class ContractPanel(QWidget):
    """Table of tensors, and beneath it what they add up to."""

    offered = Signal(object, object)
    """An `Offer` of what can be taken, and the place on the screen"""

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._model = ContractModel(self)
        self._widest = [0] * len(COLUMNS)
        self.table = QTableView()
        self.table.setModel(self._model)
        self._delegate = TensorDelegate(self._model, self.table)
        self.table.setItemDelegate(self._delegate)
        self._arrange_table()
        self._totals = Label(wordWrap=True)
        self._totals.setProperty("role", "muted")
        self._fitted_width = self._totals_height = 0
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 10)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._totals)
        document.spec_changed.connect(self._show)
        document.run_changed.connect(self._show_totals)
        document.freshness.changed.connect(self._show_totals)
        document.timing_changed.connect(self._show_totals)
        document.lit_changed.connect(self._show_lit)
        document.pinned_changed.connect(self._show_pinned)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._offer)
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
        shapes = contract(self._document.geometry)
        self._model.show_contract(shapes)
        self._fit_columns()
        self._show_totals()

    def _fit_columns(self) -> None:
        measure = QFontMetrics(small_mono())
        for column, title in enumerate(COLUMNS):
            longest = self._model.longest(column)
            wide = max(measure.horizontalAdvance(longest), measure.horizontalAdvance(title))
            # Columns only grow: one that follows every digit moves the whole table about.
            if wide + 10 > self._widest[column]:
                self._widest[column] = wide + 10
                self.table.setColumnWidth(column, wide + 10)

    def _point(self, index: Index, *_: object) -> None:
        """Light the tensor of a row up in the other views."""
        tensor = self._model.tensor(index.row())
        is_drawn = tensor.role is not Role.PARAMETER and not tensor.name.startswith("packed")
        self._document.light((whole(tensor.name, self._document.geometry),) if is_drawn else ())

    def _offer(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        texts: tuple[tuple[str, str], ...] = ()
        if index.isValid():
            tensor = self._model.tensor(index.row())
            axes = ", ".join(axis.symbol for axis in tensor.axes)
            row = f"{tensor.name} ({axes}) {tensor.shape} {tensor.dtype}, {tensor.bytes:,} bytes"
            texts = (
                (f"Copy name {tensor.name}", tensor.name),
                (f"Copy shape {tensor.shape}", str(tensor.shape)),
                ("Copy row", row),
            )
        where = self.table.viewport().mapToGlobal(place)
        self.offered.emit(Offer(view="contract", texts=texts), where)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._document.light(())

    def _show_lit(self) -> None:
        names = frozenset(region.tensor for region in self._document.lit)
        self._model.show_lit(names, QColor(self._appearance.theme.accent_soft))

    def _show_pinned(self) -> None:
        pinned = self._document.pinned
        shapes = contract(pinned.geometry).tensors if pinned else ()
        self._model.show_before({tensor.name: tensor.shape for tensor in shapes})

    def _show_totals(self) -> None:
        shapes = contract(self._document.geometry)
        trace, timing = self._document.trace, self._document.forward_timing
        text = f"{shapes.parameters:,} parameters, {bytes_in_words(shapes.parameter_bytes)}."
        if trace is not None and timing is not None:
            before = " The run before:" if self._document.freshness.notice else ""
            text += (
                f"{before} Forward {timing_in_words(timing)}; with its first call the trace took"
                f" {time_in_words(trace.trace_seconds)}, and is {bytes_in_words(trace.nbytes)}."
            )
        self._totals.setText("\n".join([text, *(remarks(trace) if trace else ())]))
        self._fit_totals()

    def _fit_totals(self) -> None:
        """Give the totals the lines they take, and at this width never fewer again.

        A table that changes its height with every number is laid out and painted once more.
        """
        width, lines = self._totals.width(), self._totals.fontMetrics().lineSpacing()
        if width != self._fitted_width:
            self._fitted_width, self._totals_height = width, 2 * lines
        self._totals_height = max(self._totals_height, self._totals.heightForWidth(width))
        self._totals.setFixedHeight(self._totals_height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_totals()

    def _show_theme(self) -> None:
        self._delegate.show_theme(self._appearance.theme)
        self.table.viewport().update()
