"""What a part of a tensor or an axis is, in one line; code stands between backticks."""

from __future__ import annotations

from typing import Final

from lstmviz.core.contract import AxisKind
from lstmviz.core.geometry import DIRECTIONS, Geometry
from lstmviz.core.region import Region, expression, same_numbers
from lstmviz.core.scenes.diagram.cached_contract import contract_of
from lstmviz.core.scenes.diagram.scene import AxisAt
from lstmviz.core.words.amounts import grouped, grouped_in

HINT: Final = "Hover any slice: the same numbers light up wherever they appear."


def explained(target: Region | AxisAt | None, geometry: Geometry) -> str:
    """Return one line on `target`."""
    if target is None:
        return HINT
    if isinstance(target, AxisAt):
        return _axis(target, geometry)
    if target.tensor == "output":
        return _output(target, geometry)
    if target.tensor in ("h_n", "c_n"):
        return _final(target, geometry)
    if target.tensor == "hidden":
        return _layer(target, geometry)
    return _given(target, geometry)


def described(geometry: Geometry) -> str:
    """Return all shapes in words, for those who do not see the diagram."""
    tensors = contract_of(geometry)
    layers = f"{geometry.num_layers} layer{'s' if geometry.num_layers > 1 else ''}"
    ways = "forward and reverse" if geometry.bidirectional else "forward only"
    parts = [f"An LSTM of {layers}, {ways}."]
    for name in ("input", "output", "h_n", "c_n"):
        axes = ", ".join(
            f"{axis.symbol} {grouped(axis.size)}" for axis in tensors.tensor(name).axes
        )
        parts.append(f"{name}: {axes}.")
    parts.append("h_0 and c_0 are random." if geometry.has_state else "h_0 and c_0 are zeros.")
    if geometry.lengths:
        low, high = min(geometry.lengths), max(geometry.lengths)
        parts.append(f"Packed sequences of {low} to {high} steps.")
    return " ".join(parts)


def _code(region: Region, geometry: Geometry) -> str:
    """Return how to index `region`, as code; a row of a state by its own number."""
    rows = region.ranges[0]
    if region.tensor in ("h_n", "c_n") and rows[1] - rows[0] == 1:
        return f"`{region.tensor}[{rows[0]}]`"
    if region.tensor == "hidden":
        sizes: tuple[int, ...] = (geometry.num_layers, geometry.num_directions, geometry.steps)
        sizes = (*sizes, geometry.batch_size, geometry.output_size)
    else:
        sizes = contract_of(geometry).tensor(region.tensor).shape
    return f"`{expression(region, sizes)}`"


def _given(region: Region, geometry: Geometry) -> str:
    code = _code(region, geometry)
    tensor = contract_of(geometry).tensor(region.tensor)
    if region.tensor in ("h_0", "c_0"):
        return f"{code}: the state that {_place(region.ranges[0], geometry)} starts from."
    step, item = _single(region, tensor.shape, geometry)
    if step is not None:
        return f"{code}: what goes in at step {step}."
    if item is not None:
        return f"{code}: the whole sequence of batch item {item}."
    return f"{code}: what goes in, every step."


def _output(region: Region, geometry: Geometry) -> str:
    code, shape = _code(region, geometry), contract_of(geometry).tensor("output").shape
    step, item = _single(region, shape, geometry)
    direction = _direction(region, geometry)
    if item is not None:
        return f"{code}: every step of batch item {item}, the last layer's h_t."
    if step is None or direction is None:
        when = "at every step" if step is None else f"after step {step}"
        who = "both directions" if direction is None else DIRECTIONS[direction]
        return f"{code}: the last layer's h_t {when}, {who}."
    way = DIRECTIONS[direction]
    end = 0 if direction else geometry.seq_len - 1
    row = (geometry.num_layers - 1) * geometry.num_directions + direction
    if geometry.lengths and not direction:
        return f"{code}: h_t after step {step}; each sequence ends at its own last step."
    if step == end:
        where = "the first step, where reverse ends" if direction else "the last step"
        return f"{code} is `h_n[{row}]`: {way} of the last layer, after {where}."
    if geometry.lengths is None and step == (geometry.seq_len - 1 if direction else 0):
        return f"{code} has seen one step only: {way} starts here; its final state is `h_n[{row}]`."
    top = geometry.num_layers - 1
    return f"{code}: h_t of layer {top}, {way}, after step {step}; not in `h_n`."


def _final(region: Region, geometry: Geometry) -> str:
    code = _code(region, geometry)
    rows = region.ranges[0]
    if rows[1] - rows[0] > 1:
        one = geometry.batched and region.ranges[1] != (0, geometry.batch_size)
        item = f" of batch item {region.ranges[1][0]}" if one else ""
        order = "; never batch first" if geometry.batch_first and geometry.batched else ""
        return f"{code}: the final {region.tensor[0]}{item}, every layer and direction{order}."
    place = _place(rows, geometry)
    direction = rows[0] % geometry.num_directions
    when = "after the first step, where reverse ends" if direction else "after its last step"
    if region.tensor == "c_n":
        return f"{code}: the cell state of {place}, {when}; `output` holds no c."
    if rows[0] // geometry.num_directions < geometry.num_layers - 1:
        return f"{code}: {place}, {when}; `output` holds the last layer only."
    return f"{code} is `{_output_end(direction, geometry)}`: {place}, {when}."


