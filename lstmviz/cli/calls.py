"""The LSTM calls that a command is asked about: of a single LSTM, or of a scenario's model."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from lstmviz.cli.usage import UsageError
from lstmviz.core.asking.session import Session
from lstmviz.core.cost.memory import NOT_ENOUGH, is_out_of_memory
from lstmviz.core.spec import RunSpec, SpecError
from lstmviz.core.words.amounts import quoted, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from lstmviz.core.geometry import Geometry
    from lstmviz.core.scenarios.choice import Choice
    from lstmviz.core.scenarios.results import Claim, ScenarioRun
    from lstmviz.core.trace import Run, Trace

_Result = TypeVar("_Result")

_MOST_NAMED: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class LstmCall:
    """One call of an LSTM.

    Attributes
    ----------
    name : str
        The submodule's path in the scenario's model, unique in the run; empty for a single LSTM.
    geometry : Geometry
        Its sizes and layout.
    trace : Trace
    """

    name: str
    geometry: Geometry
    trace: Trace


def add_call(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take one of a scenario's LSTM calls."""
    parser.add_argument(
        "--call", metavar="N|NAME", help="one of a scenario's LSTM calls, by number or name"
    )


def calls_of(session: Session, asked: str | None) -> tuple[tuple[LstmCall, ...], tuple[Claim, ...]]:
    """Run what `session` asks for.

    Parameters
    ----------
    session : Session
    asked : str or None
        Number or name of the one call wanted; None for all.

    Returns
    -------
    tuple of LstmCall
    tuple of Claim
        What the scenario says of its own numbers; empty for a single LSTM or one call.

    Raises
    ------
    UsageError
        PyTorch refuses the run, or there is no such call.
    SpecError
        The run cannot be.
    """
    calls: tuple[LstmCall, ...] = ()
    claims: tuple[Claim, ...] = ()
    if session.choice is None:
        calls = (_single(session.spec),)
    else:
        found = run_of(session.choice)
        calls, claims = _of_run(found.run), found.claims
    return (calls, claims) if asked is None else ((calls[_chosen(calls, asked)],), ())


def answered(session: Session, asked: str | None) -> tuple[Run, ScenarioRun | None, int]:
    """Run what `session` asks for, untimed.

    Parameters
    ----------
    session : Session
    asked : str or None
        Number or name of one of the LSTM calls.

    Returns
    -------
    Run
    ScenarioRun or None
        What it found as a scenario.
    int
        Which of the run's LSTM calls was asked for; the first where none was.

    Raises
    ------
    UsageError
        PyTorch refuses the run, or there is no such call.
    SpecError
        The run cannot be.
    """
    if session.choice is None:
        from lstmviz.engine.run import run as run_spec

        run = _tried(lambda: run_spec(session.spec))
        return run, None, 0 if asked is None else _chosen(_of_run(run), asked)
    found = run_of(session.choice)
    return found.run, found, 0 if asked is None else _chosen(_of_run(found.run), asked)


def run_of(choice: Choice) -> ScenarioRun:
    """Run a scenario.

    Raises
    ------
    UsageError
        PyTorch refuses the run.
    SpecError
        The run cannot be.
    """
    from lstmviz.engine.scenarios.run import run_scenario

    return _tried(lambda: run_scenario(choice.name, choice.settings))


def _single(spec: RunSpec) -> LstmCall:
    from lstmviz.engine.run import run as run_spec
    from lstmviz.engine.run import timed

    trace = _tried(lambda: timed(run_spec(spec), spec)).traces[0]
    return LstmCall(name="", geometry=spec.geometry, trace=trace)


def _tried(act: Callable[[], _Result]) -> _Result:
    try:
        return act()
    except SpecError:
        raise
    except (RuntimeError, AssertionError, TypeError, ValueError) as error:
        if is_out_of_memory(error):
            raise UsageError(NOT_ENOUGH) from error
        # A device this machine has not is each of these, depending on which it is.
        text = str(error).splitlines() or [type(error).__name__]
        raise UsageError(f"PyTorch refused this run: {shown(text[0])}") from error


def _of_run(run: Run) -> tuple[LstmCall, ...]:
    return tuple(
        LstmCall(name=name, geometry=trace.geometry(), trace=trace)
        for name, trace in zip(run.call_names, run.traces, strict=True)
    )


def _chosen(calls: tuple[LstmCall, ...], asked: str) -> int:
    for place, call in enumerate(calls):
        if asked in (str(place), call.name):
            return place
    names = [f"{place} {call.name}".strip() for place, call in enumerate(calls[:_MOST_NAMED])]
    more = ", …" if len(calls) > _MOST_NAMED else ""
    raise UsageError(f"there is no LSTM call {quoted(asked)}; there is {', '.join(names)}{more}.")
