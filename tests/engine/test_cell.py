"""An nn.LSTMCell stepped through a sequence."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.engine.opening.trace import trace

pytestmark = pytest.mark.kernels

NAMES = ("hidden", "cell", "input_gate", "forget_gate", "cell_gate", "output_gate")


@given(
    st.integers(1, 5),
    st.integers(1, 6),
    st.booleans(),
    st.integers(1, 9),
    st.integers(0, 4),
    st.booleans(),
    st.sampled_from([torch.float32, torch.float64]),
)
def test_cell_is_what_an_lstm_of_its_weights_is(h_in, h_cell, bias, steps, batch, start, dtype):
    cell = torch.nn.LSTMCell(h_in, h_cell, bias=bias, dtype=dtype)
    lstm = torch.nn.LSTM(h_in, h_cell, bias=bias, dtype=dtype)
    lstm.load_state_dict({f"{name}_l0": value for name, value in cell.state_dict().items()})
    shape = (batch,) if batch else ()
    x = torch.randn(steps, *shape, h_in, dtype=dtype)
    hx = tuple(torch.randn(*shape, h_cell, dtype=dtype) for _ in range(2)) if start else None
    t = trace(cell, x, hx)
    like = trace(lstm, x, hx and tuple(s[None] for s in hx))
    limit = 1e-12 if dtype == torch.float64 else 1e-5
    for name in (*NAMES, "output", "h_n", "c_n", "h_0", "c_0"):
        assert getattr(t, name).shape == getattr(like, name).shape
        np.testing.assert_allclose(getattr(t, name), getattr(like, name), rtol=0, atol=limit)
    assert t.proof.ok
    state, outputs = hx, []
    for step in x:
        state = cell(step, state)
        outputs.append(state[0])
    np.testing.assert_array_equal(t.output, torch.stack(outputs).detach())
    np.testing.assert_array_equal(t.h_n[0], state[0].detach())
    np.testing.assert_array_equal(t.c_n[0], state[1].detach())


def test_cell_continues_from_a_trace():
    cell, x = (
        torch.nn.LSTMCell(3, 4, dtype=torch.float64),
        torch.randn(9, 2, 3, dtype=torch.float64),
    )
    whole, first = trace(cell, x), trace(cell, x[:4])
    second = trace(cell, x[4:], tuple(map(torch.from_numpy, (first.h_n, first.c_n))))
    np.testing.assert_allclose(second.cell, whole.cell[:, :, 4:], rtol=0, atol=1e-15)


def test_cell_refuses_a_state_whose_dtype_it_would_mix():
    cell, x = torch.nn.LSTMCell(3, 4), torch.randn(5, 2, 3)
    with pytest.raises(ValueError, match=r"c_0 is torch\.float64"):
        trace(cell, x, (torch.zeros(2, 4), torch.zeros(2, 4).double()))
    with pytest.raises(ValueError, match="h_0 has shape"):
        trace(cell, x, (torch.zeros(1, 4), torch.zeros(2, 4)))
