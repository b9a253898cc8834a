"""Each row of the plan's table, and that what is planned is what happens."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from lstmviz.engine import torch_internals
from lstmviz.engine.opening.call import PendingCall
from lstmviz.engine.opening.plan import Seen, plan
from lstmviz.engine.opening.trace import open_call

pytestmark = pytest.mark.kernels

EVEN = pack_sequence([torch.randn(9, 6) for _ in range(4)])
RAGGED = pack_sequence([torch.randn(k, 6) for k in (9, 7, 2)])


class Own(nn.LSTM):
    def forward(self, x, hx=None):
        return super().forward(x, hx)


def made(kind=nn.LSTM, hidden_size=8, **settings):
    return kind(6, hidden_size, **settings)


SMALL, LONG = torch.randn(9, 4, 6), torch.randn(400, 32, 6)
TABLE = {
    "float64": (made(dtype=torch.float64), SMALL.double(), True, False, Seen.NOWHERE),
    "projected": (made(proj_size=3), SMALL, True, False, Seen.NOWHERE),
    "ragged": (made(), RAGGED, True, False, Seen.NOWHERE),
    "large, with gradients": (made(num_layers=2), LONG, True, True, Seen.LENT),
    "one layer, not little, with gradients": (made(), LONG[:200], True, True, Seen.SAVED),
    "one layer, little, with gradients": (made(), SMALL, True, True, Seen.NOWHERE),
    "one layer": (made(), LONG, False, True, Seen.NOWHERE),
    "dropout": (made(num_layers=2, dropout=0.5), SMALL, False, True, Seen.MET),
    "dropout, with gradients": (made(num_layers=2, dropout=0.5), SMALL, True, True, Seen.MET),
    "a forward of its own": (made(Own, num_layers=2), SMALL, True, True, Seen.MET),
    "packed evenly": (made(num_layers=2), EVEN, True, True, Seen.MET),
    "layers, with gradients": (made(num_layers=2), SMALL, True, True, Seen.SAVED),
    "layers, little": (made(num_layers=2), SMALL, False, True, Seen.NOWHERE),
    "layers": (made(num_layers=2, hidden_size=64), LONG, False, True, Seen.MET),
}


FUSES = torch_internals.has_fused_layer()
with_onednn = pytest.mark.skipif(not FUSES, reason="oneDNN is not there")


@pytest.mark.parametrize("row", TABLE)
def test_a_row_of_the_table(row):
    lstm, x, grad, fused, seen = TABLE[row]
    if fused and not FUSES:
        pytest.skip("oneDNN is not there")
    chosen = plan(PendingCall.of(lstm, x, None), grad=grad)
    assert (chosen.fused, chosen.seen) == (fused, seen)


@pytest.mark.parametrize("row", TABLE)
@pytest.mark.parametrize("large", [0, 1 << 60])
@pytest.mark.parametrize("few", [-1, 1 << 60])
def test_whatever_is_large_or_little_the_numbers_are_proven(row, large, few):
    lstm, x, grad, _, _ = TABLE[row]
    chosen = []

    def choose(call, *, grad):
        chosen.append(plan(call, grad=grad, large=large, few=few))
        return chosen[-1]

    with torch.set_grad_enabled(grad):
        found = open_call(lstm, x, None, gates=True, progress=None, allocate=None, choose=choose)
    assert found.proof.ok, (chosen, found.proof)


@with_onednn
def test_under_a_mode_of_the_callers_no_memory_is_lent():
    lstm, x, *_ = TABLE["large, with gradients"]
    call = PendingCall.of(lstm, x, None)
    with torch_internals.Watch():
        assert plan(call, grad=True).seen is Seen.SAVED
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert plan(call, grad=True).seen is Seen.SAVED


@with_onednn
def test_where_hooks_hear_of_what_is_saved_it_is_not_looked_up():
    lstm, x, *_ = TABLE["layers, with gradients"]
    call = PendingCall.of(lstm, x, None)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        assert plan(call, grad=True).seen is Seen.NOWHERE
