"""The diagram of shapes on paper: the scene that the window shows, drawn as lines and letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lstmviz.core.geometry import Geometry
from lstmviz.core.scenes.colors import Theme
from lstmviz.core.scenes.diagram.layout import DESIGN_HEIGHT, scene
from lstmviz.core.scenes.diagram.narrow import narrow_scene
from lstmviz.core.scenes.diagram.scene import (
    Arrow,
    Box,
    Layer,
    Point,
    Polygon,
    Rect,
    Scene,
    SceneLabel,
    Tone,
)
from lstmviz.core.scenes.diagram.solid import Face3, project, shell, surfaces
from lstmviz.core.scenes.diagram.strokes import arrow_head, tone_color
from lstmviz.figures.faces import measure
from lstmviz.figures.paper import Paper, rounded
from lstmviz.figures.part import Tick

LEAST_WIDE: Final = 640.0
"""Pixels of the design below which the tensors stand under each other: letters shrink otherwise."""

_RADIUS: Final = 6.0
_HINT: Final = 24.0
"""What the window keeps free beneath the diagram for a line of explanation."""


@dataclass(frozen=True, slots=True)
class DiagramPart:
    """The shapes of one call."""

    geometry: Geometry
    stretch: float = 0.0

    def height(self, width: float) -> float:
        """Return how high it wants to be."""
        if width < LEAST_WIDE:
            return self._narrow(width).height
        return DESIGN_HEIGHT - _HINT

    def least(self, width: float) -> float:
        """Return how high it is at least: it does not give way."""
        return self.height(width)

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw it into `rect`."""
        tick()
        if rect.width < LEAST_WIDE:
            made = self._narrow(rect.width)
        else:
            tall = rect.height + _HINT
            made = scene(self.geometry, rect.width, tall, measure, largest=1.0)
        paint_scene(Moved(paper, rect.x, rect.y), made)

    def _narrow(self, width: float) -> Scene:
        return narrow_scene(self.geometry, width, measure)


@dataclass(frozen=True, slots=True)
class Moved:
    """A paper whose marks are moved by some pixels."""

    paper: Paper
    x: float
    y: float

    @property
    def theme(self) -> Theme:
        """The colours in force."""
        return self.paper.theme

    def points(self, polygon: Polygon) -> list[Point]:
        """Return `polygon` where it is drawn."""
        return [Point(x + self.x, y + self.y) for x, y in polygon]

    def rect(self, rect: Rect) -> Rect:
        """Return `rect` where it is drawn."""
        return Rect(rect.x + self.x, rect.y + self.y, rect.width, rect.height)


def paint_scene(on: Moved, made: Scene) -> None:
    """Draw everything of a scene."""
    paper, theme, k = on.paper, on.theme, made.scale
    if made.boxes:
        paper.box(on.rect(made.frame), theme.panel, radius=9 * k, edge=theme.line)
    for layer in made.layers:
        _paint_layer(on, layer, k)
    for box in made.boxes:
        _paint_box(on, box, k)
    _paint_linked(on, made)
    for edge in made.edges:
        ends = on.points((edge.start, edge.end))
        paper.line(ends, tone_color(theme, edge.tone), 1.5 * k, is_round=True)
    for arrow in made.arrows:
        _paint_arrow(on, arrow, k)
    for label in made.labels:
        _paint_label(on, label, k)


def _paint_layer(on: Moved, layer: Layer, k: float) -> None:
    theme = on.theme
    on.paper.box(
        on.rect(layer.rect),
        theme.panel if layer.folded else theme.box_top,
        radius=_RADIUS * k,
        edge=theme.layers,
        edge_alpha=0.5 if layer.folded else 0.85,
        width=(1.0 if layer.folded else 1.2) * k,
        dashes=(1, 2) if layer.folded else (),
    )


def _paint_box(on: Moved, box: Box, k: float) -> None:
    theme = on.theme
    if box.bars:
        _paint_padding(on, box)
    shades = {Face3.FRONT: theme.box_front, Face3.TOP: theme.box_top, Face3.SIDE: theme.box_side}
    for face, polygon in shell(box):
        on.paper.area(
            on.points(polygon),
            "none" if box.hollow else shades[face],
            edge=theme.muted if box.hollow else theme.text,
            edge_alpha=1.0 if box.hollow else 0.2,
            dashes=(1, 2) if box.hollow else (),
        )
    count = max(box.rows, box.halves)
    if count < 2 or box.front.height / count < 3.5 * k:
        return
    end = box.bars[0][2] if box.bars else 1.0
    for row in range(1, count):
        ends = (project(box, 0, row / count, 0), project(box, end, row / count, 0))
        on.paper.line(on.points(ends), theme.text, alpha=0.16)


def _paint_padding(on: Moved, box: Box) -> None:
    """Outline the padded tensor that a ragged batch comes from."""
    for _face, polygon in shell(box.unpacked):
        on.paper.area(
            on.points(polygon),
            on.theme.absent,
            alpha=0.45,
            edge=on.theme.muted,
            edge_alpha=0.7,
            dashes=(1, 2),
        )


def _paint_linked(on: Moved, made: Scene) -> None:
    """Tint the parts of output and h_n that are the same numbers, a direction at a time."""
    for tone in (Tone.FORWARD, Tone.REVERSE):
        for box in made.boxes:
            parts = [r for r, its in made.linked if r.tensor == box.tensor and its is tone]
            for polygon in surfaces(box, *parts):
                on.paper.area(on.points(polygon), tone_color(on.theme, tone), alpha=0.42)


def _paint_arrow(on: Moved, arrow: Arrow, k: float) -> None:
    shade = tone_color(on.theme, arrow.tone)
    width, dashes = (1.2 if arrow.dashed else 1.4) * k, (3.0, 2.5) if arrow.dashed else ()
    points = on.points(arrow.points)
    if arrow.head:
        tip, left, right = arrow_head(points[-2], points[-1], 7 * k)
        neck = Point((left.x + right.x) / 2, (left.y + right.y) / 2)
        on.paper.curve(rounded([*points[:-1], neck], _RADIUS * k), shade, width, dashes)
        on.paper.area((tip, left, right), shade)
    else:
        on.paper.curve(rounded(points, _RADIUS * k), shade, width, dashes)


def _paint_label(on: Moved, label: SceneLabel, k: float) -> None:
    rect = on.rect(label.rect)
    line = rect.height / len(label.lines)
    x = rect.x + label.align * rect.width
    for index, text in enumerate(label.lines):
        y = rect.y + (index + 0.5) * line
        color = tone_color(on.theme, label.tone)
        on.paper.text(text, (x, y), label.face, color, align=label.align, scale=k)
