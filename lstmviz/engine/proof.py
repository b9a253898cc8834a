"""How far the opened trace is from what the module returned, and how far it may be.

The trace holds what PyTorch computed wherever PyTorch showed it: output, h_n, c_n, every h_t, and
gates and cell states where its kernel kept them. Elsewhere those two are computed again, from the
weights. The proof closes the circle: o_t·tanh(c_t) must be the h_t that PyTorch computed, for every
layer, direction and step, and the last of them its h_n and c_n; and where c_t was read and not
computed, it must be f_t·c_{t-1} + i_t·g_t.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import torch

from lstmviz.core.trace import Proof

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor


@dataclass(slots=True)
class Compared:
    """How far one direction of a layer is, by the equations, from what the module computed.

    Attributes
    ----------
    hidden, h_n, c_n : float
        Largest difference to every h_t of a valid step, to h_n and to c_n.
    finite : bool
        Input, state, weights, every h_t and c_t are finite.
    """

    hidden: float = 0.0
    h_n: float = 0.0
    c_n: float = 0.0
    finite: bool = True


class Differences(NamedTuple):
    """Largest differences to every h_t (the output's among them), to h_n and to c_n."""

    output: float
    h_n: float
    c_n: float


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
    worst = magnitude(difference)
    if math.isfinite(worst):
        return worst
    same = (ours == theirs) | (ours.isnan() & theirs.isnan())
    worst = magnitude(difference.masked_fill_(same, 0))
    return worst if math.isfinite(worst) else math.nan


def magnitude(values: Tensor) -> float:
    """Return max |values|; NaN if any is, 0 for none."""
    low, high = torch.aminmax(values)
    return largest(-float(low), float(high))


def prove(
    found: Differences,
    limit: tuple[float, str],
    *,
    finite: bool,
    reach: Callable[[], float],
    unproven: str = "",
) -> Proof:
    """Judge the differences found.

    Parameters
    ----------
    found : Differences
    limit : (float, str)
        What `tolerance` returned.
    finite : bool
        Every value of the trace is; ``torch.equal`` is never true of NaN.
    reach : callable
        Returns the largest magnitude that a gate's sum or a cell state may have had; asked for only
        where the differences exceed the tolerance of ordinary values.
    unproven : str
        What this run cannot prove and why.
    """
    allowed, reason = limit
    if not all(difference <= allowed for difference in found):
        scale = reach()
        if math.isfinite(scale) and scale > 1:
            allowed *= scale
            reason += f", × {scale:.3g}, the largest sum that this run's values can reach"
    return Proof(
        output=found.output,
        h_n=found.h_n,
        c_n=found.c_n,
        tolerance_h=allowed,
        tolerance_c=allowed,
        reason=reason + ".",
        exact=finite and found == (0.0, 0.0, 0.0),
        unproven=unproven,
    )


@lru_cache(256)
def tolerance(dtype: torch.dtype, device: str, terms: int, *, tf32: bool) -> tuple[float, str]:
    """Return the largest difference that rounding explains, and why, in one sentence.

    The rounding error of a sum of n products grows as √n times the unit roundoff, with overwhelming
    probability (Higham and Mary, SIAM J. Sci. Comput. 41, 2019); 16 covers the biases, the four
    activations, the recurrence of c and the two sides' different order.

    Parameters
    ----------
    dtype : torch.dtype
        What the module computed in.
    device : str
        ``"cpu"``, ``"cuda"`` or ``"mps"``.
    terms : int
        Products summed for one gate: layer input width plus H_out.
    tf32 : bool
        The device may round float32 factors to TF32.
    """
    name = str(dtype).removeprefix("torch.")
    eps = torch.finfo(dtype).eps
    if dtype in (torch.float16, torch.bfloat16):
        return 8 * eps, (
            f"{name} on {device} rounds each intermediate value by up to {eps:.1e}, and eight such"
            " roundings lie between both sides"
        )
    if tf32 and dtype == torch.float32:
        eps, name = 2.0**-10, "float32 with TF32 products"
    return 16 * eps * math.sqrt(terms), (
        f"a gate sums {terms} products in {name} on {device}, and rounding grows with the square"
        f" root of their number: 16 × {eps:.1e} × √{terms}"
    )
