"""Brings the views of a scenario into the window, and takes them out of sight again."""

from __future__ import annotations

from collections.abc import Callable, Generator
from importlib import import_module
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from lstmviz.core.cells import LSTM
from lstmviz.gui.panels.lazy import LazyPanel
from lstmviz.gui.plots.slices import Slices
from lstmviz.gui.scenarios.tour import Tour

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from lstmviz.gui.app.views import Views
    from lstmviz.gui.app.window import MainWindow
    from lstmviz.gui.document import Document
    from lstmviz.gui.scenarios.form import ScenarioForm
    from lstmviz.gui.scenarios.panel import ScenarioPanel
    from lstmviz.gui.scenarios.results import ResultsView
    from lstmviz.gui.scenarios.strip import PipelineStrip
    from lstmviz.gui.theme import Appearance

_MODULES: Final = ("rows", "form", "chip", "strip", "tourbox", "panel")


class ScenarioViews(QObject):
    """The views of scenarios: made a little at a time when the first scenario is chosen.

    Parameters
    ----------
    document, appearance, views, window
    cover : callable
        Told of each view of a run, which is dimmed while its run is an earlier one.

    Attributes
    ----------
    tour : Tour
    form, strip, panel : QWidget
        There once `is_made`.
    results : LazyPanel
    """

    seated = Signal()
    """The tabs of a scenario have come, or gone."""

    form: ScenarioForm
    strip: PipelineStrip
    panel: ScenarioPanel

    def __init__(
        self,
        document: Document,
        appearance: Appearance,
        views: Views,
        window: MainWindow,
        cover: Callable[[QWidget], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._views = views
        self._window = window
        self._cover = cover
        self._is_shown = False
        self.is_made = False
        self.tour = Tour(document, self)
        self.results = LazyPanel(self._make_results)
        self._making: Slices[None] = Slices(self._made, self)
        self._seating: Slices[None] = Slices(lambda _: self.seated.emit(), self)
        self._making.start(self._make())
        document.asked_changed.connect(self._follow)
        self.tour.moved.connect(self._turn_to_pointed)

    def finish(self) -> None:
        """Make and draw now all that is still to come, as a picture needs."""
        self._making.finish()
        self._seating.finish()
        if self.is_made:
            self.form.finish()
        if self.results.isVisible():
            # A part that was made just now is shown by the event loop only.
            self.results_view.show()
            self.results_view.finish()

    @property
    def results_view(self) -> ResultsView:
        """The drawings of the results; made when first asked for."""
        return self.results.make_now()

    def _make(self) -> Generator[None, None, None]:
        for name in _MODULES:
            import_module(f"lstmviz.gui.scenarios.{name}")
            yield
        from lstmviz.gui.scenarios.form import ScenarioForm
        from lstmviz.gui.scenarios.panel import ScenarioPanel
        from lstmviz.gui.scenarios.strip import PipelineStrip

        document, appearance = self._document, self._appearance
        self.form = ScenarioForm(document)
        self.form.leaving_requested.connect(lambda: document.enter(None))
        self._window.seat_form(self.form)
        yield
        self.strip = PipelineStrip(document, appearance, self.tour)
        self._window.seat_strip(self.strip)
        self._cover(self.strip)
        yield
        self.panel = ScenarioPanel(document, appearance, self.tour)
        self._cover(self.panel)
        yield

    def _made(self, _nothing: None) -> None:
        self.is_made = True
        self._follow()

    def _make_results(self) -> ResultsView:
        from lstmviz.gui.scenarios.results import ResultsView

        return ResultsView(self._document, self._appearance, self.tour)

    def _follow(self) -> None:
        """Bring the views into sight, or out of it."""
        is_on = self._document.choice is not None
        if not self.is_made or is_on == self._is_shown:
            return
        self._is_shown = is_on
        self._seating.start(self._seat(is_on=is_on))

    def _seat(self, *, is_on: bool) -> Generator[None, None, None]:
        """Show one part after the other: each is laid out and styled when it is first seen."""
        views = self._views
        self._window.show_form(on=is_on)
        yield
        self._window.show_strip(on=is_on)
        yield
        if is_on:
            views.steps.addTab(self.results, "Results")
            yield
            views.panels.insertTab(0, self.panel, "Scenario")
            views.panels.setCurrentIndex(0)
        else:
            views.steps.removeTab(views.steps.indexOf(self.results))
            views.panels.removeTab(views.panels.indexOf(self.panel))
        self._turn_to_pointed()

    def _turn_to_pointed(self) -> None:
        """Open the tab in which a new step of the tour has its numbers."""
        step = self.tour.step
        if step is None or not self.tour.is_here or self._views.steps.indexOf(self.results) < 0:
            return
        views, tensor = self._views, step.at.tensor
        if step.at.result or self.tour.points_at_packed:
            views.steps.setCurrentWidget(self.results)
        elif tensor in LSTM.gate_names:
            views.steps.setCurrentWidget(views.plots["Gates"])
        elif tensor:
            views.steps.setCurrentWidget(views.plots["Time steps"])
