"""Every view of a document, made a little at a time and ready to be arranged."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from lstmviz.core.scenes.plots.quantities import GATES, STATES
from lstmviz.gui.app.laterviews import LaterViews
from lstmviz.gui.controls.form import SettingsForm
from lstmviz.gui.document import Document
from lstmviz.gui.help.pages import PROPERTY
from lstmviz.gui.panels.badges import Badges
from lstmviz.gui.panels.lazy import LazyPanel
from lstmviz.gui.panels.scrubber import Player, Scrubber
from lstmviz.gui.panels.selectors import Selectors
from lstmviz.gui.panels.status import StatusLine
from lstmviz.gui.plots.stack import PlotStack
from lstmviz.gui.theme import Appearance

if TYPE_CHECKING:
    from lstmviz.gui.scenarios.results import ResultsView
    from lstmviz.gui.unrolled.view import UnrolledView

_LATER: Final = (
    "lstmviz.core.scenes.diagram.scene",
    "lstmviz.core.scenes.diagram.tensors",
    "lstmviz.core.scenes.diagram.columns",
    "lstmviz.core.scenes.diagram.layout",
    "lstmviz.gui.diagram.diagram",
    "lstmviz.gui.panels.contract",
    "lstmviz.gui.panels.cell",
)
"""Modules that are loaded once the window stands, each too small to be felt."""


_LAST: Final = (
    "lstmviz.gui.panels.facts",
    "lstmviz.gui.panels.code",
    "lstmviz.gui.panels.compare",
    "lstmviz.core.scenarios.parts",
    "lstmviz.core.scenarios.results",
    "lstmviz.core.scenario",
    "lstmviz.core.scenarios.choice",
)
"""Modules that are waited for when a tab is opened or a scenario chosen, unless they are there."""

_BESIDE: Final = "lstmviz.core.mistakes"
"""What the lab knows: 62 modules and 275 patterns, 320 ms (one core, CPython 3.11)."""


class Views:
    """The parts of the window.

    What the first sight of the window needs is made at once; `assemble` makes the rest.

    Attributes
    ----------
    settings, shapes, steps, scrubber, side, status, chips : QWidget
    panels : QTabWidget
        The tabs of `side`.
    plots : dict of str to PlotStack
        By the title of their tab.
    unrolled, contract, cell, facts, code, compare, lab : LazyPanel
    player : Player
    """

    def __init__(
        self, document: Document, appearance: Appearance, actions: Mapping[str, QAction]
    ) -> None:
        later = LaterViews(document, appearance)
        self.settings = SettingsForm(document)
        self.shapes = LazyPanel(later.diagram, waits=True)
        self.plots = {
            "Time steps": PlotStack(document, appearance, STATES),
            "Gates": PlotStack(document, appearance, GATES, has_curves=False),
        }
        self.unrolled = LazyPanel(later.unrolled)
        self.steps = _tabs("Plots")
        self.steps.addTab(self.plots["Time steps"], "Time steps")
        self.steps.addTab(self.unrolled, "Unrolled")
        self.steps.addTab(self.plots["Gates"], "Gates")
        self.steps.setCornerWidget(Selectors(document, appearance), Qt.Corner.TopRightCorner)
        self.player = Player(document)
        self.scrubber = Scrubber(document, appearance, dict(actions), self.player)
        self.contract = LazyPanel(later.contract, waits=True)
        self.cell = LazyPanel(later.cell, waits=True)
        self.lab = LazyPanel(later.lab)
        self.panels = _tabs("Panels")
        self.panels.addTab(self.contract, "Contract")
        self.facts = LazyPanel(later.facts)
        self.code = LazyPanel(later.code)
        self.panels.addTab(self.facts, "Facts")
        self.panels.addTab(self.code, "Code")
        self.compare = LazyPanel(later.compare)
        self.panels.addTab(self.compare, "What if")
        self.panels.addTab(self.lab, "Error lab")
        self.side = _column(self.panels, self.cell)
        self._name_help_pages()
        self.chips = Badges(document)
        self.status = StatusLine(document)

    def _name_help_pages(self) -> None:
        for part, page in (
            (self.shapes, "tensors-and-axes"),
            (self.contract, "tensors-and-axes"),
            (self.plots["Time steps"], "output-h_n-c_n"),
            (self.unrolled, "stacked"),
            (self.plots["Gates"], "gates"),
            (self.cell, "gates"),
            (self.facts, "output-h_n-c_n"),
            (self.scrubber, "getting-around"),
        ):
            part.setProperty(PROPERTY, page)

    def assemble(self) -> Generator[None, None, None]:
        """Make what is left, in the order in which it is looked at; yields between small parts."""
        for name in _LATER:
            import_module(name)
            yield
        for panel in (self.shapes, self.contract, self.cell):
            panel.make_now()
            yield
        for stack in self.plots.values():
            yield from stack.assemble()
        import_module("lstmviz.gui.unrolled.view")
        yield
        self.unrolled.make_now()
        for name in _LAST:
            yield
            import_module(name)

    @staticmethod
    def load_beside() -> None:
        """Load what needs no window and takes long, on a thread that nobody waits for."""
        import_module(_BESIDE)

    @property
    def steps_page(self) -> QWidget:
        """What lies under the tabs of `steps`, whichever of them is open."""
        page = self.steps.currentWidget().parentWidget()
        assert page is not None  # noqa: S101 - the tabs' own stack
        return page

    @property
    def shown_plots(self) -> PlotStack | UnrolledView | ResultsView:
        """What the open tab shows."""
        shown = self.steps.currentWidget()
        if isinstance(shown, PlotStack):
            return shown
        assert isinstance(shown, LazyPanel)  # noqa: S101 - every other tab is one
        panel: UnrolledView | ResultsView = shown.make_now()
        return panel


def _column(*parts: QWidget) -> QWidget:
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for place, part in enumerate(parts):
        layout.addWidget(part, 0 if place else 1)
    return column


def _tabs(name: str) -> QTabWidget:
    tabs = QTabWidget()
    tabs.setAccessibleName(name)
    tabs.setDocumentMode(True)
    tabs.tabBar().setDrawBase(False)
    tabs.tabBar().setExpanding(False)
    return tabs
