"""The part of a long log that tells what went wrong."""

from __future__ import annotations

import re
from typing import Final

_MOST: Final = 40_000
"""Characters read: the search over them stays within a tenth of a second."""
_LINE: Final = 12_000
"""Characters of one line; a list of a model's missing parameters is as long."""
_BEFORE, _AFTER = 80, 60
_HINT: Final = re.compile(r"Error|Exception|Warning|Traceback|Assertion|fault|SIGSEGV|exit code")


def telling(text: str) -> str:
    """Return `text`, or of a long one the lines around its last errors."""
    if len(text) <= _MOST:
        return text
    lines = [line[:_LINE] for line in text.split("\n")]
    hints = [n for n, line in enumerate(lines) if _HINT.search(line)] or [len(lines) - 1]
    kept: set[int] = set()
    length = 0
    for hint in reversed(hints):
        around = [
            n
            for n in range(max(0, hint - _BEFORE), min(len(lines), hint + _AFTER))
            if n not in kept
        ]
        length += sum(len(lines[n]) + 1 for n in around)
        if kept and length > _MOST:
            break
        kept.update(around)
    return "\n".join(lines[n] for n in sorted(kept))[-_MOST:]
