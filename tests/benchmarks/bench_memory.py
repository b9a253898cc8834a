"""What a run takes of memory, against the estimate it is admitted by.

    python tests/benchmarks/bench_memory.py [--quick] [--row '{"hidden_size": 512}']

Each row runs in a process of its own: first a small run, so that what is loaded once is no part of
it, then the row, whose peak of resident memory above what the process had before is compared with
the estimate. Prints real / estimate, which ought to lie between 0.9 and 1.1 for runs that weigh;
neither passes nor fails. Needs Linux, which alone lets a process reset its peak.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

MIB = 2**20
_STATUS = Path("/proc/self/status")

LARGE: dict[str, Any] = {
    "input_size": 256, "hidden_size": 512, "num_layers": 1, "bidirectional": False,
    "seq_len": 500, "batch_size": 64, "values": "normal",
}  # fmt: skip

GRID: tuple[dict[str, Any], ...] = (
    {},
    {"batch_first": False},
    {"num_layers": 3},
    {"bidirectional": True},
    {"num_layers": 2, "bidirectional": True},
    {"initial_state": "random", "bias": False},
    {"values": "sine"},
    {"hidden_size": 1024, "seq_len": 100},
    {"hidden_size": 4096, "seq_len": 20, "batch_size": 8},
    {"hidden_size": 8192, "seq_len": 8, "batch_size": 4},
    {"hidden_size": 2048, "num_layers": 4, "seq_len": 4, "batch_size": 2},
    {"input_size": 8192, "hidden_size": 64},
    {"input_size": 8192, "hidden_size": 64, "values": "sine"},
    {"input_size": 8192, "hidden_size": 64, "values": "sine", "lengths": "ragged"},
    {"seq_len": 20_000, "batch_size": 4, "hidden_size": 128},
    {"unbatched": True, "seq_len": 20_000},
    {"hidden_size": 64, "batch_size": 1024, "input_size": 16, "seq_len": 100},
    {"lengths": "ragged", "seq_len": 200},
    {"lengths": "ragged", "seq_len": 200, "num_layers": 2, "bidirectional": True},
    {"lengths": "equal"},
    {"lengths": "equal", "num_layers": 2, "bidirectional": True},
    {"proj_size": 64, "seq_len": 200},
    {"proj_size": 256, "seq_len": 200, "num_layers": 2, "bidirectional": True},
    {"proj_size": 64, "hidden_size": 2048, "seq_len": 50, "batch_size": 16},
    {"proj_size": 128, "seq_len": 100, "lengths": "ragged"},
    {"dtype": "float64", "seq_len": 200},
    {"dtype": "float64", "seq_len": 200, "num_layers": 2, "bidirectional": True},
    {"dtype": "float64", "seq_len": 100, "lengths": "ragged"},
    {"dtype": "float64", "input_size": 8192, "hidden_size": 64, "seq_len": 200, "values": "sine"},
    {"dtype": "bfloat16", "seq_len": 100, "batch_size": 16},
    {"dtype": "bfloat16", "seq_len": 50, "batch_size": 16, "num_layers": 2, "bidirectional": True},
    {"dtype": "float16", "seq_len": 50, "batch_size": 16},
    {"dtype": "float16", "seq_len": 30, "batch_size": 16, "proj_size": 64, "lengths": "ragged"},
    {"dropout": 0.5, "num_layers": 2},
    {"seq_len": 50, "batch_size": 16},
    {"seq_len": 50, "batch_size": 8, "hidden_size": 128},
)
QUICK = (GRID[0], GRID[4], GRID[11], GRID[18], GRID[21], GRID[25])


def settings_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return `row` over the large run, its lengths spelled out."""
    settings = {**LARGE, **row}
    steps, batch = settings["seq_len"], settings["batch_size"]
    if settings.get("lengths") == "ragged":
        settings["lengths"] = [max(1, steps - steps * k // (2 * batch)) for k in range(batch)]
    elif settings.get("lengths") == "equal":
        settings["lengths"] = [steps] * batch
    return settings


def measure(row: dict[str, Any], *, shared: bool = True) -> dict[str, float]:
    """Return the estimate, and the peaks of building, running and of facts, in a child's words."""
    command = [sys.executable, __file__, "--child", json.dumps([settings_of(row), shared])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _resident(kind: str) -> int:
    found = re.search(rf"{kind}:\s+(\d+)", _STATUS.read_text(encoding="utf-8"))
    return int(found[1]) * 1024 if found else 0


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def _child(settings: dict[str, Any], *, shared: bool) -> None:
    import gc

    from lstmviz.bridge.shared import Arena
    from lstmviz.core.contract import trace_bytes
    from lstmviz.core.cost.memory import needed
    from lstmviz.core.facts import facts
    from lstmviz.core.spec import RunSpec
    from lstmviz.engine.counterparts import counterparts
    from lstmviz.engine.run import run

    spec = RunSpec.from_settings(settings)
    small = spec.changed(seq_len=2, batch_size=1, hidden_size=2, proj_size=0, lengths=None)
    facts(small.geometry, run(small).traces[0], counterparts(small))
    gc.collect()
    _forget_peak()
    before = _resident("VmRSS")
    arena = Arena(trace_bytes(spec.geometry))
    done = run(spec, allocate=arena.allocate if shared else None)
    ran = _resident("VmHWM") - before
    facts(spec.geometry, done.traces[0], counterparts(spec))
    peak = _resident("VmHWM") - before
    arena.close()
    print(json.dumps({"estimate": needed(spec), "run": ran, "peak": peak}))


def main() -> None:
    """Measure the grid and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--row", type=json.loads, help="one row of your own, as JSON")
    parser.add_argument("--child", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        _child(options.child[0], shared=options.child[1])
        return
    print(f"{'estimate':>9} {'run':>8} {'ratio':>6} {'+ facts':>8} {'ratio':>6}  MiB, window's run")
    for row in [options.row] if options.row else QUICK if options.quick else GRID:
        found = measure(row)
        estimate, ran, peak = (found[name] for name in ("estimate", "run", "peak"))
        print(
            f"{estimate / MIB:9.1f} {ran / MIB:8.1f} {ran / estimate:6.2f} {peak / MIB:8.1f}"
            f" {peak / estimate:6.2f}  {json.dumps(row)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
