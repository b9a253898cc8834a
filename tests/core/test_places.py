"""Places against the tensors of real LSTM calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from lstmviz.core.places import (
    Place,
    expressions,
    final_step,
    output_of_item,
    steps_of_item,
    value_at,
)
from lstmviz.core.spec import RunSpec
from lstmviz.core.trace import Trace
from lstmviz.engine.build import build
from lstmviz.engine.opening.trace import trace

torch.set_num_threads(1)

SPECS = {
    "batch first": {},
    "time first": {"batch_first": False},
    "one direction": {"bidirectional": False},
    "unbatched": {"unbatched": True},
    "projected": {"proj_size": 3, "num_layers": 1},
    "packed": {"lengths": (5, 2, 6)},
    "packed, time first": {"lengths": (1, 6, 4), "batch_first": False},
}


@pytest.fixture(params=SPECS.values(), ids=SPECS)
def ran(request: pytest.FixtureRequest) -> tuple[Trace, dict[str, np.ndarray[Any, Any]]]:
    """Return a trace with the output (padded by PyTorch), h_n and c_n that it holds."""
    spec = RunSpec().changed(seq_len=6, batch_size=3, hidden_size=4, **request.param)
    call = build(spec)
    seen = trace(call.lstm, call.input, call.hx)
    output = torch.from_numpy(seen.output)
    if isinstance(call.input, PackedSequence):
        packed = call.input._replace(data=output)
        output, _lengths = pad_packed_sequence(packed, batch_first=spec.lstm.batch_first)
    return seen, {"output": output.numpy(), "h_n": seen.h_n, "c_n": seen.c_n}


def places(seen: Trace, tensor: str) -> list[Place]:
    sizes = getattr(seen, "hidden" if tensor == "output" else tensor).shape
    return [
        Place(tensor=tensor, layer=i, direction=d, step=t, item=n, unit=u)
        for i, d, t, n, u in np.ndindex(*sizes)
        if t < steps_of_item(seen, n)
    ]


def test_output_of_item_is_that_sequence(ran: tuple[Trace, dict[str, Any]]) -> None:
    seen, arrays = ran
    for item in range(seen.batch_size):
        rows = output_of_item(seen, item)
        expected = arrays["output"]
        if seen.batched:
            expected = expected[item] if seen.batch_first else expected[:, item]
        assert np.array_equal(rows, expected[: len(rows)])
        assert len(rows) == steps_of_item(seen, item)
        assert not expected[len(rows) :].any()


@pytest.mark.parametrize("tensor", ["hidden", "cell"])
def test_every_expression_holds_the_value_at_its_place(
    ran: tuple[Trace, dict[str, Any]], tensor: str
) -> None:
    seen, arrays = ran
    for place in places(seen, tensor):
        value = value_at(seen, place)
        for text in expressions(seen, place):
            found = eval(text, {"trace": seen, **arrays})  # noqa: S307 - our own expression
            assert abs(float(found) - value) <= seen.proof.tolerance_h


def test_every_expression_of_an_output_number_holds_it_exactly(
    ran: tuple[Trace, dict[str, Any]],
) -> None:
    seen, arrays = ran
    top = seen.num_layers - 1
    for item in range(seen.batch_size):
        for step in range(steps_of_item(seen, item)):
            for unit in range(seen.num_directions * seen.output_size):
                place = Place(
                    tensor="output", layer=top, direction=0, step=step, item=item, unit=unit
                )
                found = expressions(seen, place)
                assert {eval(text, dict(arrays)) for text in found} == {  # noqa: S307
                    value_at(seen, place)
                }
                ends = step == final_step(seen, unit // seen.output_size, item)
                assert any(text.startswith("h_n") for text in found) == ends


def test_value_past_a_sequences_end_is_nan() -> None:
    spec = RunSpec().changed(seq_len=6, batch_size=3, lengths=(5, 2, 6))
    call = build(spec)
    seen = trace(call.lstm, call.input, call.hx)
    for tensor in ("output", "hidden", "cell", "forget_gate"):
        place = Place(tensor=tensor, layer=1, direction=0, step=2, item=1, unit=0)
        assert np.isnan(value_at(seen, place))


def test_a_gate_is_indexed_in_the_trace(ran: tuple[Trace, dict[str, Any]]) -> None:
    seen, _arrays = ran
    place = Place(tensor="forget_gate", layer=0, direction=0, step=0, item=0, unit=2)
    (text,) = expressions(seen, place)
    assert text == "trace.forget_gate[0, 0, 0, 0, 2]"
    assert eval(text, {"trace": seen}) == value_at(seen, place)  # noqa: S307
