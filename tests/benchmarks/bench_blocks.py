"""The longest time the window's thread keeps an event waiting, act by act.

    python tests/benchmarks/bench_blocks.py [--rounds 3] [--acts theme,tabs,picture,wide,keep]

Needs no display (``QT_QPA_PLATFORM=offscreen``). Each act is done `rounds` times in one window; the
median and the longest of its longest blocks are printed, beside the longest of as much time with
nothing to do: what the machine itself takes away.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer
from PySide6.QtWidgets import QTabWidget

from lstmviz.bridge.launch import launch
from lstmviz.core.asking.run_state import RunState
from lstmviz.core.asking.session import Session
from lstmviz.gui.app.studio import Studio, make_application
from lstmviz.gui.theme import Appearance, Scheme

_BEAT_MS = 1
_SETTLING_MS = 400


class Blocks:
    """Measures gaps between beats of the event loop."""

    def __init__(self) -> None:
        self._gap = QElapsedTimer()
        self._timer = QTimer(interval=_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self.longest = 0.0

    def _beat(self) -> None:
        self.longest = max(self.longest, self._gap.nsecsElapsed() / 1e6 - _BEAT_MS)
        self._gap.restart()

    def during(self, act: Callable[[], object]) -> float:
        """Return the longest block, in ms, from `act` until all it set off is done."""
        loop = QEventLoop()
        self.longest = 0.0
        self._gap.start()
        self._timer.start()
        QTimer.singleShot(0, act)
        QTimer.singleShot(_SETTLING_MS, loop.quit)
        loop.exec()
        self._timer.stop()
        return self.longest


def _wait(condition: Callable[[], object]) -> None:
    loop = QEventLoop()
    end = time.monotonic() + 120
    while not condition() and time.monotonic() < end:
        QTimer.singleShot(5, loop.quit)
        loop.exec()


def _acts(studio: Studio, folder: Path) -> dict[str, Callable[[], Iterator[Callable[[], object]]]]:
    """Return, by name, what yields acts to be measured one after the other."""
    document = studio.document

    def settled(**settings: object) -> None:
        document.change(**settings)
        _wait(lambda: document.freshness.state is RunState.CURRENT and document.facts)

    def theme() -> Iterator[Callable[[], object]]:
        for scheme in (Scheme.DARK, Scheme.LIGHT):
            yield lambda scheme=scheme: studio.appearance.set_scheme(scheme)

    def tabs() -> Iterator[Callable[[], object]]:
        settled(proj_size=8, lengths=tuple(24 - n for n in range(4)))
        for bar in (studio.views.steps, studio.views.panels):
            assert isinstance(bar, QTabWidget)
            for place in (*range(bar.count()), 0):
                yield lambda bar=bar, place=place: bar.setCurrentIndex(place)
        settled(proj_size=0, lengths=None)

    def picture() -> Iterator[Callable[[], object]]:
        yield lambda: studio.commands.save_picture_to(folder / "picture.png", 2.0)

    def wide() -> Iterator[Callable[[], object]]:
        yield lambda: document.change(hidden_size=4096, num_layers=1, seq_len=100, batch_size=1)
        _wait(lambda: document.freshness.state is RunState.CURRENT)
        yield lambda: document.look_at(unit=4000)
        document.change(hidden_size=16, num_layers=2, seq_len=24, batch_size=4)
        _wait(lambda: document.freshness.state is RunState.CURRENT)

    def keep() -> Iterator[Callable[[], object]]:
        yield lambda: document.look_at(step=(document.view.step + 1) % 20)

    return {"theme": theme, "tabs": tabs, "picture": picture, "wide": wide, "keep": keep}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--acts", default="theme,tabs,picture,wide,keep")
    options = parser.parse_args()
    make_application()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        studio = Studio(
            launch(), Session(), Appearance(Scheme.LIGHT), kept_at=path / "preferences.json"
        )
        studio.show()
        _wait(lambda: studio.document.facts)
        studio.finish()
        blocks = Blocks()
        idle = max(blocks.during(lambda: None) for _ in range(5))
        print(f"nothing    {idle:6.0f} ms")
        for name in options.acts.split(","):
            found = []
            for _ in range(options.rounds):
                rounds = _acts(studio, path)[name]()
                found.append(max(blocks.during(act) for act in rounds))
            print(f"{name:10} {statistics.median(found):6.0f} ms median, {max(found):6.0f} longest")
        studio.window.close()


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    main()
