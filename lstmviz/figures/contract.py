"""The contract of shapes on paper: every tensor with its axes, shape, dtype and bytes."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.contract import TensorShape
from lstmviz.core.geometry import Geometry
from lstmviz.core.scenes.diagram.cached_contract import contract_of
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.figures.faces import line_height, measure
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick

_AIR = 5.0
_HEADS = ("tensor", "axes", "shape", "dtype", "bytes")


@dataclass(frozen=True, slots=True)
class ContractPart:
    """A table of tensors, inputs and results first, then the parameters."""

    geometry: Geometry
    stretch: float = 0.0

    def height(self, width: float) -> float:
        """Return how high it is; two lines a tensor where one is too long for `width`."""
        lines = 1 if self._fits(width) else 2
        return (len(contract_of(self.geometry).tensors) * lines + 1) * _line() + _line()

    def least(self, width: float) -> float:
        """Return how high it is at least: it does not give way."""
        return self.height(width)

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Write it into `rect`."""
        tick()
        theme, columns = paper.theme, self._columns()
        is_wide = self._fits(rect.width)
        spare = max(0.0, rect.width - sum(columns)) / 4 if is_wide else 0.0
        places = [rect.x]
        for width in columns[:-1]:
            places.append(places[-1] + width + min(spare, 28.0))
        right = places[-1] + columns[-1] - 14 if is_wide else rect.right
        y = rect.y + _line() / 2
        if is_wide:
            for head, x in zip(_HEADS, places, strict=True):
                is_last = head == "bytes"
                place = (right if is_last else x, y)
                paper.text(head, place, Face.NOTE, theme.muted, align=1.0 if is_last else 0.0)
            y += _line()
        paper.line(((rect.x, y - _line() / 2), (rect.right, y - _line() / 2)), theme.line)
        for tensor in contract_of(self.geometry).tensors:
            y = self._paint_row(paper, tensor, (places, right, rect.x), y, is_wide=is_wide)
        words = f"{contract_of(self.geometry).parameters:,} parameters"
        paper.line(((rect.x, y - _line() / 2), (rect.right, y - _line() / 2)), theme.line)
        paper.text(words, (rect.x, y), Face.NOTE, theme.muted)

    def _paint_row(
        self,
        paper: Paper,
        tensor: TensorShape,
        where: tuple[list[float], float, float],
        y: float,
        *,
        is_wide: bool,
    ) -> float:
        (places, right, left), theme = where, paper.theme
        name, _, _, dtype, size = _cells(tensor)
        paper.text(name, (left, y), Face.NAME, theme.text)
        if is_wide:
            paper.text(dtype, (places[3], y), Face.CODE, theme.muted)
            paper.text(size, (right, y), Face.CODE, theme.muted, align=1.0)
        else:
            said = f"{dtype}  {size} B"
            paper.text(said, (right, y), Face.CODE, theme.muted, align=1.0)
            y += _line()
            places = [left, left + 12, left + 12 + self._columns()[1], 0.0, 0.0]
        self._paint_tuple(paper, tensor, [axis.symbol for axis in tensor.axes], (places[1], y))
        self._paint_tuple(paper, tensor, [f"{axis.size:,}" for axis in tensor.axes], (places[2], y))
        return y + _line()

    def _paint_tuple(
        self, paper: Paper, tensor: TensorShape, said: list[str], place: tuple[float, float]
    ) -> None:
        (x, y), theme = place, paper.theme
        x += paper.text("(", (x, y), Face.CODE, theme.muted)
        for index, (text, axis) in enumerate(zip(said, tensor.axes, strict=True)):
            if index:
                x += paper.text(",", (x, y), Face.CODE, theme.muted) + 4
            x += paper.text(text, (x, y), Face.CODE, theme.axis(axis.kind))
        paper.text(",)" if len(said) == 1 else ")", (x, y), Face.CODE, theme.muted)

    def _columns(self) -> list[float]:
        rows = [_cells(tensor) for tensor in contract_of(self.geometry).tensors]
        faces = (Face.NAME, Face.CODE, Face.CODE, Face.CODE, Face.CODE)
        return [
            max(measure(row[place], face) for row in rows) + 14 for place, face in enumerate(faces)
        ]

    def _fits(self, width: float) -> bool:
        return sum(self._columns()) <= width


def _cells(tensor: TensorShape) -> tuple[str, str, str, str, str]:
    symbols = ", ".join(axis.symbol for axis in tensor.axes)
    sizes = ", ".join(f"{axis.size:,}" for axis in tensor.axes)
    return tensor.name, f"({symbols})  ", f"({sizes})  ", tensor.dtype, f"{tensor.bytes:,}"


def _line() -> float:
    return line_height(Face.CODE) + _AIR
