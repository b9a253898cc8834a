"""What can be run, each kind of it by the same few questions, and what comes of running it.

A new kind is one more class here, its way of being run in `lstmviz.engine.sources`, and what its
findings are held to in `lstmviz.bridge.border`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from lstmviz.core.asking.dependents import followed
from lstmviz.core.contract import trace_bytes
from lstmviz.core.equality import ByValue
from lstmviz.core.geometry import Geometry
from lstmviz.core.spec import RunSpec

if TYPE_CHECKING:
    from lstmviz.core.scenarios.choice import Choice
    from lstmviz.core.scenarios.results import ScenarioRun
    from lstmviz.core.trace import Run, Trace


@dataclass(frozen=True, slots=True)
class LstmSource:
    """A single ``nn.LSTM`` with input and state, as a spec describes them."""

    spec: RunSpec
    kind: ClassVar[str] = "lstm"

    @property
    def name(self) -> str:
        """Empty: there is only one."""
        return ""

    def settings(self) -> dict[str, Any]:
        """Return every setting by name."""
        return self.spec.settings()

    def changed(self, **settings: Any) -> Self:
        """Return a copy with `settings` changed, and what follows from them.

        Raises
        ------
        KeyError
            There is no such setting.
        SpecError
            The combination cannot be.
        """
        return type(self)(self.spec.changed(**followed(self.spec, settings)))

    @property
    def expected_bytes(self) -> int:
        """Bytes that the arrays of its run will take."""
        return trace_bytes(self.spec.geometry)

    def geometry_of(self, _trace: Trace) -> Geometry:
        """Return sizes and layout of its call, padding that no array shows included."""
        return self.spec.geometry


@dataclass(frozen=True, slots=True)
class ScenarioSource:
    """A scenario with its settings: a model of several parts, and claims about it."""

    choice: Choice
    kind: ClassVar[str] = "scenario"

    @property
    def name(self) -> str:
        """The scenario's own."""
        return self.choice.name

    def settings(self) -> dict[str, Any]:
        """Return every setting by name."""
        return dict(self.choice.settings)

    def changed(self, **settings: Any) -> Self:
        """Return a copy with `settings` changed.

        Raises
        ------
        SpecError
            A setting is unknown or cannot be.
        """
        return type(self)(self.choice.changed(**settings))

    @property
    def expected_bytes(self) -> int:
        """0: how many calls its model makes shows when it runs."""
        return 0

    def geometry_of(self, trace: Trace) -> Geometry:
        """Return sizes and layout of one of its calls."""
        return trace.geometry()


Source = LstmSource | ScenarioSource


def source_in_plain(source: Source) -> dict[str, Any]:
    """Return `source` as JSON-ready data."""
    return {"kind": source.kind, "name": source.name, "settings": source.settings()}


def source_from_plain(plain: dict[str, Any]) -> Source:
    """Read what `source_in_plain` returned.

    Raises
    ------
    SpecError
        A setting cannot be.
    KeyError, TypeError
        There is no such kind, or the data are of another form.
    """
    if plain["kind"] == LstmSource.kind:
        return LstmSource(RunSpec.from_settings(plain["settings"]))
    if plain["kind"] != ScenarioSource.kind:
        raise KeyError(plain["kind"])
    # The table of scenarios is loaded where one is asked for.
    from lstmviz.core.scenarios.choice import Choice

    return ScenarioSource(Choice.from_plain(plain))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer(ByValue):
    """What came of running a source.

    Attributes
    ----------
    source : Source
    run : Run
    findings : ScenarioRun or None
        What a scenario found beside its run; None for a single LSTM.
    """

    source: Source
    run: Run
    findings: ScenarioRun | None = None
