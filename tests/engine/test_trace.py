from __future__ import annotations

import copy
from contextlib import contextmanager
from functools import partial
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import event, given, settings
from hypothesis import strategies as st
from torch.nn.utils import prune
from torch.nn.utils.rnn import pack_sequence, pad_sequence

from lstmviz.engine.opening.plan import plan
from lstmviz.engine.opening.trace import trace

pytestmark = pytest.mark.kernels

STATES = ("hidden", "cell")
GATES = ("input_gate", "forget_gate", "cell_gate", "output_gate")
LIMITS = {torch.float64: 1e-12, torch.float32: 2e-5, torch.bfloat16: 0.08, torch.float16: 0.01}


@st.composite
def calls(draw, dtypes=(torch.float64, torch.float32), packed=None):
    """Any valid nn.LSTM with any valid input and state; batch-first and unbatched ones too."""
    hidden = draw(st.integers(1, 9))
    lstm = torch.nn.LSTM(
        draw(st.integers(1, 6)),
        hidden,
        draw(st.integers(1, 3)),
        bias=draw(st.booleans()),
        batch_first=draw(st.booleans()),
        bidirectional=draw(st.booleans()),
        proj_size=draw(st.integers(0, hidden - 1)),
        dtype=draw(st.sampled_from(dtypes)),
    )
    torch.manual_seed(draw(st.integers(0, 2**32)))
    lstm.reset_parameters()
    lstm.train(draw(st.booleans())).requires_grad_(draw(st.booleans()))
    kind = "packed" if packed else draw(st.sampled_from(["batch", "unbatched", "packed"]))
    x, lengths = draw(inputs(lstm, kind))
    batch = 1 if kind == "unbatched" else len(lengths)
    rows = lstm.num_layers * (2 if lstm.bidirectional else 1)
    hx = None
    if draw(st.booleans()):
        hx = tuple(
            torch.randn(rows, batch, width, dtype=lstm.weight_ih_l0.dtype)
            for width in (lstm.proj_size or hidden, hidden)
        )
        if kind == "unbatched":
            hx = tuple(state[:, 0] for state in hx)
    event(kind)
    return lstm, x, hx, lengths, draw(st.booleans())


@st.composite
def inputs(draw, lstm, kind):
    dtype = lstm.weight_ih_l0.dtype
    longest = draw(st.one_of(*[st.integers(1, 8)] * 4, st.integers(100, 200)))
    if kind == "unbatched":
        return torch.randn(longest, lstm.input_size, dtype=dtype), [longest]
    batch = draw(st.integers(1, 5))
    if kind == "batch":
        shape = (batch, longest) if lstm.batch_first else (longest, batch)
        return torch.randn(*shape, lstm.input_size, dtype=dtype), [longest] * batch
    lengths = draw(st.lists(st.integers(1, longest), min_size=batch, max_size=batch))
    enforced = draw(st.booleans())
    lengths = sorted(lengths, reverse=True) if enforced else lengths
    rows = [torch.randn(n, lstm.input_size, dtype=dtype) for n in lengths]
    return pack_sequence(rows, enforce_sorted=enforced), lengths


def time_major(lstm, x):
    """The input as a padded float64 batch (L, N, H_in)."""
    if isinstance(x, torch.nn.utils.rnn.PackedSequence):
        return torch.nn.utils.rnn.pad_packed_sequence(x)[0].double().numpy()
    if x.dim() == 2:
        return x[:, None].double().numpy()
    return (x.transpose(0, 1) if lstm.batch_first else x).double().numpy()


def expected(by_hand, lstm, x, hx, lengths):
    """The equations, each sequence alone, NaN past its length."""
    padded = time_major(lstm, x)
    rows = lstm.num_layers * (2 if lstm.bidirectional else 1)
    widths = (lstm.proj_size or lstm.hidden_size, lstm.hidden_size)
    h_0, c_0 = (
        np.zeros((rows, len(lengths), width))
        if hx is None
        else hx[k].double().numpy().reshape(rows, len(lengths), width)
        for k, width in enumerate(widths)
    )
    whole = {}
    for n, length in enumerate(lengths):
        alone = by_hand(lstm, padded[:length, n : n + 1], h_0[:, n : n + 1], c_0[:, n : n + 1])
        for name, values in alone.items():
            shape = (*values.shape[:2], max(lengths), len(lengths), values.shape[4])
            whole.setdefault(name, np.full(shape, np.nan))[:, :, :length, n] = values[:, :, :, 0]
    return whole


def check_returned(t, lstm, x, hx):
    """Output, h_n and c_n are, bit for bit, what the module itself returns."""
    output, (h_n, c_n) = lstm(x, hx)
    output = getattr(output, "data", output)
    for name, theirs in (("output", output), ("h_n", h_n), ("c_n", c_n)):
        np.testing.assert_array_equal(getattr(t, name), theirs.detach().double(), err_msg=name)


