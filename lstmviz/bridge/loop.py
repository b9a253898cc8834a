"""The engine process: waits for requests, runs the newest, sends what came out."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lstmviz import __version__
from lstmviz.bridge.bench import Bench
from lstmviz.bridge.link import Link, LinkClosedError
from lstmviz.bridge.protocol import (
    Beat,
    CancelRequest,
    DevicesFound,
    ExperimentRequest,
    FactsFound,
    Failed,
    Message,
    Progressed,
    Ready,
    RunRequest,
    Started,
    Stopped,
    TimingFound,
)
from lstmviz.bridge.shared import Arena
from lstmviz.bridge.wire import pack_answer, pack_fact
from lstmviz.core.asking.source import LstmSource, source_from_plain
from lstmviz.core.cost.memory import NOT_ENOUGH, is_out_of_memory
from lstmviz.core.crashes import crash_of
from lstmviz.core.spec import RunSpec, SpecError
from lstmviz.core.trace import Run

if TYPE_CHECKING:
    from lstmviz.core.asking.source import Answer, Source
    from lstmviz.core.facts.counterparts import Counterparts

BEAT_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.02
_REPORT_SECONDS: Final = 0.1
_FACTS_PAUSE_SECONDS: Final = 0.1
_MOST_CALLS: Final = 16
"""LSTM calls of one run whose facts are told."""


class OvertakenError(Exception):
    """A newer request or a cancel came while a run was under way."""


class Engine:
    """Serve one window until it goes away.

    Parameters
    ----------
    link : Link
        To the window.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._next: RunRequest | None = None
        self._cancelled = -1
        self._told_devices = False
        self._bench = Bench(link)
        self._looked = self._reported = 0.0

    def serve(self) -> None:
        """Run the newest request there is, for as long as the window lives.

        Raises
        ------
        LinkClosedError
            The window is gone.
        """
        while True:
            if self._next is None and not self._told_devices and not self._link.waiting(0):
                self._tell_devices()
            if self._next is None:
                self._receive()
            while self._link.waiting(0):
                self._receive()
            if self._next is not None:
                request, self._next = self._next, None
                self._answer(request)

    def _tell_devices(self) -> None:
        """Try every device; after the first run, which must not wait for it."""
        from lstmviz.engine.machine import devices

        self._link.send(DevicesFound(devices=devices()))
        self._told_devices = True

    def _receive(self) -> None:
        for message in self._link.receive():
            self._take(message)

    def _take(self, message: Message) -> None:
        if isinstance(message, RunRequest):
            self._next = message
        elif isinstance(message, ExperimentRequest):
            self._bench.put(message)
        elif isinstance(message, CancelRequest):
            self._cancelled = message.generation
            if self._next and self._next.generation <= message.generation:
                self._link.send(Stopped(self._next.generation))
                self._next = None

    def _answer(self, request: RunRequest) -> None:
        self._link.send(Started(request.generation))
        try:
            self._run(request)
        except OvertakenError:
            self._link.send(Stopped(request.generation))
        except SpecError as error:
            self._fail(request, error.sentence, error.field)
        except LinkClosedError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a run raises is for the window to show
            if is_out_of_memory(error):
                self._fail(request, NOT_ENOUGH, "seq_len")
            elif _is_pytorchs(error):
                self._fail(request, _in_one_sentence(error), "")
            else:
                crash = crash_of(error)
                self._link.send(
                    Failed(request.generation, crash.sentence, "", crash.details, is_ours=True)
                )

    def _run(self, request: RunRequest) -> None:
        from lstmviz.engine.sources import run_source

        self._looked = self._reported = time.monotonic()
        source = source_from_plain(request.source)
        arena = Arena(source.expected_bytes)
        try:
            answer = run_source(
                source,
                generation=request.generation,
                allocate=arena.allocate,
                progress=lambda fraction: self._between_chunks(request.generation, fraction),
            )
            self._link.send(pack_answer(answer, arena), arena.descriptors)
            self._tell_more(answer)
        finally:
            arena.close()

    def _tell_more(self, answer: Answer) -> None:
        """Time a finished run's forward and evaluate its facts, unless something newer comes.

        While the user drags, the next request follows within this pause, and the window needs the
        processor to paint what it has just been sent.
        """
        from lstmviz.core.facts import facts

        run, source = answer.run, answer.source

        def between(_fraction: float = 0.0) -> None:
            self._look(run.generation)

        self._link.waiting(_FACTS_PAUSE_SECONDS)
        with contextlib.suppress(OvertakenError), _as_it_ran(source):
            self._looked = 0.0
            between()
            others = None
            if isinstance(source, LstmSource):
                self._tell_time(source.spec, run)
                between()
                others = _counterparts(source.spec, between)
            for place, trace in enumerate(run.traces[:_MOST_CALLS]):
                found = facts(source.geometry_of(trace), trace, others, between=between)
                told = [pack_fact(fact) for fact in found]
                self._link.send(FactsFound(run.generation, told, place))

    def _tell_time(self, spec: RunSpec, run: Run) -> None:
        """Time the forward warm: what the run itself took holds its preparation."""
        from lstmviz.engine.timing import time_forward

        first = run.traces[0].forward_timing
        timing = time_forward(spec, first, overtaken=lambda: self._link.waiting(0))
        self._link.send(TimingFound(run.generation, asdict(timing)))

    def _between_chunks(self, generation: int, fraction: float) -> None:
        self._look(generation)
        now = time.monotonic()
        if now - self._reported > _REPORT_SECONDS:
            self._reported = now
            self._link.send(Progressed(generation, fraction))

    def _look(self, generation: int) -> None:
        """Read what has come, now and then.

        Raises
        ------
        OvertakenError
            Something newer than `generation` has, or a cancel of it.
        """
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        while self._link.waiting(0):
            self._receive()
        if self._next is not None or self._cancelled >= generation:
            raise OvertakenError

    def _fail(self, request: RunRequest, sentence: str, field: str) -> None:
        self._link.send(Failed(request.generation, sentence, field, traceback.format_exc()))


