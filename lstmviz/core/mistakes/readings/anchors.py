"""Words that a text must hold for a pattern to match: looked for first, they spare the search."""

from __future__ import annotations

import re
from typing import Final

_GROUP: Final = re.compile(r"\((?:[^()\\]|\\.)*\)[?*+]?(?:\{[\d,]*\})?")
_CLASS: Final = re.compile(r"\[(?:[^\]\\]|\\.)+\](?:[?*+]|\{[\d,]*\})?")
_RUN: Final = re.compile(r"[a-z_]{3,}")


def anchors(source: str) -> tuple[str, ...]:
    """Return words in lower case of which a matching text holds at least one.

    Parameters
    ----------
    source : str
        Of a regular expression.

    Returns
    -------
    tuple of str
        Empty where none can be named: any text may match.
    """
    plain = source.replace("\\(", "\x00").replace("\\)", "\x00").replace("\\[", "\x00")
    plain = _CLASS.sub("\x00", plain.replace("\\]", "\x00"))
    while (shorter := _GROUP.sub("\x00", plain)) != plain:
        plain = shorter
    words = []
    for way in plain.split("|"):
        # A letter that may be left out ends the word before it; an escape stands for a class.
        fixed = re.sub(r"\\[a-zA-Z](?:[?*+]|\{[\d,]*\})?|\w[?*]|\w\{[\d,]*\}", "\x00", way)
        runs = _RUN.findall(fixed.lower())
        if not runs:
            return ()
        words.append(max(runs, key=len))
    return tuple(words)
