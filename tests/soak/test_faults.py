"""Engines that are killed or stopped at any moment, and a window that goes on all the same.

A hundred kills and ten stops: ``python -m pytest tests/soak/test_faults.py --soak 25``.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time

import psutil
import pytest
from PySide6.QtTest import QTest

from lstmviz.core.asking.asked import Asked
from lstmviz.core.asking.run_state import RunState
from lstmviz.core.spec import RunSpec
from lstmviz.gui.app.keeper import take_left
from tests.bridge.lies import Answers, Listened

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
    assert document.called.settings == document.spec.settings()
    assert document.trace.proof.ok


def test_an_engine_may_be_killed_at_any_moment(studio, settle, soak, tally):
    seed = random.SystemRandom().randrange(2**32)
    rng = random.Random(seed)  # noqa: S311 - a seed to go back to
    engines = set()
    with tally("engine killed at any moment, until the next run") as kills:
        for _ in range(soak(4)):
            changed(studio, rng)
            QTest.qWait(rng.choice((0, 1, 5, 20, 100, 400)))
            engines.add(studio.client.pid)
            with kills.attempt():
                os.kill(studio.client.pid, signal.SIGKILL)
                if rng.random() < 0.5:
                    changed(studio, rng)
                check(studio, settle)
    alive = [pid for pid in engines if psutil.pid_exists(pid)]
    running = [pid for pid in alive if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]
    assert running in ([], [studio.client.pid]), f"seed {seed}"


def test_an_engine_that_is_stopped_is_replaced(studio, settle, soak, tally):
    rng = random.Random(5)  # noqa: S311 - repeatable
    with tally("engine stopped, until another has run") as stops:
        for _ in range(soak(1) if soak(1) == 1 else soak(1) // 2):
            before = studio.client.pid
            changed(studio, rng)
            with stops.attempt():
                os.kill(before, signal.SIGSTOP)
                check(studio, settle)


@pytest.mark.skipif(sys.platform != "linux", reason="sets another process's limits")
def test_an_engine_may_find_no_more_address_space(studio, settle, soak, tally):
    seed = random.SystemRandom().randrange(2**32)
    rng = random.Random(seed)  # noqa: S311 - a seed to go back to
    settle(studio)
    refused = 0
    with tally("address space at an end, until the next run") as limits:
        for _ in range(soak(4)):
            engine = psutil.Process(studio.client.pid)
            before = engine.rlimit(psutil.RLIMIT_AS)
            room = rng.choice((0, 1, 16, 64, 256, 1024)) << 20
            engine.rlimit(psutil.RLIMIT_AS, (engine.memory_info().vms + room, before[1]))
            with limits.attempt():
                studio.document.change(
                    seq_len=rng.randint(1, 3000),
                    hidden_size=rng.randint(1, 200),
                    seed=rng.randint(0, 99),
                )
                settle(studio)
                document = studio.document
                told = " ".join([document.fault, *document.refusals.values()])
                refused += bool(told.strip())
                if told.strip():
                    assert "can be used" in told or "memory" in told or "engine" in told, told
                else:
                    assert document.freshness.state is RunState.CURRENT, f"seed {seed}"
                assert document.trace.proof.ok
                if studio.client.pid == engine.pid and engine.is_running():
                    engine.rlimit(psutil.RLIMIT_AS, before)
                document.change(seq_len=24, hidden_size=16)
                check(studio, settle)
        limits.memory = f"{refused} were too large, and said so"


def garbage(rng):
    """Return what puts noise, or half a message, somewhere among what an engine says."""
    noise = rng.randbytes(rng.choice((1, 3, 4, 5, 64, 4096)))
    if rng.random() < 0.3:
        noise = rng.choice((b"\0\0\0\2{}", b"\0\0\0\4null", b"\xff\xff\xff\xff", b"\0\0\0\0"))
    place = rng.random()

    def lie(told):
        told.insert(round(place * len(told)), (noise, []))
        return told

    return lie


def test_garbage_on_the_line_costs_an_engine_and_no_run(qapp, soak, tally, monkeypatch):  # noqa: ARG001
    seed = random.SystemRandom().randrange(2**32)
    rng = random.Random(seed)  # noqa: S311 - a seed to go back to
    answers, asked = Answers(), Asked(spec=RunSpec().changed(seq_len=5, hidden_size=3))
    with tally("garbage on the line, until the next run") as lines:
        for _ in range(soak(8)):
            listened = Listened(answers, monkeypatch, garbage(rng))
            try:
                with lines.attempt():
                    listened.ask(asked)
                    listened.until(lambda told=listened: told.runs or told.lost or told.failed, 60)
                    newest = listened.ask(asked)
                    listened.until(
                        lambda told=listened, newest=newest: (
                            told.runs and told.runs[-1].generation == newest
                        ),
                        60,
                    )
            finally:
                listened.close()
    answers.close()


def test_nothing_listens_and_nothing_connects(studio, settle, soak, tally):
    rng = random.Random(7)  # noqa: S311 - repeatable
    with tally("network: nothing listens, nothing connects") as looks:
        for _ in range(soak(2)):
            changed(studio, rng)
            settle(studio)
            for process in (psutil.Process(), psutil.Process(studio.client.pid)):
                with looks.attempt():
                    assert process.net_connections(kind="inet") == []


WINDOW = """
from PySide6.QtCore import QTimer
from lstmviz.bridge.launch import launch
from lstmviz.gui.app import studio as app
from lstmviz.gui.app import start

show = app.Studio.show
def show_and_change(studio, kept=None):
    show(studio, kept)
    sizes = iter(range(10**9))
    timer = QTimer(studio, interval=20)
    timer.timeout.connect(lambda: studio.document.change(hidden_size=8 + next(sizes) % 20))
    timer.start()
app.Studio.show = show_and_change
start.open_window(launch(), None)
"""


def test_a_window_may_be_killed_at_any_moment(soak, tally, tmp_path):
    rng = random.Random(3)  # noqa: S311 - repeatable
    with tally("window killed at any moment, its session offered") as kills:
        for number in range(soak(2)):
            # A place of its own: what two windows died of is not offered a third time.
            place = tmp_path / str(number)
            path = place / "lstmviz" / "preferences.json"
            folder = path.parent / "windows"
            environment = {**os.environ, "XDG_CONFIG_HOME": str(place)}
            window = psutil.Popen([sys.executable, "-c", WINDOW], env=environment)
            end = time.monotonic() + 120
            while not list(folder.glob("*.json")) and time.monotonic() < end:
                time.sleep(0.02)
            time.sleep(rng.choice((0, 0.3, 1.0, 3.0)))
            with kills.attempt():
                engines = window.children()
                window.kill()
                window.wait()
                assert not psutil.wait_procs(engines, 10)[1], "an engine outlives its window"
                left = take_left(path)
                assert left is not None
                left[0].release()
                assert len(list(folder.glob("*.json"))) == 1