def _as_it_ran(source: Source) -> contextlib.AbstractContextManager[None]:
    """Compute on as many threads as the run of `source` did."""
    from lstmviz.engine.threads import small_runs_on_one_thread

    if isinstance(source, LstmSource):
        return small_runs_on_one_thread(source.spec)
    return contextlib.nullcontext()


def _counterparts(spec: RunSpec, between: Callable[[float], None]) -> Counterparts | None:
    """Return what the calls beside a run give; None where there is no memory for them."""
    from lstmviz.engine.counterparts import counterparts

    try:
        return counterparts(spec, progress=between)
    except (MemoryError, OSError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return None


def main(end: int) -> None:
    """Be the engine process.

    Parameters
    ----------
    end : int
        Descriptor of our end of the socket; -1 to read a shared socket from standard input, which
        is how Windows hands one over.
    """
    _die_with_the_window()
    link = Link(_inherited_socket(end))
    threading.Thread(target=_beat, args=(link,), daemon=True).start()
    from lstmviz.engine.freed import keep_few_kernels

    keep_few_kernels()
    # Loaded now, not at the first request: the window is appearing meanwhile.
    import torch

    import lstmviz.engine.run  # noqa: F401 - loads what a run needs
    from lstmviz.engine.machine import memory_limit

    with contextlib.suppress(LinkClosedError):
        link.send(Ready(torch.__version__, memory_limit(), version=__version__))
        Engine(link).serve()
    # The window is gone and nobody waits for torch to tidy up.
    os._exit(0)


def _beat(link: Link) -> None:
    try:
        while True:
            link.send(Beat())
            time.sleep(BEAT_SECONDS)
    except LinkClosedError:
        # The window is gone, and the other thread may be deep in an operation that looks at
        # nothing, or the window died before the system was asked to tell us.
        os._exit(0)


def _inherited_socket(end: int) -> socket.socket:
    if sys.platform == "win32":
        return socket.fromshare(sys.stdin.buffer.read())
    return socket.socket(fileno=end)


def _die_with_the_window() -> None:
    """On Linux, ask to be killed when the window dies, even in the middle of a long operation."""
    if sys.platform == "linux":
        import ctypes
        import signal

        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def _is_pytorchs(error: Exception) -> bool:
    """Return whether PyTorch raised `error`, in Python or from its own library."""
    innermost = traceback.extract_tb(error.__traceback__)[-1:]
    return isinstance(error, RuntimeError) or any(
        "torch" in Path(frame.filename).parts for frame in innermost
    )


def _in_one_sentence(error: Exception) -> str:
    text = str(error).strip().splitlines()
    first = text[0] if text else type(error).__name__
    return f"PyTorch refused this run: {first}"