def _output_end(direction: int, geometry: Geometry) -> str:
    """Return the expression for output's part that holds a direction's final h."""
    half = ":" if geometry.num_directions == 1 else f":{geometry.output_size}"
    half = f"{geometry.output_size}:" if direction else half
    if geometry.lengths and not direction:
        parts = geometry.layout.sequence("lengths - 1", f"range({geometry.batch_size})", half)
        return f"output[{', '.join(parts if half != ':' else parts[:-1])}]"
    width = (direction * geometry.output_size, (direction + 1) * geometry.output_size)
    step = (0, 1) if direction else (geometry.seq_len - 1, geometry.seq_len)
    ranges = geometry.layout.sequence(step, (0, geometry.batch_size), width)
    return expression(Region("output", ranges), contract_of(geometry).tensor("output").shape)


def _layer(region: Region, geometry: Geometry) -> str:
    layers, directions = region.ranges[0], region.ranges[1]
    d = geometry.num_directions
    rows = (layers[0] * d + directions[0], (layers[1] - 1) * d + directions[1])
    final = expression(Region("h_n", (rows,)), (geometry.num_layers * d,))
    final = f"h_n[{rows[0]}]" if rows[1] - rows[0] == 1 else final
    whole = d == directions[1] - directions[0]
    who = _place(rows, geometry) if rows[1] - rows[0] == 1 else f"layer {layers[0]}"
    if layers[1] - layers[0] > 1:
        who = f"layers {layers[0]} to {layers[1] - 1}"
    if layers[1] == geometry.num_layers:
        part = [r for r in same_numbers(_first_item(region), geometry) if r.tensor == "output"]
        held = "output" if whole else _half(part[0], geometry)
        return f"{who}: its h_t are `{held}`, its final h is `{final}`."
    return f"{who}: h_t feeds the next layer; only the final h comes out, as `{final}`."


def _first_item(region: Region) -> Region:
    ranges = list(region.ranges)
    ranges[2], ranges[3] = (0, 1), (0, 1)
    return Region(region.tensor, tuple(ranges))


def _half(part: Region, geometry: Geometry) -> str:
    shape = contract_of(geometry).tensor("output").shape
    whole = (*((0, size) for size in shape[:-1]), part.ranges[-1])
    return expression(Region("output", whole), shape)


def _place(rows: tuple[int, int], geometry: Geometry) -> str:
    if rows[1] - rows[0] > 1:
        return "each layer and direction"
    layer, direction = divmod(rows[0], geometry.num_directions)
    return f"layer {layer}, {DIRECTIONS[direction]}"


def _single(
    region: Region, shape: tuple[int, ...], geometry: Geometry
) -> tuple[int | None, int | None]:
    """Return the one step, and the one batch item, that `region` is; None for all of them."""
    kinds = [axis.kind for axis in contract_of(geometry).tensor(region.tensor).axes]
    found: dict[AxisKind, int] = {}
    for kind, (low, high), size in zip(kinds, region.ranges, shape, strict=True):
        if high - low == 1 and (size > 1 or kind is AxisKind.TIME):
            found[kind] = low
    time = found.get(AxisKind.TIME)
    batch = found.get(AxisKind.BATCH)
    if batch is not None and geometry.seq_len == 1:
        time = None
    return (time if batch is None else None), batch


def _direction(region: Region, geometry: Geometry) -> int | None:
    width = geometry.output_size
    low, high = region.ranges[-1]
    return low // width if high - low <= width else None


def _axis(axis: AxisAt, geometry: Geometry) -> str:
    tensor = contract_of(geometry).tensor(axis.tensor)
    found = tensor.axes[axis.index]
    at = f"axis {axis.index} of `{tensor.name}`"
    colons = ", ".join([":"] * axis.index + [_letter(found.kind)])
    index = f"`{tensor.name}[{colons}]`"
    if found.kind is AxisKind.TIME:
        return f"L is seq_len: {grouped(found.size)} time steps, {at}; {index} is step t."
    if found.kind is AxisKind.BATCH:
        return f"N is batch_size: {grouped(found.size)} sequences, {at}; {index} is sequence n."
    if found.kind is AxisKind.LAYERS:
        worked = grouped_in(found.worked)
        return f"D·num_layers = {worked}: {_rows(geometry)}; {at} whatever batch_first says."
    if tensor.name == "output" and geometry.bidirectional:
        half = geometry.output_size
        parts = f"`[..., :{half}]` is forward, `[..., {half}:]` reverse"
        return f"{found.symbol} = {grouped_in(found.worked)}: {parts}."
    names = {"H_in": "input_size", "H_cell": "hidden_size", "H_out": "proj_size"}
    setting = names.get(found.symbol.removeprefix("D·"), "hidden_size")
    return (
        f"{found.symbol} is {setting}: {grouped(found.size)} features, {at}; {index} is feature k."
    )


def _rows(geometry: Geometry) -> str:
    """Return the first rows of a state in words."""
    count = geometry.rows
    named = [_place((row, row + 1), geometry).replace(",", "") for row in range(min(count, 3))]
    return ", ".join([*named, "…"] if count > 3 else named)


def _letter(kind: AxisKind) -> str:
    return {AxisKind.TIME: "t", AxisKind.BATCH: "n", AxisKind.FEATURES: "k"}.get(kind, "row")
