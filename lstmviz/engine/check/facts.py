"""What is known of a tensor of the user's program, from where it came."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field, replace
from typing import TypeVar

import torch

from lstmviz.engine.check.calls import UserCall
from lstmviz.engine.check.places import SourcePlace


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A silent mistake, as far as the run shows it.

    Attributes
    ----------
    mistake : str
        Its name in the catalogue.
    place : SourcePlace
    sentence : str
        With the numbers of this run.
    fix : str
        What to write.
    """

    mistake: str
    place: SourcePlace
    sentence: str
    fix: str


@dataclass(frozen=True, slots=True)
class Output:
    """The output of a call; `lengths` where some sequences end before the last step."""

    call: UserCall
    batch_first: bool
    lengths: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class PackedOutput:
    """The data of the packed output of a call."""

    call: UserCall


@dataclass(frozen=True, slots=True)
class State:
    """A final state of a call, or what was copied or cut from it.

    Attributes
    ----------
    call : UserCall
    name : str
        ``h_n`` or ``c_n``.
    is_whole : bool
        Whether it is the returned tensor itself, with all its rows.
    detached : bool
    backwards, batch : int
        How often backward had run, and the loader's batch, when it was returned.
    """

    call: UserCall
    name: str
    is_whole: bool
    detached: bool
    backwards: int
    batch: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as a loader or pad_sequence laid it out.

    Attributes
    ----------
    axis : int
        Where the batch axis is now.
    lengths : tuple of int or None
        Where sequences end; None if nothing was padded or it is not known.
    source : str
        Who laid it out, in words.
    """

    axis: int
    lengths: tuple[int, ...] | None
    source: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A suspicion that holds once the tensor is computed with."""

    suspicion: Suspicion
    half: int = 0
    """Units of the forward direction; cut down to these, the suspicion falls. 0 for none."""


KnownFact = Output | PackedOutput | State | Batch | Pending
_F = TypeVar("_F", Output, PackedOutput, State, Batch, Pending)


@dataclass(slots=True, eq=False)
class Ledger:
    """Facts by tensor; a tensor that is gone takes its facts along."""

    _facts: dict[int, tuple[weakref.ref[torch.Tensor], list[KnownFact]]] = field(
        default_factory=dict
    )

    def add(self, tensor: object, fact: KnownFact) -> None:
        """Note a fact of `tensor`; anything else than a tensor is left alone."""
        if not isinstance(tensor, torch.Tensor):
            return
        key = id(tensor)
        entry = self._facts.get(key)
        if entry is None or entry[0]() is not tensor:
            facts = self._facts
            entry = (weakref.ref(tensor, lambda _: facts.pop(key, None)), [])
            facts[key] = entry
        entry[1].append(fact)

    def of(self, tensor: object, kind: type[_F]) -> list[_F]:
        """Return the facts of one kind that are known of `tensor`."""
        entry = self._facts.get(id(tensor))
        if entry is None or entry[0]() is not tensor:
            return []
        return [fact for fact in entry[1] if isinstance(fact, kind)]

    def known(self, tensor: object) -> bool:
        """Return whether anything is known of `tensor`."""
        entry = self._facts.get(id(tensor))
        return entry is not None and entry[0]() is tensor


__all__ = [
    "Batch",
    "Ledger",
    "Output",
    "PackedOutput",
    "Pending",
    "State",
    "Suspicion",
    "replace",
]
