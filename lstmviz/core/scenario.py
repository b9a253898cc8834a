"""All scenarios by name, without torch; `lstmviz.engine.scenarios` runs them."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from lstmviz.core.scenarios.chunks import CHUNKS
from lstmviz.core.scenarios.counter import COUNTER
from lstmviz.core.scenarios.forecaster import FORECASTER
from lstmviz.core.scenarios.lengths import LENGTHS
from lstmviz.core.scenarios.parts import ClaimText, Option, Pointer, Scenario, Size, TourStep
from lstmviz.core.scenarios.results import Claim, Comparison, PackedData, Result, ScenarioRun
from lstmviz.core.scenarios.sentence import SENTENCE
from lstmviz.core.scenarios.translation import TRANSLATION
from lstmviz.core.spec import SpecError
from lstmviz.core.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "SCENARIOS",
    "Claim",
    "ClaimText",
    "Comparison",
    "Option",
    "PackedData",
    "Pointer",
    "Result",
    "Scenario",
    "ScenarioRun",
    "Size",
    "TourStep",
    "listing",
    "scenario",
]

SCENARIOS: Final[Mapping[str, Scenario]] = MappingProxyType(
    {s.name: s for s in (SENTENCE, TRANSLATION, LENGTHS, CHUNKS, COUNTER, FORECASTER)}
)
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


def listing() -> str:
    """Return every scenario's name and summary, a line each."""
    width = max(map(len, SCENARIOS))
    return "\n".join(f"{s.name:<{width}}  {s.summary}" for s in SCENARIOS.values())
