"""From a scenario's name and settings to its run, with its claims evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

import torch

from lstmviz.core.scenario import scenario
from lstmviz.engine.model.capture import run_captured
from lstmviz.engine.scenarios.findings import Findings

if TYPE_CHECKING:
    from torch import nn

    from lstmviz.core.scenarios.parts import Settings
    from lstmviz.core.scenarios.results import ScenarioRun
    from lstmviz.core.trace import Run


class Record(Protocol):
    """Run a model and return everything it did."""

    def __call__(self, module: nn.Module, *inputs: object, **named: object) -> Run:
        """Call ``module(*inputs, **named)``."""


Play = Callable[[Findings, Record], "Run"]
"""What the module of a scenario's model has as ``play``."""


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed PyTorch and compute on one thread; afterwards both are as before.

    One thread adds in the same order each time, and models this small gain nothing from more.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


def run_scenario(
    name: str,
    sizes: Settings | None = None,
    options: Settings | None = None,
    *,
    generation: int = 0,
    progress: Callable[[float], None] | None = None,
) -> ScenarioRun:
    """Build the model of a scenario, run and open it, and evaluate its claims.

    The caller's random state and gradient mode are left as they were; everything runs on the CPU
    in float32, in eval mode.

    Parameters
    ----------
    name : str
        As in `lstmviz.core.scenario.SCENARIOS`.
    sizes, options : mapping, optional
        Settings to change from their defaults; either may hold both kinds.
    generation : int
        Passed on to the run.
    progress : callable, optional
        Told the fraction of the opening done now and then; raises to cancel.

    Raises
    ------
    SpecError
        There is no such scenario, or a setting cannot be.
    """
    chosen = scenario(name)
    settings = chosen.settled({**(sizes or {}), **(options or {})})
    play: Play = import_module(f"lstmviz.engine.scenarios.models.{chosen.module}").play

    def record(module: nn.Module, *inputs: object, **named: object) -> Run:
        return run_captured(
            module, *inputs, generation=generation, progress=progress, repeat=True, **named
        )

    with seeded(int(settings.get("seed", 0))), torch.no_grad():
        findings = Findings(chosen, settings)
        return findings.finish(play(findings, record))
