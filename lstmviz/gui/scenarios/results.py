"""The results of a scenario, each drawn as what it is."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from lstmviz.core.scenarios.sheets import Form, Sheet, sheets
from lstmviz.core.scenes.plots.scale import BLANK
from lstmviz.core.scenes.results.maps import scales_of
from lstmviz.gui.plots.slices import Slices
from lstmviz.gui.scenarios.result_card import PackedCard, ResultCard, SheetCard
from lstmviz.gui.taking.offer import Offer

if TYPE_CHECKING:
    from lstmviz.core.scenarios.results import ScenarioRun
    from lstmviz.gui.document import Document
    from lstmviz.gui.scenarios.tour import Tour
    from lstmviz.gui.theme import Appearance

_PACKED: Final = "packed data"
_ABOVE: Final = 6
_NARROW: Final = 680
"""Width below which there is room for one column only."""


class ResultsView(QScrollArea):
    """Draw what the document's scenario found, and set off what its tour points at."""

    offered = Signal(object, object)
    """An `Offer` of what can be taken, and the place on the screen"""

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
        self._is_narrow = False
        self.cards: dict[str, ResultCard] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Results of this scenario")
        self._drawing: Slices[None] = Slices(self._show_pointed, self)
        # New cards have their places once the layout has been at work.
        self.verticalScrollBar().rangeChanged.connect(self._bring_into_sight)
        document.run_changed.connect(self._show)
        document.view_changed.connect(self._show_view)
        tour.moved.connect(self._show_pointed)
        appearance.changed.connect(self._show_theme)

    def finish(self) -> None:
        """Finish drawing now, as a picture needs."""
        self._show()
        self._drawing.finish()
        for card in self.cards.values():
            card.finish()

    def zoom_out(self) -> None:
        """Show all steps of every curve."""
        for card in self.cards.values():
            card.zoom_out()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = event.globalPos()
        cards = self.cards.values()
        card = next((c for c in cards if c.rect().contains(c.mapFromGlobal(place))), None)
        table = card.numbers if card is not None else None
        self.offered.emit(Offer(view="results", table=table), place)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_narrow = self.width() < _NARROW
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._drawn, self.cards = None, {}
            self._show()

    def _show(self) -> None:
        found = self._document.scenario_run
        if found is None or not self.isVisible() or found is self._drawn:
            return
        self._drawn = found
        together = list(sheets(found.results))
        keys = [sheet.key for sheet in together if sheet.form is not Form.NUMBER]
        keys = ([_PACKED] if found.packed else []) + keys
        if keys != list(self.cards):
            self._drawing.start(self._build(found, together))
        else:
            self._drawing.start(self._draw(found, together))

    def _build(self, found: ScenarioRun, together: list[Sheet]) -> Generator[None, None, None]:
        self.cards = {}
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(16, 10, 14, 14)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.setWidget(body)
        yield
        places = _Places()
        if found.packed is not None:
            self._add(grid, _PACKED, PackedCard(self._document), places.next(is_wide=True))
            yield
        for sheet in together:
            if sheet.form is not Form.NUMBER:
                place = places.next(is_wide=sheet.is_wide or self._is_narrow)
                self._add(grid, sheet.key, SheetCard(self._document, sheet), place)
                yield
        grid.setRowStretch(places.row + 1, 1)
        yield from self._draw(found, together)

    def _add(
        self, grid: QGridLayout, key: str, card: ResultCard, place: tuple[int, int, int]
    ) -> None:
        row, column, span = place
        self.cards[key] = card
        card.show_theme(self._appearance.theme)
        grid.addWidget(card, row, column, 1, span, Qt.AlignmentFlag.AlignTop)

    def _draw(self, found: ScenarioRun, together: list[Sheet]) -> Generator[None, None, None]:
        if found.packed is not None:
            packed = self.cards[_PACKED]
            assert isinstance(packed, PackedCard)  # noqa: S101 - made so by _build
            packed.show_packed(found.packed)
            yield
        scales = scales_of(together)
        for sheet in together:
            card = self.cards.get(sheet.key)
            if isinstance(card, SheetCard):
                card.show_sheet(sheet, scales.get(sheet.key, BLANK))
                yield

    def _show_view(self) -> None:
        if self.isVisible():
            for card in self.cards.values():
                card.show_view()

    def _show_theme(self) -> None:
        for card in self.cards.values():
            card.show_theme(self._appearance.theme)

    def _show_pointed(self, _nothing: None = None) -> None:
        """Set off the result that the tour points at, and bring it into sight."""
        pointed, packed = self._tour.result, self._tour.points_at_packed
        for key, card in self.cards.items():
            is_it = packed if key == _PACKED else bool(pointed) and card.shows(pointed)
            card.set_off(on=is_it)
        self._bring_into_sight()

    def _bring_into_sight(self) -> None:
        for card in self.cards.values():
            if card.is_set_off:
                self.verticalScrollBar().setValue(card.y() - _ABOVE)


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
