"""Sizes that pictures are often wanted in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Preset:
    """A width, perhaps a height, and the size of the letters that goes with them.

    Attributes
    ----------
    title : str
    width : float
    unit : str
        ``"mm"``, ``"px"`` or ``"in"``.
    font : float
        Points.
    height : float or None
        In `unit`; None for as high as the figure wants to be.
    """

    title: str
    width: float
    unit: str
    font: float
    height: float | None = None


PRESETS: Final = (
    Preset("a screen, 960 px", 960, "px", 9),
    Preset("one column of a paper, 84 mm", 84, "mm", 8),
    Preset("a page of a paper, 174 mm", 174, "mm", 8),
    Preset("a slide, 1920 × 1080 px", 1920, "px", 18, 1080),
)
