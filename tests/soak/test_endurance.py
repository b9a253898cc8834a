"""Long use leaves nothing behind: memory, handles and threads do not grow with the changes made.

Twenty thousand changes: ``python -m pytest tests/soak/test_endurance.py --soak 220``.
"""

from __future__ import annotations

import gc
import random
from itertools import pairwise

import psutil
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

_CHANGES = 90
_MEASURES = 6
_MIB_PER_THOUSAND = 15.0
"""Seen on two cores, CPU build: window +1 to 3, engine +3 to 14, most of it the allocators' own."""


def held(process):
    """Return memory in MiB, open handles and threads of a process."""
    with process.oneshot():
        return process.memory_info().rss / 2**20, process.num_fds(), process.num_threads()


def growth(values):
    """Return how much is gained per measure once things have warmed up: the median step."""
    later = values[len(values) // 2 :]
    steps = sorted(after - before for before, after in pairwise(later))
    return steps[len(steps) // 2]


def test_changes_leave_nothing_behind(studio, settle, soak, tally):
    rng = random.Random(11)  # noqa: S311 - repeatable
    processes = {"window": psutil.Process(), "engine": psutil.Process(studio.client.pid)}
    seen = {name: [] for name in processes}
    per_measure = max(1, soak(_CHANGES) // _MEASURES)
    with tally("changes of a setting, each until its run is shown") as changes:
        for _ in range(_MEASURES):
            for _ in range(per_measure):
                with changes.attempt():
                    studio.document.change(
                        seq_len=rng.randint(1, 120),
                        hidden_size=rng.randint(1, 32),
                        seed=rng.randint(0, 99),
                    )
                    studio.document.look_at(step=rng.randint(0, 119))
                    settle(studio)
            gc.collect()
            for name, process in processes.items():
                seen[name].append(held(process))
        slopes = {
            name: growth([memory for memory, _, _ in measured]) * 1000 / per_measure
            for name, measured in seen.items()
        }
        changes.memory = ", ".join(f"{name} {slope:+.1f}" for name, slope in slopes.items())
        changes.memory += " MiB per 1000"
    for name, measured in seen.items():
        _, handles, threads = zip(*measured, strict=True)
        assert growth(handles) <= 0
        assert growth(threads) <= 0
        if per_measure >= 1000:
            # Over fewer changes an allocator's next block weighs more than what is measured.
            assert slopes[name] < _MIB_PER_THOUSAND
    assert studio.document.trace.proof.ok
