"""How far the opened trace is from what the module returned, and how far it may be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor


def largest_difference(ours: Tensor, theirs: Tensor, past: Tensor | None = None) -> float:
    """Return max |ours - theirs|, where two equal infinities or two NaNs agree.

    Parameters
    ----------
    ours, theirs : Tensor of one shape and dtype
    past : Tensor of bool, shape of the leading axes, or None
        Places to leave out.

    Returns
    -------
    float
        0 for empty tensors, NaN where one side alone is not finite.
    """
    if not ours.numel():
        return 0.0
    difference = (ours - theirs).abs_()
    if past is not None:
        difference.masked_fill_(past.unsqueeze(-1), 0)
    worst = float(difference.max())
    if math.isfinite(worst):
        return worst
    same = (ours == theirs) | (ours.isnan() & theirs.isnan())
    return float(difference.masked_fill_(same, 0).max())


def tolerance(dtype: torch.dtype, device: torch.device, terms: int) -> tuple[float, str]:
    """Return the largest difference that rounding explains, and why, in one sentence.

    Parameters
    ----------
    dtype : torch.dtype
        What the module computed in.
    device : torch.device
    terms : int
        Products summed for one gate: layer input width plus H_out.
    """
    name = str(dtype).removeprefix("torch.")
    eps = torch.finfo(dtype).eps
    if device.type == "cuda" and dtype == torch.float32 and torch.backends.cudnn.allow_tf32:
        eps, name = 2.0**-10, "TF32 (allowed for cuDNN)"
    if dtype in (torch.float16, torch.bfloat16):
        return 8 * eps, f"{name} keeps {eps:.1e} of a value; eight roundings lie between both sides"
    limit = 16 * eps * math.sqrt(terms)
    return limit, (
        f"each gate sums {terms} products in {name}, whose rounding of {eps:.1e} grows with the"
        f" square root of their number; 16 × {eps:.1e} × √{terms}"
    )
