"""The results of a scenario, each drawn as what it is."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from lstmviz.core.scenarios.sheets import Form, Sheet, sheets
from lstmviz.gui.plots.slices import Slices
from lstmviz.gui.scenarios.leaf import Leaf, PackedLeaf, SheetLeaf

if TYPE_CHECKING:
    from lstmviz.core.scenarios.results import ScenarioRun
    from lstmviz.gui.document import Document
    from lstmviz.gui.scenarios.tour import Tour
    from lstmviz.gui.theme import Appearance

_PACKED: Final = "packed data"


class ResultsView(QScrollArea):
    """Draw what the document's scenario found, and set off what its tour points at."""

    def __init__(
        self,
        document: Document,
        appearance: Appearance,
        tour: Tour,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._tour = tour
        self._drawn: object = None
        self.leaves: dict[str, Leaf] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Results of this scenario")
        self._drawing: Slices[None] = Slices(self._show_pointed, self)
        document.run_changed.connect(self._show)
        document.view_changed.connect(self._show_view)
        tour.moved.connect(self._show_pointed)
        appearance.changed.connect(self._show_theme)

    def finish(self) -> None:
        """Finish drawing now, as a picture needs."""
        self._show()
        self._drawing.finish()
        for leaf in self.leaves.values():
            leaf.finish()

    def zoom_out(self) -> None:
        """Show all steps of every curve."""
        for leaf in self.leaves.values():
            leaf.zoom_out()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        found = self._document.scenario_run
        if found is None or not self.isVisible() or found is self._drawn:
            return
        self._drawn = found
        together = list(sheets(found.results))
        keys = [sheet.key for sheet in together if sheet.form is not Form.NUMBER]
        keys = ([_PACKED] if found.packed else []) + keys
        if keys != list(self.leaves):
            self._drawing.start(self._build(found, together))
        else:
            self._drawing.start(self._draw(found, together))

    def _build(self, found: ScenarioRun, together: list[Sheet]) -> Generator[None, None, None]:
        self.leaves = {}
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(16, 10, 14, 14)
        grid.setHorizontalSpacing(26)
        grid.setVerticalSpacing(16)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.setWidget(body)
        yield
        places = _Places()
        if found.packed is not None:
            self._add(grid, _PACKED, PackedLeaf(self._document), places.next(is_wide=True))
            yield
        for sheet in together:
            if sheet.form is not Form.NUMBER:
                place = places.next(is_wide=sheet.is_wide)
                self._add(grid, sheet.key, SheetLeaf(self._document, sheet), place)
                yield
        grid.setRowStretch(places.row + 1, 1)
        yield from self._draw(found, together)

    def _add(self, grid: QGridLayout, key: str, leaf: Leaf, place: tuple[int, int, int]) -> None:
        row, column, span = place
        self.leaves[key] = leaf
        leaf.show_theme(self._appearance.theme)
        grid.addWidget(leaf, row, column, 1, span, Qt.AlignmentFlag.AlignTop)

    def _draw(self, found: ScenarioRun, together: list[Sheet]) -> Generator[None, None, None]:
        if found.packed is not None:
            packed = self.leaves[_PACKED]
            assert isinstance(packed, PackedLeaf)  # noqa: S101 - made so by _build
            packed.show_packed(found.packed)
            yield
        for sheet in together:
            leaf = self.leaves.get(sheet.key)
            if isinstance(leaf, SheetLeaf):
                leaf.show_sheet(sheet)
                yield

    def _show_view(self) -> None:
        if self.isVisible():
            for leaf in self.leaves.values():
                leaf.show_view()

    def _show_theme(self) -> None:
        for leaf in self.leaves.values():
            leaf.show_theme(self._appearance.theme)

    def _show_pointed(self, _nothing: None = None) -> None:
        """Set off the result that the tour points at, and bring it into sight."""
        found = self._document.scenario_run
        pointed = self._tour.result
        packed = self._tour.points_at_packed
        for key, leaf in self.leaves.items():
            is_it = packed if key == _PACKED else bool(pointed) and leaf.shows(pointed)
            leaf.set_off(on=is_it)
            if is_it and found is not None and self.isVisible():
                self.ensureWidgetVisible(leaf, 0, 20)


class _Places:
    """Hands out places of a grid of two columns: wide parts take a row, others share one."""

    def __init__(self) -> None:
        self.row = 0
        self._column = 0

    def next(self, *, is_wide: bool) -> tuple[int, int, int]:
        """Return row, column and span of the next part."""
        if is_wide:
            if self._column:
                self.row, self._column = self.row + 1, 0
            self.row += 1
            return self.row - 1, 0, 2
        place = self.row, self._column, 1
        self._column = 1 - self._column
        self.row += not self._column
        return place


def numbers_of(found: ScenarioRun) -> list[str]:
    """Return the results that are single numbers or yes and no, in words."""
    said = []
    for result in found.results:
        values = result.values
        if values.dtype == bool:
            said.append(f"{result.title}: {int(np.count_nonzero(values))} of {values.size}")
        elif values.ndim == 0:
            said.append(f"{result.title}: {values}")
    return said
