"""The faces of the diagram's texts, in pixels, so that every painter sets them alike."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QApplication

from lstmviz.core.scenes.diagram.scene import Face
from lstmviz.gui.theme import mono

_SHARE: Final = {Face.NAME: 1.0, Face.SYMBOL: 0.93, Face.CODE: 0.86, Face.NOTE: 0.92}
"""Of 12 pixels at scale 1."""

_BASE_PIXELS: Final = 12.0


def letters(face: Face, scale: float) -> QFont:
    """Return the font for `face` at `scale`."""
    return _font(face, _pixels(face, scale), QApplication.font().key())


def measure(text: str, face: Face, scale: float) -> float:
    """Return the width of `text` in pixels."""
    return _width(text, face, _pixels(face, scale), QApplication.font().key())


def system_scale() -> float:
    """Return how much larger the user's own text is than the design's."""
    return QFontInfo(QApplication.font()).pixelSize() / _BASE_PIXELS


def _pixels(face: Face, scale: float) -> int:
    return max(1, round(_BASE_PIXELS * _SHARE[face] * scale))


@lru_cache(maxsize=256)
def _font(face: Face, pixels: int, _application_font: str) -> QFont:
    plain = face in (Face.NAME, Face.NOTE)
    font = QFont(QApplication.font()) if plain else mono()
    font.setPixelSize(pixels)
    font.setBold(face is Face.NAME)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


@lru_cache(maxsize=4096)
def _width(text: str, face: Face, pixels: int, application_font: str) -> float:
    return QFontMetricsF(_font(face, pixels, application_font)).horizontalAdvance(text)
