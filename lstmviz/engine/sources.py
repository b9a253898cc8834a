"""How each kind of source is run, and what is found out about its calls afterwards."""

from __future__ import annotations

from collections.abc import Callable

from lstmviz.core.asking.source import Answer, LstmSource, Source
from lstmviz.engine.opening.destinations import Allocate


def run_source(
    source: Source,
    *,
    generation: int = 0,
    allocate: Allocate | None = None,
    progress: Callable[[float], None] | None = None,
) -> Answer:
    """Run `source` and open every recurrent call of it.

    Parameters
    ----------
    source : Source
    generation : int
        Passed on to the run.
    allocate : Allocate, optional
        Makes the arrays of a single LSTM's trace; a scenario's are copied afterwards.
    progress : callable, optional
        Told the fraction done now and then; raises to cancel.

    Raises
    ------
    SpecError
        It does not fit in memory, or a setting cannot be.
    RuntimeError
        PyTorch refused a call.
    """
    if isinstance(source, LstmSource):
        from lstmviz.engine.run import run

        done = run(source.spec, generation=generation, allocate=allocate, progress=progress)
        return Answer(source=source, run=done)
    from lstmviz.engine.scenarios.run import run_scenario

    found = run_scenario(
        source.name, source.choice.settings, generation=generation, progress=progress
    )
    return Answer(source=source, run=found.run, findings=found)
