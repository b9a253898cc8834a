"""A pasted text read into its parts: what was raised, where, and what is said around it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lstmviz.core.mistakes.paste.frames import Frame, frames
from lstmviz.core.mistakes.paste.raised import Raised, raised
from lstmviz.core.mistakes.paste.subject import Subject, subject_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a cleaned text holds.

    Attributes
    ----------
    text : str
    raised : tuple of Raised
    frames : tuple of Frame
    subject : Subject
    """

    text: str
    raised: tuple[Raised, ...]
    frames: tuple[Frame, ...]
    subject: Subject

    def stack(self, one: Raised | None) -> tuple[Frame, ...]:
        """Return the frames that lead to `one`: those since what was raised before it."""
        if one is None:
            return self.frames
        earlier = [other.end for other in self.raised if other.end <= one.start]
        begin = max(earlier, default=0)
        stack = tuple(frame for frame in self.frames if begin <= frame.start < one.start)
        # pytest and Jupyter may name the place after the message, or the type above the frames.
        return stack or tuple(frame for frame in self.frames if frame.start >= one.start)

    def whole(self, one: Raised | None) -> str:
        """Return the whole message of `one`, over all of its lines; the text if there is none."""
        return self.text[one.start : one.end] if one else self.text

    def mentions(self, pattern: str) -> bool:
        """Return whether the text holds `pattern`, whatever its case."""
        return bool(re.search(pattern, self.text, re.IGNORECASE))


def evidence_in(text: str) -> Evidence:
    """Read a cleaned text."""
    found = frames(text)
    return Evidence(text, raised(text), found, subject_of(text, has_frames=bool(found)))
