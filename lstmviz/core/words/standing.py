"""How a claim stands on a run: it holds, what it tells apart is apart, or it fails.

Every view marks the three alike: by shape first, then by colour, and in words where neither can be
written.
"""

from __future__ import annotations

from enum import Enum


class Standing(Enum):
    """How a claim stands on a run.

    Attributes
    ----------
    sign : str
        One letter, of another shape for each.
    words : str
        What to say where the sign cannot be written, and to those who hear the page.
    """

    HOLDS = "✓", "holds"
    """The claim is true."""
    IS_NOT = "≠", "is not, as said"
    """The claim says that two things differ, and they do: true, and something to keep away from."""
    FAILED = "✕", "does not hold"
    """The claim is false of this run's numbers."""

    @property
    def is_failure(self) -> bool:
        """Whether the claim is false of this run."""
        return self is Standing.FAILED

    def __init__(self, sign: str, words: str) -> None:
        self.sign = sign
        self.words = words


def standing(*, holds: bool, tells_apart: bool) -> Standing:
    """Return how a claim stands.

    Parameters
    ----------
    holds : bool
        The claim, as worded, is true.
    tells_apart : bool
        It says that two things differ.
    """
    if not holds:
        return Standing.FAILED
    return Standing.IS_NOT if tells_apart else Standing.HOLDS
