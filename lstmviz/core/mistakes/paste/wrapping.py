"""Joins lines that a terminal or a mail broke at its own width."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

_NARROWEST, _WIDEST = 30, 240
_BEGINS: Final = re.compile(
    r"\s*(?:File \"|Traceback|During handling|The above exception|(?:[\w.]+\.)?[A-Z]\w*(?:Error"
    r"|Exception|Warning)\b|[-=~^_*]{3,}|-+> ?\d+|>>> |\d+ {2,}\S|$)"
)


def joined_lines(text: str) -> tuple[str, bool]:
    """Join the lines broken at the text's greatest width.

    Parameters
    ----------
    text : str

    Returns
    -------
    joined : str
        The same as `text` where no line can have been broken.
    certain : bool
        Whether several lines end at that width and each is followed by what can continue it.
    """
    lines = text.split("\n")
    width = _width(lines)
    if not width:
        return text, False
    full = [n for n, line in enumerate(lines[:-1]) if len(line) == width]
    broken = {n for n in full if not _BEGINS.match(lines[n + 1])}
    # A line that ended in a space was stripped of it: one short of full.
    spaced = {
        n
        for n, line in enumerate(lines[:-1])
        if len(line) == width - 1 and not _BEGINS.match(lines[n + 1]) and len(broken) > 1
    }
    joined: list[str] = []
    for n, line in enumerate(lines):
        before = n - 1
        if joined and before in broken:
            joined[-1] += line
        elif joined and before in spaced:
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return "\n".join(joined), len(broken) > 1 and len(broken) >= 0.6 * len(full)


def _width(lines: list[str]) -> int:
    widths = Counter(map(len, lines))
    longest = max(widths, default=0)
    return longest if _NARROWEST <= longest <= _WIDEST else 0


_CUT_NUMBER: Final = re.compile(
    r"(?<=\d)\n(?!\d{1,4}[-:/.]\d)(?=\d{1,9}(?:[,)\]}x.;:\"']|[ \t]*(?:\n|$)))"
)
_CUT_WORD: Final = re.compile(r"(?<=[^\n]{29}[a-z_.])\n(?=[a-z_])")
_CUT_ANYWHERE: Final = re.compile(r"(?<=[\w,.(\[])\n(?=[\w,.)\]])")


def variants(text: str) -> tuple[str, ...]:
    """Return the ways in which `text` can have been broken into lines, the likelier first."""
    joined, certain = joined_lines(text)
    glued = _CUT_WORD.sub("", _CUT_NUMBER.sub("", text))
    ways = [joined, glued] if certain else [glued]
    anywhere = _CUT_ANYWHERE.sub("", text)
    return tuple(dict.fromkeys((*ways, text, joined, anywhere)))
