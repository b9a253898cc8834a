"""The same promises on a CUDA device."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

from lstmviz.engine.opening.trace import trace

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]
NAMES = ("hidden", "cell", "input_gate", "forget_gate", "cell_gate", "output_gate")


@pytest.fixture(params=[False, True], ids=["tf32 off", "tf32 on"])
def tf32(request):
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = request.param
    yield request.param
    torch.backends.cudnn.allow_tf32 = before


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("proj", [0, 5])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("both", [False, True])
def test_trace_on_cuda_agrees_with_the_cpu_in_float64(dtype, proj, packed, both, tf32):
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(6, 8, 2, bidirectional=both, proj_size=proj, dtype=dtype, device="cuda")
    rows = [torch.randn(n, 6, dtype=dtype, device="cuda") for n in (40, 300, 7)]
    x = pack_sequence(rows, enforce_sorted=False) if packed else rows[0][:, None].repeat(1, 3, 1)
    t = trace(lstm, x)
    assert t.device == "cuda:0"
    assert t.proof.ok, t.proof
    reference = trace(lstm.double().cpu(), x.to("cpu", torch.float64))
    limit = {torch.float64: 1e-10, torch.float32: 1e-2 if tf32 else 1e-4}.get(dtype, 0.1)
    for name in NAMES:
        np.testing.assert_allclose(getattr(t, name), getattr(reference, name), rtol=0, atol=limit)


def test_trace_on_cuda_leaves_the_generators_as_they_were():
    lstm = torch.nn.LSTM(6, 8, 3, dropout=0.5, device="cuda")
    x = torch.randn(20, 3, 6, device="cuda")
    states = torch.get_rng_state(), torch.cuda.get_rng_state()
    pointers = [weight.data_ptr() for weight in lstm._flat_weights]
    t = trace(lstm, x)
    assert torch.equal(states[0], torch.get_rng_state())
    assert torch.equal(states[1], torch.cuda.get_rng_state())
    assert pointers == [weight.data_ptr() for weight in lstm._flat_weights]
    assert torch.backends.cudnn.enabled
    assert t.proof.ok, t.proof


def test_trace_on_cuda_returns_what_the_module_returns():
    lstm, x = torch.nn.LSTM(6, 8, 2, device="cuda"), torch.randn(50, 3, 6, device="cuda")
    t = trace(lstm, x, progress=lambda _: None)
    output, (h_n, c_n) = lstm(x)
    for ours, theirs in ((t.output, output), (t.h_n, h_n), (t.c_n, c_n)):
        np.testing.assert_array_equal(ours, theirs.detach().cpu())
