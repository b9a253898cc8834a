"""Real memory: against the estimate, and when there is none left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone resets a peak")

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))


@pytest.mark.parametrize(
    "row",
    [
        {"seq_len": 200},
        {"hidden_size": 4096, "seq_len": 4, "batch_size": 2},
        {"input_size": 8192, "hidden_size": 64, "seq_len": 40, "values": "sine"},
        {"proj_size": 64, "seq_len": 100},
        {"dtype": "float64", "seq_len": 60},
        {"lengths": "ragged", "seq_len": 100},
    ],
)
def test_a_run_takes_what_it_was_estimated_to(row):
    """Within a quarter: kernels of other processors differ, and so do C libraries."""
    from bench_memory import measure

    found = measure(row)
    assert 0.75 < found["peak"] / found["estimate"] < 1.25, found


CHILD = """
import re, resource, sys
from pathlib import Path
from lstmviz.cli import run
import lstmviz.engine.run
import lstmviz.engine.counterparts
room = int(sys.argv[1]) * 2**20
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + room,) * 2)
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.parametrize("room", [60, 150, 300])
@pytest.mark.parametrize("kind", [[], ["--proj-size", "32"], ["--dtype", "float64"]])
def test_memory_that_runs_out_all_the_same_is_one_sentence(tmp_path, room, kind):
    sizes = ["--hidden-size", "512", "--seq-len", "300", "--batch-size", "32"]
    limit = ["--memory-limit", "1TiB", "--input-size", "256", *sizes, *kind]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(room), "trace", *limit, "-o", str(tmp_path / "t.npz")],
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "not enough memory" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    for words in ("Errno", "alloc", "Traceback"):
        assert words not in done.stderr
