"""The first NaN or infinity of a run: where it came from, and what it reached."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NonFinite:
    """The first place where NaN or infinity appears.

    Attributes
    ----------
    where : str
        ``"input"``, ``"h_0"``, ``"c_0"``, a parameter's name, or ``"hidden"`` or ``"cell"``.
    index : tuple of int
        Index into that tensor as named by `where`: for ``hidden`` and ``cell`` it is
        (layer, direction, t, n, unit); else the tensor's own.
    value : str
        ``"nan"``, ``"inf"`` or ``"-inf"``.
    reached : tuple of int, or None
        The first h_t or c_t that is not finite, as (layer, direction, t, n, unit): first in time,
        then in layer, direction, sequence and unit. None where all of them are finite.
    """

    where: str
    index: tuple[int, ...]
    value: str
    reached: tuple[int, ...] | None = None
