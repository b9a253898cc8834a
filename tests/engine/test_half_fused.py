"""Half precision that oneDNN runs fused, as on processors with bfloat16, is opened as fused.

Whether this processor does is for PyTorch to say. Elsewhere its kernel is stood in for by the
float32 one, which adds as the other does and rounds only what it returns.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

import lstmviz.engine.opening.fused
from lstmviz.core.proof import ProofVerdict
from lstmviz.engine.opening import onednn as kernel
from lstmviz.engine.opening.onednn import FUSED_LAYER
from lstmviz.engine.opening.trace import trace

pytestmark = pytest.mark.kernels

HALVES = [torch.bfloat16, torch.float16]


class Fused(torch.nn.LSTM):
    """Asks for the kernels of each layer and direction, as PyTorch does where they are fused."""

    def forward(self, x, hx=None):
        ways, states = (2 if self.bidirectional else 1), []
        zeros = x.new_zeros(self.num_layers * ways, x.shape[1], self.hidden_size)
        h_0, c_0 = hx or (zeros, zeros)
        for layer in range(self.num_layers):
            outputs = []
            for way in range(ways):
                k = layer * ways + way
                weights = self._flat_weights[4 * k : 4 * k + 4]
                ends = (h_0[k], c_0[k], bool(way))
                rest = ([], 2, self.hidden_size, 1, True, False, False, self.training)
                output, h, c, _ = FUSED_LAYER(x, *weights, *ends, *rest)
                outputs.append(output)
                states.append((h, c))
            x = torch.cat(outputs, 2)
        return x, tuple(torch.stack(state) for state in zip(*states, strict=True))


@pytest.fixture
def fused(monkeypatch):
    """Have half precision run fused; the list says which kernels were met."""
    met = []

    def run_layer(args, *, grad):
        met.append(args[0].dtype)
        wide = [a.float() if isinstance(a, torch.Tensor) else a for a in args]
        found = kernel.run_layer(tuple(wide), grad=grad)
        halves = (values.to(args[0].dtype) for values in found[:3])
        return (*halves, torch.empty(0, dtype=torch.uint8))

    monkeypatch.setattr("lstmviz.engine.opening.plan.runs_fused", lambda _dtype, **_: True)
    monkeypatch.setattr(lstmviz.engine.opening.fused, "run_layer", run_layer)
    return met


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("steps", [1, 7, 300])
@pytest.mark.parametrize(("layers", "bidirectional"), [(1, False), (1, True), (3, True)])
def test_fused_kernels_of_half_precision_are_met_and_opened(
    fused, by_hand, dtype, grad, steps, layers, bidirectional
):
    torch.manual_seed(0)
    lstm = Fused(5, 6, layers, bidirectional=bidirectional, dtype=dtype)
    x = torch.randn(steps, 3, 5, dtype=dtype)
    with torch.set_grad_enabled(grad):
        t = trace(lstm, x)
    ways = 2 if bidirectional else 1
    assert fused == [dtype] * layers * ways
    assert t.proof.verdict in (ProofVerdict.EXACT, ProofVerdict.WITHIN_ROUNDING), t.proof
    zeros = np.zeros((layers * ways, 3, 6))
    truth = by_hand(lstm, x.double().numpy(), zeros, zeros)
    eps = torch.finfo(dtype).eps
    for name, values in t.arrays().items():
        held = torch.from_numpy(values)
        assert torch.equal(held, held.to(dtype).float()), name
        if name in truth:
            np.testing.assert_allclose(values, truth[name], rtol=0, atol=4 * eps, err_msg=name)
    np.testing.assert_array_equal(t.hidden[-1, 0], t.output[..., :6])


@pytest.mark.parametrize("dtype", HALVES)
def test_an_error_of_a_fused_half_is_found(fused, dtype):
    class Off(Fused):
        def forward(self, x, hx=None):
            output, state = super().forward(x, hx)
            output = output.clone()
            output[2, 0, 1] += 0.25
            return output, state

    torch.manual_seed(0)
    assert trace(Off(4, 5, dtype=dtype), torch.randn(6, 2, 4).to(dtype)).proof.verdict is (
        ProofVerdict.FAILED
    )
    assert fused


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_wrong_guess_changes_nothing(monkeypatch, dtype, grad, layers):
    torch.manual_seed(0)
    lstm, x = torch.nn.LSTM(4, 5, layers, dtype=dtype), torch.randn(9, 2, 4).to(dtype)
    with torch.set_grad_enabled(grad):
        honest = trace(lstm, x)
        asked = kernel.runs_fused(dtype, grad=grad)
        monkeypatch.setattr("lstmviz.engine.opening.plan.runs_fused", lambda _dtype, **_: not asked)
        guessed = trace(lstm, x)
    assert guessed.proof.ok
    for name, values in honest.arrays().items():
        held = getattr(guessed, name)
        if asked:  # Opened as unfused, which rounds in another way.
            np.testing.assert_allclose(held, values, rtol=0, atol=0.05, err_msg=name)
        else:
            np.testing.assert_array_equal(held, values, err_msg=name)


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("grad", [True, False])
def test_whether_half_precision_is_fused_is_what_pytorch_does(dtype, grad):
    before = torch.get_rng_state()
    with kernel._Seen() as seen, torch.set_grad_enabled(grad):
        torch.nn.LSTM(16, 16, dtype=dtype)(torch.randn(4, 2, 16, dtype=dtype))
    torch.set_rng_state(before)
    assert kernel.runs_fused(dtype, grad=grad) == seen.found
    assert torch.equal(torch.get_rng_state(), before)
