"""All scenarios by name, without torch; `lstmviz.engine.scenarios` runs them."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from lstmviz.core.scenarios import catalogue
from lstmviz.core.scenarios.parts import ClaimText, Option, Pointer, Scenario, Size, TourStep
from lstmviz.core.scenarios.results import (
    Claim,
    PackedData,
    Result,
    ScenarioComparison,
    ScenarioRun,
)
from lstmviz.core.spec import SpecError
from lstmviz.core.words.amounts import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "SCENARIOS",
    "Claim",
    "ClaimText",
    "Option",
    "PackedData",
    "Pointer",
    "Result",
    "Scenario",
    "ScenarioComparison",
    "ScenarioRun",
    "Size",
    "TourStep",
    "scenario",
    "scenario_listing",
]


def _found() -> list[Scenario]:
    names = [module.name for module in iter_modules(catalogue.__path__)]
    modules = [import_module(f"{catalogue.__name__}.{name}") for name in names]
    return sorted((module.SCENARIO for module in modules), key=lambda one: one.lesson)


SCENARIOS: Final[Mapping[str, Scenario]] = MappingProxyType({s.name: s for s in _found()})
"""Every scenario, in the order a learner meets them."""


def scenario(name: str) -> Scenario:
    """Return the scenario called `name`.

    Raises
    ------
    SpecError
        There is none.
    """
    found = SCENARIOS.get(name)
    if found is None:
        names = ", ".join(SCENARIOS)
        raise SpecError(
            "scenario", f"There is no scenario called {quoted(name)}; there are {names}."
        )
    return found


def scenario_listing() -> str:
    """Return every scenario's name and summary, a line each."""
    width = max(map(len, SCENARIOS))
    return "\n".join(f"{s.name:<{width}}  {s.summary}" for s in SCENARIOS.values())
