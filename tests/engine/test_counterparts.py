"""Counterparts against calls of nn.LSTM made by hand."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pad_packed_sequence

from lstmviz.core.facts.counterparts import are_affordable
from lstmviz.core.spec import DType, InitialState, RunSpec
from lstmviz.engine.build import build
from lstmviz.engine.counterparts import counterparts

PACKED = RunSpec().changed(lengths=(20, 9, 23, 1), initial_state=InitialState.RANDOM)


def call_lstm(call, x):
    with torch.no_grad():
        output, (h_n, c_n) = call.lstm(x, call.hx)
    return output.numpy(), h_n.numpy(), c_n.numpy()


def test_only_what_the_spec_needs_is_run():
    found = counterparts(RunSpec())
    assert found.moved is not None
    assert (found.padded, found.unpacked, found.training) == (None, None, None)
    assert counterparts(RunSpec().changed(dropout=0.5)).training is not None


@pytest.mark.parametrize("unbatched", [False, True])
def test_moved_is_the_same_call_in_the_other_layout(unbatched):
    spec = RunSpec().changed(unbatched=unbatched)
    moved = counterparts(spec).moved
    output, h_n, c_n = call_lstm(build(spec), build(spec).input)
    turned = output if unbatched else output.swapaxes(0, 1)
    np.testing.assert_allclose(moved.output, turned, atol=1e-6)
    np.testing.assert_allclose(moved.h_n, h_n, atol=1e-6)
    np.testing.assert_allclose(moved.c_n, c_n, atol=1e-6)
    assert moved.output.shape == turned.shape


def test_padded_and_unpacked_are_the_two_ways_to_pass_a_padded_batch():
    found, call = counterparts(PACKED), build(PACKED)
    dense, _ = pad_packed_sequence(call.input, batch_first=True, total_length=24)
    output, h_n, c_n = call_lstm(call, dense)
    np.testing.assert_array_equal(found.unpacked.output, output)
    np.testing.assert_array_equal(found.unpacked.h_n, h_n)
    np.testing.assert_array_equal(found.unpacked.c_n, c_n)
    with torch.no_grad():
        packed, (h_n, _c_n) = call.lstm(call.input, call.hx)
    output, _ = pad_packed_sequence(packed, batch_first=True, total_length=24)
    np.testing.assert_array_equal(found.padded.output, output.numpy())
    np.testing.assert_array_equal(found.padded.h_n, h_n.numpy())
    np.testing.assert_allclose(found.moved.output, output.numpy().swapaxes(0, 1), atol=1e-6)


def test_training_draws_the_masks_of_the_runs_own_seed():
    spec = RunSpec().changed(dropout=0.5, seed=11)
    call = build(spec)
    call.lstm.train()
    torch.manual_seed(11)
    output, h_n, _c_n = call_lstm(call, call.input)
    found = counterparts(spec).training
    np.testing.assert_array_equal(found.output, output)
    np.testing.assert_array_equal(found.h_n, h_n)


def test_half_types_come_back_as_float32():
    found = counterparts(RunSpec().changed(dtype=DType.BFLOAT16)).moved
    assert found.output.dtype == np.float32


def test_nothing_is_changed_and_nothing_is_printed(recwarn):
    spec = PACKED.changed(dropout=0.5, proj_size=3)
    call = build(spec)
    before, weights = torch.get_rng_state(), call.lstm.weight_ih_l0.clone()
    counterparts(spec, call)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(call.lstm.weight_ih_l0, weights)
    assert call.lstm.batch_first
    assert not call.lstm.training
    assert not list(recwarn)


@pytest.mark.parametrize(
    "settings",
    [
        {"dtype": "float16", "proj_size": 16, "hidden_size": 64, "lengths": (150, 120, 90, 60)},
        {"dtype": "float64", "dropout": 0.5, "hidden_size": 64},
        {"hidden_size": 256, "seq_len": 400, "dropout": 0.5},
    ],
)
def test_counterparts_are_told_of_and_stopped_amid_their_calls(settings):
    class Enough(Exception):  # noqa: N818 - no error, a wish
        pass

    spec = RunSpec.from_settings({"seq_len": 150, **settings})
    assert are_affordable(spec)
    call, state = build(spec), torch.get_rng_state()
    threads = threading.active_count()
    told = []
    whole = counterparts(spec, call, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    assert threading.active_count() == threads
    for enough in (0, 0.4, 0.99):

        def progress(fraction, enough=enough):
            if fraction >= enough:
                raise Enough

        with pytest.raises(Enough):
            counterparts(spec, call, progress=progress)
        assert torch.equal(torch.get_rng_state(), state)
        assert (call.lstm.training, call.lstm.batch_first) == (False, spec.lstm.batch_first)
    again = counterparts(spec, call)
    np.testing.assert_allclose(again.moved.output, whole.moved.output, atol=1e-6)
    if whole.training is not None:
        np.testing.assert_allclose(again.training.output, whole.training.output, atol=1e-6)


def test_what_is_repeated_is_bounded_by_the_time_its_type_takes():
    spec = RunSpec().changed(hidden_size=256, proj_size=64, seq_len=200, batch_size=16)
    spec = spec.changed(lengths=tuple(range(200, 184, -1)))
    assert are_affordable(spec)
    assert not are_affordable(spec.changed(dtype=DType.FLOAT16))
    deep = RunSpec().changed(hidden_size=4096, num_layers=8, seq_len=1, batch_size=1)
    assert not are_affordable(deep)
