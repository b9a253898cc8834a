"""Sizes as messages write them, and as we do."""

from __future__ import annotations

import re
from re import Pattern

SIZES = r"(?:torch\.Size\()?[\[(](?P<{}>(?:\d+(?:\s*,\s*\d+)*\s*,?)?)[\])]\)?"
"""Source of a pattern for sizes in round or square brackets; ``format`` it with a group's name.

Two numbers have a comma between them: digits on two lines are no two sizes.
"""


def message(source: str) -> Pattern[str]:
    """Compile a loose pattern: any white space matches any other, case does not matter.

    A space with ``?`` matches none as well.
    Numbers are read up to 12 digits, so that no pasted text can make `int` refuse one, and words
    up to 80 letters, so that none makes the search slow.
    """
    loose = source.replace(" ?", r"\s*").replace(" ", r"\s+").replace(r"\d+", r"\d{1,12}")
    loose = loose.replace(r"\w+", r"\w{1,80}").replace(r"\w*", r"\w{0,80}")
    return re.compile(loose, re.IGNORECASE)


def sizes(text: str) -> tuple[int, ...]:
    """Read ``"4, 2, 6"`` or ``"4x2"``."""
    return tuple(int(number) for number in re.findall(r"\d{1,12}", text))


def as_size(shape: tuple[int, ...]) -> str:
    """Write sizes as a tuple, e.g. ``(4, 2, 6)``."""
    return str(tuple(shape))


def count(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun, e.g. ``1 layer``, ``2 layers``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
