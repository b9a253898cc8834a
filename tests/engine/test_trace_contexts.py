"""Whatever the caller's context or the module's state: PyTorch's own error, a sentence, or a proof.

One rule over all of them. Where PyTorch refuses, its own error reaches the caller, or one sentence
of ours; where it runs, the trace holds its very numbers and the proof stands, or one sentence says
why not.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from lstmviz.engine.opening.trace import trace
from lstmviz.engine.opening.validate import CallError

pytestmark = pytest.mark.filterwarnings("ignore")


class Own(torch.Tensor):
    pass


class Dispatched(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


class Functions(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


@contextmanager
def setting(change, value, before):
    change(value)
    try:
        yield
    finally:
        change(before)


CONTEXTS = {
    "none": nullcontext,
    "autocast bfloat16": lambda: torch.autocast("cpu", torch.bfloat16),
    "autocast float16": lambda: torch.autocast("cpu", torch.float16),
    "inference": torch.inference_mode,
    "no_grad": torch.no_grad,
    "default float64": lambda: setting(
        torch.set_default_dtype, torch.float64, torch.get_default_dtype()
    ),
    "default meta": lambda: setting(torch.set_default_device, "meta", None),
    "meta": lambda: torch.device("meta"),
    "deterministic": lambda: setting(torch.use_deterministic_algorithms, True, False),
    "anomaly": torch.autograd.detect_anomaly,
    "saved hooks": lambda: torch.autograd.graph.saved_tensors_hooks(
        lambda t: t * 2, lambda t: t / 2
    ),
    "dispatch": Dispatched,
    "functions": Functions,
    "no mkldnn": lambda: torch.backends.mkldnn.flags(enabled=False),
}


def as_parameter(values):
    return lambda lstm: setattr(lstm, "weight_hh_l0", nn.Parameter(values(lstm.weight_hh_l0.data)))


STATES = {
    "as made": lambda _: None,
    **{
        f"{name} {value}": lambda lstm, name=name, value=value: setattr(lstm, name, value)
        for name, value in [
            ("num_layers", 3),
            ("num_layers", 1),
            ("num_layers", 0),
            ("num_layers", "2"),
            ("bidirectional", True),
            ("bias", False),
            ("bias", None),
            ("proj_size", 2),
            ("hidden_size", 5),
            ("input_size", 5),
            ("batch_first", True),
            ("dropout", 0.5),
            ("mode", "GRU"),
        ]
    },
    "deleted": lambda lstm: delattr(lstm, "weight_hh_l0"),
    "shared": lambda lstm: setattr(lstm, "weight_hh_l1", lstm.weight_hh_l0),
    "mixed gradients": lambda lstm: lstm.weight_hh_l0.requires_grad_(False),
    "short": lambda lstm: lstm._flat_weights.pop(),
    "replaced": as_parameter(torch.clone),
    "transposed": as_parameter(lambda w: w.t().contiguous().t()),
    "a view": as_parameter(lambda w: w.repeat(2, 2)[::2, ::2]),
    "a subclass": as_parameter(lambda w: w.clone().as_subclass(Own)),
    "negated": as_parameter(torch._neg_view),
    "complex weight": as_parameter(lambda w: w.to(torch.complex64)),
    "sparse weight": as_parameter(torch.Tensor.to_sparse),
    "meta weight": as_parameter(lambda w: w.to("meta")),
    "double weight": as_parameter(torch.Tensor.double),
    "all double": nn.Module.double,
    "all bfloat16": nn.Module.bfloat16,
    "all complex": lambda lstm: lstm.to(torch.complex64),
}
INPUTS = {
    "plain": lambda x: x,
    "negated": torch._neg_view,
    "imaginary part": lambda x: torch.complex(x * 0, -x).conj().imag,
    "expanded": lambda x: x[:, :1].expand(-1, 2, -1),
    "strided": lambda x: x.repeat(1, 1, 2)[:, :, ::2],
    "a subclass": lambda x: x.as_subclass(Own),
    "a parameter": nn.Parameter,
    "double": torch.Tensor.double,
    "bfloat16": torch.Tensor.bfloat16,
    "whole numbers": torch.Tensor.int,
    "complex": lambda x: x.to(torch.complex64),
    "sparse": torch.Tensor.to_sparse,
    "nested": lambda x: torch.nested.nested_tensor([x[:, 0], x[:2, 1]]),
    "unbatched": lambda x: x[:, 0],
    "ragged": lambda x: pack_padded_sequence(x, [len(x), len(x) - 1]),
}


def attempt(call):
    try:
        return call(), None
    except Exception as error:  # noqa: BLE001 - whatever PyTorch or we raise is compared
        return None, error


def numbers(values):
    values = values.data if isinstance(values, PackedSequence) else values
    values = values.detach().resolve_neg()
    return (values.float() if values.element_size() == 2 else values).numpy()


def judge(context, state, kind, *, projected=False, steps=5):
    torch.manual_seed(0)
    lstm = nn.LSTM(3, 4, 2, proj_size=2 if projected else 0).eval()
    x = torch.randn(steps, 2, 3)
    STATES[state](lstm)
    if state.startswith("all ") and kind == "plain":
        x = x.to(lstm.weight_ih_l0.dtype)
    x = INPUTS[kind](x)
    with CONTEXTS[context]():
        returned, theirs = attempt(lambda: lstm(x))
    with CONTEXTS[context]():
        opened, ours = attempt(lambda: trace(lstm, x))
    if isinstance(ours, CallError):
        assert 10 < len(str(ours)) < 300
        assert "zip()" not in str(ours)
    elif ours is not None:
        assert (type(ours), str(ours)) == (type(theirs), str(theirs)), ours
    else:
        assert theirs is None
        output, (h_n, c_n) = returned
        for name, values in (("output", output), ("h_n", h_n), ("c_n", c_n)):
            np.testing.assert_array_equal(getattr(opened, name), numbers(values), err_msg=name)
        assert opened.proof.ok, opened.proof
    return opened, ours, theirs


@pytest.mark.parametrize("projected", [False, True])
@pytest.mark.parametrize("kind", ["plain", "ragged"])
@pytest.mark.parametrize("context", CONTEXTS)
def test_every_context(context, kind, projected):
    judge(context, "as made", kind, projected=projected)


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_the_module(state):
    judge("none", state, "plain")


@pytest.mark.parametrize("kind", INPUTS)
def test_every_kind_of_input(kind):
    judge("none", "as made", kind)


@given(
    st.sampled_from(list(CONTEXTS)),
    st.sampled_from(list(STATES)),
    st.sampled_from(list(INPUTS)),
    st.booleans(),
    st.sampled_from([2, 5, 300]),
)
def test_any_of_them_together(context, state, kind, projected, steps):
    judge(context, state, kind, projected=projected, steps=steps)


def test_what_pytorch_runs_is_opened_not_refused():
    for kind in ("negated", "imaginary part", "expanded", "strided", "a subclass", "ragged"):
        assert judge("none", "as made", kind)[0] is not None, kind
    for state in ("negated", "shared", "transposed", "a view", "mixed gradients", "deleted"):
        assert judge("none", state, "plain")[0] is not None, state
    assert judge("autocast bfloat16", "as made", "ragged")[0] is not None


def test_a_changed_attribute_is_one_sentence_that_names_it():
    _, error, _ = judge("none", "num_layers 3", "plain")
    assert "num_layers 3" in str(error)
    assert "8 weights" in str(error)
    _, error, _ = judge("none", "num_layers 2", "plain")
    assert "num_layers must be a positive whole number, not '2'" in str(error)
    _, error, _ = judge("none", "all complex", "plain")
    assert "complex64" in str(error)
