"""How long the window takes to appear and to answer, beside what nothing can beat.

    python tests/benchmarks/bench_window.py [--rounds 5] [--changes 200]

Needs a display (or ``xvfb-run``). Prints ratios of medians taken in turn, so that a noisy machine
disturbs both sides alike: window / an empty pyqtgraph window, first plots / ``import torch``; then
the longest block of the window's thread and change-to-repaint over quick changes by real keys.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_EMPTY = """
import pyqtgraph as pg
app = pg.mkQApp()
window = pg.GraphicsLayoutWidget(show=True)
window.addPlot()
from PySide6.QtCore import QTimer
def shown():
    # Read on the clock that --timings reads, at the same moment: after the first painting.
    import time
    now = time.perf_counter()
    from lstmviz.gui.app.timings import process_age
    print(process_age() - (time.perf_counter() - now))
    app.quit()
QTimer.singleShot(0, shown)
app.exec()
"""

_DRIVEN = """
import sys
from lstmviz.gui.app import start

changes, path = int(sys.argv[1]), sys.argv[2]
open_window = start.open_window

def drive(studio):
    from PySide6.QtCore import QTimer

    def close():
        QTimer.singleShot(300, studio.window.close)

    def step(left):
        if not left:
            return close()
        width = studio.document.spec.lstm.hidden_size
        studio.document.change(hidden_size=16 + (width - 15) % 32)
        QTimer.singleShot(40, lambda: step(left - 1))

    def begin(*_):
        studio.document.run_changed.disconnect(begin)
        QTimer.singleShot(500, lambda: step(changes))

    studio.document.run_changed.connect(begin)

def open_and_drive(*arguments):
    from lstmviz.gui.app import studio as app

    show = app.Studio.show

    def show_and_drive(studio, kept=None):
        show(studio, kept)
        drive(studio)

    app.Studio.show = show_and_drive
    return open_window(*arguments)

start.open_window = open_and_drive
from lstmviz.cli import run
sys.exit(run(["--timings", path]))
"""


def _seconds(arguments: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True)
    return time.perf_counter() - started


def _empty_window() -> float:
    done = subprocess.run([sys.executable, "-c", _EMPTY], check=True, capture_output=True)
    return float(done.stdout)


def _driven(changes: int) -> list[dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "timings.jsonl"
        environment = {**os.environ, "XDG_CONFIG_HOME": folder}
        subprocess.run(
            [sys.executable, "-c", _DRIVEN, str(changes), str(path)], check=True, env=environment
        )
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _at(events: list[dict[str, float]], name: str) -> float:
    return next(event["at"] for event in events if event["event"] == name)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--changes", type=int, default=200)
    options = parser.parse_args()
    empty, torch, window, plots, blocks = [], [], [], [], []
    for _ in range(options.rounds):
        empty.append(_empty_window())
        torch.append(_seconds(["-c", "import torch"]))
        events = _driven(0)
        window.append(_at(events, "window_shown"))
        plots.append(_at(events, "first_plots"))
        blocks.append(events[-1]["longest_block"])
    for what, ours, peer, name in (
        ("window shown", window, empty, "empty pyqtgraph window"),
        ("first real plots", plots, torch, "python -c 'import torch'"),
    ):
        a, b = statistics.median(ours), statistics.median(peer)
        print(f"{what:18} {a:6.2f} s   {name:26} {b:6.2f} s   ratio {a / b:.2f}")
    print(f"longest block, start-up: median {1000 * statistics.median(blocks):.0f} ms")
    events = _driven(options.changes)
    delays = sorted(e["painted"] - e["changed"] for e in events if e["event"] == "change")
    p95 = delays[int(0.95 * (len(delays) - 1))]
    print(
        f"{len(delays)} changes painted: median {1000 * statistics.median(delays):.1f} ms,"
        f" p95 {1000 * p95:.1f} ms; longest block {1000 * events[-1]['longest_block']:.0f} ms"
    )


if __name__ == "__main__":
    main()
