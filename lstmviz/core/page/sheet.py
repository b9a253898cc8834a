"""What a page says of a call without a script: sizes, proof, remarks and the shape contract."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from lstmviz.core.contract import AxisKind, Role, TensorShape, contract
from lstmviz.core.geometry import Geometry
from lstmviz.core.region import OPENED
from lstmviz.core.trace import Trace
from lstmviz.core.words.amounts import grouped, visible
from lstmviz.core.words.of_traces import (
    half_in_words,
    nonfinite_in_words,
    proof_in_words,
    proof_relation,
)

_Axes = list[tuple[str, AxisKind, int]]
"""Symbol, kind and size of each."""


def text(given: object) -> str:
    """Return foreign text for HTML, in and between tags."""
    return escape(visible(str(given)))


def summary_of(trace: Trace) -> str:
    """Return sizes, proof and remarks of a call as HTML."""
    proof = trace.proof
    mark = f'<span class="mark" aria-hidden="true">{text(proof_relation(proof))}</span>'
    found = [nonfinite_in_words(trace.first_nonfinite)] if trace.first_nonfinite else []
    sentences = dict.fromkeys([*found, half_in_words(trace.dtype), *trace.notes])
    notes = "".join(f"<p>{text(sentence)}</p>" for sentence in sentences if sentence)
    return (
        f'<ul class="sizes">{"".join(_sizes(trace))}</ul>'
        f'<p class="proof {"good" if proof.ok else "bad"}">{mark}{text(proof_in_words(proof))}</p>'
        f'<div class="notes">{notes}</div>'
    )


def _sizes(trace: Trace) -> Iterable[str]:
    geometry = trace.geometry()
    yield _size("input_size", geometry.input_size, "H_in", AxisKind.FEATURES)
    yield _size("hidden_size", geometry.hidden_size, "H_cell", AxisKind.FEATURES)
    if geometry.proj_size:
        yield _size("proj_size", geometry.proj_size, "H_out", AxisKind.FEATURES)
    yield _size("num_layers", geometry.num_layers, "", AxisKind.LAYERS)
    yield _size("directions", geometry.num_directions, "D", AxisKind.LAYERS)
    yield _size("seq_len", geometry.seq_len, "L", AxisKind.TIME)
    if geometry.batched:
        yield _size("batch_size", geometry.batch_size, "N", AxisKind.BATCH)
    first = "batch_first" if geometry.batch_first else "time first"
    layout = first if geometry.batched else "unbatched"
    packed = ["packed"] if geometry.lengths else []
    for word in (layout, *packed, f"{trace.dtype} on {trace.device}"):
        yield f"<li>{text(word)}</li>"


def _size(name: str, size: int, symbol: str, kind: AxisKind) -> str:
    axis = f' <i class="{kind.value}">{text(symbol)}</i>' if symbol else ""
    return f'<li>{text(name)}{axis} <b class="{kind.value}">{grouped(size)}</b></li>'


def contract_of(trace: Trace) -> str:
    """Return every tensor of a call, with each axis in its colour, as HTML."""
    geometry = trace.geometry()
    tensors = contract(geometry).tensors
    # No array of a trace shows whether the module has biases.
    weights = [t for t in tensors if t.role is Role.PARAMETER and t.name.startswith("weight")]
    shapes = _table(
        ("Goes in", [_of_tensor(t) for t in tensors if t.role is Role.INPUT]),
        ("Comes out", [_of_tensor(t) for t in tensors if t.role is Role.RESULT]),
    )
    opened = _table(("Opened, of every layer and step", _opened(trace, geometry)))
    return (
        f"{shapes}{opened}<details><summary>Weights</summary>"
        f"{_table(('', [_of_tensor(weight) for weight in weights]))}"
        f"<p>A bias, where the module has any, has {geometry.weight_rows} numbers;"
        " a trace does not tell.</p></details>"
    )


def _opened(trace: Trace, geometry: Geometry) -> list[str]:
    """Return a line for each width of the opened arrays, with all that have it."""
    names: dict[str, list[str]] = {}
    arrays = {**trace.states, **trace.gates}
    for name in arrays:
        width = geometry.output_symbol if name == "hidden" else "H_cell"
        names.setdefault(width, []).append(name)
    return [
        _line(some, _opened_axes(width, arrays[some[0]].shape)) for width, some in names.items()
    ]


def _opened_axes(width: str, shape: tuple[int, ...]) -> _Axes:
    symbols = ("num_layers", "D", "L", "N", width)
    return list(zip(symbols, OPENED, shape, strict=True))


def _of_tensor(tensor: TensorShape) -> str:
    return _line([tensor.name], [(axis.symbol, axis.kind, axis.size) for axis in tensor.axes])


def _line(names: list[str], axes: _Axes) -> str:
    symbols = ", ".join(f'<span class="{kind.value}">{text(s)}</span>' for s, kind, _ in axes)
    sizes = ", ".join(f'<span class="{kind.value}">{size}</span>' for _, kind, size in axes)
    comma = "," if len(axes) == 1 else ""
    named = "<br>".join(map(text, names))
    return f'<tr><th scope="row">{named}</th><td>{symbols}</td><td>({sizes}{comma})</td></tr>'


def _table(*groups: tuple[str, list[str]]) -> str:
    """Return a table of `groups`, each a title and its lines."""
    columns = "".join(f'<th scope="col">{name}</th>' for name in ("Tensor", "Axes", "Shape"))
    bodies = "".join(f"<tbody>{_title(title)}{''.join(lines)}</tbody>" for title, lines in groups)
    return f'<table><thead class="unseen"><tr>{columns}</tr></thead>{bodies}</table>'


def _title(title: str) -> str:
    named = f'<th class="part" colspan="3" scope="rowgroup">{title}</th>'
    return f"<tr>{named}</tr>" if title else ""
