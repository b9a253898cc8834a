"""A picture that is wanted: of what, in which format, how it looks, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lstmviz.figures.spec import FigureSpec

WINDOW = "window"
"""What is shown, where it is no `FigureView`: the window itself, in pixels."""


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
        return self in (PictureKind.GIF, PictureKind.APNG, PictureKind.MP4)


_WORDS = {
    PictureKind.PNG: "PNG, pixels",
    PictureKind.SVG: "SVG, vectors",
    PictureKind.PDF: "PDF, vectors",
    PictureKind.HTML: "HTML, a page to scrub through",
    PictureKind.GIF: "GIF, moving",
    PictureKind.APNG: "APNG, moving",
    PictureKind.MP4: "MP4, moving",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One picture that is wanted.

    Attributes
    ----------
    path : Path
    kind : PictureKind
    spec : FigureSpec or None
        The figure; None for the window itself.
    scale : float
        Pixels for each at 1x.
    has_session : bool
        Let the file open again as its session.
    """

    path: Path
    kind: PictureKind
    spec: FigureSpec | None
    scale: float = 1.0
    has_session: bool = True
