"""What opening an LSTM costs, against the module's own fused forward in the same run.

    python tests/benchmarks/bench_trace.py [--quick] [--device cuda] [--out FOLDER]

Prints ratios; absolute times are the machine's. All sides run in turn, and the fastest run of each
is compared, because other work on the machine only ever adds. The trace is called as users call it,
with gradients recorded, and under ``torch.no_grad()``, where kernels keep no gates; fused, stepping
and cell loop always under ``torch.no_grad()``, where they are quickest. Draws cost against L, N and
H as trace.svg, and as trace.png where PySide6 is installed. Neither passes nor fails.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lstmviz.engine.opening.trace import trace

if TYPE_CHECKING:
    from collections.abc import Callable

BUDGET_SECONDS = 2.0
STEPPING_LIMIT = 20_000
TOP, SIZE = 70, 300


@dataclass(frozen=True, slots=True)
class Case:
    """One configuration; input_size is H."""

    L: int
    N: int
    H: int
    layers: int = 1
    both: bool = False

    def __str__(self) -> str:
        text = f"L {self.L:<6} N {self.N:<3} H {self.H:<4}"
        stacked = f"{self.layers} layers" if self.layers > 1 else ""
        return f"{text} {stacked}{', bidirectional' if self.both else ''}"


GRID = (
    Case(12, 4, 16),
    Case(12, 4, 16, 2, both=True),
    Case(50, 8, 32),
    Case(50, 8, 64, 2),
    Case(100, 16, 64),
    Case(100, 32, 128, 2, both=True),
    Case(200, 32, 128),
    Case(500, 16, 256),
    Case(1000, 1, 64),
    Case(1000, 8, 32),
    Case(2000, 4, 128),
    Case(5000, 1, 256),
    Case(10000, 1, 32),
    Case(500, 64, 512, 2, both=True),
)
QUICK = GRID[:7:2] + GRID[8:10]
LINES = {
    "L": [Case(L, 1, 32) for L in (100, 300, 1000, 3000, 10_000, 30_000, 100_000)],
    "N": [Case(100, N, 64) for N in (1, 2, 4, 8, 16, 32, 64, 128, 256)],
    "H": [Case(100, 8, H) for H in (8, 16, 32, 64, 128, 256, 512, 1024)],
}
MEMORY = (Case(20_000, 1, 256), Case(2000, 16, 256), Case(1000, 16, 256, 2, both=True))


class Subject:
    """A module and an input, and the ways to run them."""

    def __init__(self, case: Case, device: torch.device) -> None:
        torch.manual_seed(0)
        self.case, self.device = case, device
        self.lstm = torch.nn.LSTM(
            case.H, case.H, case.layers, bidirectional=case.both, device=device
        )
        self.x = torch.randn(case.L, case.N, case.H, device=device)
        self.cells = [torch.nn.LSTMCell(case.H, case.H, device=device) for _ in range(case.layers)]

    def wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def fused(self) -> None:
        self.lstm(self.x)
        self.wait()

    def traced(self) -> None:
        trace(self.lstm, self.x)

    def stepped(self) -> None:
        """Step nn.LSTM with carried state, as one must to see c_t without opening it."""
        state = None
        for x in self.x.split(1):
            _, state = self.lstm(x, state)
        self.wait()

    def looped(self) -> None:
        """Loop over nn.LSTMCell, one per layer."""
        states = [None] * len(self.cells)
        for x in self.x.unbind():
            h = x
            for k, cell in enumerate(self.cells):
                states[k] = cell(h, states[k])
                h = states[k][0]
        self.wait()


def timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_turn(*works: Callable[[], None], budget: float) -> list[float]:
    """Run the works in turn for about `budget` seconds; return each one's fastest."""
    for work in works:
        work()
    once = sum(timed(work) for work in works)
    rounds = max(3, min(300, math.ceil(budget / once)))
    times = [[timed(work) for work in works] for _ in range(rounds)]
    return [min(column) for column in zip(*times, strict=True)]


