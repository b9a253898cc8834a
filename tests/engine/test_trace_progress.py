"""Progress is told and a cancel honoured, between pieces of work and during PyTorch's own call."""

from __future__ import annotations

import gc
import threading
import time

import numpy as np
import pytest
import torch

from lstmviz.engine.opening.trace import trace
from lstmviz.engine.progress import Pace


class CancelledError(Exception):
    pass


def test_progress_rises_to_one():
    told = []
    x = torch.randn(20000, 1, 8)
    lstm = torch.nn.LSTM(8, 16, 2)
    watched = trace(lstm, x, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    assert len(told) > 5
    assert watched.proof.ok
    alone = trace(lstm, x)
    for name, array in watched.arrays().items():
        np.testing.assert_array_equal(array, getattr(alone, name), err_msg=name)


@pytest.mark.parametrize("when", [0.0, 0.2, 0.6, 0.99])
def test_cancel_reaches_the_caller_and_restores_everything(when):
    def progress(fraction):
        if fraction >= when:
            raise CancelledError

    lstm = torch.nn.LSTM(8, 16, 2, dropout=0.5)
    state = torch.get_rng_state()
    with pytest.raises(CancelledError):
        trace(lstm, torch.randn(20000, 1, 8, generator=torch.Generator()), progress=progress)
    for thread in threading.enumerate():
        if thread.name == "lstmviz forward":
            thread.join()
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.is_grad_enabled()
    assert lstm.training


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("fused", (6000, 1, 256)),
        ("kept", (6000, 1, 256)),
        ("wide", (6, 64, 1024)),
        ("unfused", (12000, 1, 64)),
        ("dropout", (4000, 1, 64)),
        ("cell", (20000, 1, 32)),
    ],
)
def test_caller_gets_a_word_often_enough_to_cancel(kind, shape):
    size = shape[2]
    lstm = torch.nn.LSTM(size, size, 2, dropout=0.5 if kind == "dropout" else 0)
    if kind == "cell":
        lstm = torch.nn.LSTMCell(size, size)
    dtype = torch.float64 if kind in ("unfused", "dropout") else torch.float32
    lstm, x = lstm.to(dtype), torch.randn(shape, dtype=dtype)
    trace(lstm, x[:2])  # What is loaded or chosen the first time is no part of the work.
    # Processor time: how long the work between two words is, whoever else uses the machine, and
    # without the search for garbage among what the whole test run has made.
    gc.freeze()
    times = [time.process_time()]
    with torch.set_grad_enabled(kind == "kept"):
        trace(lstm, x, progress=lambda _: times.append(time.process_time()))
    gc.unfreeze()
    times.append(time.process_time())
    assert len(times) > 10
    # PyTorch's own call is more than half of the work: nobody may wait for it without a word.
    assert np.diff(times).max() < (times[-1] - times[0]) / 4


def test_an_error_of_the_call_on_its_thread_reaches_the_caller():
    def fails():
        raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        Pace(lambda _: None).call(fails, 10.0, 0.5)


def test_a_cancel_that_the_module_catches_is_a_cancel_all_the_same():
    class Catching(torch.nn.LSTM):
        def forward(self, x, hx=None):
            try:
                return super().forward(x, hx)
            except CancelledError:
                with torch.no_grad():
                    return super().forward(x, hx)

    def progress(fraction):
        if not raised:
            raised.append(fraction)
            raise CancelledError

    raised = []
    with pytest.raises(CancelledError):
        trace(Catching(8, 8, 2), torch.randn(30, 2, 8), progress=progress)


def test_a_cancelled_call_that_drops_out_draws_nothing_later():
    lstm = torch.nn.LSTM(2000, 16, 2, dropout=0.5)
    x = torch.zeros(3000, 2, 1).expand(3000, 2, 2000)
    state = torch.get_rng_state()

    def progress(_fraction):
        raise CancelledError

    with pytest.raises(CancelledError):
        trace(lstm, x, progress=progress)
    for thread in threading.enumerate():
        if thread.name == "lstmviz forward":
            thread.join()
    assert torch.equal(torch.get_rng_state(), state)
