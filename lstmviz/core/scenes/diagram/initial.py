"""The initial states: small slabs that enter the module."""

from __future__ import annotations

from dataclasses import replace

from lstmviz.core.contract import AxisKind, TensorShape
from lstmviz.core.scenes.diagram.boxes import lay_box
from lstmviz.core.scenes.diagram.scene import AxisAt, Box, Face, Point, Rect, Tone
from lstmviz.core.scenes.diagram.sheet import DiagramSheet

_NAMES = ("h_0", "c_0")


def initial_height(sheet: DiagramSheet) -> float:
    """Return the height of `lay_initial`."""
    return _line(sheet) * (1 if _is_zero(sheet) else 2)


def initial_width(sheet: DiagramSheet) -> float:
    """Return the width of `lay_initial`."""
    k = sheet.k
    slab = (26 + 5 + 4) * k if sheet.geometry.batched else (22 + 5 + 4) * k
    if _is_zero(sheet):
        names = sheet.text_width([", ".join(_NAMES)], Face.NAME)
        return slab + names + sheet.text_width(["zeros"], Face.NOTE)
    return slab + max(
        sheet.text_width([name], Face.NAME)
        + sum(
            sheet.text_width([text], Face.SYMBOL) + 2 * k
            for text in _sizes(sheet, sheet.contract.tensor(name))
        )
        for name in _NAMES
    )


def lay_initial(sheet: DiagramSheet, left: float, top: float) -> list[Box]:
    """Lay the initial states down, one line each, or one for both where they are zeros."""
    if _is_zero(sheet):
        return [_lay_line(sheet, _NAMES, Point(left, top), hollow=True)]
    line = _line(sheet)
    return [
        _lay_line(sheet, (name,), Point(left, top + i * line), hollow=False)
        for i, name in enumerate(_NAMES)
    ]


def _is_zero(sheet: DiagramSheet) -> bool:
    return not sheet.geometry.has_state


def _line(sheet: DiagramSheet) -> float:
    return sheet.line(Face.NAME) + 3 * sheet.k


def _sizes(sheet: DiagramSheet, tensor: TensorShape) -> list[str]:
    sizes = [axis.worked if sheet.worked else f"{axis.size}" for axis in tensor.axes]
    return [*(f"{size}," for size in sizes[:-1]), sizes[-1]]


def _lay_line(sheet: DiagramSheet, names: tuple[str, ...], corner: Point, *, hollow: bool) -> Box:
    k, tensor = sheet.k, sheet.contract.tensor(names[0])
    middle = corner.y + _line(sheet) / 2
    front = Rect(corner.x, middle - 4.5 * k, 22 * k, 10 * k)
    depth = Point(4 * k, 2.5 * k) if sheet.geometry.batched else Point(0.0, 0.0)
    box = lay_box(sheet, tensor, front, depth, across=AxisKind.FEATURES, down=AxisKind.LAYERS)
    box = sheet.boxes[-1] = replace(box, hollow=hollow, rows=1)
    place = Point(box.bounds.right + 5 * k, middle)
    said = sheet.say((", ".join(names),), Face.NAME, Tone.TEXT, place, anchor=(0.0, 0.5))
    place = Point(said.right + 4 * k, middle)
    if hollow:
        sheet.say(("zeros",), Face.NOTE, Tone.MUTED, place, anchor=(0.0, 0.5))
    else:
        _lay_sizes(sheet, tensor, place)
    return box


def _lay_sizes(sheet: DiagramSheet, tensor: TensorShape, place: Point) -> None:
    for index, text in enumerate(_sizes(sheet, tensor)):
        said = sheet.say(
            (text,),
            Face.SYMBOL,
            Tone(tensor.axes[index].kind.value),
            place,
            anchor=(0.0, 0.5),
            axis=AxisAt(tensor.name, index),
        )
        place = Point(said.right + 2 * sheet.k, place.y)
