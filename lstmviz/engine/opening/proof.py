"""How far the opened trace is from what the module returned, and how far it may be.

The trace holds what PyTorch computed wherever PyTorch showed it: output, h_n, c_n, every h_t, and
gates and cell states where its kernel kept them. Elsewhere those two are computed again, from the
weights. The proof closes the circle: o_t·tanh(c_t) must be the h_t that PyTorch computed, for every
layer, direction and step, and the last of them its h_n and c_n; and where c_t was read and not
computed, it must be f_t·c_{t-1} + i_t·g_t.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import torch

from lstmviz.core.proof import Proof
from lstmviz.core.words.of_traces import place_in_words
from lstmviz.engine.opening.compared import Compared


class DirectionFound(NamedTuple):
    """One direction of one layer: how it compares, and where it stands."""

    layer: int
    direction: int
    found: Compared


def prove(parts: list[DirectionFound], limit: tuple[float, str], *, finite: bool) -> Proof:
    """Judge the differences found.

    Parameters
    ----------
    parts : list of DirectionFound
    limit : (float, str)
        What `tolerance` returned.
    finite : bool
        Every value of the trace is; ``torch.equal`` is never true of NaN.
    """
    base, reason = limit
    of_h = [(max(p.found.hidden, p.found.h_n), p.found.allowed_h or base) for p in parts]
    of_c = [(p.found.c_n, p.found.allowed_c or base) for p in parts]
    allowed_h, allowed_c = _allowed(of_h, base), _allowed(of_c, base)
    if max(allowed_h, allowed_c) > base:
        reason += "; more where large sums, or a large c, let rounding grow"
    output, h_n, c_n = (
        max((getattr(p.found, name) for p in parts), default=0.0)
        for name in ("hidden", "h_n", "c_n")
    )
    apart = [p for p in parts if p.found.apart is not None]
    return Proof(
        output=output,
        h_n=h_n,
        c_n=c_n,
        tolerance_h=allowed_h,
        tolerance_c=allowed_c,
        reason=reason + ".",
        exact=finite and not apart and output == h_n == c_n == 0,
        unproven=_told(apart),
    )


def _allowed(found: list[tuple[float, float]], base: float) -> float:
    """Return the tolerance that decides over pairs of a difference and what it may be.

    Where all are allowed, that of the largest difference; else the least that is exceeded, which
    the largest difference exceeds too.
    """
    exceeded = [allowed for difference, allowed in found if difference > allowed]
    if exceeded:
        return min(exceeded)
    return max(found, default=(0.0, base))[1]


def _told(apart: list[DirectionFound]) -> str:
    """Return where the first layer that cannot be compared differs, in a sentence."""
    if not apart:
        return ""
    layer, direction, found = apart[0]
    assert found.apart is not None  # noqa: S101 - chosen for it
    first = found.apart
    place = place_in_words((layer, direction, first.step, first.item, first.unit))
    return first.sentence(place)


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
