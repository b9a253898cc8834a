"""What somebody typed, read as numbers: in the window, on the command line, in a scenario's text.

Nothing is refused here. What is no number stays the text it is, and whoever knows what may stand
there says what is wrong with it.
"""

from __future__ import annotations

import math
import re
from typing import Final

from lstmviz.core.words.amounts import quoted

_LONGEST: Final = 300
"""Digits of a whole number that is read; Python reads some thousands and then raises."""

_LONGEST_SAID: Final = 24
_MOST_WRITTEN: Final = 10**4000
"""Python writes out no number much longer."""

_WHOLE: Final = re.compile(r"[+-]?(\d+|\d{1,3}([ ,_]\d{3})+)", re.ASCII)
_REAL: Final = re.compile(r"(?ai:[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?inf|nan)")
_BETWEEN: Final = re.compile(r"[,;\s]+")
_SPACES: Final = str.maketrans({"\u202f": " ", "\u00a0": " ", "−": "-"})


def parse_number(text: str, *, whole: bool) -> float | str:
    """Return the number that `text` spells, or `text` itself where it spells none.

    Thousands of whole numbers may be set apart by spaces, commas or underscores: ``10,000``. A
    comma anywhere else makes no number, since some write fractions with it.
    """
    plain = text.translate(_SPACES).strip()
    if whole:
        digits = re.sub("[ ,_]", "", plain)
        return int(digits) if _WHOLE.fullmatch(plain) and len(digits) <= _LONGEST else text
    return float(plain) if _REAL.fullmatch(plain) and len(plain) <= _LONGEST else text


def parse_numbers(text: str) -> tuple[int | str, ...]:
    """Return the whole numbers in `text`, which stand between commas, semicolons or spaces.

    A word that is none stays a word.
    """
    words = [word for word in _BETWEEN.split(text.translate(_SPACES)) if word]
    return tuple(_whole(word) for word in words)


def _whole(word: str) -> int | str:
    return int(word) if re.fullmatch(r"[+-]?\d{1,300}", word, re.ASCII) else word


def endless(value: object) -> str:
    """Return how many digits a whole number has that is too long to be read; empty for any other.

    Such a number stays text, yet it is a number: what is wrong with it is its size.
    """
    if isinstance(value, str) and len(value) > _LONGEST:
        digits = re.sub("[ ,_+-]", "", value.translate(_SPACES))
        if digits.isascii() and digits.isdigit():
            return f"a number of {len(digits):,} digits"
    return ""


def said(value: object) -> str:
    """Return a refused value for a sentence: numbers grouped, words quoted, long ones cut."""
    if isinstance(value, int) and not isinstance(value, bool):
        digits = len(str(abs(value))) if abs(value) < _MOST_WRITTEN else _digits(value)
        return f"{value:,}" if digits <= _LONGEST_SAID else f"a number of {digits:,} digits"
    if isinstance(value, float):
        return f"{value:,}"
    if isinstance(value, str):
        cut = value if len(value) <= _LONGEST_SAID else f"{value[:_LONGEST_SAID]}…"
        return endless(value) or (repr(cut) if value else "empty")
    return quoted(value)


def _digits(value: int) -> int:
    # One too many just below a power of ten, where nobody counts.
    return int(value.bit_length() * math.log10(2)) + 1
