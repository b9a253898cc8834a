"""What a figure is to be: which view, how wide, its letters, its theme and what stands with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lstmviz.core.words.amounts import quoted


class FigureError(ValueError):
    """A figure that cannot be drawn or written; the message is the sentence to show."""


class FigureView(StrEnum):
    """What of a run is drawn."""

    FIGURE = "figure"
    DIAGRAM = "diagram"
    STEPS = "steps"
    GATES = "gates"
    UNROLLED = "unrolled"
    PIPELINE = "pipeline"
    RESULTS = "results"
    CONTRACT = "contract"
    UNITS = "units"
    INPUT = "input"
    OUTPUT = "output"
    HIDDEN = "hidden"
    CELL = "cell"
    INPUT_GATE = "input_gate"
    FORGET_GATE = "forget_gate"
    CELL_GATE = "cell_gate"
    OUTPUT_GATE = "output_gate"

    @property
    def words(self) -> str:
        """What it is, for people."""
        return _TITLES.get(self) or f"{self.value.replace('_', ' ')} over time"

    @property
    def needs_scenario(self) -> bool:
        """Whether only a scenario has it."""
        return self in (FigureView.PIPELINE, FigureView.RESULTS)


_TITLES: Final = {
    FigureView.FIGURE: "shapes above time steps",
    FigureView.DIAGRAM: "diagram of shapes",
    FigureView.STEPS: "time steps",
    FigureView.GATES: "gates",
    FigureView.UNROLLED: "unrolled network",
    FigureView.PIPELINE: "pipeline of a scenario",
    FigureView.RESULTS: "results of a scenario",
    FigureView.CONTRACT: "contract of shapes",
    FigureView.UNITS: "chosen units over time",
    FigureView.HIDDEN: "h_t over time",
    FigureView.CELL: "c_t over time",
}


class FigureFormat(StrEnum):
    """Files a figure can be written as."""

    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


class ClipFormat(StrEnum):
    """Files a moving picture can be written as."""

    GIF = "gif"
    APNG = "apng"
    MP4 = "mp4"


class PictureKind(StrEnum):
    """Files that a picture can leave as."""

    PNG = "png"
    SVG = "svg"
    PDF = "pdf"
    HTML = "html"
    GIF = "gif"
    APNG = "apng"
    MP4 = "mp4"

    @property
    def words(self) -> str:
        """What it is, for people."""
        return _WORDS[self]

    @property
    def is_scaled(self) -> bool:
        """Whether it has pixels, as many as asked for."""
        return self not in (PictureKind.SVG, PictureKind.PDF, PictureKind.HTML)

    @property
    def is_moving(self) -> bool:
        """Whether it shows one step after the other."""
        return self.value in list(ClipFormat)


_WORDS = {
    PictureKind.PNG: "PNG, pixels",
    PictureKind.SVG: "SVG, vectors",
    PictureKind.PDF: "PDF, vectors",
    PictureKind.HTML: "HTML, a page to scrub through",
    PictureKind.GIF: "GIF, moving",
    PictureKind.APNG: "APNG, moving",
    PictureKind.MP4: "MP4, moving",
}

POINTS_PER_MM: Final = 72 / 25.4
POINTS_PER_PIXEL: Final = 0.75
"""A pixel is 1/96 inch, as CSS has it."""

WIDTHS: Final = (100.0, 5760.0)
"""Points that a figure can be wide or high: 35 mm to 7680 pixels."""

FONTS: Final = (4.0, 72.0)
"""Points that its letters can be."""

LEAST_LETTERS: Final = 24
"""Widths of the letter m that must fit beside each other."""

MOST_FRAMES: Final = 2_000
"""Of a moving picture."""

SCALES: Final = (0.5, 4.0)
"""Pixels of a PNG for each of the figure's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureSpec:
    """How a figure looks; an instance is always valid.

    Attributes
    ----------
    view : FigureView
    width : float
        Points.
    height : float or None
        Points, to which the plots stretch; None for as high as its parts want to be.
    font : float
        Size of the letters in points; lines and gaps follow it.
    is_dark : bool
    is_transparent : bool
        Leave out the ground.
    has_caption : bool
        Say beneath the figure what was run, where in it one looks, and the proof.
    has_legend : bool
        Say in words what rows and colours are; titles, axes and scales stay.
    has_step : bool
        Say in the caption where the cursor stands.
    has_times : bool
        Say how long the forward took: never the same twice.
    measure : str
        What colours the unrolled network, as `core.scenes.unrolled.measures.MEASURES` names it.

    Raises
    ------
    FigureError
        With the sentence to show.
    """

    view: FigureView = FigureView.FIGURE
    width: float = 960 * POINTS_PER_PIXEL
    height: float | None = None
    font: float = 9.0
    is_dark: bool = False
    is_transparent: bool = False
    has_caption: bool = True
    has_legend: bool = True
    has_step: bool = True
    has_times: bool = False
    measure: str = "hidden"

    def __post_init__(self) -> None:
        low, high = WIDTHS
        for name, size in (("width", self.width), ("height", self.height)):
            if size is not None and not low <= size <= high:
                raise FigureError(
                    f"A figure's {name} is from 35 mm to 2,032 mm (133 to 7,680 pixels)."
                )
        if not FONTS[0] <= self.font <= FONTS[1]:
            raise FigureError(f"A figure's letters are from {FONTS[0]:g} to {FONTS[1]:g} points.")
        if self.width < LEAST_LETTERS * self.font:
            raise FigureError(
                f"Letters of {self.font:g} points need a figure at least"
                f" {LEAST_LETTERS * self.font / POINTS_PER_MM:.0f} mm wide."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Which steps are shown, and how fast.

    Attributes
    ----------
    first, last : int
        Steps, `last` excluded; the whole sequence where `last` is 0.
    every : int
        One of so many steps is shown.
    rate : float
        Steps a second.
    """

    first: int = 0
    last: int = 0
    every: int = 1
    rate: float = 8.0

    def steps(self, seq_len: int) -> range:
        """Return the steps that a run of `seq_len` has of these.

        Raises
        ------
        FigureError
            It has none, or too many.
        """
        found = range(self.first, min(self.last or seq_len, seq_len), self.every)
        if not found:
            raise FigureError(f"There is no step to show; they go from 0 to {seq_len - 1:,}.")
        if len(found) > MOST_FRAMES:
            raise FigureError(
                f"A moving picture has at most {MOST_FRAMES:,} frames, and this would have"
                f" {len(found):,}; show fewer steps, or one of several."
            )
        return found


def points(text: str, unit: str = "px") -> float:
    """Return a length in words as points: ``84mm``, ``3.3in``, ``12pt``, ``1920px`` or ``1920``.

    Parameters
    ----------
    text : str
    unit : str
        What a number alone is in.

    Raises
    ------
    FigureError
        It is none.
    """
    units = {"mm": POINTS_PER_MM, "cm": 10 * POINTS_PER_MM, "in": 72.0, "pt": 1.0}
    units["px"] = POINTS_PER_PIXEL
    said = text.strip().lower().replace(" ", "")
    if said[-2:] in units:
        said, unit = said[:-2], said[-2:]
    try:
        length = float(said) * units[unit]
    except ValueError:
        length = math.nan
    if not math.isfinite(length):
        raise FigureError(
            f"A length is a number with mm, cm, in, pt or px, such as 84mm, not {quoted(text)}."
        )
    return length
