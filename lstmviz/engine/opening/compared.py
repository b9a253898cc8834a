"""What the equations say to one direction of a layer, and where nothing can be said."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Locate = Callable[[int], tuple[int, int]]
"""From a row of what is compared to its step and batch item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """A number of which the kernel and the equations do not allow a difference to be told.

    Attributes
    ----------
    name : str
        ``"h_t"``, ``"c_t"``, ``"h_n"`` or ``"c_n"``.
    step, item, unit : int
    theirs, ours : float
        What the kernel has and what the equations give.
    allowed : float or None
        How far rounding alone may move it, where both are finite.
    """

    name: str
    step: int
    item: int
    unit: int
    theirs: float
    ours: float
    allowed: float | None = None

    def sentence(self, place: str) -> str:
        """Return what happened at `place`, which is in words."""
        numbers = f"has {_told(self.theirs)} in {self.name} at {place}"
        if self.allowed is None:
            return f"PyTorch's kernel {numbers}, where the equations give {_told(self.ours)}."
        return (
            f"PyTorch's kernel {numbers} and the equations give {_told(self.ours)}; the sums there"
            f" are so large that rounding alone can move it by {_told(self.allowed)}."
        )


def _told(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return f"{value:.3g}" if math.isfinite(value) else "infinity" if value > 0 else "−infinity"


@dataclass(slots=True)
class Compared:
    """How far one direction of a layer is, by the equations, from what the module computed.

    Attributes
    ----------
    hidden, h_n, c_n : float
        Largest difference to every h_t of a valid step, to h_n and to c_n, or, where c_t was read,
        to every c_t. Where one side alone is not finite there is no difference: see `apart`.
    finite : bool
        Input, state, weights, every h_t and c_t are finite.
    apart : Discrepancy or None
        The first place, in the order of the computation, that allows of no difference.
    allowed_h, allowed_c : float
        What rounding explains of the differences of h and of c, where that was looked into; 0 where
        it was not.
    """

    hidden: float = 0.0
    h_n: float = 0.0
    c_n: float = 0.0
    finite: bool = True
    apart: Discrepancy | None = None
    allowed_h: float = 0.0
    allowed_c: float = 0.0

    def is_within(self, limit: float) -> bool:
        """Return whether no difference exceeds `limit`."""
        return self.hidden <= limit and self.h_n <= limit and self.c_n <= limit

    def difference(
        self,
        name: str,
        pair: tuple[Tensor, Tensor],
        locate: Locate,
        *,
        past: Tensor | None = None,
        backwards: bool = False,
    ) -> float:
        """Return max |ours - theirs|, where two equal infinities or two NaNs agree.

        Parameters
        ----------
        name : str
            What is compared, as `Discrepancy` names it.
        pair : (Tensor, Tensor), rows (R, H)
            Ours and theirs.
        locate : Locate
        past : Tensor of bool that broadcasts to them, or None
            Places to leave out.
        backwards : bool
            The last row was computed first.
        """
        ours, theirs = pair
        if not ours.numel():
            return 0.0
        gap = torch.sub(ours, theirs)
        if past is not None:
            gap.masked_fill_(past, 0)
        worst = magnitude(gap)
        if math.isfinite(worst):
            return worst
        self.finite = False
        same = (ours == theirs) | (ours.isnan() & theirs.isnan())
        gap.masked_fill_(same, 0)
        wrong = ~gap.isfinite()
        self.leave_out(name, pair, wrong, locate, backwards=backwards)
        return magnitude(gap.masked_fill_(wrong, 0))

    def leave_out(
        self,
        name: str,
        pair: tuple[Tensor, Tensor],
        wrong: Tensor,
        locate: Locate,
        *,
        allowed: Tensor | None = None,
        backwards: bool = False,
    ) -> None:
        """Remember the first of the `wrong` places, unless there is one already."""
        if self.apart is not None or not wrong.any():
            return
        rows, units = wrong.nonzero(as_tuple=True)
        row = int(rows.max() if backwards else rows.min())
        unit = int(units[rows == row].min())
        step, item = locate(row)
        self.apart = Discrepancy(
            name=name,
            step=step,
            item=item,
            unit=unit,
            theirs=float(pair[1][row, unit]),
            ours=float(pair[0][row, unit]),
            allowed=None if allowed is None else float(allowed[row, unit]),
        )


def largest(a: float, b: float) -> float:
    """Return the larger of two differences; NaN if either is."""
    return b if math.isnan(b) or b > a else a


def magnitude(values: Tensor) -> float:
    """Return max |values|; NaN if any is, 0 for none."""
    low, high = torch.aminmax(values)
    return abs(largest(-float(low), float(high)))