def check_proof(t, lengths):
    """The proof says what the arrays say."""
    assert t.proof.ok, t.proof
    assert not t.proof.unproven
    last = np.array(lengths) - 1
    for way in range(t.num_directions):
        at = 0 if way else last
        n = np.arange(len(lengths))
        ways = t.num_directions
        h_n = t.h_n.reshape(t.num_layers, ways, len(lengths), -1)[:, way]
        c_n = t.c_n.reshape(t.num_layers, ways, len(lengths), -1)[:, way]
        # An inner layer that PyTorch did not show is run again, which may round otherwise.
        np.testing.assert_array_equal(t.hidden[-1, way, at, n], h_n[-1])
        assert np.abs(t.hidden[:, way, at, n] - h_n).max() <= t.proof.tolerance_h / 10
        assert np.abs(t.cell[:, way, at, n] - c_n).max() <= max(t.proof.c_n, 1e-12) * 1.01
    if t.proof.exact:
        assert t.proof.max_abs_difference == 0


@contextmanager
def way_of(way):
    """Open fused layers, whatever their size, as little, saved, large or unseen work is opened."""
    few = 1 << 18 if way == "little" else -1
    large = 0 if way == "large" else 1 << 60
    chosen = partial(plan, large=large, few=few)
    with (
        mock.patch("lstmviz.engine.opening.trace.plan", chosen),
        torch.set_grad_enabled(way != "unseen"),
    ):
        yield


WAYS = ("little", "saved", "large", "unseen")


@pytest.mark.slow
@given(calls(), st.sampled_from(WAYS))
@settings(max_examples=300)
def test_trace_is_what_the_equations_and_the_module_say(by_hand, call, way):
    lstm, x, hx, lengths, gates = call
    event(way)
    with way_of(way):
        t = trace(lstm, x, hx, gates=gates)
    limit = LIMITS[lstm.weight_ih_l0.dtype]
    truth = expected(by_hand, lstm, x, hx, lengths)
    for name in (*STATES, *GATES) if gates else STATES:
        np.testing.assert_allclose(getattr(t, name), truth[name], rtol=0, atol=limit, err_msg=name)
    if not gates:
        assert [getattr(t, name) for name in GATES] == [None] * 4
    assert t.proof.max_abs_difference <= limit
    with way_of(way):
        check_returned(t, lstm, x, hx)
    check_proof(t, lengths)
    packed = isinstance(x, torch.nn.utils.rnn.PackedSequence)
    np.testing.assert_array_equal(t.input, time_major(lstm, x) if packed else x)
    assert (t.lengths is not None) == packed
    if packed:
        assert t.lengths.tolist() == lengths


@pytest.mark.slow
@given(calls(dtypes=(torch.bfloat16, torch.float16)))
@settings(max_examples=40)
def test_trace_of_half_precision_is_the_modules_own_values(by_hand, call):
    lstm, x, hx, lengths, _ = call
    t = trace(lstm, x, hx)
    truth = expected(by_hand, lstm, x, hx, lengths)
    limit = LIMITS[lstm.weight_ih_l0.dtype] * max(1.0, np.nanmax(np.abs(truth["cell"])))
    for name in (*STATES, *GATES):
        assert getattr(t, name).dtype == np.float32
        np.testing.assert_allclose(getattr(t, name), truth[name], rtol=0, atol=limit, err_msg=name)
    assert t.dtype in ("bfloat16", "float16")
    check_returned(t, lstm, x, hx)
    assert t.proof.ok, t.proof


@pytest.mark.slow
@given(calls(dtypes=(torch.float64,), packed=True))
@settings(max_examples=60)
def test_trace_of_packed_input_is_each_sequence_alone(call):
    lstm, x, hx, lengths, _ = call
    t = trace(lstm, x, hx)
    padded = torch.from_numpy(t.input)
    for n, length in enumerate(lengths):
        state = None if hx is None else tuple(s[:, n] for s in hx)
        alone = trace(lstm, padded[:length, n], state)
        for name in (*STATES, *GATES):
            mine, its = getattr(t, name)[:, :, :, n], getattr(alone, name)[:, :, :, 0]
            np.testing.assert_allclose(mine[:, :, :length], its, rtol=0, atol=1e-12)
            assert np.isnan(mine[:, :, length:]).all()


