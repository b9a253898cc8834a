"""How the diagram's paths run and are coloured, wherever they are drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from lstmviz.core.scenes.colors import Theme
from lstmviz.core.scenes.diagram.scene import Point, Tone


def tone_color(theme: Theme, tone: Tone) -> str:
    """Return the colour of `tone`, as ``#rrggbb``."""
    name = {Tone.FORWARD: "accent", Tone.REVERSE: "layers"}.get(tone, tone.value)
    return str(getattr(theme, name))


def arrow_head(before: Point, tip: Point, size: float) -> tuple[Point, Point, Point]:
    """Return the head of a path that comes from `before`: its tip, and the ends of its base."""
    dx, dy = tip.x - before.x, tip.y - before.y
    far = math.hypot(dx, dy) or 1.0
    ux, uy = dx / far * size, dy / far * size
    return (
        tip,
        Point(tip.x - ux - uy * 0.5, tip.y - uy + ux * 0.5),
        Point(tip.x - ux + uy * 0.5, tip.y - uy - ux * 0.5),
    )


def bends(points: Sequence[Point], radius: float) -> Iterator[tuple[Point, Point, Point]]:
    """Yield where each corner of a path begins to bend, the corner, and where the bend ends."""
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        yield _towards(corner, before, radius), corner, _towards(corner, after, radius)


def _towards(corner: Point, other: Point, radius: float) -> Point:
    dx, dy = other.x - corner.x, other.y - corner.y
    far = math.hypot(dx, dy)
    share = min(radius, far / 2) / far if far else 0.0
    return Point(corner.x + dx * share, corner.y + dy * share)
