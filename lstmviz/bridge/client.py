"""The window's side of the engine: asks for runs, hears of them, replaces a dead engine."""

from __future__ import annotations

import contextlib
import logging
import signal
import subprocess
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from lstmviz import __version__
from lstmviz.bridge.border import Border
from lstmviz.bridge.launch import EngineProcess, launch
from lstmviz.bridge.link import LinkClosedError
from lstmviz.bridge.protocol import (
    CancelRequest,
    DevicesFound,
    ExperimentFinished,
    ExperimentRequest,
    FactsFound,
    Failed,
    Finished,
    Message,
    Progressed,
    ProtocolError,
    Ready,
    RunRequest,
    Started,
    Stopped,
    TimingFound,
)
from lstmviz.bridge.retry import Retry
from lstmviz.core.asking.source import Source, source_in_plain
from lstmviz.core.crashes import Crash

if TYPE_CHECKING:
    from lstmviz.core.spec import RunSpec

_LOG = logging.getLogger(__name__)

_TICK_MS: Final = 500
_SILENT_TICKS: Final = 12
"""Ticks without a sign of life after which an engine hangs; it beats every second."""
_LOADING_TICKS: Final = 120
"""The same while it loads torch, which can hold the beat back on a cold disk."""
_IGNORED_TICKS: Final = 3
"""Ticks a newer request may wait for an older run to stop before the engine is replaced."""
_LONGEST_WORDS: Final = 300
_LEAVING_SECONDS: Final = 0.5
"""How long an engine that closed its line may take to end; it is killed then."""


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
    answer_arrived = Signal(object)
    """Answer, newer than every one before"""
    facts_found = Signal(int, object, int)
    """(generation, tuple of Fact, index of the trace), of a run that has arrived"""
    timing_found = Signal(int, object, int)
    """(generation, Timing of the forward, warm, index of the trace), of a run that has arrived"""
    run_failed = Signal(int, str, str)
    """(generation, field, sentence)"""
    run_crashed = Signal(object)
    """Crash, in the engine, which lives on"""
    progressed = Signal(int, float)
    """(generation, fraction)"""
    engine_lost = Signal(str)
    """One sentence: what happened, and that a new engine is starting."""
    experiment_finished = Signal(int, object, str)
    """(number, Experiment or None, one sentence where there is none)"""
    engine_refused = Signal(str)
    """One sentence: no engine can be started for now."""
    start_awaited = Signal(int)
    """Seconds until another engine is started; 0 when it is."""

    def __init__(self, engine: EngineProcess, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._generation = 0
        self._waiting: RunRequest | None = None
        self._experiment: ExperimentRequest | None = None
        self._shown = 0
        self._experiments = 0
        self._retried = self._cancelled = 0
        self._refusal = ""
        self._retry = Retry(self)
        self._retry.due.connect(self._start_another)
        self._retry.awaited.connect(self.start_awaited)
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
    def is_down(self) -> bool:
        """Whether no engine is there, and none starting."""
        return bool(self._refusal)

    @property
    def pid(self) -> int:
        """Process id of the present engine."""
        return self._engine.process.pid

    def request(self, source: Source) -> int:
        """Ask for `source` to be run; returns the generation of its run."""
        self._generation += 1
        self._waiting = RunRequest(self._generation, source_in_plain(source))
        self._ignored = 0
        if self.is_down:
            # Kept for the next engine.
            self.engine_refused.emit(self._refusal)
        else:
            self._send_newest()
        return self._generation

    def experiment(self, name: str, spec: RunSpec) -> int:
        """Ask for a mistake to be run with the sizes of `spec`; returns its number."""
        self._experiments += 1
        self._experiment = ExperimentRequest(self._experiments, name, spec.settings())
        if self.is_down:
            self.experiment_finished.emit(self._experiments, None, self._refusal)
        else:
            self._send(self._experiment)
        return self._experiments

    def cancel(self) -> None:
        """Give up the unanswered request; replaces an engine that does not let go of it."""
        if self._waiting is None:
            return
        self._waiting = None
        if not self.is_down and self._sent > self._cancelled:
            self._cancelled = self._sent
            self._send(CancelRequest(self._sent))

    def start_again(self) -> None:
        """Start an engine now, where none is there, and let the next pause be short again."""
        if self.is_down:
            self._retry.hurry()

    def close(self) -> None:
        """End the engine."""
        self._tick.stop()
        self._retry.stop()
        if not self.is_down:
            self._notifier.setEnabled(False)
            self._engine.kill()

    def _adopt(self, engine: EngineProcess) -> None:
        self._engine = engine
        self._border = Border()
        self._is_ready = False
        self._sent = self._unread = self._started = 0
        self._silence = self._ignored = 0
        self._notifier = QSocketNotifier(engine.link.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._receive)
        self._tick.start()

    def _send_newest(self) -> None:
        """Send the newest request, unless the engine has not yet turned to the one before.

        An engine that is loading or in a long operation reads nothing. Were every step of a drag
        sent to it, the socket would fill up and the window stop.
        """
        request = self._waiting
        if request is not None and not self._unread and request.generation != self._sent:
            self._sent = self._unread = request.generation
            self._send(request)

    def _was_read(self, generation: int) -> None:
        if generation >= self._unread:
            self._unread = 0
            self._send_newest()

    def _send(self, message: Message) -> None:
        self._border.note(message)
        # Where the engine is gone, the notifier says so next.
        with contextlib.suppress(LinkClosedError):
            self._engine.link.send(message)

    def _receive(self) -> None:
        engine = self._engine
        self._silence = 0
        try:
            for message in engine.link.receive():
                if engine is self._engine and not self.is_down:
                    self._border.check(message)
                    self._take(message)
        except LinkClosedError:
            self._replace_engine(_how_it_ended(engine.process))
        except ProtocolError as error:
            # The words alone: the error itself would keep the memory of what was not believed.
            _LOG.error("not understood: %s", str(error))
            self._replace_engine("The engine sent something that is no answer")

    def _take(self, message: Message) -> None:
        match message:
            case Ready():
                self._greet(message)
            case DevicesFound():
                self._retry.succeed()
                self.devices_found.emit(message.devices)
            case Started():
                self._started = message.generation
                self._was_read(message.generation)
            case Progressed():
                self.progressed.emit(message.generation, message.fraction)
            case Finished():
                self._deliver(message)
            case Failed():
                _LOG.info("run %d failed: %s", message.generation, message.detail)
                if message.is_ours:
                    self.run_crashed.emit(Crash.told(message.sentence, message.detail))
                if self._answers(message.generation):
                    self.run_failed.emit(message.generation, message.field, message.sentence)
            case Stopped():
                self._answers(message.generation)
            case _:
                self._take_aside(message)

    def _greet(self, ready: Ready) -> None:
        if ready.version == __version__:
            self._is_ready = True
            self.ready.emit(ready.torch_version, ready.memory_limit)
        else:
            self._refuse(ready.version)

    def _take_aside(self, message: Message) -> None:
        """Take what comes beside the runs."""
        if isinstance(message, FactsFound):
            facts = self._border.facts(message)
            if facts:
                self.facts_found.emit(message.generation, facts, message.trace)
        elif isinstance(message, TimingFound):
            timing = self._border.timing(message)
            if timing is not None:
                self.timing_found.emit(message.generation, timing, message.trace)
        elif isinstance(message, ExperimentFinished):
            found = self._border.experiment(message)
            if self._experiment and self._experiment.number == message.number:
                self._experiment = None
            self.experiment_finished.emit(message.number, found, message.sentence)

    def _deliver(self, message: Finished) -> None:
        answer = self._border.answer(message, self._engine.link)
        self._retry.succeed()
        self._answers(message.generation)
        if message.generation > self._shown:
            self._shown = message.generation
            self.answer_arrived.emit(answer)

    def _answers(self, generation: int) -> bool:
        """Return whether this answers the newest request, and stop waiting for it if so."""
        self._started = 0
        self._was_read(generation)
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

    def _replace_engine(self, how: str) -> None:
        """End the engine and start another; `how` the old one ended is said unless it is empty."""
        during, words = self._started, self._end_engine()
        if not during:
            self._retry.deaths += 1
        if self._retry.has_to_wait and not during:
            said = words.splitlines()[-1][:_LONGEST_WORDS] if words else "it said nothing"
            self._give_up(f"{how}, {self._retry.deaths} times in a row: {said}")
            return
        try:
            self._adopt(launch())
        except OSError as error:
            ended = how or "The engine had to be ended"
            self._give_up(f"{ended}, and no other can be started: {error.strerror}")
            return
        self._resume(how, during)

    def _end_engine(self) -> str:
        """End the engine that is there; returns its last words."""
        self._tick.stop()
        self._notifier.setEnabled(False)
        self._notifier.deleteLater()
        words = self._engine.last_words()
        self._engine.kill()
        if words:
            _LOG.error("engine's last words: %s", words)
        return words

    def _refuse(self, version: str) -> None:
        """Do without an engine that is of another version than this window."""
        self._end_engine()
        other = f"lstmviz {version}" if version else "an older lstmviz"
        self._give_up(
            f"The engine is of {other} and this window of lstmviz {__version__}: the program was"
            " changed while it ran, and has to be started again (the session is kept)"
        )

    def _resume(self, how: str, during: int) -> None:
        """Ask the new engine for the newest run, unless that run has already killed two."""
        request = self._waiting
        if request is not None and request.generation == during == self._retried:
            self._waiting = None
            self.run_failed.emit(
                request.generation, "", f"{how}, twice in this run; change a setting to try again."
            )
            return
        if request is not None:
            self._retried = during
            self._send_newest()
        if how:
            self._experiment = None
            self.engine_lost.emit(f"{how}; a new one is starting.")
        elif self._experiment is not None:
            # The engine had to go for a run's sake, and the mistake was under way in it.
            self._send(self._experiment)

    def _give_up(self, refusal: str) -> None:
        """Say that there is no engine, and try again after a pause."""
        self._refusal = refusal
        self._started = 0
        self.engine_refused.emit(refusal)
        if self._experiment is not None:
            number, self._experiment = self._experiment.number, None
            self.experiment_finished.emit(number, None, refusal)
        self._retry.wait()

    def _start_another(self) -> None:
        """Start an engine after a pause, and ask it for the newest run."""
        try:
            engine = launch()
        except OSError as error:
            self._give_up(f"No engine can be started: {error.strerror}")
            return
        self._refusal = ""
        self._adopt(engine)
        self._send_newest()


def _how_it_ended(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(_LEAVING_SECONDS)
    except subprocess.TimeoutExpired:
        return "The engine closed its line"
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        why = ", as when memory runs out" if name == "SIGKILL" else ""
        return f"The engine was ended by {name}{why}"
    return f"The engine ended with code {code}"
