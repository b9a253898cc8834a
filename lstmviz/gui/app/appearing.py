"""How the window stands, taken for what is saved, and put back from what is opened."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QTabWidget

from lstmviz.core.asking.looks import Looks
from lstmviz.gui.app.views import Views
from lstmviz.gui.document import Document
from lstmviz.gui.theme import Appearance, Scheme


class Appearing(QObject):
    """Know the open tab, panel, theme and measure; put them back, late ones when they are there.

    Parameters
    ----------
    document : Document
    views : Views
    appearance : Appearance
    """

    def __init__(
        self, document: Document, views: Views, appearance: Appearance, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._views, self._appearance = document, views, appearance
        self._waiting = Looks()
        document.run_changed.connect(self._go_on)

    @property
    def looks(self) -> Looks:
        """How the window stands now."""
        unrolled = self._views.unrolled.panel
        scheme = self._appearance.scheme
        waiting = self._waiting
        return Looks(
            # A tab that is still to come is the one that was asked for.
            tab=waiting.tab or _open(self._views.steps),
            panel=waiting.panel or _open(self._views.panels),
            theme="" if scheme is Scheme.SYSTEM else scheme.value,
            measure=unrolled.measure.currentData() if unrolled else waiting.measure,
        )

    def show(self, looks: Looks) -> None:
        """Let the window stand as `looks` says; what it does not say stays."""
        if looks.theme:
            self._appearance.set_scheme(Scheme(looks.theme))
        if looks.measure:
            self._views.unrolled.then(
                lambda view: view.measure.setCurrentIndex(view.measure.findData(looks.measure))
            )
        self._waiting = replace(looks, theme="")
        self._open_tabs()

    def _open_tabs(self) -> None:
        """Open what is there; the tab of a scenario's results comes with its first run."""
        waiting = self._waiting
        if _opened(self._views.steps, waiting.tab):
            waiting = replace(waiting, tab="")
        if _opened(self._views.panels, waiting.panel):
            waiting = replace(waiting, panel="")
        self._waiting = waiting

    def _go_on(self) -> None:
        if self._waiting.tab or self._waiting.panel:
            self._open_tabs()
            # What no run brings is of another version.
            self._waiting = replace(self._waiting, tab="", panel="")


def _open(tabs: QTabWidget) -> str:
    return tabs.tabText(tabs.currentIndex()).replace("&", "")


def _opened(tabs: QTabWidget, name: str) -> bool:
    """Open the tab called `name`; returns whether there is one."""
    for index in range(tabs.count()):
        if name and tabs.tabText(index).replace("&", "") == name:
            tabs.setCurrentIndex(index)
            return True
    return False
