"""What a figure is drawn from: a run, where one looks in it, and the session it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lstmviz.core.asking.session import Session, View
from lstmviz.core.geometry import Geometry
from lstmviz.core.plotted import Plotted, resolve
from lstmviz.core.trace import Run

if TYPE_CHECKING:
    from lstmviz.core.scenarios.results import ScenarioRun
    from lstmviz.core.timing import Timing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pictured:
    """One run, and what is looked at in it.

    Attributes
    ----------
    run : Run
    findings : ScenarioRun or None
        What the run found as a scenario; None for a single LSTM.
    shown : int
        Which of the run's LSTM calls is drawn.
    geometry : Geometry
        Sizes and layout of that call.
    plotted : Plotted
        Whose numbers are drawn, and where in them.
    session : Session
        What the file opens as.
    timing : Timing or None
        How long the call shown takes.
    """

    run: Run = field(repr=False)
    findings: ScenarioRun | None = field(default=None, repr=False)
    shown: int = 0
    geometry: Geometry
    plotted: Plotted
    session: Session
    timing: Timing | None = None

    @property
    def view(self) -> View:
        """Where one looks; fits the call shown."""
        return self.plotted.view


def pictured(
    run: Run, session: Session, *, findings: ScenarioRun | None = None, shown: int = 0
) -> Pictured:
    """Return `run` as it stands with what `session` looks at, nothing pinned.

    Parameters
    ----------
    run : Run
    session : Session
    findings : ScenarioRun or None
    shown : int
        Which of the run's LSTM calls; its last for more than there are.
    """
    shown = min(shown, len(run.traces) - 1)
    trace = run.traces[shown]
    return Pictured(
        run=run,
        findings=findings,
        shown=shown,
        geometry=trace.geometry() if session.choice else session.spec.geometry,
        plotted=resolve(trace, session.view.fitted(trace)),
        session=session,
        timing=trace.forward_timing,
    )
