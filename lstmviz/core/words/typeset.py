"""Lines of source set in 88 columns, their comments aligned."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 88
"""Columns of a printed program: ruff's and black's own."""

_GAP: Final = 2
_INDENT: Final = "    "


@dataclass(frozen=True, slots=True)
class Remark:
    """A line of source and what there is to say about it.

    Attributes
    ----------
    code : str
        Empty for a line that is a comment only.
    comment : str
        Without its ``#``.
    """

    code: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together.

    Attributes
    ----------
    reason : str
        Why they are there, in sentences.
    lines : tuple of Remark
    """

    reason: str
    lines: tuple[Remark, ...]


def laid_out(blocks: Iterable[Block], *, with_reasons: bool) -> str:
    """Return the source of `blocks`, an empty line between any two.

    Parameters
    ----------
    blocks : iterable of Block
    with_reasons : bool
        Whether each block begins with its reason.
    """
    texts = []
    for block in blocks:
        reason = [f"# {line}" for line in textwrap.wrap(block.reason, WIDTH - 2)]
        texts.append("\n".join([*(reason if with_reasons else ()), *_aligned(block.lines)]))
    return "\n\n".join(texts) + "\n"


def listing(values: Sequence[float]) -> str:
    """Return `values` as a list's source, whole numbers without their ``.0``."""
    return f"[{', '.join(f'{value:g}' for value in values)}]"


def _aligned(lines: tuple[Remark, ...]) -> list[str]:
    """Put each comment behind its line, in one column; above it where there is no room."""
    column = _column(lines)
    text: list[str] = []
    for line in lines:
        comment = f"# {line.comment}" if line.comment else ""
        if not line.code:
            text.append(comment)
        elif not comment:
            text += _wrapped(line.code)
        elif len(line.code) + _GAP <= column and column + len(comment) <= WIDTH:
            text.append(f"{line.code.ljust(column)}{comment}")
        else:
            text += [comment, *_wrapped(line.code)]
    return text


def _column(lines: tuple[Remark, ...]) -> int:
    """Return the first column at which all comments that have room behind a line fit."""
    pairs = [(len(r.code) + _GAP, len(r.comment) + 2) for r in lines if r.code and r.comment]
    while pairs:
        column, widest = max(code for code, _ in pairs), max(comment for _, comment in pairs)
        if column + widest <= WIDTH:
            return column
        pairs.remove(max(pairs, key=sum))
    return 0


def _wrapped(code: str) -> list[str]:
    """Break a call or a list that is too long for one line."""
    if len(code) <= WIDTH:
        return [code]
    if code.endswith(("]", "])")):
        start, end = code.index("[") + 1, code.rindex("]")
        return [code[:start], *_filled(code[start:end].split(", ")), code[end:]]
    head, _, rest = code.partition("(")
    arguments = rest.removesuffix(")")
    if len(_INDENT + arguments) <= WIDTH:
        return [f"{head}(", _INDENT + arguments, ")"]
    return [f"{head}(", *(f"{_INDENT}{part}," for part in arguments.split(", ")), ")"]


def _filled(items: list[str]) -> list[str]:
    """Set `items` in as few indented lines as they fit; textwrap is slow over a large batch."""
    lines, line = [], _INDENT
    for item in items:
        if len(line) + len(item) + 1 > WIDTH:
            lines.append(line.rstrip())
            line = _INDENT
        line += f"{item}, "
    return [*lines, line.rstrip()]