def measure(case: Case, device: torch.device, budget: float, *, steps: bool) -> dict[str, float]:
    subject = Subject(case, device)
    plain = torch.no_grad()
    works = plain(subject.fused), subject.traced, plain(subject.traced)
    found = dict(zip(("fused", "trace", "no_grad"), in_turn(*works, budget=budget), strict=True))
    if steps and not case.both and case.L * case.layers <= STEPPING_LIMIT:
        with torch.no_grad():
            found["stepping"] = min(timed(subject.stepped) for _ in range(2))
            found["cells"] = min(timed(subject.looped) for _ in range(2))
    gc.collect()
    return found


def table(cases: tuple[Case, ...], device: torch.device, budget: float) -> None:
    heads = ("fused", "trace", "trace /", "no_grad", "stepping", "cell loop")
    units = ("ms", "ms", "fused", "/ fused", "/ trace", "/ trace")
    for names in (heads, units):
        print(f"{'':36}" + "".join(f"{name:>11}" for name in names))
    ratios, without = [], []
    for case in cases:
        found = measure(case, device, budget, steps=True)
        ratios.append(found["trace"] / found["fused"])
        without.append(found["no_grad"] / found["fused"])
        line = f"{case!s:36}{found['fused'] * 1e3:11.3f}{found['trace'] * 1e3:11.3f}"
        line += f"{ratios[-1]:11.2f}{without[-1]:11.2f}"
        if "stepping" in found:
            line += f"{found['stepping'] / found['trace']:11.1f}"
            line += f"{found['cells'] / found['trace']:11.1f}"
        print(line, flush=True)
    for name, each in (("trace / fused", ratios), ("under no_grad", without)):
        print(f"{name}: median {statistics.median(each):.2f}, largest {max(each):.2f}")
    print()


def peak_of(case: Case, *, grad: bool) -> None:
    """Print bytes returned and the peak beyond the program with module and input, Linux only."""
    subject = Subject(case, torch.device("cpu"))
    with torch.set_grad_enabled(grad):
        trace(subject.lstm, subject.x[:2])
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before = _status("VmRSS")
        nbytes = trace(subject.lstm, subject.x).nbytes
        print(nbytes, _status("VmHWM") - before)


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))


def memory(cases: tuple[Case, ...]) -> None:
    print("peak memory beyond the program with module and input, on the CPU")
    for case in cases:
        line = f"{case!s:36}"
        for grad in (True, False):
            command = [sys.executable, __file__, "--peak", *map(str, (case.L, case.N, case.H))]
            command += [str(case.layers), str(int(case.both)), str(int(grad))]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            nbytes, peak = map(int, output.split())
            line += f"{nbytes / 1e6:9.1f} MB returned" if grad else ", under no_grad"
            line += f"{peak / nbytes:6.2f} x at the peak"
        print(line)
    print()


def lines(device: torch.device, budget: float, *, quick: bool) -> dict[str, list[tuple]]:
    """Measure cost against L, N and H, and print how it grows."""
    found = {}
    for axis, cases in LINES.items():
        points = []
        for case in cases[::2] if quick else cases:
            times = measure(case, device, budget / 4, steps=False)
            points.append((getattr(case, axis), times["fused"], times["trace"]))
        found[axis] = points
        (x0, _, y0), (x1, _, y1) = points[-2:]
        slope = math.log(y1 / y0) / math.log(x1 / x0)
        print(f"trace grows as {axis}^{slope:.2f} between {axis} {x0} and {x1}")
    print()
    return found


