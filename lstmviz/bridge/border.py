"""What an engine may say: each of its messages is held to what it was asked before it is believed.

The engine reads other people's files and runs code that can go astray in any way. Whatever comes
from it passes here once; behind this, the window trusts its types, ranges and shapes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

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
from lstmviz.bridge.shared import attach
from lstmviz.bridge.typed import typed
from lstmviz.bridge.wire import unpack_fact, unpack_run, unpack_scenario
from lstmviz.core.asking.source import Answer, LstmSource, source_from_plain
from lstmviz.core.contract import contract
from lstmviz.core.files import tracefile
from lstmviz.core.geometry import Geometry
from lstmviz.core.spec import DType
from lstmviz.core.timing import Timing

if TYPE_CHECKING:
    from lstmviz.bridge.link import Link
    from lstmviz.core.facts.fact import Fact
    from lstmviz.core.mistakes.experiment import Experiment
    from lstmviz.core.scenarios.choice import Choice
    from lstmviz.core.scenarios.results import PackedData, ScenarioRun
    from lstmviz.core.trace import Run, Trace

_MOST_BYTES: Final = 1 << 60
_LONGEST_NAME: Final = 200
_LONGEST_SENTENCE: Final = 4000
"""Characters of a sentence for the user; the engine cuts what PyTorch says far below."""
_MOST_DEVICES: Final = 256
_MOST_FACTS: Final = 1000

_WRONG: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading something that is not what it claims to be can raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Device:
    name: str
    title: str
    dtypes: tuple[DType, ...]


_OF_A_RUN: Final = (Started, Progressed, Finished, FactsFound, TimingFound, Stopped, Failed)


class Border:
    """One engine's answers, held to what it was asked."""

    def __init__(self) -> None:
        self._requests: dict[int, RunRequest] = {}
        self._started = 0
        self._experiments: dict[int, str] = {}
        self._finished = 0
        self._geometries: tuple[Geometry, ...] = ()

    def note(self, message: Message) -> None:
        """Remember that the engine was sent `message`."""
        if isinstance(message, RunRequest):
            self._requests[message.generation] = message
        elif isinstance(message, ExperimentRequest):
            self._experiments[message.number] = message.name

    def check(self, message: Message) -> None:
        """Refuse a message that an engine cannot have to send.

        Raises
        ------
        ProtocolError
            It is a request, speaks of a run that was not asked for, or is out of bounds.
        """
        with _or_a_lie(message):
            self._check(message)

    def answer(self, message: Finished, link: Link) -> Answer:
        """Return the answer to what was asked for, its arrays read-only views of shared memory.

        Raises
        ------
        ProtocolError
            What came is another, or not what it says.
        """
        with _or_a_lie(message):
            source = source_from_plain(self._requests[message.generation].source)
            sizes = [_size(block) for block in message.blocks]
            maps = attach(message.blocks, link.take_descriptors(len(sizes)))
            run = unpack_run(message.run, maps)
            _check_run(run, message.generation)
            found = message.findings and unpack_scenario(message.findings, run, maps)
            answer = Answer(source=source, run=run, findings=found or None)
            _check_is_of(answer)
            self._geometries = tuple(source.geometry_of(trace) for trace in run.traces)
        self._finished = message.generation
        return answer

    def facts(self, message: FactsFound) -> tuple[Fact, ...]:
        """Return the facts of an LSTM call of the run that finished last; none of another's.

        Raises
        ------
        ProtocolError
            They speak of numbers that the run does not have.
        """
        if message.generation != self._finished:
            return ()
        with _or_a_lie(message):
            _hold(len(message.facts) <= _MOST_FACTS)
            _hold(0 <= message.trace < len(self._geometries))
            shapes = _shapes(self._geometries[message.trace])
            return tuple(unpack_fact(fact, shapes) for fact in message.facts)

    def timing(self, message: TimingFound) -> Timing | None:
        """Return how long a forward of the run that finished last takes; None of another's.

        Raises
        ------
        ProtocolError
            It is no time, or of an LSTM call that the run does not have.
        """
        if message.generation != self._finished:
            return None
        with _or_a_lie(message):
            _hold(0 <= message.trace < len(self._geometries))
            timing = typed(Timing, message.timing)
            _hold(math.isfinite(timing.seconds) and timing.seconds >= 0 and timing.calls >= 1)
        return timing

    def experiment(self, message: ExperimentFinished) -> Experiment | None:
        """Return what came out of a mistake, or None where nothing did.

        Raises
        ------
        ProtocolError
            It is another mistake's, or no experiment.
        """
        from lstmviz.core.mistakes.experiment import Experiment

        with _or_a_lie(message):
            name = self._experiments[message.number]
            if message.experiment is None:
                return None
            found = typed(Experiment, message.experiment)
            _hold(found["name"] == name)
        return found

    def _check(self, message: Message) -> None:
        _hold(not isinstance(message, RunRequest | CancelRequest | ExperimentRequest))
        if isinstance(message, _OF_A_RUN):
            _hold(message.generation in self._requests)
        if isinstance(message, Started):
            self._forget_before(self._started)
            self._started = message.generation
        for kind, holds in _HOLDS.items():
            if isinstance(message, kind):
                _hold(holds(message))

    def _forget_before(self, generation: int) -> None:
        """Forget requests that nothing will be said of any more.

        One is still stopped, or its facts told, after the next has begun.
        """
        for older in [number for number in self._requests if number < generation]:
            del self._requests[older]


