"""What the diagram says of its slices, held against real tensors."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from lstmviz.core.asking.session import View
from lstmviz.core.scenes.diagram.hit_test import Target
from lstmviz.core.scenes.diagram.layout import scene
from lstmviz.core.scenes.diagram.scene import AxisAt
from lstmviz.core.spec import InitialState, RunSpec
from lstmviz.engine.build import build
from lstmviz.gui.diagram.fonts import measure
from lstmviz.gui.diagram.hints import described, explained
from lstmviz.gui.diagram.stops import stops

torch.set_num_threads(1)
pytestmark = pytest.mark.usefixtures("qapp")

SPECS = {
    "default": {},
    "time first": {"batch_first": False},
    "one direction": {"bidirectional": False, "num_layers": 3},
    "unbatched": {"unbatched": True},
    "unbatched, one layer": {"unbatched": True, "num_layers": 1, "bidirectional": False},
    "projected": {"proj_size": 3, "batch_size": 1},
    "one step": {"seq_len": 1},
    "packed": {"lengths": (6, 2, 5)},
    "packed, time first": {"lengths": (1, 6, 4), "batch_first": False},
    "deep": {"num_layers": 8, "initial_state": InitialState.RANDOM},
}


@pytest.fixture(params=SPECS.values(), ids=SPECS)
def spec(request: pytest.FixtureRequest) -> RunSpec:
    sizes = {"seq_len": 6, "batch_size": 3, "hidden_size": 4}
    return RunSpec().changed(**{**sizes, **request.param})


def tensors(spec: RunSpec) -> dict[str, Any]:
    call = build(spec)
    with torch.no_grad():
        output, (h_n, c_n) = call.lstm(call.input, call.hx)
    given = call.input
    if isinstance(output, PackedSequence):
        first = spec.lstm.batch_first
        output, lengths = pad_packed_sequence(output, batch_first=first)
        given, _lengths = pad_packed_sequence(given, batch_first=first)
        return {"output": output, "input": given, "h_n": h_n, "c_n": c_n, "lengths": lengths}
    state = dict(zip(("h_0", "c_0"), call.hx, strict=True)) if call.hx else {}
    return {"output": output, "input": given, "h_n": h_n, "c_n": c_n, **state}


def all_stops(spec: RunSpec) -> list[Target]:
    made = scene(spec.geometry, 820, 230, measure)
    return [
        target for group in stops(made, spec.geometry, View(step=2, item=1)) for target in group
    ]


def test_every_is_holds_and_every_expression_runs(spec: RunSpec) -> None:
    names = tensors(spec)
    claims = 0
    for target in all_stops(spec):
        text = explained(target, spec.geometry)
        found = {
            code: eval(code, {**names, "t": 0, "n": 0, "k": 0, "row": 0})  # noqa: S307
            for code in re.findall("`([^`]+)`", text)
            if not code.startswith("[")
        }
        claim = re.match("`([^`]+)` is `([^`]+)`", text)
        if claim and not isinstance(target, AxisAt):
            claims += 1
            one, other = (found[code].numpy() for code in claim.groups())
            assert np.array_equal(one.ravel(), other.ravel()), text
    assert claims >= spec.lstm.num_directions


def test_a_row_is_said_to_be_its_own_layer_and_direction() -> None:
    spec = RunSpec()
    said = [explained(target, spec.geometry) for target in all_stops(spec)]
    assert (
        "`h_n[1]`: layer 0, reverse, after the first step, where reverse ends;"
        " `output` holds the last layer only." in said
    )
    assert (
        "D·num_layers = 2·2: layer 0 forward, layer 0 reverse, layer 1 forward, …;"
        " axis 0 of `h_n` whatever batch_first says." in said
    )
    assert len(set(said)) == len(said)


def test_described_tells_every_shape(spec: RunSpec) -> None:
    text = described(spec.geometry)
    for name, tensor in tensors(spec).items():
        if name in ("output", "h_n", "c_n"):
            assert (part := re.search(rf"\b{name}: ([^.]+)\.", text))
            assert [int(n) for n in re.findall(r" (\d+)(?:,|$)", part[1])] == list(tensor.shape)
