"""The table of cells against torch's own modules, and traces of cells other than an LSTM."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from lstmviz.bridge.border import _check_run
from lstmviz.bridge.shared import Arena, attach
from lstmviz.bridge.wire import pack_run, unpack_run
from lstmviz.core.cells import CELLS, GRU, LSTM, RNN_TANH, CellKind
from lstmviz.core.contract import Role, contract
from lstmviz.core.geometry import Geometry
from lstmviz.core.places import Place, expressions
from lstmviz.core.proof import Proof
from lstmviz.core.recipe import constructor
from lstmviz.core.region import Region, expression, same_numbers
from lstmviz.core.timing import Timing
from lstmviz.core.trace import Run, Trace, TraceFileError

L, N, H_IN, H = 7, 3, 4, 5


def module_of(kind: CellKind, **options: object) -> nn.RNNBase:
    if kind.name == "RNN_RELU":
        options["nonlinearity"] = "relu"
    torch.manual_seed(3)
    module: nn.RNNBase = getattr(nn, kind.module)(H_IN, H, **options).double()
    return module


def geometry_of(kind: CellKind, module: nn.RNNBase) -> Geometry:
    return Geometry(
        kind=kind,
        input_size=H_IN,
        hidden_size=H,
        num_layers=module.num_layers,
        num_directions=2 if module.bidirectional else 1,
        bias=module.bias,
        seq_len=L,
        batch_size=N,
        batch_first=module.batch_first,
        dtype="float64",
    )


def stepped(kind: CellKind, module: nn.RNNBase, x: np.ndarray) -> dict[str, list[np.ndarray]]:
    """Run the table's equations over `x`, (L, N, H_in), and return every name at every step."""
    names: dict[str, object] = {
        "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
        "tanh": np.tanh,
        "relu": lambda a: np.maximum(a, 0),
    }
    for of, parameter in (("i", "ih"), ("h", "hh")):
        weight = getattr(module, f"weight_{parameter}_l0").detach().numpy()
        bias = getattr(module, f"bias_{parameter}_l0").detach().numpy()
        for row, w, b in zip(
            kind.rows, np.split(weight, kind.multiple), np.split(bias, kind.multiple), strict=True
        ):
            names |= {f"W_{of}{row}": w, f"b_{of}{row}": b}
    names |= {state.symbol: np.zeros((x.shape[1], H)) for state in kind.states}
    symbols = (*(s.symbol for s in kind.states), *(g.symbol for g in kind.gates))
    seen: dict[str, list[np.ndarray]] = {symbol: [] for symbol in symbols}
    for x_t in x:
        names["x"] = x_t
        for line in kind.equations:
            exec(line, {}, names)  # noqa: S102 - the table's own
        for symbol, steps in seen.items():
            steps.append(np.asarray(names[symbol]).copy())
    return seen


@pytest.mark.parametrize("kind", CELLS.values(), ids=CELLS)
def test_the_equations_are_torchs(kind: CellKind):
    module = module_of(kind)
    x = torch.randn(L, N, H_IN, dtype=torch.float64)
    with torch.no_grad():
        output, _ = module(x)
    seen = stepped(kind, module, x.numpy())
    np.testing.assert_allclose(np.stack(seen["h"]), output.numpy(), rtol=0, atol=1e-12)
    for gate in kind.gates:
        values = np.stack(seen[gate.symbol])
        assert gate.low <= values.min()
        assert values.max() <= 1
        assert (values < 0).any() == (gate.activation == "tanh")


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", CELLS.values(), ids=CELLS)
def test_a_kinds_shapes_are_torchs(kind: CellKind, bidirectional: bool):
    module = module_of(kind, num_layers=2, bidirectional=bidirectional, batch_first=True)
    assert module.mode == kind.name
    geometry = geometry_of(kind, module)
    told = contract(geometry)
    shapes = {name: tuple(p.shape) for name, p in module.named_parameters()}
    assert {t.name: t.shape for t in told.tensors if t.role is Role.PARAMETER} == shapes
    output, state = module(torch.randn(N, L, H_IN, dtype=torch.float64))
    finals = state if isinstance(state, tuple) else (state,)
    results = dict(zip(("output", *kind.final_names), (output, *finals), strict=True))
    assert {t.name: t.shape for t in told.tensors if t.role is Role.RESULT} == {
        name: tuple(tensor.shape) for name, tensor in results.items()
    }
    built = eval(constructor(geometry), {"nn": nn})  # noqa: S307 - our own
    assert {n: tuple(p.shape) for n, p in built.named_parameters()} == shapes
    assert built.mode == kind.name


