"""The faces of figures, and how wide their texts are: the same on every machine."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import TextToPath

from lstmviz.core.scenes.diagram.scene import Face

BASE: Final = 12.0
"""Pixels of the design that the letters are high; a figure's font size is the size of these."""

TEXT_FAMILIES: Final = ("DejaVu Sans", "Verdana", "sans-serif")
CODE_FAMILIES: Final = ("DejaVu Sans Mono", "Menlo", "Consolas", "monospace")
"""matplotlib brings the first; the others are as wide, for who opens an SVG elsewhere."""

MISSING: Final = "□"

_SHARE: Final = {Face.NAME: 1.0, Face.SYMBOL: 0.93, Face.CODE: 0.86, Face.NOTE: 0.9}
_TO_PATH: Final = TextToPath()


@lru_cache(maxsize=256)
def letters(face: Face, scale: float = 1.0) -> FontProperties:
    """Return the font of `face`, in pixels of the design as if they were points."""
    is_plain = face in (Face.NAME, Face.NOTE)
    return FontProperties(
        # The monospaced face lacks a few signs, such as ⋮, that the other has.
        family=list(TEXT_FAMILIES[:1] if is_plain else (CODE_FAMILIES[0], TEXT_FAMILIES[0])),
        size=BASE * _SHARE[face] * scale,
        weight="bold" if face is Face.NAME else "normal",
    )


@lru_cache(maxsize=8192)
def measure(text: str, face: Face, scale: float = 1.0) -> float:
    """Return the width of `text` in pixels of the design."""
    if not text:
        return 0.0
    said = drawable(text, face)
    width, _, _ = _TO_PATH.get_text_width_height_descent(said, letters(face, scale), ismath=False)
    return float(width)


@lru_cache(maxsize=8192)
def drawable(text: str, face: Face) -> str:
    """Return `text` with a box for each sign that the face lacks, as a browser draws it."""
    return "".join(sign if _has(sign, face) else MISSING for sign in text)


@lru_cache(maxsize=4096)
def _has(sign: str, face: Face) -> bool:
    return any(font.get_char_index(ord(sign)) for font in _fonts(face))


@lru_cache(maxsize=8)
def _fonts(face: Face) -> tuple[FT2Font, ...]:
    found = letters(face)
    alone = [
        FontProperties(family=[name], weight=found.get_weight()) for name in found.get_family()
    ]
    return tuple(get_font(findfont(one)) for one in alone)


def line_height(face: Face, scale: float = 1.0) -> float:
    """Return how far apart two lines of `face` stand."""
    return BASE * _SHARE[face] * scale * 1.3


def wrapped(text: str, face: Face, width: float, scale: float = 1.0) -> list[str]:
    """Return `text` as lines of at most `width`; only a word that is wider sticks out."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(longer, face, scale) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def fitted(text: str, face: Face, width: float, scale: float = 1.0) -> str:
    """Return `text` cut to `width`, with an ellipsis where something is missing."""
    if measure(text, face, scale) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        is_short = measure(f"{text[:middle]}…", face, scale) <= width
        low, high = (middle, high) if is_short else (low, middle - 1)
    return f"{text[:low]}…" if low else ""
