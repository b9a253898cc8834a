"""How far an opened trace is from what the module itself returned, and what that proves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lstmviz.core.equality import ByValue


class ProofVerdict(StrEnum):
    """What a proof comes to; the one thing to ask of it."""

    EXACT = "exact"
    """``torch.equal`` holds of everything that was compared: the only one to write as "="."""
    WITHIN_ROUNDING = "within rounding"
    """No difference exceeds its tolerance: "≈"."""
    UNPROVEN = "unproven"
    """Nothing contradicts the trace, and something in it cannot be proven: say what."""
    FAILED = "failed"
    """A difference is larger than rounding explains: "≠"."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proof(ByValue):
    """How far the opened trace is from what the module itself returned.

    h and c have tolerances of their own: h_t lies in (-1, 1) unless it is projected, while c_t has
    no bound, so that what rounding does to a large c says nothing of h.

    Attributes
    ----------
    output, h_n, c_n : float
        Largest absolute difference to the module's own tensor; `output` covers every h_t of every
        layer. Where one side alone has NaN or infinity there is no difference to speak of: such
        places are left out here and told in `unproven`.
    tolerance_h : float
        Largest difference of `output` and `h_n` that rounding explains for this dtype, device and
        size.
    tolerance_c : float
        The same of `c_n`.
    reason : str
        Where the tolerances come from, in one sentence.
    exact : bool
        Everything compared is bitwise equal and finite.
    unproven : str
        What this run cannot prove and why, in a sentence; empty when everything is proven.
    """

    output: float
    h_n: float
    c_n: float
    tolerance_h: float
    tolerance_c: float
    reason: str
    exact: bool
    unproven: str = ""

    @property
    def verdict(self) -> ProofVerdict:
        """What it comes to."""
        if not (self.difference_h <= self.tolerance_h and self.c_n <= self.tolerance_c):
            return ProofVerdict.FAILED
        if self.unproven:
            return ProofVerdict.UNPROVEN
        return ProofVerdict.EXACT if self.exact else ProofVerdict.WITHIN_ROUNDING

    @property
    def ok(self) -> bool:
        """Whether the trace is proven, exactly or within rounding."""
        return self.verdict in (ProofVerdict.EXACT, ProofVerdict.WITHIN_ROUNDING)

    @property
    def difference_h(self) -> float:
        """The larger of the differences of `output` and `h_n`; NaN if either is."""
        return float(np.max([self.output, self.h_n]))

    @property
    def max_abs_difference(self) -> float:
        """The largest of the three differences; NaN if any is NaN."""
        return float(np.max([self.output, self.h_n, self.c_n]))
