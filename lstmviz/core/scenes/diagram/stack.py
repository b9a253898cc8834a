"""The module in the middle: its layers, bottom up, and the call that makes it."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.geometry import DIRECTIONS
from lstmviz.core.recipe import constructor
from lstmviz.core.region import Region
from lstmviz.core.scenes.diagram.scene import Face, Layer, Point, Rect, StackRow, Tone
from lstmviz.core.scenes.diagram.sheet import DiagramSheet

_ARROWS = ("→", "←")
_TONES = (Tone.FORWARD, Tone.REVERSE)


def row_text(sheet: DiagramSheet, layer: int, direction: int) -> str:
    """Return e.g. ``forward l1`` or, in short, ``l1``."""
    word = f"{DIRECTIONS[direction]} " if sheet.style.long_rows else ""
    return f"{word}l{layer}{'_reverse' if direction else ''}"


def stack_width(sheet: DiagramSheet) -> float:
    """Return the width of the module's frame."""
    geometry = sheet.geometry
    rows = [row_text(sheet, geometry.num_layers - 1, d) for d in range(geometry.num_directions)]
    words = constructor(geometry).split(" ")
    return max(
        sheet.text_width(rows, Face.CODE) + 46 * sheet.k,
        sheet.text_width(words, Face.CODE) + 14 * sheet.k,
        sheet.text_width([_folded_text(sheet)], Face.CODE) + 20 * sheet.k,
        104 * sheet.k,
    )


