"""Names and sizes of recurrent parameters, and what two sets of names differ by."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from lstmviz.core.cells import CELLS

_LEAF: Final = re.compile(
    r"(?P<kind>weight|bias)_(?P<part>ih|hh|hr)(?:_l(?P<layer>\d{1,3})(?P<reverse>_reverse)?)?"
    r"(?P<extra>_raw|_g|_v|_orig)?$"
)
MODULES: Final = {kind.multiple: f"nn.{kind.module}" for kind in CELLS.values()}
"""Rows of a recurrent weight over hidden_size, and the module that has so many."""


@dataclass(frozen=True, slots=True, order=True)
class Parameter:
    """One parameter of an nn.LSTM, nn.GRU, nn.RNN or of a cell.

    Attributes
    ----------
    owner : str
        The module's path with its last dot; empty for the module itself.
    kind, part : str
        ``weight`` or ``bias``; ``ih``, ``hh`` or ``hr``.
    layer : int
        -1 for a cell, which has no layers.
    reverse : bool
    extra : str
        What weight dropout or normalisation has put behind the name.
    """

    owner: str
    kind: str
    part: str
    layer: int
    reverse: bool
    extra: str

    @classmethod
    def of(cls, name: str) -> Self | None:
        """Read a full name; None if it is no recurrent parameter's."""
        owner, dot, last = name.rpartition(".")
        leaf = _LEAF.fullmatch(last)
        if not leaf:
            return None
        layer = int(leaf["layer"]) if leaf["layer"] else -1
        reverse, extra = bool(leaf["reverse"]), leaf["extra"] or ""
        return cls(owner + dot, leaf["kind"], leaf["part"], layer, reverse, extra)

    @property
    def leaf(self) -> str:
        """The name without its module's path."""
        layer = f"_l{self.layer}" if self.layer >= 0 else ""
        return f"{self.kind}_{self.part}{layer}{'_reverse' if self.reverse else ''}{self.extra}"


def by_owner(names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the recurrent parameters' own names, by the module that holds them."""
    owners: dict[str, set[str]] = defaultdict(set)
    for name in names:
        parameter = Parameter.of(name)
        if parameter:
            owners[parameter.owner].add(parameter.leaf)
    return {owner: frozenset(leaves) for owner, leaves in owners.items()}


def prefix_between(missing: set[str], unexpected: set[str]) -> tuple[str, str] | None:
    """Return the prefixes (wanted, saved) that alone tell the two sets apart; None if none do.

    One of the two is empty.
    """
    if not missing or not unexpected:
        return None
    shortest_missing, shortest_unexpected = min(missing, key=len), min(unexpected, key=len)
    for long, short, is_saved in (
        (unexpected, shortest_missing, True),
        (missing, shortest_unexpected, False),
    ):
        found = {name[: -len(short)] for name in long if name.endswith("." + short)}
        for prefix in sorted(found):
            other = {name.removeprefix(prefix) for name in long if name.startswith(prefix)}
            if len(other) == len(long) and other == (missing if is_saved else unexpected):
                return ("", prefix) if is_saved else (prefix, "")
    return None


def renamed(missing: set[str], unexpected: set[str]) -> dict[str, str]:
    """Return modules of the file and of the model with the same parameters under other names."""
    wanted, saved = by_owner(missing), by_owner(unexpected)
    pairs: dict[str, str] = {}
    for owner, leaves in saved.items():
        same = [
            other
            for other, parameters in wanted.items()
            if parameters == leaves and other not in pairs.values()
        ]
        if len(same) == 1 and same[0] != owner:
            pairs[owner] = same[0]
    return pairs


@dataclass(frozen=True, slots=True)
class Surplus:
    """What recurrent parameters of one module one side has and the other has not.

    Attributes
    ----------
    layers : tuple of int
        Whole layers.
    directions : bool
        The reverse direction of layers that both have.
    biases, projections : bool
    """

    layers: tuple[int, ...]
    directions: bool
    biases: bool
    projections: bool

    @classmethod
    def of(cls, leaves: Iterable[str]) -> Self | None:
        """Read what `leaves` amount to; None where they are no whole part of a module."""
        parameters = [parameter for leaf in leaves if (parameter := Parameter.of(leaf))]
        if any(p.layer < 0 or p.extra for p in parameters) or not parameters:
            return None
        forward = {p.layer for p in parameters if not p.reverse and p.part in {"ih", "hh"}}
        weights = {
            p.layer for p in parameters if p.kind == "weight" and p.part == "ih" and not p.reverse
        }
        backward = {p.layer for p in parameters if p.reverse and p.part in {"ih", "hh"}}
        if 0 in weights:
            return None
        whole_weights = {p.layer for p in parameters if p.kind == "weight" and p.part != "hr"}
        return cls(
            layers=tuple(sorted(weights)),
            directions=bool((backward & whole_weights) - forward),
            biases=not whole_weights and any(p.kind == "bias" for p in parameters),
            projections=any(p.part == "hr" for p in parameters) and not weights and not backward,
        )
