"""The faces of the diagram's texts, in pixels, so that every painter sets them alike."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QApplication

from lstmviz.gui.shapes.scene import Face
from lstmviz.gui.theme import mono

_SHARE: Final = {Face.NAME: 1.0, Face.SYMBOL: 0.93, Face.CODE: 0.86, Face.NOTE: 0.92}
"""Of 12 pixels at scale 1."""

_BASE_PIXELS: Final = 12.0


def letters(face: Face, scale: float) -> QFont:
    """Return the font for `face` at `scale`."""
    plain = face in (Face.NAME, Face.NOTE)
    font = QFont(QApplication.font()) if plain else mono()
    font.setPixelSize(max(1, round(_BASE_PIXELS * _SHARE[face] * scale)))
    font.setBold(face is Face.NAME)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def measure(text: str, face: Face, scale: float) -> float:
    """Return the width of `text` in pixels."""
    return _metrics(face, scale, QApplication.font().toString()).horizontalAdvance(text)


def system_scale() -> float:
    """Return how much larger the user's own text is than the design's."""
    return QFontInfo(QApplication.font()).pixelSize() / _BASE_PIXELS


@lru_cache(maxsize=256)
def _metrics(face: Face, scale: float, _application_font: str) -> QFontMetricsF:
    return QFontMetricsF(letters(face, scale))
