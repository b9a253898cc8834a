"""PyTorch's private names: all in one file, each looked for, and none that cannot be missed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import torch
from torch import nn

import lstmviz
from lstmviz.engine import torch_internals
from lstmviz.engine.opening.trace import trace
from lstmviz.engine.torch_internals import Ways, probe

PACKAGE = Path(lstmviz.__file__).parent
NOT_TORCHS = {"_getframe", "_exit"}
"""Of Python itself."""


def of_itself(node):
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def private_names(path):
    """Return every private attribute of another object that `path` reads, and private modules."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not of_itself(node):
            names |= {node.attr} if node.attr.startswith("_") else set()
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {part for part in node.module.split(".") if part.startswith("_")}
    return {name for name in names if not name.startswith("__")}


def defined_here(paths):
    """Return the private attributes that our own classes give themselves."""
    return {
        node.attr
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and of_itself(node)
    }


def test_no_other_file_touches_what_is_pytorchs_own():
    files = sorted((PACKAGE / "engine").rglob("*.py"))
    files += [PACKAGE / "bridge" / "loop.py", PACKAGE / "bridge" / "bench.py"]
    ours = defined_here(files) | NOT_TORCHS
    found = {
        path.name: names
        for path in files
        if path.name != "torch_internals.py" and (names := private_names(path) - ours)
    }
    assert not found


def test_every_way_is_open_in_the_pytorch_of_today():
    assert probe() == Ways(*[True] * len(Ways._fields))


GONE = {
    "meets_kernels": (torch_internals, "FUSED_LAYER"),
    "lends_memory": (torch._C, "DispatchKey"),
    "reads_graph": (torch._C._autograd, "_top_saved_tensors_default_hooks"),
    "calls_aside": (torch._C, "_is_any_autocast_enabled"),
    "tells_inside": (torch._C, "_ForceDispatchKeyGuard"),
}


@pytest.mark.parametrize("way", Ways._fields)
def test_a_name_that_is_gone_closes_its_way_and_no_other(monkeypatch, way):
    owner, name = GONE[way]
    if owner is torch_internals:
        monkeypatch.setattr(owner, name, None)
    else:
        monkeypatch.delattr(owner, name)
    closed = {field for field, is_open in probe()._asdict().items() if not is_open}
    assert closed == ({"meets_kernels", "lends_memory"} if way == "meets_kernels" else {way})


CALLS = {
    "small": ({}, 5, 2),
    "stacked": ({"num_layers": 2, "bidirectional": True}, 9, 3),
    "large": ({"num_layers": 2, "hidden_size": 64}, 200, 16),
    "dropped out": ({"num_layers": 3, "dropout": 0.4}, 60, 4),
}


@pytest.mark.kernels
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("grad", [False, True])
@pytest.mark.parametrize("closed", [*Ways._fields, "all"])
def test_without_a_way_the_numbers_are_the_same(monkeypatch, closed, grad, call):
    settings, steps, batch = CALLS[call]
    torch.manual_seed(3)
    lstm = nn.LSTM(input_size=6, **{"hidden_size": 8, **settings})
    x = torch.randn(steps, batch, 6)
    ways = dict.fromkeys(Ways._fields if closed == "all" else [closed], False)
    told = []
    with torch.set_grad_enabled(grad):
        before = torch.get_rng_state()
        expected = trace(lstm, x)
        torch.set_rng_state(before)
        monkeypatch.setattr(torch_internals, "WAYS", torch_internals.WAYS._replace(**ways))
        found = trace(lstm, x, progress=told.append)
    assert found.proof.ok
    assert told[-1] == pytest.approx(1)
    for name in ("output", "h_n", "c_n", "hidden", "cell", "input_gate", "forget_gate"):
        ours, theirs = (torch.from_numpy(getattr(one, name)) for one in (found, expected))
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=2e-6)
