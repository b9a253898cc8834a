"""What a scenario is made of. Plain data; the models themselves are in ``engine.scenarios``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Final

from lstmviz.core.region import Region
from lstmviz.core.spec import MAX_SEED, Bound, SpecError, check_bound
from lstmviz.core.words.amounts import named, quoted

Value = int | bool | str
Settings = Mapping[str, Value]

MAX_NUMBERS: Final = 20_000_000
"""Numbers that one tensor of a scenario may hold; above, it no longer teaches at a glance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A whole number that a user may change.

    Attributes
    ----------
    name : str
        As ``nn.LSTM`` or the module's own argument spells it.
    title : str
        What it counts, for people.
    default, low, high : int
        Both bounds are included.
    is_count : bool
        Whether it counts something; a year does not, and nothing is set apart in it.
    """

    name: str
    title: str
    default: int
    low: int = 1
    high: int = 1024
    is_count: bool = True

    @property
    def bound(self) -> Bound:
        """Its range."""
        return Bound(self.low, self.high, is_count=self.is_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A setting that is no size: a switch, a choice or a text.

    Attributes
    ----------
    name, title : str
    default : bool or str
        A bool makes it a switch.
    choices : tuple of str
        What it may be; empty for a switch or a free text.
    longest : int
        Characters that a text may have.
    """

    name: str
    title: str
    default: bool | str
    choices: tuple[str, ...] = ()
    longest: int = 0


SEED: Final = Size(name="seed", title="Seed", default=3, low=0, high=MAX_SEED)
"""Every scenario has it: parameters and inputs are drawn from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """What a step of a tour points at: a stage, or a part of one of its tensors.

    Attributes
    ----------
    stage : str
        Path of the submodule, e.g. ``"encoder"``; empty for the model itself.
    tensor : str
        A port of the stage or a field of its trace; empty to point at the whole stage.
    index : tuple
        One entry for each leading axis that is not taken whole: an index (negative from the end),
        or a range ``(low, high)``, each a number, a setting's name or None for the end.
    result : str
        Name of a result to show instead, e.g. a curve; the others are then empty.
    """

    stage: str = ""
    tensor: str = ""
    index: tuple[int | tuple[int | str | None, int | str | None], ...] = ()
    result: str = ""

    def region(self, shape: tuple[int, ...], settings: Settings) -> Region:
        """Return the part of a tensor of `shape` that is pointed at.

        Raises
        ------
        KeyError
            The pointer names a setting that the scenario does not have.
        """
        ranges = []
        for axis, size in enumerate(shape):
            entry = self.index[axis] if axis < len(self.index) else (None, None)
            if isinstance(entry, int):
                start = entry % size
                ranges.append((start, start + 1))
            else:
                low, high = (_number(end, settings) for end in entry)
                ranges.append((min(low or 0, size), size if high is None else min(high, size)))
        return Region(self.tensor, tuple(ranges))


def _number(end: int | str | None, settings: Settings) -> int | None:
    return int(settings[end]) if isinstance(end, str) else end


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimText:
    """Something that a scenario says of its own numbers; the engine finds out whether it holds.

    Attributes
    ----------
    name : str
        Unique in the scenario.
    sentence : str
    expressions : tuple of str
        What is compared, in PyTorch's own terms.
    needs : tuple of (str, value)
        Settings under which it is made; under others it is neither true nor false.
    """

    name: str
    sentence: str
    expressions: tuple[str, ...] = ()
    needs: tuple[tuple[str, Value], ...] = ()

    def applies(self, settings: Settings) -> bool:
        """Return whether the claim is made under `settings`."""
        return all(settings[name] == value for name, value in self.needs)


@dataclass(frozen=True, slots=True, kw_only=True)
class TourStep:
    """One step of a guided tour.

    Attributes
    ----------
    text : str
        One to three sentences.
    at : Pointer
    changes : mapping
        Settings to change on entering the step; those of earlier steps stay.
    claim : str
        Name of the claim that shows it; empty for none.
    """

    text: str
    at: Pointer
    changes: Settings = field(default_factory=dict)
    claim: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A small real model with its input.

    Attributes
    ----------
    name : str
        As on the command line.
    lesson : int
        Its place in the order in which a learner meets them.
    title, summary : str
        A few words; one sentence.
    sizes : tuple of Size
    options : tuple of Option
    claims : tuple of ClaimText
    tour : tuple of TourStep
    trained : bool
        Whether it ships with trained parameters.
    largest : tuple of tuple of str
        Sizes whose product is the number of elements of one of its largest tensors.
    rules : tuple of callable
        Each raises `SpecError` for settings that do not go together.
    """

    name: str
    lesson: int
    title: str
    summary: str
    sizes: tuple[Size, ...]
    options: tuple[Option, ...]
    claims: tuple[ClaimText, ...]
    tour: tuple[TourStep, ...]
    trained: bool = False
    largest: tuple[tuple[str, ...], ...] = ()
    rules: tuple[Callable[[Settings], None], ...] = ()

    @property
    def module(self) -> str:
        """Name of the file that describes it, and of the one with its model."""
        return self.name.replace("-", "_")

    def defaults(self) -> dict[str, Value]:
        """Return every setting's default, sizes first."""
        sizes: dict[str, Value] = {size.name: size.default for size in self.sizes}
        return sizes | {option.name: option.default for option in self.options}

    def years(self) -> tuple[str, ...]:
        """Return the names of the sizes that count nothing."""
        return tuple(size.name for size in self.sizes if not size.is_count)

    def settled(self, changes: Settings) -> dict[str, Value]:
        """Return all settings, the defaults with `changes`, checked.

        Raises
        ------
        SpecError
            A setting is unknown, of the wrong type or out of bounds, some do not go together, or
            the run would be too large.
        """
        known: dict[str, Size | Option] = {s.name: s for s in self.sizes}
        known |= {option.name: option for option in self.options}
        for name, value in changes.items():
            if name not in known:
                raise SpecError(name, f"{self.title} has no setting called {named(name)}.")
            setting = known[name]
            if isinstance(setting, Size):
                check_bound(name, value, setting.bound)
            else:
                _check_option(setting, value)
        settings = self.defaults() | dict(changes)
        for names in self.largest:
            if prod(int(settings[name]) for name in names) > MAX_NUMBERS:
                raise SpecError(
                    names[0],
                    f"{' × '.join(names)} may be at most {MAX_NUMBERS:,}; make one smaller.",
                )
        for rule in self.rules:
            rule(settings)
        return settings

    def claim(self, name: str) -> ClaimText:
        """Return the claim called `name`.

        Raises
        ------
        KeyError
            There is none.
        """
        return {claim.name: claim for claim in self.claims}[name]


def _check_option(option: Option, value: Value) -> None:
    if isinstance(option.default, bool):
        if not isinstance(value, bool):
            raise SpecError(
                option.name, f"{option.name} must be true or false, not {quoted(value)}."
            )
    elif not isinstance(value, str):
        raise SpecError(option.name, f"{option.name} must be text, not {quoted(value)}.")
    elif option.choices and value not in option.choices:
        raise SpecError(
            option.name,
            f"{option.name} must be one of {', '.join(option.choices)}, not {quoted(value)}.",
        )
    elif not option.choices and not 1 <= len(value) <= option.longest:
        raise SpecError(
            option.name,
            f"{option.name} must have between 1 and {option.longest:,} characters,"
            f" not {len(value):,}.",
        )
