"""A trace leaves the module, the generators and the caller's settings as they were."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch

from lstmviz.engine.opening.trace import trace


def snapshot(module):
    """Everything of `module` and the process that a trace might disturb."""
    tensors = dict(module.state_dict(keep_vars=True))
    return {
        "ids": {name: id(value) for name, value in module.__dict__.items()},
        "flat": [id(weight) for weight in getattr(module, "_flat_weights", [])],
        "pointers": {name: value.data_ptr() for name, value in tensors.items()},
        "versions": {name: value._version for name, value in module.named_parameters()},
        "values": {k: v.detach().double().sum().item() for k, v in tensors.items()},
        "requires_grad": {name: value.requires_grad for name, value in tensors.items()},
        "grads": {name: value.grad is None for name, value in tensors.items()},
        "training": module.training,
        "random": hashlib.sha256(torch.get_rng_state().numpy().tobytes()).hexdigest(),
        "grad": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "threads": torch.get_num_threads(),
        "dtype": torch.get_default_dtype(),
        "mkldnn": torch._C._get_mkldnn_enabled(),
        "python": np.random.get_state()[1].tolist(),  # noqa: NPY002 - the legacy global one
        "alive": threading.active_count(),
        "floating": np.geterr(),
    }


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("kind", ["plain", "dropout", "double", "weight_norm", "spectral", "cell"])
def test_trace_changes_nothing(kind, grad, train):
    torch.manual_seed(1)
    x = torch.randn(6, 2, 3)
    module = torch.nn.LSTM(3, 4, 2, dropout=0.5 if kind == "dropout" else 0, bidirectional=True)
    if kind == "weight_norm":
        module = torch.nn.utils.parametrizations.weight_norm(module, "weight_hh_l0")
    if kind == "spectral":
        module = torch.nn.utils.parametrizations.spectral_norm(module, "weight_hh_l0")
    if kind == "double":
        module, x = module.double(), x.double()
    if kind == "cell":
        module = torch.nn.LSTMCell(3, 4)
    module.train(train)
    calls = []
    module.register_forward_hook(lambda *_: calls.append("forward"))
    module.register_forward_pre_hook(lambda *_: calls.append("before"))
    with torch.set_grad_enabled(grad):
        before, values = snapshot(module), x.clone()
        assert trace(module, x).proof.ok
        assert snapshot(module) == before
    assert torch.equal(x, values)
    assert calls == []


def test_trace_changes_nothing_when_the_call_is_malformed():
    module = torch.nn.LSTM(3, 4, 2, dropout=0.5)
    x = torch.randn(6, 2, 5)
    before = snapshot(module)
    with pytest.raises(RuntimeError):
        trace(module, x)
    assert snapshot(module) == before


def test_trace_of_an_input_that_requires_grad_leaves_no_graph():
    x = torch.randn(6, 2, 3, requires_grad=True)
    hx = tuple(torch.randn(1, 2, 4, requires_grad=True) for _ in range(2))
    module = torch.nn.LSTM(3, 4)
    t = trace(module, x, hx)
    assert t.proof.ok
    assert x.grad is None
    np.testing.assert_array_equal(t.h_0[0], hx[0].detach())
    module(x, hx)[0].sum().backward()
    assert x.grad is not None


def test_trace_does_not_share_the_callers_memory():
    x, module = torch.randn(6, 2, 3), torch.nn.LSTM(3, 4)
    hx = (torch.zeros(1, 2, 4), torch.zeros(1, 2, 4))
    t = trace(module, x, hx)
    kept = {name: array.copy() for name, array in t.arrays().items()}
    x.zero_()
    hx[0].fill_(1)
    hx[1].fill_(1)
    for name, array in t.arrays().items():
        np.testing.assert_array_equal(array, kept[name])


@pytest.mark.slow
def test_trace_does_not_import_what_takes_seconds():
    program = (
        "import sys, torch; from lstmviz.engine.opening.trace import trace;"
        "trace(torch.nn.LSTM(3, 4, 2, dropout=0.5), torch.randn(5, 2, 3), progress=print);"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
