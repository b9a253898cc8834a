"""Sizes as messages write them, and as we do."""

from __future__ import annotations

import re
from re import Pattern

SIZES = r"(?:torch\.Size\()?[\[(](?P<{}>[\d,\s]*)[\])]\)?"
"""Source of a pattern for sizes in round or square brackets; ``format`` it with a group's name."""


def message(source: str) -> Pattern[str]:
    """Compile a loose pattern: any white space matches any other, case does not matter."""
    return re.compile(source.replace(" ", r"\s+"), re.IGNORECASE)


def sizes(text: str) -> tuple[int, ...]:
    """Read ``"4, 2, 6"`` or ``"4x2"``."""
    return tuple(int(number) for number in re.findall(r"\d+", text))


def shown(shape: tuple[int, ...]) -> str:
    """Write sizes as a tuple, e.g. ``(4, 2, 6)``."""
    return str(tuple(shape))


def count(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun, e.g. ``1 layer``, ``2 layers``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
