"""The PyTorch program that reproduces a run, every tensor commented with its shape."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from lstmviz.core.contract import Contract, contract
from lstmviz.core.recipe import (
    VALUES_SUMMARY,
    Recipe,
    input_lines,
    recipe,
    sunspots,
    sunspots_needed,
)
from lstmviz.core.spec import DType, RunSpec, Values
from lstmviz.core.words.typeset import Block, Remark, laid_out, listing


class Style(StrEnum):
    """How much a printed program says."""

    MINIMAL = "minimal"
    EXPLAINED = "explained"


def snippet(spec: RunSpec, style: Style = Style.EXPLAINED) -> str:
    """Return the program that makes the run which `spec` describes.

    Its lines are those that the engine executes. It needs nothing but PyTorch, and ends with
    ``last``, the summary of each sequence.

    Parameters
    ----------
    spec : RunSpec
    style : Style
        MINIMAL has the shape of every tensor; EXPLAINED also says why each part is there.

    Returns
    -------
    str
        Source of at most 88 columns, with a newline at its end.
    """
    lines, shapes = recipe(spec), contract(spec.geometry)
    blocks = tuple(_blocks(spec, lines, shapes))
    if style is Style.MINIMAL:
        return laid_out([_imports(spec), *blocks], with_reasons=False)
    return _docstring(spec) + laid_out([_imports(spec), *blocks], with_reasons=True)


def _imports(spec: RunSpec) -> Block:
    packing = "from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence"
    lines = ("import torch", "from torch import nn", *((packing,) if spec.input.lengths else ()))
    return Block("", tuple(Remark(line) for line in lines))


def _blocks(spec: RunSpec, lines: Recipe, shapes: Contract) -> Iterator[Block]:
    parameters = Remark(lines.module[-1], f"{shapes.parameters:,} parameters")
    module = (*(Remark(line) for line in lines.module[:-1]), parameters, Remark(lines.evaluation))
    yield Block(_MODULE, module)
    if spec.input.values is Values.SUNSPOTS:
        count = sunspots_needed(spec)
        data = Remark(f"sunspots = {listing(sunspots()[:count])}", _made(("years", count)))
        yield Block(f"Yearly mean sunspot numbers from 1700 to {1699 + count}.", (data,))
    made = (Remark(line.code, _made(*line.axes)) for line in input_lines(spec))
    yield Block(_input_reason(spec), tuple(made))
    if lines.state:
        state = (
            Remark(line, _shape(shapes, name))
            for line, name in zip(lines.state, ("h_0", "c_0"), strict=True)
        )
        yield Block(_STATE, tuple(state))
    if lines.placement:
        yield Block(_placement_reason(spec), tuple(_placement(lines, shapes)))
    if lines.packing:
        yield Block(_PACKING, tuple(_packing(lines, shapes)))
    yield _call(lines, shapes)
    if lines.unpacking:
        unpacking = tuple(Remark(line, _shape(shapes, "output")) for line in lines.unpacking)
        yield Block(_UNPACKING, unpacking)
    yield Block(_summary_reason(spec), (Remark(lines.summary, _summary_shape(spec, shapes)),))


def _made(*axes: tuple[str, int]) -> str:
    names, sizes = (symbol for symbol, _size in axes), (str(size) for _symbol, size in axes)
    tail = "," if len(axes) == 1 else ""
    return f"({', '.join(names)}{tail}) = ({', '.join(sizes)}{tail})"


def _axes(shapes: Contract, name: str) -> tuple[tuple[str, int], ...]:
    return tuple((axis.symbol, axis.size) for axis in shapes.tensor(name).axes)


def _shape(shapes: Contract, name: str) -> str:
    return _made(*_axes(shapes, name))


def _placement(lines: Recipe, shapes: Contract) -> Iterator[Remark]:
    names = {"x": "input", "h_0": "h_0", "c_0": "c_0"}
    for line in lines.placement:
        name = names.get(line.split()[0])
        yield Remark(line, _shape(shapes, name) if name else "")


def _packing(lines: Recipe, shapes: Contract) -> Iterator[Remark]:
    batch = shapes.tensor("h_n").axes[1]
    lengths, packed = lines.packing
    yield Remark(lengths, _made((batch.symbol, batch.size)))
    yield Remark(packed, f"packed.data: {_shape(shapes, 'packed.data')}")


def _call(lines: Recipe, shapes: Contract) -> Block:
    rows = {name: _axes(shapes, name) for name in ("output", "h_n", "c_n")}
    if lines.unpacking:
        steps, features = shapes.tensor("packed.data").axes[0], shapes.tensor("output").axes[-1]
        joined = ((steps.symbol, steps.size), (features.symbol, features.size))
        rows = {"packed_output.data": joined} | {name: rows[name] for name in ("h_n", "c_n")}
    call = (Remark("with torch.no_grad():"), Remark(f"    {lines.call}"))
    return Block(_CALL, (*call, *(Remark("", row) for row in _table(rows))))


def _table(rows: dict[str, tuple[tuple[str, int], ...]]) -> Iterator[str]:
    """Yield a line for each tensor, its name, symbols and sizes in columns."""
    made = {name: _made(*axes).split(" = ") for name, axes in rows.items()}
    names, symbols = max(map(len, made)), max(len(symbol) for symbol, _sizes in made.values())
    for name, (symbol, sizes) in made.items():
        yield f"{name.ljust(names)}  {symbol.ljust(symbols)} = {sizes}"


def _summary_shape(spec: RunSpec, shapes: Contract) -> str:
    batch = _axes(shapes, "h_n")[1:-1]
    features = _axes(shapes, "output" if spec.lstm.bidirectional else "h_n")[-1]
    return _made(*batch, features)


# What the explained program says ------------------------------------------------------------------

_MODULE: Final = (
    "The seed decides every parameter, and every random number further down."
    " eval() turns dropout off."
)
_STATE: Final = (
    "The state to start from: a row for each layer and direction,"
    " and never batch first. Without it PyTorch starts from zeros."
)
_PACKING: Final = (
    "Packed, every sequence ends at its own length and nothing reads the padding."
    " enforce_sorted=False takes the batch in any order and gives it back in that order."
)
_CALL: Final = (
    "output is the last layer's h at every step; h_n and c_n are the final states of"
    " every layer and direction. no_grad() because nothing is trained here."
)
_UNPACKING: Final = "As one tensor again: past the end of each sequence come rows of zeros."


def _docstring(spec: RunSpec) -> str:
    lstm, inputs = spec.lstm, spec.input
    layers = "1 layer" if lstm.num_layers == 1 else f"{lstm.num_layers:,} layers"
    kind = "A bidirectional LSTM" if lstm.bidirectional else "An LSTM"
    steps = "1 step" if inputs.seq_len == 1 else f"{inputs.seq_len:,} steps"
    if inputs.unbatched:
        batch = "one unbatched sequence"
    else:
        batch = "1 sequence" if inputs.batch_size == 1 else f"{inputs.batch_size:,} sequences"
    ragged = "up to " if inputs.lengths else ""
    symbols = {
        "L": "time steps",
        **({} if inputs.unbatched else {"N": "sequences"}),
        "D": "directions",
        "H_in": "input features",
        "H_cell": "units",
        **({"H_out": "projected units"} if lstm.proj_size else {}),
    }
    width = max(map(len, symbols))
    meanings = "\n".join(f"{name.ljust(width)}  {meaning}" for name, meaning in symbols.items())
    return (
        f'"""{kind} of {layers} reads {batch} of {ragged}{steps}.\n\n'
        f'Shapes are written in PyTorch\'s own letters:\n\n{meanings}\n"""\n\n'
    )


