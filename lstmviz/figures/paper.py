"""What figures are drawn on: lines, areas, texts and cells, y downwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, TypedDict, Unpack

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Patch, PathPatch
from matplotlib.patches import Polygon as PolygonPatch
from matplotlib.path import Path

from lstmviz.core.scenes.colors import Theme
from lstmviz.core.scenes.diagram.scene import Face, Point, Rect
from lstmviz.core.scenes.diagram.strokes import bends
from lstmviz.figures.faces import BASE, drawable, letters, measure

_FINE: Final = 4
"""Dots of a heatmap's image for each pixel at 1x, so that no renderer smooths its cells."""

Points = Sequence[tuple[float, float]]


class Ink(TypedDict, total=False):
    """How an area looks besides its colour.

    Attributes
    ----------
    alpha, edge_alpha : float
        Of the area and of its outline, 0 to 1.
    edge : str
        Colour of its outline; none if not given.
    width : float
        Of its outline, in pixels of the design.
    dashes : tuple of float
        Of its outline, in widths; empty for an unbroken one.
    """

    alpha: float
    edge: str
    edge_alpha: float
    width: float
    dashes: tuple[float, ...]


class Paper:
    """A sheet to draw on; every mark becomes a line, an area, a text or a lossless image.

    Parameters
    ----------
    width, height : float
        Pixels of the design, at which letters are 12 high.
    font : float
        Points that those letters are.
    theme : Theme
    is_transparent : bool
    """

    def __init__(
        self, width: float, height: float, font: float, theme: Theme, *, is_transparent: bool
    ) -> None:
        self.theme = theme
        self.width, self.height = width, height
        self.points = font / BASE
        """Points for one pixel of the design."""
        ground = "none" if is_transparent else theme.card
        size = (width * self.points / 72, height * self.points / 72)
        self.figure = Figure(figsize=size, facecolor=ground, edgecolor="none")
        self._axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()
        self._axes.set_xlim(0, width)
        self._axes.set_ylim(height, 0)
        self._order = 0

    def line(
        self,
        points: Points,
        color: str,
        width: float = 1.0,
        *,
        alpha: float = 1.0,
        dashes: tuple[float, ...] = (),
        is_round: bool = False,
    ) -> None:
        """Draw straight pieces from point to point; NaN leaves a gap."""
        x, y = [p[0] for p in points], [p[1] for p in points]
        drawn = Line2D(
            x,
            y,
            color=color,
            alpha=alpha,
            linewidth=width * self.points,
            solid_capstyle="round" if is_round else "butt",
            dash_capstyle="butt",
            solid_joinstyle="round",
        )
        if dashes:
            drawn.set_linestyle((0, tuple(dash for dash in dashes)))
        drawn.get_path().should_simplify = False
        self._add(drawn)

    def curve(
        self,
        path: Sequence[tuple[str, Points]],
        color: str,
        width: float,
        dashes: tuple[float, ...],
    ) -> None:
        """Draw a path of ``("move" | "line" | "quad", points)``."""
        codes: list[Any] = []
        places: list[tuple[float, float]] = []
        for kind, points in path:
            code = {"move": Path.MOVETO, "line": Path.LINETO, "quad": Path.CURVE3}[kind]
            codes += [code] * len(points)
            places += points
        drawn = PathPatch(
            Path(places, codes),
            fill=False,
            edgecolor=color,
            linewidth=width * self.points,
            capstyle="butt",
            joinstyle="round",
        )
        if dashes:
            drawn.set_linestyle((0, dashes))
        self._add(drawn)

    def area(self, points: Points, fill: str, **ink: Unpack[Ink]) -> None:
        """Fill the polygon around `points`, perhaps with an outline; ``"none"`` is no colour."""
        drawn = PolygonPatch([tuple(point) for point in points], closed=True, joinstyle="round")
        self._add_inked(drawn, fill, ink)

    def box(self, rect: Rect, fill: str, *, radius: float = 0.0, **ink: Unpack[Ink]) -> None:
        """Fill an upright rectangle whose corners are rounded; ``"none"`` is no colour."""
        if not radius:
            x, y, right, bottom = rect.x, rect.y, rect.right, rect.bottom
            self.area(((x, y), (right, y), (right, bottom), (x, bottom)), fill, **ink)
            return
        size = min(radius, rect.width / 2, rect.height / 2)
        drawn = FancyBboxPatch(
            (rect.x, rect.y),
            rect.width,
            rect.height,
            boxstyle=f"round,pad=0,rounding_size={size}",
            mutation_aspect=1,
        )
        self._add_inked(drawn, fill, ink)

    def text(
        self,
        text: str,
        place: tuple[float, float],
        face: Face,
        color: str,
        *,
        align: float = 0.0,
        scale: float = 1.0,
    ) -> float:
        """Write one line with the middle of its height at `place`; returns its width.

        Parameters
        ----------
        text : str
        place : (float, float)
        face : Face
        color : str
        align : float
            Which part of its width stands at `place`: 0 left, 0.5 middle, 1 right.
        scale : float
            Of its letters.
        """
        width = measure(text, face, scale)
        if text.strip():
            font = letters(face, scale).copy()
            size = font.get_size_in_points()
            font.set_size(size * self.points)
            # By the letters' own height, not by what this text has of it: lines stay level.
            base = place[1] + size * _X_MIDDLE
            drawn = self._axes.text(
                place[0] - align * width,
                base,
                drawable(text, face),
                fontproperties=font,
                color=color,
                ha="left",
                va="baseline",
                parse_math=False,
            )
            self._put(drawn)
        return width

    def cells(self, colors: npt.NDArray[np.uint8], rect: Rect) -> None:
        """Draw a table of colours as sharp cells.

        Parameters
        ----------
        colors : array of uint8, shape (rows, columns, 3)
            The first row is drawn on top.
        rect : Rect
        """
        rows, columns = colors.shape[:2]
        if not rows or not columns:
            return
        pixels = self.points / 0.75
        down = max(1, math.ceil(_FINE * rect.height * pixels / rows))
        across = max(1, math.ceil(_FINE * rect.width * pixels / columns))
        fine = np.repeat(np.repeat(colors[..., :3], down, axis=0), across, axis=1)
        drawn = self._axes.imshow(
            fine,
            extent=(rect.x, rect.right, rect.bottom, rect.y),
            interpolation="none",
            resample=False,
            aspect="auto",
        )
        # imshow takes the axes for its own.
        self._axes.set_xlim(0, self.width)
        self._axes.set_ylim(self.height, 0)
        self._put(drawn)

    def ramp(self, table: npt.NDArray[np.uint8], rect: Rect) -> None:
        """Draw the colours of `table`, shape (n, 3), from left to right."""
        self.cells(table[None, :, :3], rect)

    def _add_inked(self, drawn: Patch, fill: str, ink: Ink) -> None:
        edge = ink.get("edge", "none")
        drawn.set_facecolor(_shade(fill, ink.get("alpha", 1.0)))
        drawn.set_edgecolor(_shade(edge, ink.get("edge_alpha", 1.0)))
        drawn.set_linewidth(ink.get("width", 1.0) * self.points if edge != "none" else 0)
        if dashes := ink.get("dashes"):
            drawn.set_linestyle((0, dashes))
        self._add(drawn)

    def _add(self, drawn: Any) -> None:
        self._axes.add_artist(drawn)
        self._put(drawn)

    def _put(self, drawn: Any) -> None:
        """Draw above all that is there, and nowhere cut."""
        self._order += 1
        drawn.set_zorder(self._order)
        drawn.set_clip_on(False)


_X_MIDDLE: Final = 0.36
"""Of a letter's size, up to the middle of its capitals; DejaVu Sans' are 0.729 high."""


def _shade(color: str, alpha: float) -> tuple[float, float, float, float]:
    if color == "none":
        return 0.0, 0.0, 0.0, 0.0
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red / 255, green / 255, blue / 255, alpha


def rounded(points: Sequence[Point], radius: float) -> list[tuple[str, Points]]:
    """Return the path along `points` with its corners rounded, as `Paper.curve` takes it."""
    path: list[tuple[str, Points]] = [("move", [points[0]])]
    for start, corner, end in bends(points, radius):
        path += [("line", [start]), ("quad", [corner, end])]
    return [*path, ("line", [points[-1]])]
