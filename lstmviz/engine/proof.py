"""How far the opened trace is from what the module returned, and how far it may be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import torch

from lstmviz.core.trace import Proof

if TYPE_CHECKING:
    from torch import Tensor


def largest(a: float, b: float) -> float:
    """Return the larger of two differences; NaN if either is."""
    return b if math.isnan(b) or b > a else a


def largest_difference(ours: Tensor, theirs: Tensor, past: Tensor | None = None) -> float:
    """Return max |ours - theirs|, where two equal infinities or two NaNs agree.

    Parameters
    ----------
    ours, theirs : Tensor of one shape and dtype
    past : Tensor of bool that broadcasts to them, or None
        Places to leave out.

    Returns
    -------
    float
        0 for empty tensors, NaN where one side alone is not finite.
    """
    if not ours.numel():
        return 0.0
    difference = torch.sub(ours, theirs)
    if past is not None:
        difference.masked_fill_(past, 0)
    worst = _magnitude(difference)
    if math.isfinite(worst):
        return worst
    same = (ours == theirs) | (ours.isnan() & theirs.isnan())
    worst = _magnitude(difference.masked_fill_(same, 0))
    return worst if math.isfinite(worst) else math.nan


def _magnitude(values: Tensor) -> float:
    low, high = torch.aminmax(values)
    return largest(-float(low), float(high))


class Final(Protocol):
    """One direction as recomputed."""

    difference: float
    h_n: Tensor
    c_n: Tensor


@dataclass(slots=True)
class Differences:
    """Largest differences found so far, to output (and every h_t), h_n and c_n."""

    output: float = 0.0
    h_n: float = 0.0
    c_n: float = 0.0

    def add(self, found: Final, h_n: Tensor, c_n: Tensor) -> None:
        """Take one direction in, whose final states the module returned as `h_n` and `c_n`."""
        self.output = largest(self.output, found.difference)
        self.h_n = largest(self.h_n, largest_difference(found.h_n, h_n))
        self.c_n = largest(self.c_n, largest_difference(found.c_n, c_n))


def prove(
    found: Differences, dtype: torch.dtype, device: torch.device, terms: int
) -> Proof:
    """Judge the differences found."""
    tf32 = device.type == "cuda" and torch.backends.cudnn.allow_tf32
    limit, reason = tolerance(dtype, terms, tf32=tf32)
    return Proof(
        output=found.output,
        h_n=found.h_n,
        c_n=found.c_n,
        tolerance=limit,
        reason=reason,
        exact=found.output == found.h_n == found.c_n == 0.0,
        ok=found.output <= limit and found.h_n <= limit and found.c_n <= limit,
    )


@lru_cache(256)
def tolerance(dtype: torch.dtype, terms: int, *, tf32: bool) -> tuple[float, str]:
    """Return the largest difference that rounding explains, and why, in one sentence.

    Parameters
    ----------
    dtype : torch.dtype
        What the module computed in.
    terms : int
        Products summed for one gate: layer input width plus H_out.
    tf32 : bool
        float32 products may be rounded to TF32.
    """
    name = str(dtype).removeprefix("torch.")
    eps = torch.finfo(dtype).eps
    if tf32 and dtype == torch.float32:
        eps, name = 2.0**-10, "TF32 (allowed for cuDNN)"
    if dtype in (torch.float16, torch.bfloat16):
        return 8 * eps, f"{name} keeps {eps:.1e} of a value; eight roundings lie between both sides"
    limit = 16 * eps * math.sqrt(terms)
    return limit, (
        f"each gate sums {terms} products in {name}, whose rounding of {eps:.1e} grows with the"
        f" square root of their number; 16 × {eps:.1e} × √{terms}"
    )
