"""Malformed calls: PyTorch's own error where it raises, ours where it would not or would crash."""

from __future__ import annotations

import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from lstmviz.engine.opening.trace import trace
from lstmviz.engine.opening.validate import CallError

X = torch.zeros(5, 3, 4)
LSTM = torch.nn.LSTM(4, 6, 3)


def zeros(*shape, dtype=torch.float32):
    return torch.zeros(shape, dtype=dtype)


@pytest.mark.parametrize(
    ("x", "hx"),
    [
        (zeros(5, 3, 7), None),
        (zeros(5, 3, 4, 1), None),
        (zeros(4), None),
        (zeros(0, 3, 4), None),
        (zeros(5, 3, 4, dtype=torch.float64), None),
        (zeros(5, 3, 4, dtype=torch.int64), None),
        (X, (zeros(1, 3, 6), zeros(3, 3, 6))),
        (X, (zeros(3, 3, 6), zeros(3, 1, 6))),
        (X, (zeros(3, 3, 6), zeros(3, 3, 5))),
        (X, (zeros(3, 6), zeros(3, 6))),
        (X[:, 0], (zeros(3, 1, 6), zeros(3, 1, 6))),
        (X, (zeros(3, 3, 6),)),
        (X, (zeros(3, 3, 6), zeros(3, 3, 6, dtype=torch.float64))),
        (X, 3),
        ([1.0, 2.0], None),
        (X.numpy(), None),
        (pack_padded_sequence(zeros(5, 3, 7), [5, 5, 3]), None),
        (pack_padded_sequence(X, [5, 4, 3]), (zeros(3, 3, 6), zeros(3, 3, 6).double())),
    ],
)
def test_trace_leaves_pytorchs_own_errors_to_pytorch(x, hx):
    with pytest.raises(Exception) as theirs:  # noqa: PT011 - whatever PyTorch raises
        LSTM(x, hx)
    with pytest.raises(type(theirs.value)) as ours:
        trace(LSTM, x, hx)
    assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize(
    ("hx", "sentence"),
    [
        (
            (zeros(3, 3, 6), zeros(1, 3, 6)),
            r"c_0 has shape \(1, 3, 6\); this call needs \(3, 3, 6\)",
        ),
        ((zeros(3, 3, 6), zeros(3, 1, 6)), "c_0 has shape"),
        ((zeros(3, 1, 6), zeros(3, 3, 6)), "h_0 has shape"),
        ((zeros(3, 5, 6), zeros(3, 5, 6)), "h_0 has shape"),
        ((zeros(3, 3, 7), zeros(3, 3, 6)), "h_0 has shape"),
        ((zeros(3, 6), zeros(3, 6)), "h_0 has shape"),
    ],
)
@pytest.mark.parametrize("lengths", [[5, 4, 3], [5, 5, 5]])
def test_trace_refuses_a_wrong_state_with_packed_input(lengths, hx, sentence):
    with pytest.raises(ValueError, match=sentence):
        trace(LSTM, pack_padded_sequence(X, lengths), hx)


@pytest.mark.parametrize(
    ("packed", "sentence"),
    [
        (PackedSequence(zeros(5, 4), torch.tensor([1, 2, 2])), "batch_sizes must fall"),
        (PackedSequence(zeros(5, 4), torch.tensor([2, 2])), "sum to its 5 rows, got"),
        (PackedSequence(zeros(5, 4), torch.tensor([5, 0])), "batch_sizes must fall"),
        (PackedSequence(zeros(5, 4), torch.tensor([3, 2]), torch.tensor([0, 0, 1])), "indices"),
        (PackedSequence(zeros(5, 2, 2), torch.tensor([3, 2])), "needs data"),
        (PackedSequence(zeros(5, 4), torch.tensor([3, 2], dtype=torch.int32)), "needs data"),
        (pack_padded_sequence(zeros(5, 3, 7), [5, 5, 5]), "7 features; input_size is 4"),
    ],
)
def test_trace_refuses_a_packed_sequence_that_contradicts_itself(packed, sentence):
    with pytest.raises(ValueError, match=sentence):
        trace(LSTM, packed)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("weight_ih_l0", (24, 3)),
        ("weight_hh_l1", (24, 5)),
        ("bias_hh_l0", (1,)),
        ("bias_ih_l2", (4,)),
    ],
)
def test_trace_refuses_weights_that_pytorch_would_read_past(name, shape):
    lstm = torch.nn.LSTM(4, 6, 3)
    setattr(lstm, name, torch.nn.Parameter(zeros(*shape)))
    with pytest.raises(ValueError, match=f"{name} has shape"):
        trace(lstm, X)


@pytest.mark.parametrize(
    ("module", "x", "sentence"),
    [
        (torch.nn.GRU(4, 6), X, "Only torch.nn.LSTM and torch.nn.LSTMCell"),
        (torch.nn.Linear(4, 6), X, "torch.nn.modules.linear.Linear"),
        (LSTM, X.to_sparse(), "sparse"),
        (LSTM, X.to("meta"), "meta"),
        (torch.nn.LSTM(4, 6, device="meta"), X.to("meta"), "meta"),
        (torch.ao.nn.quantized.dynamic.LSTM(4, 6), X, "quantized"),
        (torch.nn.LSTMCell(4, 6), pack_padded_sequence(X, [5, 4, 3]), "stepped through a tensor"),
        (torch.nn.LSTMCell(4, 6), zeros(0, 3, 4), "no time steps"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_trace_refuses_what_it_cannot_open(module, x, sentence):
    with pytest.raises(CallError, match=sentence):
        trace(module, x)


def test_trace_refuses_a_scripted_module():
    with pytest.warns(DeprecationWarning, match="jit"):
        scripted = torch.jit.script(torch.nn.LSTM(4, 6))
    with pytest.raises(CallError):
        trace(scripted, X)
