"""A picture that is wanted: of what, in which format, how it looks, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lstmviz.figures.spec import FigureSpec, PictureKind

WINDOW = "window"
"""What is shown, where it is no `FigureView`: the window itself, in pixels."""


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
