"""The state of a session: what is asked, what came of it, and how to take a change back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from lstmviz.core.asking.asked import Asked
from lstmviz.core.asking.drafts import Drafts, propose
from lstmviz.core.asking.fallback import fallback
from lstmviz.core.asking.run_state import RunState
from lstmviz.core.asking.session import Session, View
from lstmviz.core.asking.sights import Sights
from lstmviz.core.compare import Called
from lstmviz.core.cost.memory import check_fits
from lstmviz.core.geometry import Geometry
from lstmviz.core.places import Place, is_in
from lstmviz.core.plotted import Plotted, Whose, resolve
from lstmviz.core.region import Region, region_of
from lstmviz.core.spec import RunSpec, SpecError
from lstmviz.core.trace import Run, Trace
from lstmviz.gui.freshness import Freshness
from lstmviz.gui.history import History

if TYPE_CHECKING:
    from lstmviz.core.asking.source import Answer
    from lstmviz.core.facts.fact import Fact
    from lstmviz.core.scenarios.choice import Choice
    from lstmviz.core.scenarios.results import ScenarioRun
    from lstmviz.core.scenes.plots.pooling import Pixel
    from lstmviz.core.timing import Timing
    from lstmviz.gui.history import ViewsChange


class Document(QObject):
    """Hold a session. Views ask it for changes and redraw from it; they keep no state of their own.

    A change that cannot be is refused beside its field and remembered as a draft: the spec stays
    valid, and the draft is tried again with the next change, so that two settings that only fit
    together can be set one after the other.

    Attributes
    ----------
    freshness : Freshness
        Whether the run shown is the one asked for.
    """

    asked_changed = Signal()
    """Something else is to be run."""
    spec_changed = Signal()
    """`spec` is another; in a scenario only once its run is there."""
    view_changed = Signal()
    run_changed = Signal()
    refusals_changed = Signal()
    fault_changed = Signal()
    memory_limit_changed = Signal()
    pointed_changed = Signal()
    lit_changed = Signal()
    facts_changed = Signal()
    timing_changed = Signal()
    """`forward_timing` of the run shown is another: it has been timed warm."""
    pinned_changed = Signal()

    def __init__(self, session: Session | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        session = session or Session()
        self._asked = Asked(spec=session.spec, choice=session.choice)
        self._sights = Sights(session.views, self._asked.name)
        self._run: Run | None = None
        self._answer: Answer | None = None
        self._shown = 0
        self._opened: dict[str, int] = {}
        self._called: Called | None = None
        self.freshness = Freshness(self._asked, self)
        self._drafts = self._coming_drafts = Drafts()
        self._fault = ""
        self._memory_limit: int | None = None
        self._pointed: Place | None = None
        self._lit: tuple[Region, ...] = ()
        self._resting: tuple[Region, ...] = ()
        self._facts: dict[int, tuple[Fact, ...]] = {}
        self._timings: dict[int, Timing] = {}
        self._pinned: Called | None = None
        self._whose = Whose.THIS
        self._pixel: Pixel | None = None
        self._described = ""
        self.undo_stack = History(self._set_asked, self)

    # What there is --------------------------------------------------------------------------------

    @property
    def asked(self) -> Asked:
        """What is to be run; always valid."""
        return self._asked

    @property
    def choice(self) -> Choice | None:
        """The scenario that is asked for; None for a single LSTM."""
        return self._asked.choice

    @property
    def spec(self) -> RunSpec:
        """The single LSTM asked for, always valid; a scenario leaves it as it is."""
        return self._asked.spec

    @property
    def geometry(self) -> Geometry:
        """Sizes and layout of the single LSTM asked for, or in a scenario of the call shown."""
        return self.shown_geometry if self._asked.choice else self._asked.spec.geometry

    @property
    def spec_alike(self) -> RunSpec:
        """A spec of the sizes of `geometry`, as far as a spec can have them, to experiment with."""
        if self._asked.choice is None or self.trace is None:
            return self._asked.spec
        try:
            return RunSpec.like(self.geometry, device=self.trace.device)
        except SpecError:
            return self._asked.spec

    @property
    def view(self) -> View:
        """Where the user is looking; fits the run shown."""
        return self._sights.view

    @property
    def run(self) -> Run | None:
        """The last good run, or None before the first."""
        return self._run

    @property
    def called(self) -> Called | None:
        """The LSTM call shown, with its sizes and the settings it was asked for with."""
        return self._called

    @property
    def shown_geometry(self) -> Geometry:
        """Sizes and layout of the LSTM call shown; as asked for before the first run.

        Differs from `geometry` while a newer run is under way.
        """
        return self._called.geometry if self._called else self._asked.spec.geometry

    @property
    def trace(self) -> Trace | None:
        """The LSTM call shown."""
        return self._called.trace if self._called else None

    @property
    def shown(self) -> int:
        """Which of the run's LSTM calls is shown."""
        return self._shown

    @property
    def scenario_run(self) -> ScenarioRun | None:
        """What `run` found as a scenario; None for a single LSTM."""
        return self._answer.findings if self._answer else None

    @property
    def refusals(self) -> Mapping[str, str]:
        """A sentence for each setting that was refused."""
        return self._drafts.refusals

    @property
    def drafts(self) -> Mapping[str, Any]:
        """Refused values by setting, still standing in their fields."""
        return self._drafts.values

    @property
    def fault(self) -> str:
        """One sentence on what is wrong with the run or the engine; empty when nothing is."""
        return self._fault

    @property
    def memory_limit(self) -> int | None:
        """Bytes a run may take; None until the engine has said."""
        return self._memory_limit

    @property
    def pointed(self) -> Place | None:
        """The number the pointer is on, wherever that is; None for none."""
        return self._pointed

    @property
    def lit(self) -> tuple[Region, ...]:
        """Parts of tensors that are pointed at; every view lights up the same numbers."""
        return self._lit

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is true of the LSTM call shown; empty until the engine has told."""
        return self._facts.get(self._shown, ())

    @property
    def forward_timing(self) -> Timing | None:
        """How long the LSTM call shown takes: that of the run until it has been timed warm."""
        own = self.trace.forward_timing if self.trace else None
        return self._timings.get(self._shown, own)

    @property
    def pinned(self) -> Called | None:
        """The LSTM call to compare with."""
        return self._pinned

    @property
    def plotted(self) -> Plotted | None:
        """Whose numbers every view shows, and where; None before the first run."""
        if self._called is None:
            return None
        pinned = self._pinned.trace if self._pinned else None
        return resolve(self._called.trace, self.view, pinned, self._whose)

    @property
    def pixel(self) -> Pixel | None:
        """What gives the pixel under the pointer its colour, where that is more than `pointed`."""
        return self._pixel

    @property
    def described(self) -> str:
        """What is under the pointer where that is no number of a tensor; empty for nothing."""
        return self._described

    @property
    def session(self) -> Session:
        """The session as it would be saved now."""
        name = self._asked.name
        return Session(
            spec=self._asked.spec,
            view=self._sights.of(name),
            choice=self._asked.choice,
            other_views=self._sights.all_but(name),
        )

    @property
    def session_of_run(self) -> Session:
        """The session that makes the run shown, as a picture of it holds; as asked before any."""
        ran = self.freshness.ran or self._asked
        return Session(
            spec=ran.spec,
            view=self._sights.of(ran.name),
            choice=ran.choice,
            other_views=self._sights.all_but(ran.name),
        )

    # What can be asked ----------------------------------------------------------------------------

    def change(self, **settings: Any) -> None:
        """Change settings by name, or refuse them beside their fields."""
        outcome = propose(self._asked, self._drafts, settings, self._changed)
        if outcome.asked == self._asked:
            self._set_drafts(outcome.drafts)
        else:
            with self._then_drafts(outcome.drafts):
                self._push(outcome.asked)

    def reset(self, session: Session, text: str) -> None:
        """Replace the whole session, as one step to undo; `text` says what that step was."""
        asked = Asked(spec=session.spec, choice=session.choice)
        self._push(asked, text, (self._sights.all(), session.views))

    def set_up(self, spec: RunSpec, text: str) -> None:
        """Show the single LSTM with `spec`, as one step to undo; `text` says what that step was."""
        asked = Asked(spec=spec, choice=None)
        if asked != self._asked:
            self._push(asked, text)

    def enter(self, choice: Choice | None, text: str = "") -> None:
        """Show a scenario, or the single LSTM again; one step to undo, which `text` may name."""
        asked = replace(self._asked, choice=choice)
        if asked != self._asked:
            self._push(asked, text)

    def ask_again(self) -> None:
        """Ask once more for what is asked, as after a run that was stopped or failed."""
        self.freshness.take_asked(self._asked)
        self.asked_changed.emit()

    @contextmanager
    def rewound(self) -> Iterator[None]:
        """Have every view show the run shown and the settings it was made from, for a picture.

        Where the run belongs to another scenario than the one asked for, its views are out of
        sight, and nothing is changed.
        """
        asked, ran = self._asked, self.freshness.ran
        if ran is None or asked.differences(ran) in ((), ("scenario",)):
            yield
            return
        state = self.freshness.state
        self._put_in_sight(ran)
        try:
            yield
        finally:
            self._put_in_sight(asked)
            self.freshness.halt(state)

    def open_trace(self, index: int) -> None:
        """Show another LSTM call of the run; an index that it does not have is passed over."""
        answer = self._answer
        if answer and index != self._shown and 0 <= index < len(answer.run.traces):
            self._opened[answer.source.name] = index
            self._show_call(answer, index)
            self.facts_changed.emit()

    def look(self, view: View) -> None:
        """Look elsewhere; the view is fitted to the run shown."""
        self._look(view)

    def look_at(self, **places: Any) -> None:
        """Change parts of the view: layer, direction, item, step or units."""
        self._look(replace(self.view, **places), **places)

    def point_at(self, place: Place | None, pixel: Pixel | None = None) -> None:
        """Take the pointer to `place`, so that every view can show the same number.

        `pixel` is what is drawn there, where a pixel stands for more than that number. A place that
        the run plotted does not have is none: a plot that is still being drawn anew may tell it.
        """
        place = self._there(place)
        is_elsewhere = place != self._pointed
        if is_elsewhere or pixel != self._pixel or self._described:
            self._pointed, self._pixel, self._described = place, pixel, ""
            self.pointed_changed.emit()
        if is_elsewhere:
            trace = self.trace
            self.light((region_of(trace, place),) if trace and place else ())

    def describe(self, sentence: str) -> None:
        """Say what is under the pointer where that is no number of a tensor; empty for nothing."""
        if sentence != self._described:
            self._pointed, self._pixel, self._described = None, None, sentence
            self.pointed_changed.emit()

    def light(self, regions: tuple[Region, ...]) -> None:
        """Light `regions` up wherever their numbers are shown; none to light what rests lit."""
        regions = regions or self._resting
        if regions != self._lit:
            self._lit = regions
            self.lit_changed.emit()

    def rest_on(self, regions: tuple[Region, ...]) -> None:
        """Keep `regions` lit whenever nothing else is pointed at, until the next run."""
        self._resting = regions
        self.light(())

    def pin(self) -> None:
        """Keep the run shown, to compare the next ones with it."""
        if self._called is not None:
            shown = self._called.trace
            if self.forward_timing is not None:
                shown = replace(shown, forward_timing=self.forward_timing)
            self._pinned = replace(self._called, trace=shown)
            self._show_pinned()

    def unpin(self) -> None:
        """Let the pinned run go."""
        self._pinned = None
        self._whose = Whose.THIS
        self._show_pinned()

    def plot(self, whose: Whose) -> None:
        """Ask for whose numbers the plots show; `plotted` says whether they can."""
        if whose is not self._whose:
            self._whose = whose
            self._show_pinned()

    # What the engine says -------------------------------------------------------------------------

    def accept(self, answer: Answer) -> None:
        """Show a finished run of what is asked for; one of something else came late, and is not."""
        name, calls = answer.source.name, len(answer.run.traces)
        if name != self._asked.name or not calls:
            return
        self._answer = answer
        shown = self._opened.get(name, 0)
        self._show_call(answer, shown if shown < calls else 0)
        self.freshness.take_run(self._asked.of(answer.source))

    def accept_facts(self, generation: int, facts: tuple[Fact, ...], trace: int = 0) -> None:
        """Take what is true of an LSTM call of the run shown; facts of another are dropped."""
        if self._run is not None and self._run.generation == generation:
            self._facts[trace] = facts
            if trace == self._shown:
                self.facts_changed.emit()

    def accept_timing(self, generation: int, timing: Timing, trace: int = 0) -> None:
        """Take how long an LSTM call of the run shown takes once it is warm."""
        if self._run is not None and self._run.generation == generation:
            self._timings[trace] = timing
            if trace == self._shown:
                self.timing_changed.emit()

    def refuse_run(self, field: str, sentence: str) -> None:
        """Say why what is asked cannot be run, and ask for what ran before in its place.

        Only what can be run stays in force and in the history. The settings that were refused
        stand in their fields, with the sentence beside the one at fault.
        """
        refused = self._asked
        mended = fallback(refused, field, self.freshness.ran)
        names = refused.differences(mended) if mended else ()
        if mended is not None and names != ("scenario",):
            settings = {name: refused.settings()[name] for name in names}
            with self._then_drafts(self._drafts.holding(settings, field, sentence)):
                self._go_back_to(mended)
            return
        if mended is not None:
            self._go_back_to(mended)
        elif field in refused.settings():
            self._set_drafts(self._drafts.saying({field: sentence}))
            self.freshness.halt(RunState.FAILED)
            return
        self.set_fault(sentence)
        self.freshness.halt(RunState.FAILED)

    def _go_back_to(self, mended: Asked) -> None:
        self.undo_stack.mend(mended, self.freshness.ran)
        self._set_asked(mended, None)

    def set_fault(self, sentence: str) -> None:
        """Say what is wrong with the run or the engine; empty for nothing."""
        if sentence != self._fault:
            self._fault = sentence
            self.fault_changed.emit()

    def set_memory_limit(self, limit: int) -> None:
        """Take from the engine how much memory a run may take."""
        self._memory_limit = limit
        self.memory_limit_changed.emit()

    # ----------------------------------------------------------------------------------------------

    def _show_pinned(self) -> None:
        # What the plots drew under the pointer is being replaced.
        self._pixel, self._described = None, ""
        self._pointed = self._there(self._pointed)
        self.pinned_changed.emit()

    def _there(self, place: Place | None) -> Place | None:
        """Return `place` where every run that is plotted has it."""
        plotted = self.plotted
        if plotted is None or place is None:
            return None
        has_it = all(is_in(trace, place) for _, trace in plotted.sources)
        return place if has_it else None

    def _look(self, view: View, **places: Any) -> None:
        before = self.view
        self._sights.look(view, self.trace, **places)
        if self.view != before:
            self.view_changed.emit()

    def _show_call(self, answer: Answer, shown: int) -> None:
        """Show one of the LSTM calls of a run."""
        run, source, trace = answer.run, answer.source, answer.run.traces[shown]
        called = Called(trace=trace, geometry=source.geometry_of(trace), settings=source.settings())
        before = self._called.geometry if self._called else None
        is_reshaped = self._asked.choice is not None and called.geometry != before
        if run is not self._run:
            self._facts, self._timings = {}, {}
        self._run, self._called, self._shown = run, called, shown
        self._pointed, self._pixel, self._described = None, None, ""
        self._resting = ()
        self.light(())
        self._sights.show(source.name, trace)
        self.set_fault("")
        if is_reshaped:
            self.spec_changed.emit()
        self.run_changed.emit()

    def _put_in_sight(self, asked: Asked) -> None:
        self._asked = asked
        self.spec_changed.emit()
        self.freshness.take_asked(asked)

    def _changed(self, asked: Asked, settings: Mapping[str, Any]) -> Asked:
        """Return `asked` with `settings` changed, or raise why it cannot be."""
        changed = asked.changed(**settings)
        if self._memory_limit is not None and changed.choice is None:
            check_fits(changed.spec, self._memory_limit)
        return changed

    @contextmanager
    def _then_drafts(self, drafts: Drafts) -> Iterator[None]:
        """Let `drafts` stand beside what is put in force meanwhile, where else none would."""
        self._coming_drafts = drafts
        try:
            yield
        finally:
            self._coming_drafts = Drafts()

    def _set_drafts(self, drafts: Drafts) -> None:
        had_any, self._drafts = bool(self._drafts), drafts
        if had_any or drafts:
            self.refusals_changed.emit()

    def _push(self, asked: Asked, text: str = "", views: ViewsChange | None = None) -> None:
        self.undo_stack.record(self._asked, asked, text, views)

    def _set_asked(self, asked: Asked, views: Mapping[str, View] | None) -> None:
        self._asked = asked
        if views is not None:
            self._sights.replace_all(views, self.trace)
            self.view_changed.emit()
        self._set_drafts(self._coming_drafts)
        # First: whoever hears of the change asks how the run shown stands to it.
        self.freshness.take_asked(asked)
        self.asked_changed.emit()
        if asked.choice is None:
            self.spec_changed.emit()
