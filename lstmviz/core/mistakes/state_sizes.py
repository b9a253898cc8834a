"""What an ``Expected hidden[k] size`` message says of the initial state."""

from __future__ import annotations

import re
from dataclasses import dataclass
from re import Match
from typing import Any, Final, Self

from lstmviz.core.mistakes.words import SIZES, as_size, count, sizes

HIDDEN: Final = (
    r"Expected hidden(?:\[?(?P<which>[01])\]?)? size "
    + SIZES.format("expected")
    + r", got "
    + SIZES.format("got")
)
"""Source of the pattern for such a message."""


@dataclass(frozen=True, slots=True)
class StateSizes:
    """The sizes in a message that matched `HIDDEN`.

    Attributes
    ----------
    which : str
        ``"0"`` for h_0, ``"1"`` for c_0, empty for the one state of an nn.RNN or nn.GRU.
    expected, got : tuple of int
    who : str
        Who needs the expected sizes, as far as the text around the message tells.
    """

    which: str
    expected: tuple[int, ...]
    got: tuple[int, ...]
    who: str = "the LSTM"

    @classmethod
    def of(cls, match: Match[str]) -> Self:
        """Read a match of `HIDDEN`."""
        before = match.string[: match.start()]
        said = re.findall(r"(encoder|decoder)", before, re.IGNORECASE)
        which = match["which"] or ""
        kind = "the LSTM" if which else "the RNN or GRU"
        who = f"the {said[-1].lower()}" if said else kind
        return cls(which, sizes(match["expected"]), sizes(match["got"]), who)

    @property
    def is_pair(self) -> bool:
        """Whether the module takes (h_0, c_0): nn.LSTM numbers its states, the others do not."""
        return bool(self.which)

    @property
    def whole(self) -> bool:
        """Whether both have the three axes of a batched state."""
        return len(self.expected) == len(self.got) == 3

    @property
    def differing(self) -> tuple[int, ...]:
        """The axes that differ; empty unless both have three."""
        pairs = zip(self.expected, self.got, strict=True) if self.whole else ()
        return tuple(axis for axis, (one, other) in enumerate(pairs) if one != other)

    @property
    def swapped(self) -> bool:
        """Whether the first two axes are the wrong way round."""
        rows, batch, width = self.expected if self.whole else (0, 0, 0)
        return self.differing == (0, 1) and self.got == (batch, rows, width)

    @property
    def doubled(self) -> bool:
        """Whether there are twice the rows wanted."""
        return self.differing == (0,) and self.got[0] == 2 * self.expected[0]

    @property
    def halved(self) -> bool:
        """Whether there are half the rows wanted."""
        return self.differing == (0,) and 2 * self.got[0] == self.expected[0]

    def sentence(self, reason: str, who: str = "") -> str:
        """Say which state it is, what was passed, what is needed and why."""
        name = "c_0" if self.which == "1" else "h_0"
        label = f"hidden[{self.which}]" if self.which else "hx"
        return (
            f"{label} is {name}; you passed {as_size(self.got)},"
            f" {who or self.who} needs {as_size(self.expected)}: {reason}."
        )

    def swapped_sentence(self) -> str:
        """Say that the state is laid out batch first."""
        return self.sentence(
            "states are (D·num_layers, N, H) even with batch_first=True,"
            " and yours is (N, D·num_layers, H)"
        )

    def doubled_sentence(self) -> str:
        """Say that the state comes from two directions and goes to one."""
        return self.sentence(
            "that is twice the rows, as a bidirectional encoder returns them, 2 for each layer",
            who="the decoder" if self.who == "the LSTM" else self.who,
        )

    def halved_sentence(self, *, bidirectional: bool) -> str:
        """Say that half of the rows are missing, and which if that is known."""
        missing = (
            f"{count(self.got[0], 'row')} leave out the reverse direction"
            if bidirectional
            else "half of the rows are missing: the reverse direction, or half of the layers"
        )
        return self.sentence(f"the first axis is D·num_layers, {self.expected[0]}, and {missing}")

    def batch_sentence(self) -> str:
        """Say for how many sequences the state was made."""
        return self.sentence(
            f"this input holds {count(self.expected[1], 'sequence')}"
            f" and the state was made for {self.got[1]:,}"
        )

    def rows_sentence(self) -> str:
        """Say what the first axis counts."""
        return self.sentence(
            "the first axis is D·num_layers, one row for every layer and direction,"
            f" {self.expected[0]} here, not {self.got[0]}"
        )

    def settings(self, *, bidirectional: bool) -> dict[str, Any]:
        """Return the settings of an LSTM that would need the expected sizes."""
        if len(self.expected) != 3:
            return {}
        rows, batch, width = self.expected
        if min(self.expected) < 1:
            return {}
        both = bidirectional and rows % 2 == 0
        return {
            "num_layers": rows // 2 if both else rows,
            "bidirectional": both,
            "batch_size": batch,
            "hidden_size": width,
            "proj_size": 0,
            "unbatched": False,
        }
