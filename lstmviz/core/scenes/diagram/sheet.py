"""What a layout is made on: the sizes in force, and the marks laid down so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lstmviz.core.contract import Axis, AxisKind, Contract, TensorShape
from lstmviz.core.geometry import Geometry
from lstmviz.core.scenes.diagram.cached_contract import contract_of
from lstmviz.core.scenes.diagram.scene import (
    LINE_HEIGHT,
    Arrow,
    AxisAt,
    Box,
    Edge,
    Face,
    Layer,
    MeasureText,
    Point,
    Rect,
    SceneLabel,
    Tone,
)
from lstmviz.core.words.amounts import grouped, grouped_in


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagramStyle:
    """How much is said, for the room there is.

    Attributes
    ----------
    scale : float
        Of texts, strokes and gaps.
    long_rows : bool
        ``→ forward l1`` rather than ``→ l1``.
    is_downward : bool
        The first layer stands above the last, as where results stand below the module.
    """

    scale: float
    long_rows: bool = True
    is_downward: bool = False


@dataclass(slots=True)
class DiagramSheet:
    """The layout in the making."""

    geometry: Geometry
    width: float
    height: float
    measure: MeasureText
    style: DiagramStyle
    worked: bool
    boxes: list[Box] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    labels: list[SceneLabel] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    contract: Contract = field(init=False)

    def __post_init__(self) -> None:
        self.contract = contract_of(self.geometry)

    @property
    def k(self) -> float:
        """Pixels for one pixel of the design."""
        return self.style.scale

    @property
    def margin(self) -> float:
        """Free space along the widget's edges."""
        return 10 * self.k

    @property
    def hint(self) -> Rect:
        """The line of explanation at the bottom."""
        line = self.line(Face.NOTE) + 4 * self.k
        return Rect(
            self.margin, self.height - line - 4 * self.k, self.width - 2 * self.margin, line
        )

    @property
    def top(self) -> float:
        """Upper end of the drawing."""
        return 6 * self.k

    @property
    def bottom(self) -> float:
        """Lower end of the drawing."""
        return self.hint.y - 2 * self.k

    def line(self, face: Face) -> float:
        """Return the height of one line."""
        return LINE_HEIGHT[face] * self.k

    def text_width(self, lines: Iterable[str], face: Face) -> float:
        """Return the width of the widest line, with a little air."""
        return max((self.measure(line, face, self.k) for line in lines), default=0.0) + 2 * self.k

    def axis_lines(self, axis: Axis, *, broken: bool = True) -> tuple[str, ...]:
        """Return an axis as text: its symbol and its live or worked size."""
        size = grouped_in(axis.worked) if self.worked else grouped(axis.size)
        return (axis.symbol, f"= {size}") if broken else (f"{axis.symbol} = {size}",)

    def say(
        self,
        lines: tuple[str, ...],
        face: Face,
        tone: Tone,
        place: Point,
        *,
        anchor: tuple[float, float] = (0.0, 0.0),
        axis: AxisAt | None = None,
    ) -> Rect:
        """Lay a text down with its `anchor` (0 to 1 of its width and height) at `place`."""
        width, height = self.text_width(lines, face), self.line(face) * len(lines)
        rect = Rect(place.x - anchor[0] * width, place.y - anchor[1] * height, width, height)
        self.labels.append(
            SceneLabel(lines=lines, rect=rect, face=face, tone=tone, align=anchor[0], axis=axis)
        )
        return rect

    def name_axis(
        self,
        tensor: TensorShape,
        index: int,
        place: Point,
        anchor: tuple[float, float],
        *,
        broken: bool = False,
    ) -> Rect:
        """Lay down the label of one axis."""
        axis = tensor.axes[index]
        return self.say(
            self.axis_lines(axis, broken=broken),
            Face.SYMBOL,
            Tone(axis.kind.value),
            place,
            anchor=anchor,
            axis=AxisAt(tensor.name, index),
        )

    def rule(self, tensor: TensorShape, index: int, start: Point, end: Point) -> None:
        """Lay down the coloured edge of one axis."""
        tone = Tone(tensor.axes[index].kind.value)
        self.edges.append(Edge(axis=AxisAt(tensor.name, index), tone=tone, start=start, end=end))


def axis_of(tensor: TensorShape, kind: AxisKind) -> int | None:
    """Return which axis of `tensor` counts `kind`; None for none."""
    return next((i for i, axis in enumerate(tensor.axes) if axis.kind is kind), None)
