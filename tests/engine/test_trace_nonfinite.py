"""NaN and infinity are traced as PyTorch computed them, and the first place is named."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

from lstmviz.core.proof import ProofVerdict
from lstmviz.engine.opening.trace import trace

pytestmark = pytest.mark.kernels

NAN, INF = float("nan"), float("inf")


def test_trace_of_finite_values_flags_nothing():
    sequences = [torch.randn(n, 3) for n in (2, 5)]
    packed = pack_sequence(sequences, enforce_sorted=False)
    assert trace(torch.nn.LSTM(3, 4, 2, bidirectional=True), packed).first_nonfinite is None
    assert trace(torch.nn.LSTM(3, 4), 1e38 * torch.ones(5, 2, 3)).first_nonfinite is None


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("length", [6, 300])
def test_trace_names_the_first_nan_of_the_input_and_what_it_reached(dtype, length):
    lstm, x = torch.nn.LSTM(3, 4, 2, dtype=dtype), torch.randn(length, 2, 3, dtype=dtype)
    x[3, 1, 2] = NAN
    t = trace(lstm, x)
    found = t.first_nonfinite
    assert (found.where, found.index, found.value) == ("input", (3, 1, 2), "nan")
    assert found.reached == (0, 0, 3, 1, 0)
    assert np.isfinite(t.hidden[:, :, :3]).all()
    assert np.isfinite(t.hidden[:, :, :, 0]).all()
    assert np.isnan(t.cell[:, :, 3:, 1]).all()
    assert t.proof.ok
    assert not t.proof.exact
    np.testing.assert_array_equal(t.output, lstm(x)[0].detach().double())


@pytest.mark.parametrize("length", [6, 300])
@pytest.mark.parametrize("way", [0, 1])
def test_trace_carries_an_infinite_cell_state_truthfully(by_hand, length, way):
    lstm = torch.nn.LSTM(3, 4, bidirectional=True)
    c_0 = torch.zeros(2, 1, 4)
    c_0[way, 0, 2] = -INF
    x, h_0 = torch.randn(length, 1, 3), torch.zeros(2, 1, 4)
    t = trace(lstm, x, (h_0, c_0))
    truth = by_hand(lstm, x.double().numpy(), h_0.double().numpy(), c_0.double().numpy())
    np.testing.assert_allclose(t.cell, truth["cell"], rtol=0, atol=1e-5)
    found = t.first_nonfinite
    assert (found.where, found.index, found.value) == ("c_0", (0, way, 0, 2), "-inf")
    assert found.reached == (0, way, 0, 0, 2)
    assert t.proof.ok


def test_trace_names_an_infinite_weight_though_gates_saturate():
    lstm = torch.nn.LSTM(3, 4, 2)
    with torch.no_grad():
        lstm.bias_hh_l1[5] = INF
    found = trace(lstm, torch.randn(5, 2, 3)).first_nonfinite
    assert (found.where, found.index, found.value) == ("bias_hh_l1", (5,), "inf")
    assert found.reached is None


def test_trace_names_infinite_input_though_gates_saturate():
    lstm, x = torch.nn.LSTM(1, 2), torch.randn(5, 2, 1)
    x[2, 0, 0] = INF
    t = trace(lstm, x)
    assert (t.first_nonfinite.where, t.first_nonfinite.value) == ("input", "inf")
    assert t.proof.ok


def overflowing():
    """An LSTM and a finite input of whose sums the order decides whether they are inf or NaN."""
    lstm = torch.nn.LSTM(2, 1)
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.tensor([[1e10, -1e10]] * 4))
    x = torch.zeros(4, 1, 2)
    x[2] = 3e38
    return lstm, x


def test_trace_names_the_state_where_finite_values_overflow():
    lstm, x = overflowing()
    t = trace(lstm, x)
    # What a sum of +inf and -inf is, PyTorch's kernel decides, and kernels differ by processor.
    np.testing.assert_array_equal(t.output, lstm(x)[0].detach())
    at = (0, 0, 2, 0, 0)
    if np.isfinite(t.hidden).all() and np.isfinite(t.cell).all():
        assert t.first_nonfinite is None
    else:
        assert t.first_nonfinite.where in ("cell", "hidden")
        assert t.first_nonfinite.index == t.first_nonfinite.reached == at
    assert t.proof.verdict in (ProofVerdict.UNPROVEN, ProofVerdict.WITHIN_ROUNDING)
    assert ("step 2, batch item 0, unit 0" in t.proof.unproven) == bool(t.proof.unproven)


class Replacing(torch.nn.LSTM):
    """Stands for a kernel that has `value` at one step where the equations have another."""

    step, value = 3, NAN

    def forward(self, x, hx=None):
        output, (h, c) = super().forward(x, hx)
        output = output.clone()
        output[self.step, 1, 2] = self.value
        return output, (h, c)


@pytest.mark.parametrize(("value", "step"), [(NAN, 3), (INF, -1), (-INF, -1)])
@pytest.mark.parametrize("length", [6, 300])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_a_kernel_that_alone_is_not_finite_is_unproven_and_says_where(dtype, length, value, step):
    torch.manual_seed(0)
    lstm = Replacing(3, 4, 2, dtype=dtype)
    lstm.value, lstm.step = value, step
    t = trace(lstm, torch.randn(length, 2, 3, dtype=dtype))
    assert t.proof.verdict is ProofVerdict.UNPROVEN
    assert not t.proof.ok
    assert not t.proof.exact
    name = {"nan": "NaN", "inf": "infinity", "-inf": "−infinity"}[str(value)]
    at = f"layer 1, forward, step {step % length}, batch item 1, unit 2"
    assert f"has {name} in h_t at {at}, where the equations give" in t.proof.unproven
    assert np.isfinite(t.proof.max_abs_difference)


def test_equations_that_alone_are_not_finite_are_unproven_too():
    lstm = Replacing(3, 4)
    lstm.step, lstm.value = 4, 0.25
    x = torch.randn(6, 2, 3)
    x[4, 1] = NAN
    t = trace(lstm, x)
    assert t.proof.verdict is ProofVerdict.UNPROVEN
    assert "has 0.25 in h_t at layer 0, forward, step 4, batch item 1, unit 2" in t.proof.unproven
    assert "the equations give NaN" in t.proof.unproven


def test_the_first_place_of_the_reverse_direction_is_the_last_step():
    class Both(torch.nn.LSTM):
        def forward(self, x, hx=None):
            output, state = super().forward(x, hx)
            output = output.clone()
            output[[1, 7], 0, 5] = NAN
            return output, state

    t = trace(Both(3, 4, bidirectional=True), torch.randn(9, 2, 3))
    assert "layer 0, reverse, step 7, batch item 0, unit 1" in t.proof.unproven


def test_a_difference_elsewhere_is_a_failure_whatever_is_unproven():
    class Off(Replacing):
        def forward(self, x, hx=None):
            output, state = super().forward(x, hx)
            output[0, 0, 0] += 0.01
            return output, state

    t = trace(Off(3, 4), torch.randn(6, 2, 3))
    assert t.proof.verdict is ProofVerdict.FAILED
    assert t.proof.unproven


def test_trace_does_not_take_padding_for_a_nan():
    x = pack_sequence([torch.randn(2, 3), torch.randn(6, 3)], enforce_sorted=False)
    x.data[-1, 0] = NAN
    t = trace(torch.nn.LSTM(3, 4), x)
    assert t.first_nonfinite.where == "input"
    assert t.first_nonfinite.index == (5, 1, 0)
    assert t.first_nonfinite.reached == (0, 0, 5, 1, 0)
