"""Rows of plots that share one time axis, one cursor and one pointer."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Final

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from lstmviz.core.plotted import Plotted, Whose
from lstmviz.core.scenes.diagram.highlighted import alike
from lstmviz.core.scenes.plots.quantities import CELL, HIDDEN, Quantity, axes_of
from lstmviz.core.scenes.plots.scale import ScaleKind
from lstmviz.gui.document import Document
from lstmviz.gui.plots.curverow import CurveRow
from lstmviz.gui.plots.heatrow import HeatRow
from lstmviz.gui.plots.highlighted import blocks
from lstmviz.gui.plots.offers import offer_of_number, offer_of_units
from lstmviz.gui.plots.rowlabel import RowLabel
from lstmviz.gui.plots.unitslabel import UnitsLabel
from lstmviz.gui.plots.whoseline import WhoseLine
from lstmviz.gui.theme import Appearance

_STRETCH: Final = {"input": 3, "output": 8}
_OTHER_STRETCH: Final = 6
_CURVES_STRETCH: Final = 9
"""How tall rows are beside each other; the input is the one that nobody computed."""


class PlotStack(QWidget):
    """Heatmaps of some quantities and curves of chosen units, for the document's view.

    Parameters
    ----------
    document : Document
    appearance : Appearance
    quantities : sequence of Quantity
        One heatmap each, top to bottom.
    has_curves : bool
        Whether single units are drawn above the time axis; without them rows are low.
    """

    offered = Signal(object, object)
    """An `Offer` of what can be taken, and the place on the screen"""
    drawn = Signal()
    """All rows show the run's numbers."""

    def __init__(
        self,
        document: Document,
        appearance: Appearance,
        quantities: Sequence[Quantity],
        *,
        has_curves: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._quantities = tuple(quantities)
        self._drawn: tuple[object, ...] = ()
        self._runs: tuple[object, object] = (None, None)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(14, 8, 8, 4)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(7)
        self._has_curves = has_curves
        self._labels: list[RowLabel] = []
        self._rows: list[HeatRow] = []
        self._assembling = self._assemble()
        self._is_assembled = False

    @property
    def rows(self) -> list[HeatRow]:
        """The heatmaps, top to bottom."""
        return self._rows

    @property
    def curves(self) -> CurveRow:
        """The units over time."""
        return self._curves

    def assemble(self) -> Generator[None, None, None]:
        """Make the plots, one row between two yields; nothing is drawn before all are there."""
        yield from self._assembling

    def finish(self) -> None:
        """Finish drawing now, as a picture needs."""
        self._finish_assembling()
        self._show_run()
        for row in self._rows:
            row.finish()

    def zoom_out(self) -> None:
        """Show all steps."""
        self._curves.time.autoRangeTime()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._document.trace is not None:
            self._finish_assembling()
        self._show_run()

    def _assemble(self) -> Generator[None, None, None]:
        self._whose = WhoseLine()
        self._grid.addWidget(self._whose, 0, 0, 1, 2)
        last = 1 + len(self._quantities)
        self._units_label = UnitsLabel(self._document)
        self._curves = CurveRow()
        self._curves.setAccessibleName("Chosen units over time, h solid and c dashed")
        self._grid.addWidget(self._units_label, last, 0)
        self._grid.addWidget(self._curves, last, 1)
        self._grid.setRowStretch(last, _CURVES_STRETCH)
        if not self._has_curves:
            self._units_label.hide()
            self._curves.show_axis_only()
        yield
        for index, quantity in enumerate(self._quantities):
            self._add_row(1 + index, quantity)
            yield
        self._connect()
        self._is_assembled = True
        self._show_theme()
        yield
        self._show_run()

    def _finish_assembling(self) -> None:
        for _ in self._assembling:
            pass

    def _add_row(self, line: int, quantity: Quantity) -> None:
        label = RowLabel(quantity.title, quantity.meaning, is_low=not self._has_curves)
        row = HeatRow()
        row.setAccessibleName(f"{quantity.title} over time, {quantity.meaning}")
        row.time.setXLink(self._curves.time)
        self._grid.addWidget(label, line, 0)
        self._grid.addWidget(row, line, 1)
        self._grid.setRowStretch(line, _STRETCH.get(quantity.tensor, _OTHER_STRETCH))
        self._labels.append(label)
        self._rows.append(row)

    def _connect(self) -> None:
        for row, label, quantity in zip(self._rows, self._labels, self._quantities, strict=True):
            row.cell_picked.connect(
                lambda step, unit, quantity=quantity: self._pick(quantity, step, unit)
            )
            row.cell_pointed.connect(
                lambda step, unit, quantity=quantity, row=row: self._point(
                    quantity, step, unit, row
                )
            )
            row.menu_asked.connect(
                lambda step, unit, place, quantity=quantity, row=row: self._offer(
                    quantity, row, step, unit, place
                )
            )
            row.picture_changed.connect(lambda label=label, row=row: _show_picture(label, row))
        self._curves.looks_changed.connect(self._show_looks)
        self._curves.menu_asked.connect(self._offer_units)
        self._curves.step_picked.connect(lambda step: self._document.look_at(step=step))
        self._document.run_changed.connect(self._show_run)
        self._document.view_changed.connect(self._show_run)
        self._document.lit_changed.connect(self._show_lit)
        self._document.pinned_changed.connect(self._show_run)
        self._appearance.changed.connect(self._show_theme)

    def _show_lit(self) -> None:
        if not self.isVisible():
            return
        geometry, view = self._document.shown_geometry, self._document.view
        everywhere = alike(self._document.lit, geometry)
        for row, quantity in zip(self._rows, self._quantities, strict=True):
            row.show_lit(blocks(everywhere, quantity, view, geometry))
        states = [
            part for state in (HIDDEN, CELL) for part in blocks(everywhere, state, view, geometry)
        ]
        shown = [steps for steps, units in states if set(view.units).intersection(units)]
        self._curves.show_lit(list(dict.fromkeys(shown)) if self._has_curves else [])

    def _show_run(self) -> None:
        plotted = self._document.plotted
        if plotted is None or not (self.isVisible() and self._is_assembled):
            return
        view, seq_len = plotted.view, plotted.seq_len
        place = (self._document.shown, view.layer, view.direction, view.item)
        chosen = (plotted.whose, plotted.refusal, plotted.is_pinned, *place)
        runs = (self._document.run, self._document.pinned)
        # Runs are compared by identity: two of them are equal only where all their arrays are.
        is_other = any(new is not old for new, old in zip(runs, self._runs, strict=True))
        if is_other or chosen != self._drawn:
            self._drawn, self._runs = chosen, runs
            for view_box in (self._curves.time, *(row.time for row in self._rows)):
                view_box.show_limits(seq_len)
            self._show_words(plotted)
            for row, quantity in zip(self._rows, self._quantities, strict=True):
                is_difference = plotted.is_difference
                row.show_table(
                    plotted.table(quantity.table),
                    seq_len,
                    view.step,
                    ScaleKind.SIGNED if is_difference else quantity.kind,
                    # How far two gates are apart can be far less than a gate can be.
                    None if is_difference else quantity.fixed,
                )
            self._show_axes()
            self._show_curves()
            self.drawn.emit()
        else:
            for row in self._rows:
                row.show_step(view.step)
        if view.units != self._units_label.units:
            self._show_curves()
        self._curves.show_step(view.step)

    def _show_words(self, plotted: Plotted) -> None:
        self._whose.show_plotted(plotted)
        is_both = plotted.trace.num_directions > 1
        for label, quantity in zip(self._labels, self._quantities, strict=True):
            meaning = quantity.meaning_of(is_bidirectional=is_both)
            label.show_words(meaning, plotted.whose.mark)

    def _show_curves(self) -> None:
        plotted = self._document.plotted
        if plotted is not None:
            view = plotted.view
            self._units_label.show_units(view.units)
            hidden, cell = plotted.table(HIDDEN.table), plotted.table(CELL.table)
            self._curves.show_series(hidden, cell, view.units, plotted.seq_len)
            self._curves.show_step(view.step)

    def _show_looks(self) -> None:
        curves = self._curves
        self._units_label.show_looks(curves.pooling, is_dense=curves.is_dense)

    def _show_axes(self) -> None:
        document, theme = self._document, self._appearance.theme
        plotted, pinned, geometry = document.plotted, document.pinned, document.shown_geometry
        if plotted and pinned and plotted.whose is Whose.PINNED:
            geometry = pinned.geometry
        for label, quantity in zip(self._labels, self._quantities, strict=True):
            label.show_axes(axes_of(quantity, geometry), theme)

    def _show_theme(self) -> None:
        theme = self._appearance.theme
        for label, row in zip(self._labels, self._rows, strict=True):
            label.colors.show_theme(theme)
            row.show_theme(theme)
        self._curves.show_theme(theme)
        self._show_axes()

    def _pick(self, quantity: Quantity, step: int, unit: int) -> None:
        trace, view = self._document.trace, self._document.view
        if trace is not None:
            self._document.look(quantity.view_of(view, trace, step, unit))

    def _offer(self, quantity: Quantity, row: HeatRow, step: int, unit: int, place: QPoint) -> None:
        plotted = self._document.plotted
        if plotted is not None:
            there = quantity.place(plotted.view, plotted.trace, step, unit)
            offer = offer_of_number(plotted, quantity, there, row.steps_in_sight)
            self.offered.emit(offer, place)

    def _offer_units(self, step: int, place: QPoint) -> None:
        plotted = self._document.plotted
        if plotted is not None:
            self.offered.emit(offer_of_units(plotted, step), place)

    def _point(self, quantity: Quantity, step: int, unit: int, row: HeatRow) -> None:
        plotted = self._document.plotted
        if plotted is None or step < 0:
            self._document.point_at(None)
            return
        place = quantity.place(plotted.view, plotted.trace, step, unit)
        self._document.point_at(place, row.picture.pixel(step, unit) if row.picture else None)


def _show_picture(label: RowLabel, row: HeatRow) -> None:
    if row.picture is not None:
        label.show_pooling(row.picture.pooling, row.scale)
