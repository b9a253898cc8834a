"""Collects what a scenario finds out about its own run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from lstmviz.core.scenarios.results import (
    Claim,
    PackedData,
    Result,
    ScenarioComparison,
    ScenarioRun,
)
from lstmviz.core.words.rounding import rounded

if TYPE_CHECKING:
    from lstmviz.core.scenarios.parts import Scenario, Settings
    from lstmviz.core.trace import Array, Run

RELATIVE_TOLERANCE: Final = 1e-5
"""float32 keeps 1.2e-7 of a value; differences of 1e-6 were seen over thousands of steps."""

_SURELY_DIFFERENT: Final = 0.1
"""Part of the tolerance above which a row is no rounding error; single steps stay below 2e-7."""


class Findings:
    """Settings of a scenario, and the numbers and verdicts gathered under them.

    Parameters
    ----------
    scenario : Scenario
    settings : mapping
        All of them, checked.
    """

    def __init__(self, scenario: Scenario, settings: Settings) -> None:
        self._scenario, self._settings = scenario, dict(settings)
        self._results: list[Result] = []
        self._comparisons: list[ScenarioComparison] = []
        self._claims: dict[str, Claim] = {}
        self.packed: PackedData | None = None

    def size(self, name: str) -> int:
        """Return the size called `name`."""
        return int(self._settings[name])

    def switch(self, name: str) -> bool:
        """Return the switch called `name`."""
        return bool(self._settings[name])

    def text(self, name: str) -> str:
        """Return the choice or text called `name`."""
        return str(self._settings[name])

    def keep(
        self,
        name: str,
        title: str,
        axes: tuple[str, ...],
        values: torch.Tensor | Array,
        labels: tuple[str, ...] = (),
    ) -> None:
        """Keep `values` as a result."""
        array = values.detach().numpy() if isinstance(values, torch.Tensor) else values
        self._results.append(
            Result(name=name, title=title, axes=axes, values=np.array(array), labels=labels)
        )

    def compare(
        self, name: str, title: str, expressions: tuple[str, str], a: torch.Tensor, b: torch.Tensor
    ) -> ScenarioComparison:
        """Compare two tensors of one shape; keep and return what was found."""
        found = ScenarioComparison(
            name=name,
            title=title,
            left=expressions[0],
            right=expressions[1],
            max_abs_difference=gap(a, b),
            tolerance=rounding_tolerance(b),
            exact=torch.equal(a, b),
        )
        self._comparisons.append(found)
        return found

    def agree(self, claim: str, a: torch.Tensor, b: torch.Tensor) -> None:
        """Claim that `a` and `b` are the same numbers up to rounding."""
        self._same(claim, a, b, limit=rounding_tolerance(b))

    def equal(self, claim: str, a: torch.Tensor, b: torch.Tensor) -> None:
        """Claim that `a` and `b` are the same numbers, bit by bit."""
        self._same(claim, a, b, limit=0.0)

    def differ(self, claim: str, a: torch.Tensor, b: torch.Tensor, *, also: bool = True) -> None:
        """Claim that every row of `a` differs from that of `b` by more than rounding.

        Parameters
        ----------
        claim : str
        a, b : Tensor, shape (rows, ...)
        also : bool
            What else must hold.
        """
        if not len(a):
            self.judge(claim, also, "there is nothing to compare")
            return
        rows = (a - b).abs().flatten(1).amax(1)
        holds = bool((rows > _SURELY_DIFFERENT * rounding_tolerance(b)).all()) and also
        largest = float(rows.max())
        found = f"they differ by up to {rounded(largest)}"
        self.judge(claim, holds, found, largest, tells_apart=True)

    def judge(
        self,
        claim: str,
        holds: bool,
        measured: str,
        difference: float | None = None,
        *,
        tells_apart: bool = False,
    ) -> None:
        """Say whether the claim called `claim` holds, and what was measured."""
        text = self._scenario.claim(claim)
        self._claims[claim] = Claim(
            name=claim,
            sentence=text.sentence,
            expressions=text.expressions,
            holds=holds,
            max_abs_difference=difference,
            measured=measured,
            tells_apart=tells_apart,
        )

    def _same(self, claim: str, a: torch.Tensor, b: torch.Tensor, limit: float) -> None:
        found = gap(a, b)
        exact = torch.equal(a, b)
        holds = exact if limit == 0 else found <= limit
        measured = "equal, bit by bit" if exact else f"largest difference {rounded(found)}"
        self.judge(claim, holds, measured, found)

    def finish(self, run: Run) -> ScenarioRun:
        """Return everything gathered.

        Raises
        ------
        RuntimeError
            A claim that these settings make was not evaluated, or one that they do not was.
        """
        made = [c.name for c in self._scenario.claims if c.applies(self._settings)]
        if set(made) != set(self._claims):
            odd = ", ".join(sorted(set(made) ^ set(self._claims)))
            raise RuntimeError(f"{self._scenario.name} and its engine disagree on: {odd}.")
        return ScenarioRun(
            scenario=self._scenario.name,
            settings=self._settings,
            run=run,
            results=tuple(self._results),
            comparisons=tuple(self._comparisons),
            claims=tuple(self._claims[name] for name in made),
            packed=self.packed,
        )


def gap(a: torch.Tensor, b: torch.Tensor) -> float:
    """Return max |a - b|; NaN if the shapes differ or a number is not finite."""
    if a.shape != b.shape:
        return float("nan")
    return float((a - b).abs().max()) if a.numel() else 0.0


def rounding_tolerance(values: torch.Tensor) -> float:
    """Return the largest difference to `values` that rounding explains."""
    largest = float(values.abs().max()) if values.numel() else 0.0
    return RELATIVE_TOLERANCE * max(1.0, largest)


def is_near(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Return whether `a` and `b` are the same numbers up to rounding."""
    return gap(a, b) <= rounding_tolerance(b)
