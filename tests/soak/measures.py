"""What a process holds, how that grows with use, and how long the window kept events waiting."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import psutil
from PySide6.QtCore import QElapsedTimer, QObject, QTimer


class Clock:
    """The longest time that the event loop did not come round."""

    def __init__(self):
        self.longest = 0
        self._elapsed = QElapsedTimer()
        self._elapsed.start()
        self._timer = QTimer(interval=0)
        self._timer.timeout.connect(self._round)
        self._timer.start()

    def _round(self):
        self.longest = max(self.longest, self._elapsed.restart())

    def stop(self):
        self._timer.stop()


@dataclass(frozen=True)
class Held:
    """What a process holds at one moment; memory in MiB."""

    memory: float
    handles: int
    threads: int
    timers: int
    blocks: int

    @classmethod
    def of(cls, process: psutil.Process, owners: Iterable[QObject] = ()) -> Held:
        """Look at `process`; Qt's timers are those of `owners`, in this one."""
        gc.collect()
        maps = Path(f"/proc/{process.pid}/maps")
        blocks = maps.read_text(encoding="utf-8").count("memfd:lstmviz") if maps.exists() else 0
        timers = sum(len(owner.findChildren(QTimer)) for owner in owners)
        with process.oneshot():
            memory, handles = process.memory_info().rss / 2**20, process.num_fds()
            return cls(memory, handles, process.num_threads(), timers, blocks)


class Growth:
    """How what the window and its engine hold grows.

    Parameters
    ----------
    studio : Studio
    """

    def __init__(self, studio):
        self._owners = (studio, studio.window)
        self._processes = {
            "window": psutil.Process(),
            "engine": psutil.Process(studio.client.pid),
        }
        self.seen = {name: [] for name in self._processes}

    def look(self):
        """Note what is held now."""
        for name, process in self._processes.items():
            owners = self._owners if name == "window" else ()
            self.seen[name].append(Held.of(process, owners))

    def per_thousand(self, acts):
        """Return by process what is gained in a thousand acts, `acts` lying between two looks.

        The median of the later half of the steps: what is first used is loaded in the earlier.
        """
        gained = {}
        for name, looks in self.seen.items():
            later = looks[len(looks) // 2 :]
            gained[name] = {}
            for kind in (field.name for field in fields(Held)):
                values = [getattr(held, kind) for held in later]
                steps = sorted(after - before for before, after in pairwise(values))
                gained[name][kind] = steps[len(steps) // 2] * 1000 / acts
        return gained


def in_words(gained):
    """Say what grows, e.g. ``window +0.4 MiB, engine +0.0 MiB and 2.0 handles per 1000``."""
    told = []
    for name, by_kind in gained.items():
        others = [
            f"{value:+.1f} {kind}" for kind, value in by_kind.items() if value and kind != "memory"
        ]
        told.append(", ".join([f"{name} {by_kind['memory']:+.1f} MiB", *others]))
    return "; ".join(told) + " per 1000"
