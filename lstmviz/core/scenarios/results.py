"""What came out of a scenario: its run, its own numbers and which of its claims hold."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from lstmviz.core.equality import ByValue
from lstmviz.core.scenarios.parts import Value
from lstmviz.core.trace import Array, Run
from lstmviz.core.words.standing import Standing, standing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result(ByValue):
    """Named numbers of a scenario.

    Attributes
    ----------
    name : str
        Unique in the run.
    title : str
        What it is, for people.
    axes : tuple of str
        Symbol of each axis; ``("L",)`` is a curve over time.
    values : array
    labels : tuple of str
        Names along the last axis, such as characters or years; empty for none.
    """

    name: str
    title: str
    axes: tuple[str, ...]
    values: Array = field(repr=False)
    labels: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioComparison:
    """Two ways to get the same numbers, or numbers that look alike.

    Attributes
    ----------
    name, title : str
    left, right : str
        What is compared, in PyTorch's own terms.
    max_abs_difference : float
    tolerance : float
        Largest difference that rounding explains.
    exact : bool
        ``torch.equal`` holds.
    """

    name: str
    title: str
    left: str
    right: str
    max_abs_difference: float
    tolerance: float
    exact: bool

    @property
    def agrees(self) -> bool:
        """Whether rounding explains the difference."""
        return self.max_abs_difference <= self.tolerance

    @property
    def sign(self) -> str:
        """``=`` only where every bit agrees, ``≈`` where rounding explains the rest, else ``≠``."""
        if self.exact:
            return "="
        return "≈" if self.agrees else Standing.IS_NOT.sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim of a scenario, evaluated on this run.

    Attributes
    ----------
    name, sentence : str
    expressions : tuple of str
    holds : bool
    max_abs_difference : float or None
        The number that decides, where it is a difference.
    measured : str
        What was found, in words with numbers.
    tells_apart : bool
        The claim says that two things differ.
    """

    name: str
    sentence: str
    expressions: tuple[str, ...]
    holds: bool
    max_abs_difference: float | None
    measured: str
    tells_apart: bool = False

    @property
    def standing(self) -> Standing:
        """How the claim stands on this run."""
        return standing(holds=self.holds, tells_apart=self.tells_apart)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PackedData(ByValue):
    """A PackedSequence, with where each of its rows comes from.

    Attributes
    ----------
    data : array, shape (Σ lengths, H_in)
    batch_sizes : array of int64, shape (max(lengths),)
        Sequences that still go on at each step.
    sorted_indices, unsorted_indices : array of int64, shape (N,)
    lengths : array of int64, shape (N,)
    row_item, row_step : array of int64, shape (Σ lengths,)
        Batch item and time step of the padded batch that each row of `data` is.
    padded_steps : int
        Steps that the padded batch would cost, N·L.
    """

    data: Array = field(repr=False)
    batch_sizes: Array
    sorted_indices: Array
    unsorted_indices: Array
    lengths: Array
    row_item: Array = field(repr=False)
    row_step: Array = field(repr=False)
    padded_steps: int

    @property
    def saved(self) -> float:
        """Part of the steps that packing saves, 0 to 1."""
        return 1 - len(self.data) / self.padded_steps


_PACKED_ARRAYS = (
    "data", "batch_sizes", "sorted_indices", "unsorted_indices", "lengths", "row_item", "row_step",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScenarioRun(ByValue):
    """One run of a scenario.

    Attributes
    ----------
    scenario : str
        Its name.
    settings : dict
        Every size and option, as run.
    run : Run
    results : tuple of Result
    comparisons : tuple of ScenarioComparison
    claims : tuple of Claim
        Those that its settings make.
    packed : PackedData or None
    """

    scenario: str
    settings: dict[str, Value]
    run: Run
    results: tuple[Result, ...]
    comparisons: tuple[ScenarioComparison, ...]
    claims: tuple[Claim, ...]
    packed: PackedData | None = None

    def result(self, name: str) -> Array:
        """Return the numbers called `name`.

        Raises
        ------
        KeyError
            This run has none of that name.
        """
        return {result.name: result.values for result in self.results}[name]

    def comparison(self, name: str) -> ScenarioComparison:
        """Return the comparison called `name`.

        Raises
        ------
        KeyError
            This run has none of that name.
        """
        return {comparison.name: comparison for comparison in self.comparisons}[name]

    def claim(self, name: str) -> Claim:
        """Return the claim called `name`.

        Raises
        ------
        KeyError
            This run's settings do not make it.
        """
        return {claim.name: claim for claim in self.claims}[name]

    def arrays(self) -> dict[str, Array]:
        """Return every array beside the run's traces, by a unique name."""
        found = {f"result.{result.name}": result.values for result in self.results}
        if self.packed is not None:
            found |= {f"packed.{name}": getattr(self.packed, name) for name in _PACKED_ARRAYS}
        return found

    def plain(self) -> dict[str, Any]:
        """Return everything that is neither an array nor the run, as JSON-ready data."""
        return {
            "scenario": self.scenario,
            "settings": dict(self.settings),
            "results": [
                {"name": r.name, "title": r.title, "axes": r.axes, "labels": r.labels}
                for r in self.results
            ],
            "comparisons": [asdict(comparison) for comparison in self.comparisons],
            "claims": [asdict(claim) for claim in self.claims],
            "padded_steps": None if self.packed is None else self.packed.padded_steps,
        }

    @classmethod
    def from_parts(cls, run: Run, arrays: dict[str, Array], plain: dict[str, Any]) -> Self:
        """Rebuild a scenario's run from what `arrays` and `plain` returned.

        Raises
        ------
        KeyError, TypeError
            A part is missing or unknown.
        """
        steps = plain["padded_steps"]
        packed = None
        if steps is not None:
            parts = {name: arrays[f"packed.{name}"] for name in _PACKED_ARRAYS}
            packed = PackedData(**parts, padded_steps=steps)
        return cls(
            scenario=plain["scenario"],
            settings=plain["settings"],
            run=run,
            results=tuple(_result(part, arrays) for part in plain["results"]),
            comparisons=tuple(ScenarioComparison(**part) for part in plain["comparisons"]),
            claims=tuple(
                Claim(**{**part, "expressions": tuple(part["expressions"])})
                for part in plain["claims"]
            ),
            packed=packed,
        )


def _result(part: dict[str, Any], arrays: dict[str, Array]) -> Result:
    values = arrays[f"result.{part['name']}"]
    return Result(
        **{**part, "axes": tuple(part["axes"]), "labels": tuple(part["labels"])}, values=values
    )
