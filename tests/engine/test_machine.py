from __future__ import annotations

import subprocess
import sys

import pytest

from lstmviz.core.cost.memory import MEMORY_LIMIT
from lstmviz.core.spec import SpecError
from lstmviz.engine import machine


def test_the_limit_is_what_the_user_says(monkeypatch):
    monkeypatch.setenv(MEMORY_LIMIT, "1.5GiB")
    assert machine.memory_limit() == 3 * 2**29
    monkeypatch.setenv(MEMORY_LIMIT, "2000000")
    assert machine.memory_limit() == 2_000_000
    monkeypatch.setenv(MEMORY_LIMIT, "plenty")
    with pytest.raises(SpecError, match=f"{MEMORY_LIMIT} is not understood.*4GiB"):
        machine.memory_limit()


def test_the_limit_is_a_share_of_what_the_tightest_bound_leaves(monkeypatch):
    monkeypatch.delenv(MEMORY_LIMIT, raising=False)
    bounds = ("_free_memory", "memory_left", "_address_space_left")
    for tight in bounds:
        for name in bounds:
            monkeypatch.setattr(machine, name, lambda k=10 if name == tight else 20: k * 1000)
        assert machine.memory_limit() == 7000


@pytest.mark.skipif(sys.platform != "linux", reason="only there it is known what is left")
def test_a_limit_of_the_process_is_seen():
    program = (
        "import resource; from lstmviz.engine.machine import memory_limit\n"
        "resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30,) * 2); print(memory_limit())"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert 0 < int(done.stdout) < 0.7 * 6 * 2**30
