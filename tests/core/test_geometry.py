from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.contract import contract
from lstmviz.core.geometry import Layout
from lstmviz.core.spec import RunSpec, SpecError
from lstmviz.engine.opening.trace import trace
from lstmviz.engine.run import run

LAYOUTS = [Layout(batched, first) for batched in (True, False) for first in (True, False)]


@given(st.data())
def test_a_trace_has_the_geometry_of_the_spec_that_it_was_made_from(random_specs, data):
    spec = data.draw(random_specs())
    asked = spec.geometry
    found = run(spec).traces[0].geometry(bias=asked.bias, dropout=asked.dropout)
    # How far a packed batch was padded, and that zeros were passed, is in no array.
    assert found.seq_len == asked.steps
    assert replace(found, seq_len=asked.seq_len, has_state=asked.has_state) == asked


@given(st.data())
def test_a_spec_like_a_geometry_makes_the_same_shapes(random_specs, data):
    geometry = data.draw(random_specs()).geometry
    alike = RunSpec.like(geometry)
    assert alike.geometry == geometry
    assert contract(alike.geometry) == contract(geometry)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_that_of_pytorchs_own_tensors(layout):
    steps, items, width, hidden = 5, 3, 2, 4
    lstm = torch.nn.LSTM(width, hidden, num_layers=2, batch_first=layout.batch_first)
    output, (h_n, _) = lstm(torch.randn(layout.sequence(steps, items, width)))
    assert tuple(output.shape) == layout.sequence(steps, items, hidden)
    assert tuple(h_n.shape) == layout.state(2, items, hidden)
    assert output.shape[layout.time_axis] == steps
    if layout.batch_axis is None:
        assert output.dim() == 2
    else:
        assert output.shape[layout.batch_axis] == items


@pytest.mark.parametrize("layout", LAYOUTS)
def test_taking_apart_undoes_putting_in_order(layout):
    assert layout.sequence_parts(layout.sequence("L", "N", "H"), "N") == ("L", "N", "H")
    assert layout.state_parts(layout.state("D", "N", "H"), "N") == ("D", "N", "H")


def test_a_call_larger_than_a_spec_may_be_has_a_geometry_all_the_same():
    lstm = torch.nn.LSTM(2, 1, num_layers=65)
    geometry = trace(lstm, torch.randn(3, 2, 2)).geometry()
    assert contract(geometry).tensor("h_n").shape == (65, 2, 1)
    with pytest.raises(SpecError, match="num_layers"):
        RunSpec.like(geometry)