class Panel:
    """One plot of milliseconds against an axis, both logarithmic, as SVG elements."""

    def __init__(self, axis: str, points: list[tuple], left: int) -> None:
        self.axis, self.points, self.left = axis, points, left
        powers = [math.log10(1e3 * seconds) for point in points for seconds in point[1:]]
        self.low, self.high = math.floor(min(powers)), math.ceil(max(powers))

    def place(self, value: float, seconds: float) -> tuple[float, float]:
        first, last = self.points[0][0], self.points[-1][0]
        across = math.log(value / first) / math.log(last / first)
        up = (math.log10(1e3 * seconds) - self.low) / (self.high - self.low)
        return self.left + across * SIZE, TOP + SIZE * (1 - up)

    def frame(self) -> list[str]:
        parts, bottom = [], TOP + SIZE
        for power in range(self.low, self.high + 1):
            _, y = self.place(self.points[0][0], 10.0 ** (power - 3))
            parts.append(f'<path d="M{self.left} {y:.1f}h{SIZE}" stroke="#e3e5e8"/>')
            parts.append(text(self.left - 8, y + 4, f"{10.0**power:g}", "end"))
        for value, *_ in self.points[:: 1 + (len(self.points) > 6)]:
            x, _ = self.place(value, 10.0 ** (self.low - 3))
            parts.append(text(x, bottom + 20, value, "middle"))
        return [*parts, text(self.left + SIZE / 2, bottom + 44, self.axis, "middle")]

    def curve(self, name: str, column: int, colour: str, below: int) -> list[str]:
        spots = [self.place(point[0], point[column]) for point in self.points]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
        parts = [f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>']
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in spots]
        x, y = spots[0]
        return [*parts, f'<g fill="{colour}">{text(x + 4, y + below, name, "start")}</g>']


def text(x: float, y: float, words: object, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'


def picture(found: dict[str, list[tuple]], title: str) -> str:
    """Draw the cost against each axis."""
    size = f'viewBox="0 0 {len(found) * 390 + 30} {TOP + SIZE + 70}"'
    style = 'font-family="sans-serif" font-size="13" fill="#333"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>']
    parts += ['<rect width="2000" height="900" fill="#fff"/>', text(70, 30, title, "start")]
    parts.append(text(62, TOP - 14, "ms", "end"))
    for k, (axis, points) in enumerate(found.items()):
        panel = Panel(axis, points, 70 + k * 390)
        parts += panel.frame()
        parts += panel.curve("fused", 1, "#6b7280", 20)
        parts += panel.curve("trace", 2, "#0b6bcb", -12)
    return "\n".join([*parts, "</svg>"])


def save(svg: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trace.svg").write_text(svg, encoding="utf-8")
    print(folder / "trace.svg")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        from PySide6.QtGui import QGuiApplication, QImage, QPainter
        from PySide6.QtSvg import QSvgRenderer
    except ImportError:
        return
    application = QGuiApplication.instance() or QGuiApplication([])
    renderer = QSvgRenderer(svg.encode())
    image = QImage(renderer.defaultSize() * 2, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    image.save(str(folder / "trace.png"))
    print(folder / "trace.png")
    del application


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter measurements")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:1")
    parser.add_argument(
        "--threads", type=int, help="threads of PyTorch; its own choice unless given"
    )
    parser.add_argument("--out", type=Path, help="folder for the picture; none is drawn without it")
    parser.add_argument("--peak", nargs=6, type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peak:
        *sizes, both, grad = arguments.peak
        peak_of(Case(*sizes, both=bool(both)), grad=bool(grad))
        return
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    device = torch.device(arguments.device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor()
    title = f"torch {torch.__version__}, {device} {name or platform.machine()}"
    title += f", {torch.get_num_threads()} threads" if device.type == "cpu" else ""
    print(title, "\n")
    budget = BUDGET_SECONDS / 4 if arguments.quick else BUDGET_SECONDS
    table(QUICK if arguments.quick else GRID, device, budget)
    if sys.platform == "linux":
        memory(MEMORY[:1] if arguments.quick else MEMORY)
    if arguments.out:
        found = lines(device, budget, quick=arguments.quick)
        save(picture(found, f"Cost of a trace against the fused forward: {title}"), arguments.out)


if __name__ == "__main__":
    main()