def lay_stack(sheet: DiagramSheet, frame: Rect) -> tuple[float, float] | None:
    """Lay the layers and the caption down inside `frame`.

    Returns
    -------
    (float, float) or None
        The heights at which input enters the first and output leaves the last layer; None where
        the frame is too low.
    """
    pad = 7 * sheet.k
    inner = Rect(frame.x + pad, frame.y + pad, frame.width - 2 * pad, frame.height - 2 * pad)
    width = frame.width - 8 * sheet.k
    lines = _wrapped(sheet, constructor(sheet.geometry), width)
    for kept in range(len(lines), 0, -1):
        caption = lines if kept == len(lines) else _shortened(sheet, lines[:kept], width)
        height = kept * sheet.line(Face.CODE)
        room = Rect(inner.x, inner.y, inner.width, inner.height - height - 4 * sheet.k)
        plan = _plan(sheet, room.height, spare=kept > 1)
        if plan is not None:
            place = Point(frame.center.x, inner.bottom + 2 * sheet.k)
            sheet.say(caption, Face.CODE, Tone.MUTED, place, anchor=(0.5, 1.0))
            return _lay_layers(sheet, room, plan)
    return None


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which layers are drawn, top down (None for the folded ones), and how high each is."""

    layers: tuple[int | None, ...]
    titled: bool
    height: float
    folded: float
    gap: float

    @property
    def total(self) -> float:
        parts = sum(self.folded if layer is None else self.height for layer in self.layers)
        return parts + self.gap * (len(self.layers) - 1)


def _plan(sheet: DiagramSheet, room: float, *, spare: bool) -> _Plan | None:
    """Return the fullest plan that fits into `room`; `spare` refuses layers without titles."""
    last = sheet.geometry.num_layers - 1
    everything: tuple[int | None, ...] = tuple(range(last, -1, -1))
    folded = ((last, None, 0),) if last > 2 else ()
    choices = [(everything, True), *((layers, True) for layers in folded)]
    if not spare or last == 2:
        choices += [(layers, False) for layers in (everything, *folded)]
    for layers, titled in choices:
        if len(layers) > 12:
            continue
        plan = _tried(sheet, layers, titled=titled)
        if plan.total <= room:
            return plan
    return None


def _tried(sheet: DiagramSheet, layers: tuple[int | None, ...], *, titled: bool) -> _Plan:
    lines = sheet.geometry.num_directions * sheet.line(Face.CODE)
    title = sheet.line(Face.NAME) if titled else 0.0
    return _Plan(
        layers=layers,
        titled=titled,
        height=title + lines + 7 * sheet.k,
        folded=sheet.line(Face.CODE) + 4 * sheet.k,
        gap=5 * sheet.k,
    )


def _lay_layers(sheet: DiagramSheet, room: Rect, plan: _Plan) -> tuple[float, float]:
    extra = max(0.0, room.height - plan.total)
    gap = plan.gap + min(extra / (len(plan.layers) + 1), 8 * sheet.k)
    total = plan.total + (gap - plan.gap) * (len(plan.layers) - 1)
    y = room.y + (room.height - total) / 2
    is_downward = sheet.style.is_downward
    for layer in reversed(plan.layers) if is_downward else plan.layers:
        height = plan.folded if layer is None else plan.height
        rect = Rect(room.x, y, room.width, height)
        if layer is None:
            _lay_folded(sheet, rect)
        else:
            _lay_layer(sheet, rect, layer, titled=plan.titled)
        y += height + gap
    ends = sheet.layers[-1].rect.center.y, sheet.layers[0].rect.center.y
    return ends[::-1] if is_downward else ends


def _lay_layer(sheet: DiagramSheet, rect: Rect, layer: int, *, titled: bool) -> None:
    y = rect.y + 3.5 * sheet.k
    if titled:
        place = Point(rect.center.x, y)
        sheet.say((f"layer {layer}",), Face.NAME, Tone.TEXT, place, anchor=(0.5, 0.0))
        y += sheet.line(Face.NAME)
    rows = []
    line = sheet.line(Face.CODE)
    texts = [row_text(sheet, layer, d) for d in range(sheet.geometry.num_directions)]
    arrow = sheet.text_width(_ARROWS, Face.NOTE) + 3 * sheet.k
    x = rect.center.x - (arrow + sheet.text_width(texts, Face.CODE)) / 2
    for direction, text in enumerate(texts):
        row = Rect(rect.x + 3 * sheet.k, y, rect.width - 6 * sheet.k, line)
        middle = row.center.y
        signs = (_ARROWS[direction],)
        sheet.say(signs, Face.NOTE, _TONES[direction], Point(x, middle), anchor=(0.0, 0.5))
        place = Point(x + arrow, middle)
        sheet.say((text,), Face.CODE, Tone.MUTED, place, anchor=(0.0, 0.5))
        region = _opened(sheet, (layer, layer + 1), (direction, direction + 1))
        rows.append(StackRow(rect=row, region=region))
        y += line
    sheet.layers.append(Layer(rect=rect, rows=tuple(rows)))


def _lay_folded(sheet: DiagramSheet, rect: Rect) -> None:
    geometry = sheet.geometry
    text = (_folded_text(sheet),)
    sheet.say(text, Face.CODE, Tone.MUTED, rect.center, anchor=(0.5, 0.5))
    region = _opened(sheet, (1, geometry.num_layers - 1), (0, geometry.num_directions))
    row = StackRow(rect=rect, region=region)
    sheet.layers.append(Layer(rect=rect, rows=(row,), folded=True))


def _folded_text(sheet: DiagramSheet) -> str:
    count = sheet.geometry.num_layers - 2
    return f"⋮ {count} more layers ⋮" if count > 1 else ""


def _opened(sheet: DiagramSheet, layers: tuple[int, int], directions: tuple[int, int]) -> Region:
    geometry = sheet.geometry
    sizes = (geometry.steps, geometry.batch_size, geometry.output_size)
    return Region("hidden", (layers, directions, *((0, size) for size in sizes)))


def _wrapped(sheet: DiagramSheet, text: str, width: float) -> tuple[str, ...]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and sheet.text_width([longer], Face.CODE) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return tuple(lines)


def _shortened(sheet: DiagramSheet, lines: tuple[str, ...], width: float) -> tuple[str, ...]:
    """Return `lines` with an ellipsis for what follows them."""
    last = f"{lines[-1]} …)"
    if sheet.text_width([last], Face.CODE) <= width:
        return (*lines[:-1], last)
    head = lines[-1].rpartition(" ")[0]
    if head or len(lines) == 1:
        return (*lines[:-1], f"{head} …)".strip())
    return _shortened(sheet, lines[:-1], width)
