"""A kind of message: how it is recognised, and what may be concluded from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from re import Match, Pattern
from typing import Any, Self

from lstmviz.core.mistakes.paste import Evidence, Frame, Raised, Subject
from lstmviz.core.mistakes.readings.anchors import anchors
from lstmviz.core.mistakes.setting import Lines, Setting
from lstmviz.core.mistakes.words import message, sizes


class Sure(IntEnum):
    """How far a conclusion is borne out by the text."""

    POSSIBLE = 1
    """One of several that the message allows."""
    LIKELY = 2
    """The usual one, and nothing in the text speaks against it."""
    CERTAIN = 3
    """The message says so itself."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message found in a text.

    Attributes
    ----------
    match : Match
    evidence : Evidence
    raised : Raised or None
        The exception or warning whose message it is; None outside of any.
    setting : Setting or None
        What the reader has in view, if anything.
    """

    match: Match[str]
    evidence: Evidence
    raised: Raised | None
    setting: Setting | None = None

    def __getitem__(self, name: str) -> str:
        return self.match.groupdict().get(name) or ""

    def number(self, name: str) -> int:
        """Return a group as a whole number."""
        return int(self[name])

    def sizes(self, name: str) -> tuple[int, ...]:
        """Return a group as sizes."""
        return sizes(self[name])

    @property
    def whole(self) -> str:
        """The whole message that the match stands in."""
        return self.evidence.whole(self.raised)

    @property
    def stack(self) -> tuple[Frame, ...]:
        """The calls that led to it, innermost last."""
        return self.evidence.stack(self.raised)

    @property
    def own(self) -> Frame | None:
        """The reader's own innermost line."""
        return next((frame for frame in reversed(self.stack) if not frame.is_library), None)

    @property
    def code(self) -> str:
        """The source of the reader's own innermost line; empty if it is not shown."""
        return self.own.code if self.own else ""

    def ran(self, pattern: str) -> bool:
        """Return whether a call on the way has `pattern` in its file, function or source."""
        return any(
            re.search(pattern, f"{frame.file} {frame.function} {frame.code}", re.IGNORECASE)
            for frame in self.stack
        )

    def mentions(self, pattern: str) -> bool:
        """Return whether the whole text holds `pattern`."""
        return self.evidence.mentions(pattern)

    @property
    def is_recurrent(self) -> bool:
        """Whether the text names a recurrent module, its state, its parameters or its packing."""
        return self.evidence.subject is Subject.RECURRENT

    @property
    def module_line(self) -> str:
        """The source of the innermost call where that is a recurrent module's own; else empty."""
        last = self.stack[-1] if self.stack else None
        own = last and last.name == "rnn.py" and "utils" not in last.file
        return last.code if last and own else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is concluded from a message.

    Attributes
    ----------
    title : str
        What was done, in a few words.
    sentence : str
        What the message means, with its own sizes, names and dtypes.
    why : str
        The rule behind it; empty if `sentence` says it.
    code : tuple of str
        What to write; what the message leaves open is a letter.
    sure : Sure
    mistake : str
        Name of the mistake in the catalogue that shows it; empty if there is none.
    told : mapping
        Settings that the message tells of.
    also : tuple of str
        What else it may be, a sentence each.
    anywhere : bool
        Whether it is as true where no recurrent module is about.
    """

    title: str
    sentence: str
    why: str = ""
    code: Lines = ()
    sure: Sure = Sure.CERTAIN
    mistake: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    anywhere: bool = False

    def fitting(self, subject: Subject) -> Self | None:
        """Return the finding as far as a text about `subject` bears it out; None if not at all."""
        if subject is Subject.RECURRENT:
            return self
        if subject is Subject.OTHER:
            return None
        return self if self.anywhere else replace(self, sure=min(self.sure, Sure.POSSIBLE))


@dataclass(frozen=True, slots=True)
class Reading:
    """A kind of message.

    Attributes
    ----------
    patterns : tuple of (Pattern, tuple of str)
        What PyTorch, or the tool around it, says over its versions, each with its `anchors`.
    conclude : callable
        From a message to a finding; None where its preconditions do not hold.
    """

    patterns: tuple[tuple[Pattern[str], tuple[str, ...]], ...]
    conclude: Callable[[Said], Finding | None]

    def matches(self, text: str, lowered: str) -> Iterator[Match[str]]:
        """Yield the places where `text` holds the message; `lowered` is `text` in lower case."""
        for pattern, words in self.patterns:
            if not words or any(word in lowered for word in words):
                yield from pattern.finditer(text)


def reading(*sources: str) -> Callable[[Callable[[Said], Finding | None]], Reading]:
    """Make a reading of a function, for messages that match one of `sources`."""
    patterns = tuple((message(source), anchors(source)) for source in sources)
    return lambda conclude: Reading(patterns, conclude)
