"""How the window stands, as a session carries it, and the window made to stand like that again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QTabWidget, QWidget

from lstmviz.gui.theme import Appearance, Scheme

if TYPE_CHECKING:
    from lstmviz.core.asking.looks import Looks
    from lstmviz.gui.app.views import Views
    from lstmviz.gui.app.window import MainWindow
    from lstmviz.gui.unrolled.view import UnrolledView

_RESULTS: Final = "results"
_SCENARIO: Final = "scenario"
"""Names of the tabs that only scenarios have."""


class WindowLooks:
    """Tell how the window stands, and make it stand as a session says.

    Parameters
    ----------
    views : Views
    window : MainWindow
    appearance : Appearance
    """

    def __init__(self, views: Views, window: MainWindow, appearance: Appearance) -> None:
        self._views = views
        self._window = window
        self._appearance = appearance
        self._awaited: Looks | None = None
        self._plots: Mapping[str, QWidget] = {
            "time_steps": views.plots["Time steps"],
            "unrolled": views.unrolled,
            "gates": views.plots["Gates"],
        }
        self._panels: Mapping[str, QWidget] = {
            "contract": views.contract,
            "facts": views.facts,
            "code": views.code,
            "what_if": views.compare,
            "error_lab": views.lab,
        }

    def collected(self) -> Looks:
        """Return how the window stands now."""
        from lstmviz.core.asking.looks import Looks

        unrolled = self._views.unrolled.panel
        return Looks(
            plots=_open_tab(self._views.steps, self._plots, _RESULTS),
            panel=_open_tab(self._views.panels, self._panels, _SCENARIO),
            measure=unrolled.measure.currentData() if unrolled else "",
            scheme=self._appearance.scheme.value,
            has_settings=not self._window.settings_dock.isHidden(),
            has_panels=not self._window.panels_dock.isHidden(),
        )

    def apply(self, looks: Looks | None, *, in_scenario: bool) -> None:
        """Make the window stand as `looks` says; names that it does not have are passed over."""
        self._awaited = None
        if looks is None:
            return
        self._open_tabs(looks)
        if in_scenario != self._has_scenario():
            # Its tabs come and go some time after it is asked for, and turn the pages as they do.
            self._awaited = looks
        self._window.settings_dock.setVisible(looks.has_settings)
        self._window.panels_dock.setVisible(looks.has_panels)
        self._views.unrolled.then(lambda unrolled: _choose_measure(unrolled, looks.measure))
        if looks.scheme != Scheme.SYSTEM:
            self._appearance.set_scheme(Scheme(looks.scheme))

    def take_seating(self) -> None:
        """Open the tabs that were waited for, now that those of a scenario have come or gone."""
        awaited, self._awaited = self._awaited, None
        if awaited is not None:
            self._open_tabs(awaited)

    def _has_scenario(self) -> bool:
        return self._views.steps.count() > len(self._plots)

    def _open_tabs(self, looks: Looks) -> None:
        _turn(self._views.steps, self._plots, looks.plots, _RESULTS)
        _turn(self._views.panels, self._panels, looks.panel, _SCENARIO)


def _open_tab(tabs: QTabWidget, pages: Mapping[str, QWidget], other: str) -> str:
    shown = tabs.currentWidget()
    return next((name for name, page in pages.items() if page is shown), other)


def _turn(tabs: QTabWidget, pages: Mapping[str, QWidget], name: str, other: str) -> None:
    known = list(pages.values())
    if name in pages:
        tabs.setCurrentWidget(pages[name])
    elif name == other:
        for index in range(tabs.count()):
            if tabs.widget(index) not in known:
                tabs.setCurrentIndex(index)


def _choose_measure(unrolled: UnrolledView, name: str) -> None:
    index = unrolled.measure.findData(name)
    if index >= 0:
        unrolled.measure.setCurrentIndex(index)
