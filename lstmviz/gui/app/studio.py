"""The composition root: the only place that wires the parts together."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyqtgraph as pg
from PySide6.QtCore import QByteArray, QObject, Qt, QTimer
from PySide6.QtGui import QCursor, QIcon
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from lstmviz import __version__
from lstmviz.bridge.client import EngineClient
from lstmviz.bridge.launch import EngineProcess
from lstmviz.core import resources
from lstmviz.core.asking.run_state import RunState
from lstmviz.core.asking.session import Session
from lstmviz.core.focus import view_at
from lstmviz.gui.app.actions import SCENARIO_TITLES, make_actions
from lstmviz.gui.app.background import Background
from lstmviz.gui.app.commands import Commands
from lstmviz.gui.app.deferred_paint import DeferredPaint
from lstmviz.gui.app.keeper import Keeper, left_in_words
from lstmviz.gui.app.preferences import Preferences
from lstmviz.gui.app.timings import Timings
from lstmviz.gui.app.views import Views
from lstmviz.gui.app.window import MainWindow
from lstmviz.gui.app.windowlooks import WindowLooks
from lstmviz.gui.document import Document
from lstmviz.gui.plots.slices import Slices
from lstmviz.gui.richtext import plain_tip
from lstmviz.gui.taking.menu import TakingMenu
from lstmviz.gui.theme import Appearance
from lstmviz.gui.veil import Veils

if TYPE_CHECKING:
    from lstmviz.core.asking.source import Answer
    from lstmviz.gui.app.keptfile import KeptFile
    from lstmviz.gui.diagram.diagram import ShapeDiagram
    from lstmviz.gui.panels.lab import LabPanel
    from lstmviz.gui.scenarios.scenario_views import ScenarioViews


def make_application() -> QApplication:
    """Return the one QApplication, set up for us."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication([sys.argv[0]])
    app.setApplicationName("lstmviz")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("lstmviz")
    app.setStyle("Fusion")
    app.setWindowIcon(QIcon(str(resources.root() / "icons" / "lstmviz.svg")))
    # No limit: the last of quick moves would be dropped, and the value shown would not be the one
    # under the pointer.
    pg.setConfigOptions(antialias=True, mouseRateLimit=0)
    return app


def _say_at_pointer(widget: QWidget, text: str) -> None:
    """Say `text`, with code between backticks, beside the pointer until it moves away."""
    QToolTip.showText(QCursor.pos(), plain_tip(text.replace("`", "")), widget)


_LOG = logging.getLogger(__name__)
_SURVIVED_MS: Final = 2000
_SCENARIO_ACTIONS: Final = tuple(f"show_{name or 'single'}" for name in SCENARIO_TITLES)


