"""A claim about a run, and how two parts of its tensors are compared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lstmviz.core.equality import ByValue
from lstmviz.core.numbers import greatest_difference
from lstmviz.core.region import Region
from lstmviz.core.trace import Array
from lstmviz.core.words.standing import Standing, standing


class FactKind(StrEnum):
    """What a fact is good for."""

    RIGHT = "right"
    """An idiom to use."""
    PITFALL = "pitfall"
    """Code that raises nothing and is wrong; the claim says that it is."""
    RULE = "rule"
    """How ``nn.LSTM`` is."""


@dataclass(frozen=True, slots=True, eq=False)
class FactPart(ByValue):
    """A part of a tensor, or something made from it.

    Attributes
    ----------
    text : str
        The PyTorch expression for it.
    values : array
        Its numbers in this run.
    regions : tuple of Region
        Where those numbers stand; empty for tensors of another run.
    """

    text: str
    values: Array
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One claim, evaluated.

    Attributes
    ----------
    kind : FactKind
    claim : str
        In plain words.
    detail : str
        Why, in one clause. Says what ``moved_…``, ``unpacked_…`` and ``training_…`` stand for
        where an expression names them.
    expressions : tuple of str
        PyTorch, with this run's sizes. Two that are compared where there is a
        `max_abs_difference`; else each is a statement, and true if the fact holds.
    max_abs_difference : float or None
        Between the two expressions; NaN where one has a NaN or infinity that the other lacks.
    holds : bool
        The claim, as worded, is true of this run's numbers.
    slices : tuple of Region
        What the claim speaks of, in each tensor's own layout; parameters by their names.
    tells_apart : bool
        The claim says that its two expressions differ.
    """

    kind: FactKind
    claim: str
    detail: str
    expressions: tuple[str, ...]
    max_abs_difference: float | None
    holds: bool
    slices: tuple[Region, ...]
    tells_apart: bool = False

    @property
    def standing(self) -> Standing:
        """How the claim stands on this run."""
        return standing(holds=self.holds, tells_apart=self.tells_apart)

    def as_json(self) -> dict[str, Any]:
        """Return what ``lstmviz facts --json`` prints; a NaN difference is null."""
        difference = self.max_abs_difference
        return {
            "claim": self.claim,
            "expressions": list(self.expressions),
            "max_abs_difference": None if difference != difference else difference,  # noqa: PLR0124
            "holds": self.holds,
        }


def same(
    kind: FactKind, claim: str, detail: str, parts: tuple[FactPart, FactPart], tolerance: float
) -> Fact:
    """Return the fact that two parts hold the same numbers, within `tolerance`."""
    found = greatest_difference(parts[0].values, parts[1].values)
    return _compared(kind, claim, detail, parts, found, holds=found <= tolerance)


def unlike(
    claim: str, detail: str, parts: tuple[FactPart, FactPart], tolerance: float = 0.0
) -> Fact:
    """Return the pitfall that two parts differ by more than `tolerance`.

    The tolerance is zero between parts of one run, where equal numbers are equal exactly.
    """
    found = greatest_difference(parts[0].values, parts[1].values)
    holds = not found <= tolerance
    return _compared(FactKind.PITFALL, claim, detail, parts, found, holds=holds, tells_apart=True)


def stated(
    claim: str, detail: str, statements: dict[str, bool], slices: tuple[Region, ...]
) -> Fact:
    """Return a rule that holds if all `statements` do; each is an expression with its truth."""
    return Fact(
        kind=FactKind.RULE,
        claim=claim,
        detail=detail,
        expressions=tuple(statements),
        max_abs_difference=None,
        holds=all(statements.values()),
        slices=slices,
    )


def _compared(
    kind: FactKind,
    claim: str,
    detail: str,
    parts: tuple[FactPart, FactPart],
    found: float,
    *,
    holds: bool,
    tells_apart: bool = False,
) -> Fact:
    return Fact(
        kind=kind,
        claim=claim,
        detail=detail,
        expressions=tuple(part.text for part in parts),
        max_abs_difference=found,
        holds=holds,
        slices=tuple(dict.fromkeys(region for part in parts for region in part.regions)),
        tells_apart=tells_apart,
    )
