"""Regions against the tensors of real LSTM calls: equal regions hold equal numbers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from lstmviz.core.contract import contract
from lstmviz.core.places import Place
from lstmviz.core.region import Region, expression, region_of, same_numbers, whole
from lstmviz.core.spec import InitialState, RunSpec
from lstmviz.core.trace import Trace
from lstmviz.engine.build import build
from lstmviz.engine.opening.trace import trace

torch.set_num_threads(1)

TENSORS = ("output", "h_n", "c_n", "hidden", "cell")


@st.composite
def specs(draw: st.DrawFn) -> RunSpec:
    hidden = draw(st.integers(1, 4))
    batch = draw(st.integers(1, 4))
    steps = draw(st.integers(1, 5))
    unbatched = draw(st.booleans())
    packed = not unbatched and draw(st.booleans())
    lengths = [draw(st.integers(1, steps)) for _ in range(batch)] if packed else None
    if lengths:
        lengths[draw(st.integers(0, batch - 1))] = steps
    return RunSpec().changed(
        input_size=draw(st.integers(1, 3)),
        hidden_size=hidden,
        proj_size=draw(st.integers(0, hidden - 1)),
        num_layers=draw(st.integers(1, 3)),
        bidirectional=draw(st.booleans()),
        batch_first=draw(st.booleans()),
        seq_len=steps,
        batch_size=batch,
        unbatched=unbatched,
        lengths=tuple(lengths) if lengths else None,
        initial_state=draw(st.sampled_from(InitialState)),
    )


@lru_cache(maxsize=64)
def opened(spec: RunSpec) -> tuple[Trace, dict[str, np.ndarray[Any, Any]]]:
    """Run `spec`, and return its trace with the module's own tensors, output padded."""
    call = build(spec)
    with torch.no_grad():
        output, (h_n, c_n) = call.lstm(call.input, call.hx)
    if isinstance(output, PackedSequence):
        output, _lengths = pad_packed_sequence(
            output, batch_first=spec.lstm.batch_first, total_length=spec.input.seq_len
        )
    seen = trace(call.lstm, call.input, call.hx, gates=False)
    tensors = {"output": output, "h_n": h_n, "c_n": c_n}
    arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
    return seen, {**arrays, "hidden": seen.hidden, "cell": seen.cell}


def numbers(array: np.ndarray[Any, Any], region: Region) -> np.ndarray[Any, Any]:
    return array[tuple(slice(*ends) for ends in region.ranges)]


@st.composite
def regions(draw: st.DrawFn) -> tuple[RunSpec, Region]:
    spec = draw(specs())
    name = draw(st.sampled_from(TENSORS))
    ranges = []
    for size in opened(spec)[1][name].shape:
        low = draw(st.integers(0, size - 1))
        ranges.append((low, draw(st.integers(low + 1, size))))
    return spec, Region(name, tuple(ranges))


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(regions())
def test_same_numbers_are_the_same_numbers(case: tuple[RunSpec, Region]) -> None:
    spec, region = case
    seen, arrays = opened(spec)
    mine = numbers(arrays[region.tensor], region)
    for other in same_numbers(region, spec.geometry):
        values = numbers(arrays[other.tensor], other)
        assert values.size > 0
        assert not np.isnan(values).any()
        # Every number of the other region is one of this region, up to the trace's own rounding.
        gaps = np.abs(values.reshape(-1, 1) - mine.reshape(1, -1))
        assert np.nanmin(gaps, axis=1).max() <= seen.proof.tolerance_h


