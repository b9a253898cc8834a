"""Every submodule call of a model as it runs, and every LSTM call in it, opened.

Calls are seen by hooks, which are removed again; a call that goes round ``Module.__call__``
(``lstm.forward(x)``, a scripted or compiled model) is not seen.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from lstmviz.core.cost.memory import is_out_of_memory
from lstmviz.core.trace import Run
from lstmviz.core.words.amounts import bytes_in_words
from lstmviz.engine.machine import memory_limit
from lstmviz.engine.model.recording import Recording, Recordings, listening
from lstmviz.engine.model.stages import stages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import nn

    from lstmviz.core.trace import Trace

MAX_TRACES: Final = 256
"""LSTM sequences that one run opens; the calls beyond are stages without a trace."""


NOT_ENOUGH_TO_OPEN: Final = (
    "There is not enough memory to open every LSTM call of this run; run a smaller batch or a"
    " shorter sequence."
)


class CaptureError(RuntimeError):
    """A model's calls that cannot be opened; the message is the sentence to show."""


class Capture:
    """What a model did inside a ``with capture(model)`` block.

    Attributes
    ----------
    run : Run
        Complete once the block is left; no stages before.
    """

    def __init__(self) -> None:
        self.run = Run(generation=0, stages=(), traces=())


@contextmanager
def capture(
    module: nn.Module,
    *,
    generation: int = 0,
    progress: Callable[[float], None] | None = None,
    repeat: bool = False,
) -> Iterator[Capture]:
    """Record everything that `module` and its submodules do inside the block, as one run.

    The model runs as it is, in its own mode, with its own random numbers and gradients. Afterwards
    it has no hook of ours. LSTM calls that start from the state which an earlier call of the same
    module returned (a decoder's loop, chunks of a long sequence) are joined into one trace.

    Parameters
    ----------
    module : nn.Module
    generation : int
        Passed on to the run.
    progress : callable, optional
        Told the fraction opened now and then, after the block's own work; raises to cancel.
    repeat : bool
        Call each ``nn.LSTM`` a few times more, to time it warm; for models of our own.

    Raises
    ------
    CaptureError
        Leaving the block: an LSTM call cannot be opened, or all of them do not fit in memory.
    Exception
        Whatever the block raises, with a note that names the submodule.
    """
    seen, recordings = Capture(), Recordings()
    with listening(module, recordings):
        yield seen
    seen.run = _opened(recordings.joined(), generation, progress, repeat=repeat)


def run_captured(
    module: nn.Module,
    *inputs: Any,
    generation: int = 0,
    progress: Callable[[float], None] | None = None,
    repeat: bool = False,
    **named: Any,
) -> Run:
    """Call ``module(*inputs, **named)`` once and return everything it did; see `capture`."""
    with capture(module, generation=generation, progress=progress, repeat=repeat) as seen:
        module(*inputs, **named)
    return seen.run


class Watched:
    """The newest runs of a watched model.

    Attributes
    ----------
    runs : tuple of Run
        One for each call of the model, oldest first; one for calls of submodules outside of it.
    """

    def __init__(self, keep: int) -> None:
        self._runs: deque[Run] = deque(maxlen=keep)
        self._count = 0
        self._adding = threading.Lock()

    @property
    def runs(self) -> tuple[Run, ...]:
        """One run for each call of the model, oldest first."""
        return tuple(self._runs)

    def add(self, recording: Recording) -> None:
        """Open what was recorded, keep it and forget it; its generation is the call's number.

        One thread after the other: the generators that masks are drawn from belong to all of them.
        """
        if not recording.calls:
            return
        try:
            with self._adding:
                self._runs.append(_opened(recording, self._count, None, repeat=False))
                self._count += 1
        finally:
            recording.clear()


@contextmanager
def watch(module: nn.Module, *, keep: int = 16) -> Iterator[Watched]:
    """Record every call of `module` inside the block.

    Parameters
    ----------
    module : nn.Module
    keep : int
        How many runs to keep; the oldest go first.

    Raises
    ------
    CaptureError
        As `capture`, from the model's own call.

    Examples
    --------
    >>> with watch(model) as seen:
    ...     model(batch)
    >>> seen.runs[-1].traces
    """
    seen = Watched(keep)
    recordings = Recordings(seen.add)
    with listening(module, recordings):
        yield seen
    for recording in recordings.all():
        seen.add(recording)


def _opened(
    recording: Recording,
    generation: int,
    progress: Callable[[float], None] | None,
    *,
    repeat: bool,
) -> Run:
    chains = recording.chains()
    opened = chains[:MAX_TRACES]
    needed = sum(call.trace_bytes for chain in opened for call in chain.calls)
    # A chain is run again whole.
    needed += max((sum(call.working_bytes for call in c.calls) for c in opened), default=0)
    limit = memory_limit()
    if needed > limit:
        raise CaptureError(
            f"To open every LSTM call of this run takes about {bytes_in_words(needed)}, and"
            f" {bytes_in_words(limit)} can be used; run a smaller batch or a shorter sequence."
        )
    traces: list[Trace] = []
    total = min(len(chains), MAX_TRACES)
    for k, chain in enumerate(chains[:total]):
        try:
            traces.append(chain.open(_share(progress, k, total), repeat=repeat))
        except (MemoryError, OSError, RuntimeError) as error:
            if is_out_of_memory(error):
                raise CaptureError(NOT_ENOUGH_TO_OPEN) from error
            raise
        except ValueError as error:  # what `trace` raises for a module that it cannot open
            raise CaptureError(f"{chain.name or 'The module'} cannot be opened: {error}") from error
    stages = stages_of(recording, traces)
    return Run(generation=generation, stages=stages, traces=tuple(traces))


def _share(
    progress: Callable[[float], None] | None, done: int, total: int
) -> Callable[[float], None] | None:
    if progress is None:
        return None
    return lambda fraction: progress((done + fraction) / total)
