"""What the diagram shows, as plain geometry: boxes, layers, arrows and labels, in pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from lstmviz.core.contract import AxisKind
from lstmviz.core.region import Region


class Point(NamedTuple):
    """A place; y grows downwards."""

    x: float
    y: float


Polygon = tuple[Point, ...]


class Rect(NamedTuple):
    """An upright rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.y + self.height

    @property
    def center(self) -> Point:
        """Middle."""
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    def contains(self, x: float, y: float) -> bool:
        """Return whether (x, y) is inside."""
        return self.x <= x <= self.right and self.y <= y <= self.bottom

    def meets(self, other: Rect, gap: float = 0.0) -> bool:
        """Return whether the two come closer than `gap`; touching edges do not meet."""
        return (
            self.x < other.right + gap
            and other.x < self.right + gap
            and self.y < other.bottom + gap
            and other.y < self.bottom + gap
        )


class Face(StrEnum):
    """What a text is set in."""

    NAME = "name"
    SYMBOL = "symbol"
    CODE = "code"
    NOTE = "note"


class Tone(StrEnum):
    """What a mark is coloured as; the four axis kinds, or one of the plain roles."""

    TIME = AxisKind.TIME.value
    BATCH = AxisKind.BATCH.value
    FEATURES = AxisKind.FEATURES.value
    LAYERS = AxisKind.LAYERS.value
    TEXT = "text"
    MUTED = "muted"
    FORWARD = "forward"
    REVERSE = "reverse"


MeasureText = Callable[[str, Face, float], float]
"""Width in pixels of one line in a face, at a scale."""

LINE_HEIGHT: Final = {Face.NAME: 16.0, Face.SYMBOL: 14.0, Face.CODE: 13.5, Face.NOTE: 13.5}
"""Height of one line of each face at scale 1."""


@dataclass(frozen=True, slots=True)
class AxisAt:
    """One axis of one tensor."""

    tensor: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneLabel:
    """A text that keeps inside `rect`; `lines` are set one under the other.

    Attributes
    ----------
    lines : tuple of str
    rect : Rect
    face : Face
    tone : Tone
    align : float
        0 for left, 0.5 for centred, 1 for right.
    axis : AxisAt or None
        The axis it names.
    """

    lines: tuple[str, ...]
    rect: Rect
    face: Face
    tone: Tone
    align: float = 0.5
    axis: AxisAt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A tensor, drawn as a cuboid seen from the upper right, or as a slab where it has two axes.

    Attributes
    ----------
    tensor : str
    front : Rect
        The face towards the reader.
    depth : Point
        From a front corner to the back one; (0, 0) for a slab.
    across, down, back : int or None
        Which of the tensor's axes runs along the width, the height and the depth.
    shape : tuple of int
    bars : tuple of (float, float, float)
        For packed sequences, from front to back: depth range and length, as fractions.
    halves : int
        Directions side by side along `down`: 2 for a bidirectional output, else 1.
    rows : int
        Rows to rule along `down`, where there is room; 1 for none.
    hollow : bool
        Drawn as an outline: it holds nothing but zeros that nobody passed.
    """

    tensor: str
    front: Rect
    depth: Point
    across: int
    down: int
    back: int | None
    shape: tuple[int, ...]
    bars: tuple[tuple[float, float, float], ...] = ()
    halves: int = 1
    rows: int = 1
    hollow: bool = False

    @property
    def unpacked(self) -> Box:
        """The padded tensor that a packed one comes from, as a plain cuboid."""
        return replace(self, bars=(), halves=1, rows=1, hollow=False)

    @property
    def bounds(self) -> Rect:
        """Everything the cuboid covers."""
        front = self.front
        return Rect(
            front.x, front.y - self.depth.y, front.width + self.depth.x, front.height + self.depth.y
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StackRow:
    """One direction of a layer, or a run of layers folded into one, as a line in its box."""

    rect: Rect
    region: Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The box of one layer; `folded` stands for several."""

    rect: Rect
    rows: tuple[StackRow, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A path of straight pieces; links between equal numbers are dashed and have no head."""

    points: Polygon
    tone: Tone = Tone.MUTED
    dashed: bool = False
    head: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The edge of a box along one of its axes."""

    axis: AxisAt
    tone: Tone
    start: Point
    end: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The whole diagram at one size.

    Attributes
    ----------
    width, height : float
    scale : float
        Of texts and strokes.
    frame : Rect
        Around the module.
    hint : Rect
        Where one line of explanation goes.
    linked : tuple of (Region, Tone)
        Parts of ``output`` and ``h_n`` that are the same numbers.
    """

    width: float
    height: float
    scale: float
    frame: Rect
    hint: Rect
    boxes: tuple[Box, ...]
    layers: tuple[Layer, ...]
    arrows: tuple[Arrow, ...]
    labels: tuple[SceneLabel, ...]
    edges: tuple[Edge, ...]
    linked: tuple[tuple[Region, Tone], ...]

    def box(self, tensor: str) -> Box | None:
        """Return the box of `tensor`, or None where it is not shown."""
        return next((box for box in self.boxes if box.tensor == tensor), None)
