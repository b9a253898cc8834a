"""Modules and inputs from specs, against the same lines written by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from lstmviz.core.spec import DType, InitialState, RunSpec, SpecError, Values
from lstmviz.engine.build import build


def test_the_default_is_the_program_one_would_write():
    torch.manual_seed(3)
    lstm = nn.LSTM(8, 16, num_layers=2, batch_first=True, bidirectional=True)
    x = torch.randn(24, 4, 8).transpose(0, 1)
    h_0, c_0 = torch.randn(4, 4, 16), torch.randn(4, 4, 16)
    call = build(RunSpec().changed(values=Values.NORMAL, initial_state=InitialState.RANDOM))
    assert torch.equal(call.input, x)
    assert torch.equal(call.hx[0], h_0)
    assert torch.equal(call.hx[1], c_0)
    ours, theirs = call.lstm.state_dict(), lstm.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert not call.lstm.training


def test_the_seed_decides_every_number():
    spec = RunSpec().changed(initial_state=InitialState.RANDOM)
    first, again, other = build(spec), build(spec), build(spec.changed(seed=4))
    for name in ("input", "weights", "h_0"):
        numbers = {
            "input": [c.input for c in (first, again, other)],
            "weights": [c.lstm.weight_hh_l1_reverse for c in (first, again, other)],
            "h_0": [c.hx[0] for c in (first, again, other)],
        }[name]
        assert torch.equal(numbers[0], numbers[1])
        assert not torch.equal(numbers[0], numbers[2])


def test_the_callers_random_state_is_untouched():
    before = torch.get_rng_state()
    build(RunSpec())
    assert torch.equal(torch.get_rng_state(), before)


def test_packed_input_keeps_the_callers_order():
    spec = RunSpec().changed(lengths=(3, 24, 1, 9), values=Values.NORMAL)
    packed, dense = build(spec).input, build(spec.changed(lengths=None)).input
    assert isinstance(packed, PackedSequence)
    assert packed.sorted_indices.tolist() == [1, 3, 0, 2]
    assert packed.batch_sizes.tolist() == [4, 3, 3] + [2] * 6 + [1] * 15
    assert torch.equal(packed.data[:4], dense[[1, 3, 0, 2], 0])


@pytest.mark.parametrize("dtype", DType)
def test_everything_has_the_dtype_asked_for(dtype):
    call = build(RunSpec().changed(dtype=dtype, initial_state=InitialState.RANDOM))
    wanted = getattr(torch, dtype.value)
    made = [call.input, *call.hx, *call.lstm.parameters()]
    assert {tensor.dtype for tensor in made} == {wanted}


def test_unbatched_input_and_state_have_no_batch_axis():
    call = build(RunSpec().changed(unbatched=True, initial_state=InitialState.RANDOM))
    assert call.input.shape == (24, 8)
    assert call.hx[0].shape == (4, 16)


def test_zero_states_are_left_to_pytorch():
    assert build(RunSpec()).hx is None


def test_what_pytorch_warns_of_is_noted_not_printed(recwarn):
    notes = build(RunSpec().changed(num_layers=1, dropout=0.5)).notes
    assert len(notes) == 1
    assert notes[0].startswith("dropout option adds dropout after all but last recurrent layer")
    assert build(RunSpec()).notes == ()
    assert not list(recwarn)


def test_a_cuda_device_that_is_not_there_is_refused_by_name():
    with pytest.raises(SpecError, match="cuda:99") as caught:
        build(RunSpec().changed(device="cuda:99"))
    assert caught.value.field == "device"


def test_a_device_that_torch_does_not_know_is_torchs_own_error():
    with pytest.raises(RuntimeError, match="abacus"):
        build(RunSpec().changed(device="abacus"))