def _input_reason(spec: RunSpec) -> str:
    summary = VALUES_SUMMARY[spec.input.values]
    if spec.input.unbatched:
        return f"{summary}. One sequence, so the batch axis is dropped."
    if spec.lstm.batch_first:
        return f"{summary}. Made time first, then turned: batch_first=True wants N before L."
    return f"{summary}. Time comes first: batch_first is False."


def _placement_reason(spec: RunSpec) -> str:
    moved = [] if spec.device == "cpu" else [f"moved to {spec.device}"]
    cast = [] if spec.dtype is DType.FLOAT32 else [f"cast to {spec.dtype}"]
    return f"Everything is made on the CPU in float32, then {' and '.join(moved + cast)}."


def _summary_reason(spec: RunSpec) -> str:
    end = "its sequence's last step" if spec.input.lengths else "the last step"
    if spec.lstm.bidirectional:
        state = f"forward h after {end}, beside its reverse h after step 0"
    else:
        state = f"h after {end}"
    return f"The summary of a sequence: the last layer's {state}. {_summary_warning(spec)}"


def _summary_warning(spec: RunSpec) -> str:
    by_time = spec.input.unbatched or not spec.lstm.batch_first
    tempting = "output[-1]" if by_time else "output[:, -1]"
    if spec.input.lengths and min(spec.input.lengths) < spec.input.seq_len:
        return f"Not {tempting}: for a sequence that ends earlier, that is padding."
    if spec.lstm.bidirectional and spec.input.seq_len > 1:
        return f"Not {tempting}: there the reverse direction has taken one step."
    return ""