class Studio(QObject):
    """A window on a session, with its engine.

    Parameters
    ----------
    engine : EngineProcess
        Already launched; the studio owns it.
    session : Session
    appearance : Appearance
    kept_at : Path or None
        Where session and window are kept for the next start; None keeps nothing.
    left : (KeptFile, Preferences) or None
        What a window that did not end properly left, which goes on in this one.
    timings : Timings or None
    """

    def __init__(
        self,
        engine: EngineProcess,
        session: Session,
        appearance: Appearance,
        *,
        kept_at: Path | None = None,
        left: tuple[KeptFile, Preferences] | None = None,
        timings: Timings | None = None,
    ) -> None:
        super().__init__()
        self.appearance = appearance
        self._timings = timings
        self._looks = session.looks
        self.document = Document(session, self)
        self.client = EngineClient(engine, self)
        self.client.request(self.document.asked.source)
        # Before any view: the engine is at work while the views redraw.
        self.document.asked_changed.connect(self._request)
        self.commands = Commands(appearance)
        self.actions = make_actions(self.commands.by_name(), appearance, self)
        self.views = Views(self.document, appearance, self.actions)
        self.window = MainWindow(self.actions, self._close)
        # The window's own: what comes back when it is gone is told to nobody.
        self._background = Background(self.window)
        self._arrange()
        self._give_parts()
        self.veils = Veils(self.document, appearance, self.views.steps_page, self.actions, self)
        for view in (self.views.cell, self.views.facts, self.views.compare):
            self.veils.cover(view)
        self._deferred_paint = DeferredPaint((self.views.shapes, self.views.contract), self)
        own = left[0] if left else None
        self._connect_taking()
        self._keeper = Keeper(self._kept, kept_at, own, self) if kept_at else None
        self._tries = left[1].tries if left else 0
        self._assembling: Slices[None] = Slices(self._assembled, self)
        self.scenario_views: ScenarioViews | None = None
        self._connect_engine()
        self._connect_document()
        if left:
            self._go_on_with(left[1])
        if timings:
            self._connect_timings(timings)

    def show(self, kept: Preferences | None = None) -> None:
        """Show the window where it last was."""
        self.appearance.dress(self.window)
        if kept and kept.geometry:
            self.window.restoreGeometry(QByteArray(kept.geometry))
        if kept and kept.state:
            self.window.restoreState(QByteArray(kept.state))
        self.looks.apply(self._looks, in_scenario=self.document.choice is not None)
        self.window.show()
        self._show_switches()
        # The timer fires once the window has been painted.
        QTimer.singleShot(0, self._go_on)

    def finish(self) -> None:
        """Make and draw now all that is still to come, as a picture needs."""
        self._assembling.finish()
        self.appearance.finish()
        self._deferred_paint.finish()
        if self.scenario_views is not None:
            self.scenario_views.finish()
        self.views.shown_plots.finish()
        self.document.freshness.finish()

    def keep(self) -> None:
        """Keep the session now, in case that what comes next ends the window."""
        if self._keeper:
            self._keeper.keep()

    def _go_on(self) -> None:
        if self._timings:
            self._timings.event_now("window_shown")
            self._timings.watch_blocks()
        self._assembling.start(self.views.assemble())

    # Wiring ---------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        views = self.views
        self.window.arrange(
            settings=views.settings,
            shapes=views.shapes,
            steps=views.steps,
            scrubber=views.scrubber,
            panels=views.side,
            status=views.status,
        )
        self.window.arrange_tools(self.actions, ("undo", "redo", "reseed"), [views.chips])

    def _give_parts(self) -> None:
        self.commands.document = self.document
        self.commands.client = self.client
        self.commands.views = self.views
        self.commands.window = self.window
        self.commands.actions = self.actions
        self.commands.background = self._background
        self.commands.finish = self.finish
        self.looks = self.commands.looks = WindowLooks(self.views, self.window, self.appearance)

    def _connect_engine(self) -> None:
        status = self.views.status
        self.client.ready.connect(self._engine_is_ready)
        self.client.devices_found.connect(self.views.settings.set_devices)
        self.client.answer_arrived.connect(self._show_answer)
        self.client.facts_found.connect(self.document.accept_facts)
        self.client.timing_found.connect(self.document.accept_timing)
        self.client.run_failed.connect(self._show_failure)
        self.client.progressed.connect(lambda _generation, share: status.show_progress(share))
        self.client.engine_lost.connect(self._show_loss)
        self.client.engine_refused.connect(self._show_refusal)
        self.client.start_awaited.connect(self._show_wait)

        self.views.lab.then(self._connect_lab)
        self.views.shapes.then(self._connect_shapes)
        self.views.code.then(lambda code: code.saving_requested.connect(self.commands.save_text))

    def _connect_shapes(self, diagram: ShapeDiagram) -> None:
        document = self.document
        diagram.region_pointed.connect(lambda region: document.light((region,) if region else ()))
        document.lit_changed.connect(lambda: diagram.show_regions(document.lit))
        diagram.axis_asked.connect(lambda *_: _say_at_pointer(diagram, diagram.hint))
        diagram.region_picked.connect(
            lambda region: document.look(view_at(region, document.view, document.geometry))
        )

    def _connect_lab(self, lab: LabPanel) -> None:
        lab.page_requested.connect(self.commands.help)
        lab.run_requested.connect(
            lambda name: self.client.experiment(name, self.document.spec_alike)
        )
        self.client.experiment_finished.connect(
            lambda _number, experiment, sentence: lab.show_experiment(experiment, sentence)
        )
        self.client.engine_lost.connect(lambda sentence: lab.show_experiment(None, sentence))

    def _connect_document(self) -> None:
        document, actions = self.document, self.actions
        document.spec_changed.connect(self._deferred_paint.hold)
        if self._keeper:
            for change in (document.asked_changed, document.view_changed, self.appearance.changed):
                change.connect(self._keeper.note)
            for tabs in (self.views.steps, self.views.panels):
                tabs.currentChanged.connect(self._keeper.note)
            self._keeper.note()
        document.fault_changed.connect(lambda: self.window.show_fault(document.fault))
        document.undo_stack.canUndoChanged.connect(actions["undo"].setEnabled)
        document.undo_stack.canRedoChanged.connect(actions["redo"].setEnabled)
        actions["undo"].setEnabled(False)
        actions["redo"].setEnabled(False)
        actions["start_engine"].setEnabled(False)
        for dock, name in (
            (self.window.settings_dock, "show_settings"),
            (self.window.panels_dock, "show_panels"),
        ):
            dock.visibilityChanged.connect(actions[name].setChecked)
        document.asked_changed.connect(self._follow_scenario)
        for name in ("scheme_system", "scheme_light", "scheme_dark", *_SCENARIO_ACTIONS):
            actions[name].triggered.connect(self._show_switches)

    def _connect_timings(self, timings: Timings) -> None:
        self.client.ready.connect(lambda *_: timings.event_now("engine_ready"))
        self.document.asked_changed.connect(timings.changed)
        for stack in self.views.plots.values():
            stack.drawn.connect(timings.answered)
        self.views.plots["Time steps"].drawn.connect(
            lambda: QTimer.singleShot(0, timings.first_plots_are_painted)
        )

    def _connect_taking(self) -> None:
        menu, commands = TakingMenu(self.window, self.commands.save_data), self.commands
        menu.copied.connect(self.views.status.show_engine)
        menu.refused.connect(self.document.set_fault)
        menu.picture_wanted.connect(commands.save_picture_of)
        menu.copy_wanted.connect(commands.copy_picture_of)
        for stack in self.views.plots.values():
            stack.offered.connect(menu.show_offer)
        for panel in (self.views.unrolled, self.views.shapes, self.views.contract):
            panel.then(lambda view: view.offered.connect(menu.show_offer))
        self._taking = menu

    # What happens ---------------------------------------------------------------------------------

    def _request(self) -> None:
        if self.document.freshness.state is RunState.CURRENT and not self.client.is_busy:
            # What was refused has gone back to what is shown.
            return
        self.client.request(self.document.asked.source)
        if self.client.is_ready:
            self.views.status.show_running()

    def _engine_is_ready(self, version: str, memory_limit: int) -> None:
        self.document.set_memory_limit(memory_limit)
        self.document.set_fault("")
        self.views.status.show_engine(f"Ready · torch {version}")
        self._torch_version = version

    def _assembled(self, _nothing: None) -> None:
        self._follow_scenario()
        self._take_drops()
        self._background.do(
            self.views.load_beside, lambda _: None, _LOG.warning, outlives=False, patience=0
        )
        if self._timings:
            self._timings.watch_paint(self.views.plots["Time steps"].rows[0].viewport())

    def _take_drops(self) -> None:
        from lstmviz.gui.app.dropping import Dropping

        self.dropping = Dropping(
            self.window, self.appearance, self.commands.open_file, self.document.set_fault
        )

    def _show_answer(self, answer: Answer) -> None:
        self.document.accept(answer)
        self._show_ready()

    def _show_ready(self) -> None:
        if not self.client.is_busy:
            self.views.status.show_engine("Ready")

    def _show_failure(self, _generation: int, field: str, sentence: str) -> None:
        self.document.refuse_run(field, sentence)
        self.views.status.show_engine("Ready")

    def _show_loss(self, sentence: str) -> None:
        self.document.set_fault(sentence)
        self.views.status.show_engine("Loading the engine…")

    def _show_refusal(self, sentence: str) -> None:
        self.document.set_fault(
            f"{sentence.rstrip('.')}. Another one is started by itself, and runs what is set here."
        )
        self.document.freshness.halt(RunState.FAILED)

    def _show_wait(self, seconds: int) -> None:
        """Say when another engine is started, and offer to do it now; 0 when it is."""
        self.window.offer_start(on=seconds > 0)
        self.actions["start_engine"].setEnabled(seconds > 0)
        self.views.status.show_engine(
            f"No engine · next try in {seconds} s" if seconds else "Loading the engine…"
        )

    def _show_switches(self, *_: Any) -> None:
        for name in ("system", "light", "dark"):
            self.actions[f"scheme_{name}"].setChecked(self.appearance.scheme == name)
        choice = self.document.choice
        shown = f"show_{choice.name if choice else 'single'}"
        for name in _SCENARIO_ACTIONS:
            self.actions[name].setChecked(name == shown)
        self.window.show_title(choice.scenario.title if choice else "Single LSTM")
        self.actions["reseed"].setEnabled("seed" in self.document.asked.settings())

    def _follow_scenario(self) -> None:
        """Have the views of scenarios, once there is a scenario to show and the window stands."""
        self._show_switches()
        if self.scenario_views is None and self.document.choice and not self._assembling.is_busy:
            from lstmviz.gui.scenarios.scenario_views import ScenarioViews

            self.scenario_views = ScenarioViews(
                self.document, self.appearance, self.views, self.window, self.veils.cover, self
            )
            self.scenario_views.seated.connect(self.looks.take_seating)
            self.scenario_views.seated.connect(self._connect_strip)
            self.scenario_views.results.then(
                lambda view: view.offered.connect(self._taking.show_offer)
            )

    def _connect_strip(self) -> None:
        """Let the pipeline offer what it shows; it is there once its scenario is."""
        views = self.scenario_views
        if views is not None and views.is_made:
            views.strip.offered.connect(self._taking.show_offer, Qt.ConnectionType.UniqueConnection)

    def _kept(self) -> Preferences:
        history = self.document.undo_stack
        return Preferences(
            session=self.commands.session_to_keep(),
            scheme=self.appearance.scheme,
            geometry=bytes(self.window.saveGeometry().data()),
            state=bytes(self.window.saveState().data()),
            history=history.states(),
            present=history.index(),
            tries=self._tries,
        )

    def _go_on_with(self, left: Preferences) -> None:
        """Say that this session is that of a window which did not end properly."""
        if left.history and left.history[left.present] == self.document.asked:
            self.document.undo_stack.rebuild(left.history, left.present)
        self.window.notice.say(left_in_words(left))
        self.document.asked_changed.connect(self.window.notice.hide)
        self.document.run_changed.connect(
            lambda: QTimer.singleShot(_SURVIVED_MS, self, self._survive)
        )

    def _survive(self) -> None:
        """Take it that what was left does not end windows: its run has been shown for a while."""
        if self._tries and self._keeper:
            self._tries = 0
            self._keeper.note()

    def _close(self) -> None:
        if self._keeper:
            self._keeper.close()
        self.client.close()
        if self._timings:
            self._timings.close()
