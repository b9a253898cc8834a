"""Engines that are killed or stopped at any moment, and a window that goes on all the same.

A hundred kills and ten stops: ``python -m pytest tests/soak/test_faults.py --soak 25``.
"""

from __future__ import annotations

import os
import random
import signal

import psutil
import pytest
from PySide6.QtTest import QTest

from lstmviz.core.run_state import RunState

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]


def changed(studio, rng):
    studio.document.change(seq_len=rng.randint(1, 300), hidden_size=rng.randint(1, 48))


def check(studio, settle):
    settle(studio)
    document = studio.document
    if document.freshness.state is not RunState.CURRENT:
        # A run that was killed twice is given up, and says so; the next change runs.
        assert document.refusals or document.fault
        document.change(seed=document.spec.seed + 1)
        settle(studio)
    assert document.freshness.state is RunState.CURRENT
    assert document.run_spec == document.spec
    assert document.trace.proof.ok


def test_an_engine_may_be_killed_at_any_moment(studio, settle, soak):
    seed = random.SystemRandom().randrange(2**32)
    rng = random.Random(seed)  # noqa: S311 - a seed to go back to
    engines = set()
    for _ in range(soak(4)):
        changed(studio, rng)
        QTest.qWait(rng.choice((0, 1, 5, 20, 100, 400)))
        engines.add(studio.client.pid)
        os.kill(studio.client.pid, signal.SIGKILL)
        if rng.random() < 0.5:
            changed(studio, rng)
        check(studio, settle)
    alive = [pid for pid in engines if psutil.pid_exists(pid)]
    running = [pid for pid in alive if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]
    assert running in ([], [studio.client.pid]), f"seed {seed}"


def test_an_engine_that_is_stopped_is_replaced(studio, settle, soak):
    rng = random.Random(5)  # noqa: S311 - repeatable
    for _ in range(soak(1) if soak(1) == 1 else soak(1) // 2):
        before = studio.client.pid
        changed(studio, rng)
        os.kill(before, signal.SIGSTOP)
        check(studio, settle)
        assert studio.client.pid != before or studio.document.freshness.state is RunState.CURRENT


def test_nothing_listens_and_nothing_connects(studio, settle):
    rng = random.Random(7)  # noqa: S311 - repeatable
    changed(studio, rng)
    settle(studio)
    for process in (psutil.Process(), psutil.Process(studio.client.pid)):
        assert process.net_connections(kind="inet") == []
