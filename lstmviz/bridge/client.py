"""The window's side of the engine: asks for runs, hears of them, replaces a dead engine."""

from __future__ import annotations

import logging
import signal
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from lstmviz.bridge.launch import EngineProcess, launch
from lstmviz.bridge.link import LinkClosedError
from lstmviz.bridge.protocol import (
    CancelRequest,
    DevicesFound,
    Failed,
    Finished,
    Message,
    Progressed,
    ProtocolError,
    Ready,
    RunRequest,
    Started,
    Stopped,
)
from lstmviz.bridge.shared import attach
from lstmviz.bridge.wire import unpack_run
from lstmviz.core.spec import RunSpec

_LOG = logging.getLogger(__name__)

_TICK_MS: Final = 500
_SILENT_TICKS: Final = 12
"""Ticks without a sign of life after which an engine hangs; it beats every second."""
_LOADING_TICKS: Final = 120
"""The same while it loads torch, which can hold the beat back on a cold disk."""
_IGNORED_TICKS: Final = 3
"""Ticks a newer request may wait for an older run to stop before the engine is replaced."""
_MOST_FAILED_STARTS: Final = 3


class EngineClient(QObject):
    """Keep one engine running and pass requests to it; the newest wins.

    Parameters
    ----------
    engine : EngineProcess
        Already launched; the client owns it from now on.
    """

    ready = Signal(str, object)
    """(torch version, bytes one run may take)"""
    devices_found = Signal(object)
    """list of dict: name, title, dtypes"""
    run_arrived = Signal(object, object)
    """(Run, its RunSpec), newer than every one before"""
    run_failed = Signal(int, str, str)
    """(generation, field, sentence)"""
    progressed = Signal(int, float)
    """(generation, fraction)"""
    engine_lost = Signal(str)
    """One sentence: what happened, and that a new engine is starting."""
    engine_refused = Signal(str)
    """One sentence: no engine can be started."""

    def __init__(self, engine: EngineProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._generation = 0
        self._waiting: RunRequest | None = None
        self._shown = 0
        self._started = 0
        self._retried = 0
        self._failed_starts = 0
        self._silence = self._ignored = 0
        self._is_ready = False
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._look_after_engine)
        self._adopt(engine)

    @property
    def is_ready(self) -> bool:
        """Whether the engine has loaded torch."""
        return self._is_ready

    @property
    def is_busy(self) -> bool:
        """Whether a request is unanswered."""
        return self._waiting is not None

    @property
    def pid(self) -> int:
        """Process id of the present engine."""
        return self._engine.process.pid

    def request(self, spec: RunSpec) -> int:
        """Ask for a run of `spec`; returns its generation."""
        self._generation += 1
        self._waiting = RunRequest(self._generation, spec.settings())
        self._ignored = 0
        self._send(self._waiting)
        return self._generation

    def cancel(self) -> None:
        """Give up the unanswered request; replaces an engine that does not let go of it."""
        if self._waiting is None:
            return
        self._waiting = None
        self._send(CancelRequest(self._generation))

    def close(self) -> None:
        """End the engine."""
        self._tick.stop()
        self._notifier.setEnabled(False)
        self._engine.kill()

    def _adopt(self, engine: EngineProcess) -> None:
        self._engine = engine
        self._is_ready = False
        self._started = 0
        self._silence = self._ignored = 0
        self._notifier = QSocketNotifier(engine.link.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._receive)
        self._tick.start()

    def _send(self, message: Message) -> None:
        try:
            self._engine.link.send(message)
        except LinkClosedError:
            self._replace_engine()

    def _receive(self) -> None:
        engine = self._engine
        try:
            messages = engine.link.receive()
        except (LinkClosedError, ProtocolError):
            self._replace_engine()
            return
        self._silence = 0
        for message in messages:
            if engine is self._engine:
                self._take(message)

    def _take(self, message: Message) -> None:
        match message:
            case Ready():
                self._is_ready = True
                self._failed_starts = 0
                self.ready.emit(message.torch_version, message.memory_limit)
            case DevicesFound():
                self.devices_found.emit(message.devices)
            case Started():
                self._started = message.generation
            case Progressed():
                self.progressed.emit(message.generation, message.fraction)
            case Finished():
                self._deliver(message)
            case Failed():
                _LOG.error("run %d failed: %s", message.generation, message.detail)
                if self._answers(message.generation):
                    self.run_failed.emit(message.generation, message.field, message.sentence)
            case Stopped():
                self._answers(message.generation)

    def _deliver(self, message: Finished) -> None:
        maps = attach(message.blocks, self._engine.link.take_descriptors(len(message.blocks)))
        self._answers(message.generation)
        if message.generation <= self._shown:
            return
        self._shown = message.generation
        run = unpack_run(message.run, maps)
        self.run_arrived.emit(run, RunSpec.from_settings(message.settings))

    def _answers(self, generation: int) -> bool:
        """Return whether this answers the newest request, and stop waiting for it if so."""
        self._started = 0
        if self._waiting is None or generation != self._waiting.generation:
            return False
        self._waiting = None
        return True

    def _look_after_engine(self) -> None:
        self._silence += 1
        if self._silence > (_SILENT_TICKS if self._is_ready else _LOADING_TICKS):
            self._replace_engine("The engine stopped answering")
            return
        newest = self._waiting.generation if self._waiting else self._generation + 1
        is_ignoring = self._is_ready and 0 < self._started < newest
        self._ignored = self._ignored + 1 if is_ignoring else 0
        if self._ignored > _IGNORED_TICKS:
            self._replace_engine("")

    def _replace_engine(self, reason: str | None = None) -> None:
        """Start a new engine; without a `reason`, say how the old one ended; with '', nothing."""
        self._tick.stop()
        self._notifier.setEnabled(False)
        self._notifier.deleteLater()
        lost, was_ready, during = self._engine, self._is_ready, self._started
        words = lost.last_words()
        if reason is not None:
            lost.process.kill()
        how = reason or _how_it_ended(lost.process.wait())
        lost.kill()
        if words:
            _LOG.error("engine's last words: %s", words)
        if not was_ready:
            self._failed_starts += 1
        if self._failed_starts >= _MOST_FAILED_STARTS:
            self._give_up(how, words)
            return
        self._adopt(launch())
        self._resume(how, during, is_silent=reason == "")

    def _resume(self, how: str, during: int, *, is_silent: bool) -> None:
        """Ask the new engine for the newest run, unless that run has already killed two."""
        request = self._waiting
        if request is not None and request.generation == during == self._retried:
            self._waiting = None
            self.run_failed.emit(
                request.generation, "", f"{how} twice in this run; change a setting to try again."
            )
            return
        if request is not None:
            self._retried = during
            self._send(request)
        if not is_silent:
            self.engine_lost.emit(f"{how}; a new one is starting.")

    def _give_up(self, how: str, words: str) -> None:
        self._waiting = None
        last = words.splitlines()[-1] if words else "it said nothing"
        self.engine_refused.emit(f"{how} three times while starting: {last}")


def _how_it_ended(code: int) -> str:
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"The engine was ended by {name}"
    return f"The engine ended with code {code}"