@settings(max_examples=80, deadline=None)
@given(specs())
def test_each_row_of_h_n_is_the_part_of_output_that_it_names(spec: RunSpec) -> None:
    _seen, arrays = opened(spec)
    lstm = spec.lstm
    for row in range(lstm.num_layers * lstm.num_directions):
        for item in range(spec.input.columns):
            batch = () if spec.input.unbatched else ((item, item + 1),)
            region = Region("h_n", ((row, row + 1), *batch, (0, lstm.output_size)))
            found = [r for r in same_numbers(region, spec.geometry) if r.tensor == "output"]
            assert bool(found) == (row // lstm.num_directions == lstm.num_layers - 1)
            for other in found:
                assert np.array_equal(
                    numbers(arrays["output"], other).ravel(), numbers(arrays["h_n"], region).ravel()
                )


@settings(max_examples=60, deadline=None)
@given(regions())
def test_equals_lead_back_to_where_they_came_from(case: tuple[RunSpec, Region]) -> None:
    spec, region = case
    for other in same_numbers(region, spec.geometry):
        back = [r for r in same_numbers(other, spec.geometry) if r.tensor == region.tensor]
        assert back
        for returned in back:
            assert all(
                low <= start and end <= high
                for (low, high), (start, end) in zip(region.ranges, returned.ranges, strict=True)
            )


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(regions())
def test_expressions_index_the_numbers_of_their_region(case: tuple[RunSpec, Region]) -> None:
    spec, region = case
    seen, arrays = opened(spec)
    array = arrays[region.tensor]
    names = {"trace": seen, **arrays}
    indexed = eval(expression(region, array.shape), names)  # noqa: S307 - our own expression
    assert np.array_equal(
        np.asarray(indexed).ravel(), numbers(array, region).ravel(), equal_nan=True
    )


@settings(max_examples=60, deadline=None)
@given(specs(), st.data())
def test_region_of_a_place_holds_that_number(spec: RunSpec, data: st.DataObject) -> None:
    seen, arrays = opened(spec)
    name = data.draw(st.sampled_from(("output", "hidden", "cell")))
    sizes = (arrays["hidden"] if name == "output" else arrays[name]).shape
    spot = [data.draw(st.integers(0, size - 1)) for size in sizes]
    place = Place(
        tensor=name, layer=spot[0], direction=spot[1], step=spot[2], item=spot[3], unit=spot[4]
    )
    value = numbers(arrays[name], region_of(seen, place))
    assert value.size == 1
    if name == "output":
        top, way = spec.lstm.num_layers - 1, 0
        opened_value = seen.hidden[top, way, place.step, place.item, place.unit]
        expected = 0.0 if np.isnan(opened_value) else opened_value
        assert abs(value.item() - expected) <= seen.proof.tolerance_h
    else:
        assert np.array_equal(value.item(), arrays[name][tuple(spot)], equal_nan=True)


def test_the_classic_idiom_reads_as_people_write_it() -> None:
    spec = RunSpec()
    last = Region("output", ((0, 4), (23, 24), (0, 16)))
    assert expression(last, contract(spec.geometry).tensor("output").shape) == "output[:, -1, :16]"
    assert Region("h_n", ((2, 3), (0, 4), (0, 16))) in same_numbers(last, spec.geometry)


def test_opened_arrays_are_indexed_in_the_trace() -> None:
    region = Region("hidden", ((1, 2), (0, 1), (23, 24), (0, 4), (0, 16)))
    assert expression(region, (2, 2, 24, 4, 16)) == "trace.hidden[-1, 0, -1]"


def test_the_last_step_backwards_is_no_row_of_h_n() -> None:
    found = same_numbers(Region("output", ((0, 4), (23, 24), (16, 32))), RunSpec().geometry)
    assert {region.tensor for region in found} == {"hidden"}


def test_steps_past_a_sequences_end_have_no_equals() -> None:
    spec = RunSpec().changed(lengths=(24, 9, 9, 3))
    found = same_numbers(Region("output", ((0, 4), (8, 9), (0, 16))), spec.geometry)
    assert Region("h_n", ((2, 3), (1, 3), (0, 16))) in found
    assert Region("hidden", ((1, 2), (0, 1), (8, 9), (0, 3), (0, 16))) in found
    assert not any(r.tensor == "hidden" and r.contains((1, 0, 8, 3, 0)) for r in found)


def test_whole_covers_every_tensor_of_the_contract() -> None:
    spec = RunSpec().changed(unbatched=True)
    for tensor in contract(spec.geometry).tensors:
        region = whole(tensor.name, spec.geometry)
        assert expression(region, tensor.shape) == tensor.name
        assert region.contains(tuple(size - 1 for size in tensor.shape))
    with pytest.raises(KeyError):
        whole("logits", spec.geometry)
