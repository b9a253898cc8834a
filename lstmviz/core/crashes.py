"""An exception that nobody expected: one sentence for the user, and the details that mend it."""

from __future__ import annotations

import platform
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import lstmviz
from lstmviz.core.words.amounts import shown, visible

_PACKAGE: Final = Path(lstmviz.__file__).parent
_OPENING: Final = "lstmviz made a mistake of its own: "
_LONGEST_WORDS: Final = 160
_LONGEST_DETAILS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Crash:
    """A fault of this program's own.

    Attributes
    ----------
    words : str
        What happened and where, to stand within a sentence: ``KeyError 'h' (studio.py, line 7)``.
    details : str
        Versions and the traceback, several lines.
    """

    words: str
    details: str

    @classmethod
    def told(cls, sentence: str, details: str) -> Self:
        """Return what another process made of a crash of its own."""
        words = sentence.removeprefix(_OPENING).removesuffix(".")
        return cls(words, visible_lines(details))

    @property
    def sentence(self) -> str:
        """Say it as a sentence."""
        return f"{_OPENING}{self.words}."


def crash_of(error: BaseException) -> Crash:
    """Describe `error` as a fault of this program's own."""
    told = shown(str(error) or "no message", _LONGEST_WORDS)
    lines = visible_lines("".join(traceback.format_exception(error)))
    details = (
        f"lstmviz {lstmviz.__version__}, Python {platform.python_version()},"
        f" {platform.platform()}\n{lines}"
    )
    return Crash(f"{type(error).__name__} {told}{_place(error)}", details)


def visible_lines(text: str) -> str:
    """Return the end of `text`, with control characters written out but for its line ends."""
    return "\n".join(visible(line) for line in text[-_LONGEST_DETAILS:].splitlines())


def _place(error: BaseException) -> str:
    """Return the innermost place of ours that `error` went through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_PACKAGE):
            return f" ({path.relative_to(_PACKAGE).as_posix()}, line {frame.lineno})"
    return ""
