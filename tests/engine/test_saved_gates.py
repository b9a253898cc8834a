"""What PyTorch's kernel keeps is read where it lies, and believed only once it is confirmed."""

from __future__ import annotations

import mmap
import threading
from functools import partial

import numpy as np
import pytest
import torch

import lstmviz.engine.opening.fused
from lstmviz.engine.opening import onednn as kernel
from lstmviz.engine.opening import saved_gates as kept
from lstmviz.engine.opening.plan import plan
from lstmviz.engine.opening.trace import trace

pytestmark = pytest.mark.kernels

ARRAYS = ("hidden", "cell", "input_gate", "forget_gate", "cell_gate", "output_gate")
LARGE, SAVED = 0, 1 << 60


@pytest.fixture(params=[LARGE, SAVED], ids=["large", "saved"])
def read(request, monkeypatch):
    """Have every fused layer read; the list says of each whether it was."""
    found = []

    def opened(*args, **kwargs):
        found.append(kept.open_kept(*args, **kwargs))
        return found[-1]

    monkeypatch.setattr(lstmviz.engine.opening.fused, "open_kept", opened)
    monkeypatch.setattr(
        "lstmviz.engine.opening.trace.plan", partial(plan, large=request.param, few=-1)
    )
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

    monkeypatch.setattr(lstmviz.engine.opening.fused, "kept_in", shuffled)
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

    monkeypatch.setattr(lstmviz.engine.opening.fused, "kept_in", spoilt)
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


class Cut(torch.nn.LSTM):
    def forward(self, x, hx=None):
        super().forward(x[:4], hx)
        return super().forward(x, hx)


class Again(torch.nn.LSTM):
    def forward(self, x, hx=None):
        output, state = super().forward(x, hx)
        return super().forward(output, state)


class Residual(torch.nn.LSTM):
    def forward(self, x, hx=None):
        output, state = super().forward(x, hx)
        output += x
        return output, state


class Learned(torch.nn.LSTM):
    def forward(self, x, hx=None):
        state = torch.full((1, x.shape[1], self.hidden_size), 0.5)
        return super().forward(x, hx or (state, state))


class Differentiating(torch.nn.LSTM):
    def forward(self, x, hx=None):
        output, state = super().forward(x, hx)
        if torch.is_grad_enabled():
            torch.autograd.grad(output.sum(), self.weight_ih_l0, retain_graph=True)
        return output, state


class WithoutGradients(torch.nn.LSTM):
    @torch.no_grad()
    def forward(self, x, hx=None):
        return super().forward(x, hx)


class ByHand(torch.nn.LSTM):
    def forward(self, x, _hx=None):
        h = c = x.new_zeros(x.shape[1], self.hidden_size)
        hidden = []
        for step in x:
            z = step @ self.weight_ih_l0.T + self.bias_ih_l0 + h @ self.weight_hh_l0.T
            i, f, g, o = (z + self.bias_hh_l0).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            hidden.append(h)
        return torch.stack(hidden), (h[None], c[None])


class Casting(torch.nn.LSTM):
    def forward(self, x, hx=None):
        return super().forward(x.double(), hx)


@pytest.mark.parametrize(
    ("kind", "is_its_equations"),
    [
        (Cut, True),
        (Again, False),
        (Residual, False),
        (Learned, False),
        (Differentiating, True),
        (WithoutGradients, True),
        (ByHand, True),
        (Casting, True),
    ],
)
def test_a_forward_of_the_users_own_is_left_alone(read, kind, is_its_equations):
    torch.manual_seed(0)
    lstm, x = kind(5, 5), torch.randn(30, 2, 5)
    lstm = lstm.double() if kind is Casting else lstm
    t = trace(lstm, x)
    np.testing.assert_array_equal(t.output, lstm(x)[0].detach())
    assert t.proof.ok == is_its_equations
    assert t.hidden.dtype == t.output.dtype
    assert not read


@pytest.mark.usefixtures("read")
@pytest.mark.parametrize("layers", [1, 2])
def test_a_packed_batch_of_equal_lengths_in_another_order_is_not_mixed_up(by_hand, layers):
    torch.manual_seed(0)
    lstm, x = torch.nn.LSTM(4, 6, layers), torch.randn(9, 64, 4)
    lengths = torch.full((64,), 9)
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    t = trace(lstm, packed)
    np.testing.assert_array_equal(t.output, lstm(packed)[0].data.detach())
    check(t, by_hand, lstm, x)


def test_hooks_on_what_is_saved_are_neither_believed_nor_troubled(by_hand, read):
    torch.manual_seed(0)
    lstm, x, asked = torch.nn.LSTM(5, 6, 2), torch.randn(9, 2, 5), []

    def unpack(packed):
        asked.append(packed)
        return packed + 1

    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, unpack):
        check(trace(lstm, x), by_hand, lstm, x)
    assert not asked
    assert None not in read


@pytest.mark.usefixtures("read")
def test_what_a_caller_does_when_told_of_the_progress_is_its_own_affair():
    torch.manual_seed(0)
    lstm, x = torch.nn.LSTM(6, 6, 3, dropout=0.5), torch.randn(9, 2, 6)
    weight = torch.nn.Parameter(torch.ones(3))

    def progress(_fraction):
        torch.rand(3)
        with torch.enable_grad():
            (weight * weight).sum().backward()

    state = torch.get_rng_state()
    t = trace(lstm, x, progress=progress)
    torch.set_rng_state(state)
    np.testing.assert_array_equal(t.output, lstm(x)[0].detach())
    assert t.proof.ok
    assert weight.grad is not None


def test_memory_that_the_system_will_not_advise_on_is_used_all_the_same(by_hand, monkeypatch):
    class Refusing(mmap.mmap):
        def madvise(self, *_args):
            raise OSError(22, "Invalid argument")

    monkeypatch.setattr(kernel.mmap, "mmap", Refusing)
    torch.manual_seed(0)
    lstm, x = torch.nn.LSTM(32, 64), torch.randn(200, 64, 32)
    check(trace(lstm, x), by_hand, lstm, x, 2e-5)


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
