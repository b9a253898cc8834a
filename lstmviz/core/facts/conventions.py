"""Shapes that surprise: batch_first, projections, and two biases."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from lstmviz.core.contract import Role
from lstmviz.core.facts.fact import Fact, FactKind, FactPart, same, stated
from lstmviz.core.facts.reading import RunReading


def batch_first_moves(run: RunReading) -> Iterator[Fact]:
    """``batch_first`` swaps the first two axes of input and output."""
    moved = run.counterparts.moved
    if moved is None:
        return
    output = run.all_output()
    other = FactPart("moved_output", moved.output)
    flipped = not run.geometry.batch_first
    if not run.batched:
        claim = "batch_first changes nothing: unbatched input has no N to move"
        detail = f"moved: the same call with batch_first={flipped}"
        yield same(FactKind.RULE, claim, detail, (output, other), run.tolerance_h)
        return
    turned = FactPart("output.transpose(0, 1)", output.values.swapaxes(0, 1), output.regions)
    claim = "batch_first moves N in input and output, and nothing else"
    detail = f"moved: the same weights with batch_first={flipped}, given x.transpose(0, 1)"
    yield same(FactKind.RULE, claim, detail, (turned, other), run.tolerance_h)


def batch_first_spares_states(run: RunReading) -> Iterator[Fact]:
    """``h_n`` and ``c_n`` keep their axes."""
    if not run.batched:
        return
    width = run.geometry.output_symbol
    claim = f"batch_first does not touch h_n: it stays (D·num_layers, N, {width})"
    moved, h_n = run.counterparts.moved, run.of("h_n")
    if moved is not None:
        detail = "nor c_n, nor h_0 and c_0; moved: the same call, batch_first turned round"
        parts = (h_n, FactPart("moved_h_n", moved.h_n))
        yield same(FactKind.RULE, claim, detail, parts, run.tolerance_h)
    else:
        shape = run.contract.tensor("h_n").shape
        statement = {f"h_n.shape == {shape}": h_n.values.shape == shape}
        yield stated(claim, "nor c_n, nor h_0 and c_0", statement, h_n.regions)


def projection_narrows_h(run: RunReading) -> Iterator[Fact]:
    """With ``proj_size`` h is narrower than c."""
    geometry = run.geometry
    if not geometry.proj_size:
        return
    joined = run.directions * run.width
    statements = {
        f"h_n.shape[-1] == {run.width}": run.trace.h_n.shape[-1] == run.width,
        f"c_n.shape[-1] == {geometry.hidden_size}": run.trace.c_n.shape[-1] == geometry.hidden_size,
        f"output.shape[-1] == {joined}": run.trace.output.shape[-1] == joined,
    }
    yield stated(
        f"h is narrower than c: H_out = {run.width}, H_cell = {geometry.hidden_size}",
        "weight_hr projects each h before anything sees it; c stays inside",
        statements,
        (run.whole("h_n"), run.whole("c_n"), run.whole("output")),
    )


def parameters_of_layer_0(run: RunReading) -> Iterator[Fact]:
    """Two bias vectors, so ``4·H·(H_in + H_out + 2)``."""
    geometry = run.geometry
    tensors = [
        tensor
        for tensor in run.contract.tensors
        if tensor.role is Role.PARAMETER and tensor.name.endswith("_l0")
    ]
    count = sum(prod(tensor.shape) for tensor in tensors)
    cells, biases = geometry.hidden_size, 2 if geometry.bias else 0
    plus = " + 2" if biases else ""
    symbols = f"4·H_cell·(H_in + H_out{plus})"
    formula = f"4 * {cells} * ({geometry.input_size} + {run.width}{plus})"
    worked = 4 * cells * (geometry.input_size + run.width + biases)
    if geometry.proj_size:
        symbols, formula = f"{symbols} + H_out·H_cell", f"{formula} + {run.width} * {cells}"
        worked += run.width * cells
    each = ' for n, p in lstm.named_parameters() if n.endswith("_l0")'
    why = "two bias vectors, not one" if biases else "no bias"
    where = " in each direction" if run.directions == 2 else ""
    yield stated(
        f"layer 0 has {count:,} parameters{where}",
        f"{symbols}: {why}",
        {f"sum(p.numel(){each}) == {formula}": count == worked},
        tuple(run.whole(tensor.name) for tensor in tensors),
    )
