"""How many threads a run is computed on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch

from lstmviz.core.spec import RunSpec

_SMALL_RUN: Final = 2e8
"""Floating-point operations that one thread does in about 10 ms."""


def operations_of(spec: RunSpec) -> int:
    """Return roughly how many floating-point operations the forward of `spec` takes."""
    lstm, inputs = spec.lstm, spec.input
    per_step = 8 * lstm.hidden_size * (lstm.input_size + lstm.output_size)
    return per_step * lstm.num_layers * lstm.num_directions * inputs.steps * inputs.columns


@contextmanager
def small_runs_on_one_thread(spec: RunSpec) -> Iterator[None]:
    """Compute a small run on one thread.

    Several threads gain nothing there, and wait for one another at every step: on a busy machine
    each of those waits was seen to take 10 ms and more, and the window shares these cores.
    """
    threads = torch.get_num_threads()
    if operations_of(spec) < _SMALL_RUN:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