@pytest.mark.slow
@given(calls(), st.data())
@settings(max_examples=60)
def test_trace_in_chunks_continues_the_whole(call, data):
    lstm, _, _, lengths, _ = call
    lstm = torch.nn.LSTM(
        lstm.input_size,
        lstm.hidden_size,
        lstm.num_layers,
        bias=lstm.bias,
        proj_size=lstm.proj_size,
        dtype=torch.float64,
    )
    x = torch.randn(max(lengths) + 1, 2, lstm.input_size, dtype=torch.float64)
    cut = data.draw(st.integers(1, len(x) - 1))
    whole, first = trace(lstm, x), trace(lstm, x[:cut])
    second = trace(lstm, x[cut:], tuple(map(torch.from_numpy, (first.h_n, first.c_n))))
    for name in (*STATES, *GATES):
        joined = np.concatenate([getattr(first, name), getattr(second, name)], axis=2)
        np.testing.assert_allclose(joined, getattr(whole, name), rtol=0, atol=1e-12)
    np.testing.assert_allclose(second.h_n, whole.h_n, rtol=0, atol=1e-12)
    np.testing.assert_allclose(second.c_n, whole.c_n, rtol=0, atol=1e-12)


def test_trace_of_one_unit_worked_out_by_hand():
    lstm = torch.nn.LSTM(1, 1, dtype=torch.float64)
    ln2, ln3 = np.log(2), np.log(3)
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(torch.tensor([[ln3], [ln2], [ln2 / 2], [0.0]]))
        lstm.weight_hh_l0.zero_()
        lstm.bias_ih_l0.copy_(torch.tensor([0.0, ln2, 0.0, ln3]))
        lstm.bias_hh_l0.zero_()
    t = trace(lstm, torch.tensor([[1.0], [-1.0]], dtype=torch.float64))
    # sigmoid(ln a) = a / (a + 1) and tanh(ln(a) / 2) = (a - 1) / (a + 1).
    # x = 1:  i = 3/4, f = sigmoid(ln 4) = 4/5, g = tanh(ln 2 / 2) = 1/3, o = 3/4; c = 1/4
    # x = -1: i = 1/4, f = sigmoid(0) = 1/2, g = -1/3, o = 3/4; c = 1/2 · 1/4 - 1/4 · 1/3 = 1/24
    for name, values in (
        ("input_gate", [3 / 4, 1 / 4]),
        ("forget_gate", [4 / 5, 1 / 2]),
        ("cell_gate", [1 / 3, -1 / 3]),
        ("output_gate", [3 / 4, 3 / 4]),
        ("cell", [1 / 4, 1 / 24]),
        ("hidden", [3 / 4 * np.tanh(1 / 4), 3 / 4 * np.tanh(1 / 24)]),
    ):
        np.testing.assert_allclose(getattr(t, name).ravel(), values, rtol=0, atol=1e-15)


def test_trace_of_ordinary_float32_and_float64_names_the_proof():
    lstm, x = torch.nn.LSTM(5, 7, 2, bidirectional=True), torch.randn(9, 3, 5)
    single = trace(lstm, x).proof
    double = trace(lstm.double(), x.double()).proof
    assert single.ok
    assert double.ok
    assert double.tolerance_h < 1e-12 < single.tolerance_h < 1e-4
    assert "float32 on cpu" in single.reason
    assert "float64 on cpu" in double.reason


def test_trace_proof_fails_for_a_module_that_is_not_its_equations():
    class Scaled(torch.nn.LSTM):
        def forward(self, x, hx=None):
            output, (h, c) = super().forward(x, hx)
            return output * 1.01, (h, c)

    t = trace(Scaled(4, 5), torch.randn(6, 2, 4))
    assert not t.proof.ok
    assert not t.proof.exact
    assert t.proof.output > t.proof.tolerance_h


def test_trace_proof_allows_for_the_rounding_of_large_values():
    lstm = torch.nn.LSTM(64, 32)
    x = 1e4 * torch.randn(50, 4, 64)
    with torch.no_grad():
        lstm.weight_ih_l0.mul_(1e-1)
    t = trace(lstm, x)
    assert t.proof.ok, t.proof


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("packed", [False, True])
def test_trace_sees_the_masks_of_dropout(dtype, packed):
    torch.manual_seed(3)
    lstm = torch.nn.LSTM(4, 6, 3, dropout=0.5, bidirectional=True, dtype=dtype)
    x = torch.randn(7, 3, 4, dtype=dtype)
    given = torch.nn.utils.rnn.pack_padded_sequence(x, [7, 5, 2]) if packed else x
    state = torch.get_rng_state()
    t = trace(lstm, given)
    assert torch.equal(torch.get_rng_state(), state)
    assert t.proof.ok, t.proof
    check_returned(t, lstm, given, None)
    assert not torch.equal(torch.get_rng_state(), state)
    assert not np.allclose(t.output, trace(lstm, given).output)


