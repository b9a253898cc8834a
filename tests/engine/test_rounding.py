"""What rounding may do to h and to c: enough for what it does, for each number its own."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.proof import ProofVerdict
from lstmviz.engine.opening.trace import trace

pytestmark = pytest.mark.kernels


class Off(torch.nn.LSTM):
    """Returns one h_t that is off by `error`."""

    error, step = 6e-3, 3

    def forward(self, x, hx=None):
        output, state = super().forward(x, hx)
        output = output.clone()
        output[self.step, 0, 1] += self.error
        return output, state


def state(c, size=8, batch=2, dtype=torch.float32, rows=1):
    return torch.zeros(rows, batch, size, dtype=dtype), torch.full((rows, batch, size), c).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("c", [1.0, 1e2, 1e4, 1e6])
@pytest.mark.parametrize("length", [6, 300])
def test_a_large_c_excuses_no_error_of_h(dtype, c, length):
    torch.manual_seed(1)
    x = torch.randn(length, 2, 16, dtype=dtype)
    honest = trace(torch.nn.LSTM(16, 8, dtype=dtype), x, state(c, dtype=dtype)).proof
    assert honest.ok, honest
    off = trace(Off(16, 8, dtype=dtype), x, state(c, dtype=dtype)).proof
    assert off.verdict is ProofVerdict.FAILED
    assert off.difference_h == pytest.approx(6e-3, rel=1e-3)
    assert off.tolerance_h < 1e-4


def test_a_large_c_of_one_unit_excuses_no_other_c():
    class OffAtTheEnd(torch.nn.LSTM):
        def forward(self, x, hx=None):
            output, (h, c) = super().forward(x, hx)
            c = c.clone()
            c[0, 0, 1] += 0.01
            return output, (h, c)

    torch.manual_seed(1)
    lstm, (h_0, c_0) = OffAtTheEnd(4, 8), state(0.0)
    c_0[0, :, 0] = 1e5
    with torch.no_grad():
        lstm.bias_hh_l0[8] = 30  # Its forget gate keeps the large one as large as it is.
    proof = trace(lstm, torch.randn(9, 2, 4), (h_0, c_0)).proof
    assert proof.verdict is ProofVerdict.FAILED
    assert proof.difference_h <= proof.tolerance_h


@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("steady", [True, False])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("way", ["forward", "reverse", "lengths"])
def test_rounding_that_piles_up_over_many_steps_is_allowed_for(grad, steady, batch, way):
    torch.manual_seed(2)
    lstm = torch.nn.LSTM(4, 8, bidirectional=way != "forward")
    with torch.no_grad():
        for name, bias in lstm.named_parameters():
            if name.startswith("bias_hh"):
                bias[8:16] += 20
    x = torch.ones(3000, batch, 4) if steady else torch.randn(3000, batch, 4)
    given_x = x
    if way == "lengths":
        given_x = torch.nn.utils.rnn.pack_padded_sequence(
            x, [3000, 1700, 20][:batch], enforce_sorted=False
        )
    with torch.set_grad_enabled(grad):
        t = trace(lstm, given_x)
    assert t.proof.ok, t.proof
    assert np.nanmax(np.abs(t.cell)) > 100


@given(
    st.sampled_from([torch.float32, torch.float64, torch.bfloat16]),
    st.floats(-2, 3),
    st.floats(-1, 2),
    st.floats(-1, 5),
    st.integers(1, 12),
    st.sampled_from([0, 3]),
    st.booleans(),
    st.integers(0, 1 << 20),
)
def test_rounding_of_values_of_any_size_is_no_failure(
    dtype, x_size, w_size, c_size, steps, proj, bidirectional, seed
):
    torch.manual_seed(seed)
    lstm = torch.nn.LSTM(5, 6, 2, proj_size=proj, bidirectional=bidirectional, dtype=dtype)
    with torch.no_grad():
        for weight in lstm.parameters():
            weight.mul_(10**w_size)
    ways = 2 if bidirectional else 1
    h_0 = torch.randn(2 * ways, 3, proj or 6).to(dtype)
    c_0 = (10**c_size * torch.randn(2 * ways, 3, 6)).to(dtype)
    t = trace(lstm, (10**x_size * torch.randn(steps, 3, 5)).to(dtype), (h_0, c_0))
    assert t.proof.verdict is not ProofVerdict.FAILED, t.proof


def test_sums_so_large_that_rounding_explains_anything_are_unproven():
    class Other(torch.nn.LSTM):
        def forward(self, x, hx=None):
            output, state = super().forward(x, hx)
            output = output.clone()
            output[2, 0, 1] = 0.7 - output[2, 0, 1]
            return output, state

    torch.manual_seed(0)
    lstm, x = Other(2, 3), torch.randn(5, 2, 2)
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.tensor([[1e9, -1e9]] * 12))
    x[2, 0] = 1.0
    proof = trace(lstm, x).proof
    assert proof.verdict is ProofVerdict.UNPROVEN
    assert "the sums there are so large that rounding alone can move it by" in proof.unproven
    assert "step 2, batch item 0, unit 1" in proof.unproven
