"""What PyTorch's kernel keeps is read where it lies, and believed only once it is confirmed."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

import lstmviz.engine.fused
from lstmviz.engine import kept, kernel, small
from lstmviz.engine.trace import trace

ARRAYS = ("hidden", "cell", "input_gate", "forget_gate", "cell_gate", "output_gate")
LARGE, SAVED = 0, 1 << 60


@pytest.fixture(params=[LARGE, SAVED], ids=["large", "saved"])
def read(request, monkeypatch):
    """Have every fused layer read; the list says of each whether it was."""
    found = []

    def opened(*args, **kwargs):
        found.append(kept.open_kept(*args, **kwargs))
        return found[-1]

    monkeypatch.setattr(lstmviz.engine.fused, "open_kept", opened)
    monkeypatch.setattr(kernel, "_LARGE_STATES", request.param)
    monkeypatch.setattr(small, "_FEW_MULTIPLICATIONS", -1)
    return found


def check(t, by_hand, lstm, x, limit=2e-6):
    rows = lstm.num_layers * (2 if lstm.bidirectional else 1)
    zero = np.zeros((rows, x.shape[1], lstm.hidden_size))
    truth = by_hand(lstm, x.detach().double().numpy(), zero, zero)
    for name in ARRAYS:
        np.testing.assert_allclose(getattr(t, name), truth[name], rtol=0, atol=limit, err_msg=name)
    assert t.proof.ok


@pytest.mark.parametrize("batch", [1, 3, 33])
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 20])
@pytest.mark.parametrize("sizes", [(1, 1), (40, 5), (7, 64), (64, 64), (3, 128)])
def test_every_gate_and_cell_state_is_read(by_hand, read, sizes, steps, batch):
    torch.manual_seed(0)
    lstm, x = torch.nn.LSTM(*sizes, bidirectional=True), torch.randn(steps, batch, sizes[0])
    check(trace(lstm, x), by_hand, lstm, x)
    assert None not in read
    assert len(read) == 2


@pytest.mark.parametrize("sizes", [(256, 256), (16, 256), (512, 100), (3, 512)])
@pytest.mark.parametrize("bias", [True, False])
def test_rows_that_onednn_lengthens_are_read(by_hand, read, sizes, bias):
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(*sizes, num_layers=2, bidirectional=True, bias=bias)
    x = torch.randn(6, 5, sizes[0])
    check(trace(lstm, x), by_hand, lstm, x, 2e-5)
    assert None not in read
    assert len(read) == 4


@pytest.mark.parametrize("piece", [1, 1 << 9])
def test_reading_piece_by_piece_is_the_same(read, monkeypatch, piece):
    lstm, x = torch.nn.LSTM(5, 7, 2, bidirectional=True), torch.randn(50, 3, 5)
    whole = trace(lstm, x)
    monkeypatch.setattr(kept, "_CACHED_BYTES", piece)
    monkeypatch.setattr(kept, "_FORGOTTEN_AT_ONCE", 1)
    pieces = trace(lstm, x)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))
    assert None not in read


@pytest.mark.parametrize("wrong", ["_row", "_pages"])
def test_numbers_from_another_place_are_not_believed(by_hand, read, monkeypatch, wrong):
    torch.manual_seed(0)
    right = getattr(kernel, wrong)
    monkeypatch.setattr(kernel, wrong, lambda length: right(length + 1) + 16)
    lstm, x = torch.nn.LSTM(8, 16, bidirectional=True), torch.randn(9, 3, 8)
    check(trace(lstm, x), by_hand, lstm, x)
    assert read in ([None, None], [])


@pytest.mark.parametrize("order", [(2, 1, 0, 3), (0, 3, 2, 1), (3, 1, 2, 0)])
def test_gates_in_another_order_are_not_believed(by_hand, read, monkeypatch, order):
    torch.manual_seed(0)
    right = kernel.kept_in

    def shuffled(*args):
        found = right(*args)
        parts = found.gates.chunk(4, 2)
        found.gates.copy_(torch.cat([parts[k] for k in order], 2))
        return found

    monkeypatch.setattr(lstmviz.engine.fused, "kept_in", shuffled)
    lstm, x = torch.nn.LSTM(8, 16), torch.randn(9, 3, 8)
    check(trace(lstm, x), by_hand, lstm, x)
    assert read == [None]


@pytest.mark.parametrize("step", [0, 4, 7])
def test_one_wrong_number_is_not_believed(by_hand, read, monkeypatch, step):
    torch.manual_seed(0)
    right = kernel.kept_in

    def spoilt(*args):
        found = right(*args)
        found.gates[step, 2, 5] += 0.01
        return found

    monkeypatch.setattr(lstmviz.engine.fused, "kept_in", spoilt)
    lstm, x = torch.nn.LSTM(8, 16), torch.randn(9, 3, 8)
    check(trace(lstm, x), by_hand, lstm, x)
    assert read == [None]


@pytest.mark.parametrize(
    ("name", "index"), [("x", (17, 2, 1)), ("weight_ih_l0", (3, 1)), ("bias_hh_l0", (5,))]
)
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_left_to_the_equations(read, name, index, value):
    torch.manual_seed(0)
    lstm, x = torch.nn.LSTM(4, 6), torch.randn(30, 5, 4)
    with torch.no_grad():
        (x if name == "x" else getattr(lstm, name))[index] = value
    t = trace(lstm, x)
    assert read in ([None], [])
    assert t.first_nonfinite.where == ("input" if name == "x" else name)
    assert t.first_nonfinite.index == index
    np.testing.assert_array_equal(t.output, lstm(x)[0].detach())


def test_frozen_layers_and_inputs_with_a_history_are_read_as_well(by_hand, read):
    torch.manual_seed(0)
    before = torch.nn.LSTM(3, 5)
    x = before(torch.randn(7, 2, 3))[0]
    lstm = torch.nn.LSTM(5, 6, 2)
    check(trace(lstm, x), by_hand, lstm, x)
    assert None not in read
    lstm.requires_grad_(False)
    check(trace(lstm, x), by_hand, lstm, x)
    check(trace(lstm, x.detach()), by_hand, lstm, x)
    lstm.weight_hh_l1.requires_grad_(True)
    check(trace(lstm, x.detach()), by_hand, lstm, x)
    assert None not in read


@pytest.mark.usefixtures("read")
@pytest.mark.parametrize("cut", ["first", "again"])
def test_a_module_that_runs_otherwise_is_not_taken_for_its_first_run(cut):
    class Other(torch.nn.LSTM):
        def forward(self, x, hx=None):
            output, state = super().forward(x[:4] if cut == "first" else x, hx)
            return super().forward(x, hx) if cut == "first" else super().forward(output, state)

    torch.manual_seed(0)
    lstm, x = Other(5, 5), torch.randn(9, 2, 5)
    t = trace(lstm, x)
    np.testing.assert_array_equal(t.output, lstm(x)[0].detach())
    assert t.proof.ok == (cut == "first")


def test_output_and_hidden_do_not_share_memory(read):
    t = trace(torch.nn.LSTM(4, 6), torch.randn(8, 2, 4))
    assert not np.shares_memory(t.output, t.hidden)
    assert None not in read


def test_traces_on_several_threads_keep_to_their_own_memory():
    torch.manual_seed(0)
    lstm, wrong = torch.nn.LSTM(32, 64), []

    def work(seed):
        x = torch.randn(200, 8, 32, generator=torch.Generator().manual_seed(seed))
        expected = lstm(x)[0].detach().numpy()
        for _ in range(10):
            t = trace(lstm, x, progress=lambda _: None)
            if not (np.array_equal(t.output, expected) and t.proof.ok):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
