from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_sequence

from lstmviz.engine.trace import trace


def by_hand(lstm, x, h_0, c_0):
    """The equations on the nn.LSTM page, one step at a time, for a time-major batch in numpy."""
    w = {name: value.detach().double().numpy() for name, value in lstm.named_parameters()}
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    seen = {name: [] for name in ("hidden", "cell", "i", "f", "g", "o")}
    ways = ("", "_reverse")[: 2 if lstm.bidirectional else 1]
    for layer in range(lstm.num_layers):
        layer_seen = {name: [] for name in seen}
        for way, suffix in enumerate(ways):
            name = f"_l{layer}{suffix}"
            h, c = h_0[layer * len(ways) + way], c_0[layer * len(ways) + way]
            steps = {k: [None] * len(x) for k in seen}
            for t in reversed(range(len(x))) if way else range(len(x)):
                z = x[t] @ w["weight_ih" + name].T + h @ w["weight_hh" + name].T
                if lstm.bias:
                    z = z + w["bias_ih" + name] + w["bias_hh" + name]
                i, f, g, o = np.split(z, 4, axis=1)
                i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
                c = f * c + i * g
                h = o * np.tanh(c)
                if lstm.proj_size:
                    h = h @ w["weight_hr" + name].T
                for k, v in zip(seen, (h, c, i, f, g, o), strict=True):
                    steps[k][t] = v
            for k in seen:
                layer_seen[k].append(np.stack(steps[k]))
        x = np.concatenate(layer_seen["hidden"], axis=2)
        for k in seen:
            seen[k].append(np.stack(layer_seen[k]))
    return {k: np.stack(v) for k, v in seen.items()}


@pytest.mark.parametrize(
    ("layers", "both", "bias", "proj"),
    list(itertools.product((1, 2, 3), (False, True), (False, True), (0, 2))),
)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_trace_agrees_with_the_equations(layers, both, bias, proj, dtype):
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(3, 4, layers, bias=bias, bidirectional=both, proj_size=proj, dtype=dtype)
    ways = 2 if both else 1
    x = torch.randn(6, 2, 3, dtype=dtype)
    h_0 = torch.randn(layers * ways, 2, proj or 4, dtype=dtype)
    c_0 = torch.randn(layers * ways, 2, 4, dtype=dtype)
    t = trace(lstm, x, (h_0, c_0))
    expected = by_hand(lstm, x.double().numpy(), h_0.double().numpy(), c_0.double().numpy())
    limit = 1e-12 if dtype == torch.float64 else 1e-5
    got = (t.hidden, t.cell, t.input_gate, t.forget_gate, t.cell_gate, t.output_gate)
    for name, values in zip(expected, got, strict=True):
        np.testing.assert_allclose(values, expected[name], rtol=0, atol=limit, err_msg=name)
    assert t.proof.ok
    assert t.proof.max_abs_difference <= limit
    output, (h_n, c_n) = lstm(x, (h_0, c_0))
    np.testing.assert_array_equal(t.output, output.detach().numpy())
    np.testing.assert_array_equal(t.h_n, h_n.detach().numpy())
    np.testing.assert_array_equal(t.c_n, c_n.detach().numpy())


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_trace_packed_equals_each_sequence_alone(both, dtype):
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(3, 4, 2, bidirectional=both, dtype=dtype)
    sequences = [torch.randn(length, 3, dtype=dtype) for length in (3, 6, 1, 6)]
    t = trace(lstm, pack_sequence(sequences, enforce_sorted=False))
    assert t.proof.ok
    assert t.lengths.tolist() == [3, 6, 1, 6]
    for n, sequence in enumerate(sequences):
        alone = trace(lstm, sequence)
        for name in ("hidden", "cell", "input_gate", "forget_gate", "cell_gate", "output_gate"):
            mine, its = getattr(t, name)[:, :, :, n], getattr(alone, name)[:, :, :, 0]
            np.testing.assert_allclose(mine[:, :, : len(sequence)], its, rtol=0, atol=1e-6)
            assert np.isnan(mine[:, :, len(sequence) :]).all()


def test_trace_batch_first_and_unbatched():
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(3, 4, 2, bidirectional=True, batch_first=True)
    x = torch.randn(2, 5, 3)
    t = trace(lstm, x)
    one = trace(lstm, x[1])
    assert t.output.shape == (2, 5, 8)
    assert one.output.shape == (5, 8)
    assert one.h_n.shape == (4, 4)
    np.testing.assert_allclose(t.hidden[:, :, :, 1:], one.hidden, rtol=0, atol=1e-6)
    np.testing.assert_allclose(t.cell[:, :, :, 1:], one.cell, rtol=0, atol=1e-6)
