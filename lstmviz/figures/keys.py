"""Which colour is which curve, on paper: samples of lines with their names, in rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lstmviz.core.scenes.diagram.scene import Face
from lstmviz.figures.faces import measure
from lstmviz.figures.paper import Paper

SAMPLE: Final = 18.0
"""Width of a sample with the gap behind it."""

_GAP: Final = 12.0

Key = tuple[str, str]
"""Name and colour."""


def keys_in_rows(keys: Iterable[Key], width: float, face: Face) -> list[list[Key]]:
    """Return `keys` in as few rows of `width` as hold them."""
    rows: list[list[Key]] = []
    used = 0.0
    for key in keys:
        wide = SAMPLE + measure(key[0], face) + _GAP
        if not rows or used + wide - _GAP > width:
            rows.append([])
            used = 0.0
        rows[-1].append(key)
        used += wide
    return rows


def paint_keys(paper: Paper, keys: Iterable[Key], place: tuple[float, float], face: Face) -> None:
    """Draw one row of keys from `place` on, the middle of its height."""
    x, y = place
    for words, color in keys:
        paper.line(((x, y), (x + SAMPLE - 5, y)), color, 2.0)
        x += SAMPLE
        x += paper.text(words, (x, y), face, paper.theme.text) + _GAP