def test_trace_of_a_subclass_a_compiled_and_a_parametrised_module():
    class Mine(torch.nn.LSTM):
        pass

    torch.manual_seed(0)
    lstm, x = Mine(3, 4), torch.randn(5, 2, 3)
    plain = trace(lstm, x)
    compiled = trace(torch.compile(lstm, backend="eager"), x)
    np.testing.assert_array_equal(plain.cell, compiled.cell)
    normed = torch.nn.utils.parametrizations.weight_norm(copy.deepcopy(lstm), "weight_hh_l0")
    pruned = prune.l1_unstructured(copy.deepcopy(lstm), "weight_hh_l0", amount=0.5)
    with pytest.warns(FutureWarning):
        old = torch.nn.utils.weight_norm(copy.deepcopy(lstm), "weight_hh_l0")
    for module in (normed, pruned, old):
        for name, value in module.named_parameters():
            if "hh" in name:
                value.data.mul_(1.5)
        before = {k: id(v) for k, v in module.__dict__.items()}, list(map(id, module._flat_weights))
        t = trace(module, x)
        assert before == (
            {k: id(v) for k, v in module.__dict__.items()},
            list(map(id, module._flat_weights)),
        )
        check_returned(t, module, x, None)
        assert t.proof.ok


def test_trace_of_tied_weights_and_strided_input():
    lstm = torch.nn.LSTM(4, 4)
    lstm.weight_hh_l0 = lstm.weight_ih_l0
    x = torch.randn(4, 3, 10).permute(2, 1, 0)[::2]
    t = trace(lstm, x)
    check_returned(t, lstm, x, None)
    assert t.proof.ok


def test_trace_of_an_empty_batch():
    t = trace(torch.nn.LSTM(3, 4, 2, bidirectional=True), torch.randn(5, 0, 3))
    assert t.hidden.shape == (2, 2, 5, 0, 4)
    assert t.output.shape == (5, 0, 8)
    assert t.proof.ok


def test_trace_under_inference_mode_and_with_inference_tensors():
    lstm, x = torch.nn.LSTM(3, 4, 2), torch.randn(5, 2, 3)
    with torch.no_grad():
        plain = trace(lstm, x)
    with torch.inference_mode():
        inside, made = trace(lstm, x), torch.nn.LSTM(3, 4)
        y = torch.randn(5, 2, 3)
    np.testing.assert_array_equal(inside.cell, plain.cell)
    with torch.no_grad():
        assert trace(made, y).proof.ok


def test_trace_without_onednn_agrees():
    lstm, x = torch.nn.LSTM(3, 4, 2, bidirectional=True), torch.randn(5, 2, 3)
    fused = trace(lstm, x)
    with torch.backends.mkldnn.flags(enabled=False):
        unfused = trace(lstm, x)
    assert unfused.proof.ok
    np.testing.assert_allclose(fused.cell, unfused.cell, rtol=0, atol=1e-6)


@pytest.mark.parametrize("gates", [False, True])
def test_trace_writes_every_array_into_what_allocate_made(gates):
    made = {}

    def allocate(name, shape, dtype):
        made[name] = np.full(shape, 7, dtype)
        return made[name]

    sequences = [torch.randn(n, 3) for n in (2, 5, 3)]
    packed = pack_sequence(sequences, enforce_sorted=False)
    lstm = torch.nn.LSTM(3, 4, 2)
    t, plain = trace(lstm, packed, gates=gates, allocate=allocate), trace(lstm, packed, gates=gates)
    assert set(made) == set(t.arrays())
    for name, array in t.arrays().items():
        assert made[name] is array
        np.testing.assert_array_equal(array, getattr(plain, name))
    np.testing.assert_array_equal(t.input, pad_sequence(sequences))
    with pytest.raises(ValueError, match="allocate returned"):
        trace(lstm, packed, allocate=lambda _, shape, dtype: np.empty((1, *shape), dtype))


def test_trace_of_low_chunk_sizes_is_the_same(monkeypatch):
    from lstmviz.engine.opening import direction

    torch.manual_seed(0)
    lstm = torch.nn.LSTM(3, 4, 2, bidirectional=True, dtype=torch.float64)
    x = pack_sequence(
        [torch.randn(n, 3, dtype=torch.float64) for n in (9, 50, 17)], enforce_sorted=False
    )
    whole = trace(lstm, x)
    monkeypatch.setattr(direction, "_CACHED_BYTES", 1)
    monkeypatch.setattr(direction, "_ROWS_WORTH_A_PRODUCT", 7)
    pieces = trace(lstm, x)
    for name in (*STATES, *GATES):
        np.testing.assert_allclose(getattr(pieces, name), getattr(whole, name), rtol=0, atol=1e-14)
    assert pieces.proof.ok
