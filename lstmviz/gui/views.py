"""Every view of a document, made once and ready to be arranged."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from lstmviz.gui.controls.form import SettingsForm
from lstmviz.gui.document import Document
from lstmviz.gui.panels.cell import CellPanel
from lstmviz.gui.panels.chips import Chips
from lstmviz.gui.panels.contract import ContractPanel
from lstmviz.gui.panels.lazy import LazyPanel
from lstmviz.gui.panels.scrubber import Player, Scrubber
from lstmviz.gui.panels.selectors import Selectors
from lstmviz.gui.panels.status import StatusLine
from lstmviz.gui.plots.quantities import GATES, STATES
from lstmviz.gui.plots.stack import PlotStack
from lstmviz.gui.theme import Appearance
from lstmviz.gui.unrolled.view import UnrolledView


class Views:
    """The parts of the window.

    Attributes
    ----------
    settings, shapes, steps, scrubber, side, status, chips : QWidget
    panels : QTabWidget
        The tabs of `side`.
    plots : dict of str to PlotStack
        By the title of their tab.
    player : Player
    """

    def __init__(
        self, document: Document, appearance: Appearance, actions: Mapping[str, QAction]
    ) -> None:
        self.settings = SettingsForm(document)
        self.shapes = _shapes(document, appearance)
        self.plots = {
            "Time steps": PlotStack(document, appearance, STATES),
            "Gates": PlotStack(document, appearance, GATES, has_curves=False),
        }
        self.unrolled = UnrolledView(document, appearance)
        self.steps = _tabs()
        self.steps.addTab(self.plots["Time steps"], "Time steps")
        self.steps.addTab(self.unrolled, "Unrolled")
        self.steps.addTab(self.plots["Gates"], "Gates")
        self.steps.setCornerWidget(Selectors(document, appearance), Qt.Corner.TopRightCorner)
        self.player = Player(document)
        self.scrubber = Scrubber(document, appearance, dict(actions), self.player)
        self.panels = _tabs()
        self.panels.addTab(ContractPanel(document, appearance), "Contract")
        self.lab = LazyPanel(lambda: _lab(document, appearance))
        self.panels.addTab(self.lab, "Error lab")
        self.side = _column(self.panels, CellPanel(document, appearance))
        self.chips = Chips(document)
        self.status = StatusLine(document)

    @property
    def shown_plots(self) -> PlotStack | UnrolledView:
        """What the open tab shows."""
        shown = self.steps.currentWidget()
        return shown if isinstance(shown, PlotStack) else self.unrolled


def _shapes(document: Document, appearance: Appearance) -> QWidget:
    from lstmviz.gui.shapes.diagram import ShapeDiagram

    return ShapeDiagram(document, appearance)


def _lab(document: Document, appearance: Appearance) -> QWidget:
    from lstmviz.gui.panels.lab import LabPanel

    return LabPanel(document, appearance)


def _column(*parts: QWidget) -> QWidget:
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for place, part in enumerate(parts):
        layout.addWidget(part, 0 if place else 1)
    return column


def _tabs() -> QTabWidget:
    tabs = QTabWidget()
    tabs.setDocumentMode(True)
    tabs.tabBar().setDrawBase(False)
    tabs.tabBar().setExpanding(False)
    return tabs
