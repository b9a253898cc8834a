"""How long a call took, and how that was found out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Wall time of a call.

    Attributes
    ----------
    seconds : float
        Of one call, or the median of several.
    calls : int
        How many were timed.
    warm : bool
        Calls of the same module on the same input came before, so that nothing was prepared while
        the time ran. A first call takes up to 70 times as long as a warm one.
    """

    seconds: float
    calls: int = 1
    warm: bool = False

    @property
    def how(self) -> str:
        """How it was found out, in a few words: ``median of 5 warm calls``."""
        if self.calls == 1:
            return "one warm call" if self.warm else "one call, not warmed up"
        return f"median of {self.calls} {'warm ' if self.warm else ''}calls"