def traced(kind: CellKind) -> Trace:
    """Return a trace of one layer of `kind`, from the equations' own numbers."""
    module = module_of(kind)
    x = torch.randn(L, N, H_IN, dtype=torch.float64)
    with torch.no_grad():
        output, state = module(x)
    steps = stepped(kind, module, x.numpy())
    seen = {symbol: np.stack(values)[None, None] for symbol, values in steps.items()}
    finals = state if isinstance(state, tuple) else (state,)
    return Trace(
        kind=kind,
        output=output.numpy(),
        final=dict(zip(kind.final_names, (s.numpy() for s in finals), strict=True)),
        input=x.numpy(),
        initial={name: np.zeros((1, 1, N, H)) for name in kind.initial_names},
        states={s.name: seen[s.symbol] for s in kind.states},
        gates={g.name: seen[g.symbol] for g in kind.gates},
        lengths=None,
        batch_sizes=None,
        sorted_indices=None,
        unsorted_indices=None,
        proof=Proof(
            output=0.0,
            h_n=0.0,
            c_n=0.0,
            tolerance_h=1e-9,
            tolerance_c=1e-9,
            reason="as stepped",
            exact=True,
        ),
        batch_first=False,
        batched=True,
        dtype="float64",
        device="cpu",
        forward_timing=Timing(seconds=0.1),
        trace_seconds=0.2,
    )


@pytest.mark.parametrize("kind", CELLS.values(), ids=CELLS)
def test_a_trace_of_any_kind_is_saved_sent_and_compared(kind: CellKind, tmp_path):
    trace = traced(kind)
    assert trace.geometry().kind is kind
    assert trace.hidden_size == H
    trace.save(tmp_path / "a.npz")
    assert Trace.load(tmp_path / "a.npz") == trace
    assert Trace.from_parts(trace.arrays(), trace.plain()) == trace
    run, arena = Run(generation=4, stages=(), traces=(trace,)), Arena()
    try:
        packed = json.loads(json.dumps(pack_run(run, arena)))
        received = unpack_run(
            packed, attach(arena.blocks, [os.dup(fd) for fd in arena.descriptors])
        )
        _check_run(received, 4)
        assert received == run
    finally:
        arena.close()
    assert replace(trace, states={**trace.states, "hidden": trace.hidden + 1}) != trace


def test_what_a_kind_does_not_have_is_no_attribute():
    trace = traced(GRU)
    for name in ("cell", "c_n", "c_0", "input_gate"):
        assert not hasattr(trace, name)
        with pytest.raises(AttributeError, match=f"A trace of an nn.GRU has no {name}"):
            getattr(trace, name)
    assert set(trace.arrays()) >= {"hidden", "reset_gate", "update_gate", "new_gate"}
    assert trace.update_gate is trace.gates["update_gate"]
    assert traced(RNN_TANH).gates == {}


def test_a_grus_numbers_are_found_in_what_it_returned():
    trace = traced(GRU)
    last = Place(tensor="hidden", layer=0, direction=0, step=L - 1, item=1, unit=2)
    assert expressions(trace, last) == (f"output[{L - 1}, 1, 2]", "h_n[0, 1, 2]")
    gate = Place(tensor="update_gate", layer=0, direction=0, step=1, item=1, unit=2)
    assert expressions(trace, gate) == ("trace.update_gate[0, 0, 1, 1, 2]",)
    whole = Region("h_n", ((0, 1), (0, N), (0, H)))
    equals = same_numbers(whole, trace.geometry())
    assert {region.tensor for region in equals} == {"hidden", "output"}
    region = Region("new_gate", ((0, 1), (0, 1), (2, 3), (0, N), (0, H)))
    assert expression(region, (1, 1, L, N, H)) == "trace.new_gate[:, :, 2]"


def test_an_older_file_is_an_lstms_and_a_kind_unknown_is_refused(tmp_path):
    trace = traced(LSTM)
    trace.save(tmp_path / "now.npz")
    with np.load(tmp_path / "now.npz") as file:
        parts = dict(file)
    header = next(name for name in parts if parts[name].dtype.kind == "U")
    facts = json.loads(str(parts[header]))
    assert (facts.pop("kind"), facts.pop("format")) == ("LSTM", 3)

    def told(**words: object) -> Trace:
        text = np.array(json.dumps({**words, **facts}))
        np.savez(tmp_path / "told.npz", **{**parts, header: text})
        return Trace.load(tmp_path / "told.npz")

    assert told(format=2) == trace
    for kind in ("QRNN", "GRU", 7, None):
        with pytest.raises(TraceFileError, match=r"told\.npz is damaged"):
            told(format=3, kind=kind)