_HOLDS: Final[dict[type[Message], Callable[[Any], bool]]] = {
    Ready: lambda m: (
        _is_name(m.torch_version)
        and 0 < m.memory_limit <= _MOST_BYTES
        and (not m.version or _is_name(m.version))
    ),
    DevicesFound: lambda m: _are_devices(m.devices),
    Progressed: lambda m: 0 <= m.fraction <= 1,
    Finished: lambda m: m.run.get("generation") == m.generation,
    Failed: lambda m: len(m.field) <= _LONGEST_NAME and 0 < len(m.sentence) <= _LONGEST_SENTENCE,
    ExperimentFinished: lambda m: len(m.sentence) <= _LONGEST_SENTENCE,
}
"""What is true of every message of a kind beyond its types."""


@contextmanager
def _or_a_lie(message: Message) -> Generator[None, None, None]:
    try:
        yield
    except _WRONG as error:
        raise ProtocolError(f"no {type(message).__name__} of ours: {error!r:.300}") from error


def _hold(truth: object) -> None:
    if not truth:
        raise ValueError("out of bounds")


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_NAME


def _are_devices(devices: list[dict[str, Any]]) -> bool:
    found = [typed(_Device, device) for device in devices]
    names = {device.name for device in found}
    return (
        0 < len(found) == len(names) <= _MOST_DEVICES
        and all(_is_name(d.name) and len(d.title) <= _LONGEST_NAME for d in found)
        and all(device.dtypes for device in found)
    )


def _size(block: dict[str, Any]) -> int:
    """Return the bytes of a shared block; what maps it sees whether it has them."""
    size = block["size"]
    _hold(type(size) is int and 0 < size <= _MOST_BYTES)
    return int(size)


def _check_run(run: Run, generation: int) -> None:
    """Hold a run's traces to themselves, and its stages to them."""
    _hold(run.generation == generation and run.traces)
    for stage in run.stages:
        _hold(stage.trace is None or 0 <= stage.trace < len(run.traces))
        for port in (*stage.inputs, *stage.outputs):
            _hold(len(port.axes) == len(port.shape) and min(port.shape, default=0) >= 0)
    for trace in run.traces:
        _hold(tracefile.fit_together(trace.arrays(), trace.kind))
        _hold(all(min(state.shape) > 0 for state in trace.states.values()))
        DType(trace.dtype)


def _check_is_of(answer: Answer) -> None:
    """Hold an answer to what its source can come to."""
    if isinstance(answer.source, LstmSource):
        _hold(answer.findings is None and len(answer.run.traces) == 1)
        _check_geometry(answer.run.traces[0], answer.source.spec.geometry)
    else:
        _hold(answer.findings is not None)
        _check_scenario(cast("ScenarioRun", answer.findings), answer.source.choice)


def _check_geometry(trace: Trace, asked: Geometry) -> None:
    """Hold a trace to the sizes and the layout that were asked for."""
    found = trace.geometry(bias=asked.bias, dropout=asked.dropout)
    _hold(trace.seq_len == asked.steps)
    # How far a packed batch is padded is in no array, and random numbers may all be zero.
    _hold(replace(found, seq_len=asked.seq_len, has_state=asked.has_state) == asked)


def _check_scenario(found: ScenarioRun, choice: Choice) -> None:
    """Hold what a scenario found to its name, its settings and its own arrays."""
    chosen = choice.scenario
    _hold(found.scenario == chosen.name)
    _hold(found.settings == choice.settings)
    for result in found.results:
        values = result.values
        _hold(values.ndim == len(result.axes))
        _hold(not result.labels or (values.ndim and len(result.labels) == values.shape[-1]))
    _hold({claim.name for claim in found.claims} <= {claim.name for claim in chosen.claims})
    for named in (found.results, found.comparisons, found.claims):
        _hold(len({part.name for part in named}) == len(named))
    if found.packed is not None:
        _check_packed(found.packed)


def _check_packed(packed: PackedData) -> None:
    """Hold the parts of a PackedSequence to one another."""
    items, rows = len(packed.lengths), len(packed.data)
    _hold(packed.data.ndim == 2 and 0 < rows <= packed.padded_steps)
    _hold(packed.lengths.min() >= 1 and packed.lengths.sum() == rows)
    _hold(len(packed.batch_sizes) == packed.lengths.max() and packed.batch_sizes.sum() == rows)
    places = (
        (packed.sorted_indices, items, items),
        (packed.unsorted_indices, items, items),
        (packed.batch_sizes, len(packed.batch_sizes), items + 1),
        (packed.row_item, rows, items),
        (packed.row_step, rows, len(packed.batch_sizes)),
    )
    for places_of, count, end in places:
        _hold(places_of.shape == (count,) and places_of.dtype.kind == "i")
        _hold(places_of.min() >= 0 and places_of.max() < end)


def _shapes(geometry: Geometry) -> dict[str, tuple[int, ...]]:
    """Return the shape of everything that a fact may speak of, by name."""
    opened = (
        geometry.num_layers,
        geometry.num_directions,
        geometry.steps,
        geometry.batch_size,
    )
    found = {tensor.name: tensor.shape for tensor in contract(geometry).tensors}
    kind = geometry.kind
    found |= {state.name: (*opened, geometry.width(state)) for state in kind.states}
    return found | dict.fromkeys(kind.gate_names, (*opened, geometry.hidden_size))
