"""What ``--timings FILE`` writes: when things happened, in seconds since the process started."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TextIO

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

_BEAT_MS = 2


def process_age() -> float:
    """Return the seconds since the system started this process.

    Where the system does not say, the processor time used so far: a little less.
    """
    if sys.platform != "linux":
        return time.process_time()
    # Field 22 of /proc/self/stat: start time in clock ticks after boot.
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


class Timings(QObject):
    """Write events as JSON lines.

    Parameters
    ----------
    path : Path
        Overwritten.

    Raises
    ------
    OSError
        The file cannot be written.
    """

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._offset = process_age() - time.perf_counter()
        self._file: TextIO = path.open("w", encoding="utf-8")
        self._changed: float | None = None
        self._answered = False
        self._has_plots = False
        self._watched: QWidget | None = None
        self._longest = 0.0
        self._gap = QElapsedTimer()
        self._beat = QTimer(self, interval=_BEAT_MS)
        self._beat.timeout.connect(self._measure)

    def event_now(self, name: str) -> None:
        """Write that `name` happened now."""
        self._write({"event": name, "at": round(self._now(), 4)})

    def first_plots_are_painted(self) -> None:
        """Write, the first time, that the plots show a run."""
        if not self._has_plots:
            self._has_plots = True
            self.event_now("first_plots")

    def watch_blocks(self) -> None:
        """Measure from now on how long the window's thread keeps an event waiting."""
        self._gap.start()
        self._beat.start()

    def watch_paint(self, widget: QWidget) -> None:
        """Count the painting of `widget` as the answer to a change."""
        self._watched = widget
        widget.installEventFilter(self)

    def changed(self) -> None:
        """Note that a setting changed; the oldest unanswered change counts."""
        if self._changed is None:
            self._changed = self._now()
            self._answered = False

    def answered(self) -> None:
        """Note that the change's numbers are in the plots and will be painted next."""
        self._answered = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and self._answered and self._changed is not None:
            # Painting happens inside this event; a timer fires right after it.
            QTimer.singleShot(0, self._painted)
            self._answered = False
        return super().eventFilter(watched, event)

    def close(self) -> None:
        """Write the exit line and close the file."""
        self._beat.stop()
        if not self._file.closed:
            self._write({"event": "exit", "longest_block": round(self._longest, 4)})
            self._file.close()

    def _painted(self) -> None:
        if self._changed is not None:
            self._write(
                {
                    "event": "change",
                    "changed": round(self._changed, 4),
                    "painted": round(self._now(), 4),
                }
            )
            self._changed = None

    def _measure(self) -> None:
        self._longest = max(self._longest, (self._gap.restart() - _BEAT_MS) / 1000)

    def _now(self) -> float:
        return time.perf_counter() + self._offset

    def _write(self, line: dict[str, object]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
