"""The calls of a model's submodules, in order, seen through hooks."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from lstmviz.engine.model.axis_names import (
    CELL_NAMES,
    LSTM_NAMES,
    AxisBook,
    Sighting,
    arguments,
    name_axes,
    tensors_in,
)
from lstmviz.engine.model.sequences import Chain, Chains, RecordedCall, copied, randomness_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch.utils.hooks import RemovableHandle


@dataclass(slots=True, eq=False)
class SeenCall:
    """One call of a submodule.

    Attributes
    ----------
    name : str
        Path of the submodule; empty for the model itself.
    kind : str
        Its class.
    inputs, outputs : tuple of Sighting
    chain : Chain or None
        The sequence of LSTM calls that this is part of.
    """

    name: str
    kind: str
    inputs: tuple[Sighting, ...]
    outputs: tuple[Sighting, ...] = ()
    chain: Chain | None = None


@dataclass(slots=True, eq=False)
class _Frame:
    """A call that has begun."""

    module: nn.Module
    call: SeenCall
    given: dict[str, Any]
    randomness: list[torch.Tensor] | None
    handled: BaseException | None


@dataclass(slots=True)
class Recording:
    """What was seen so far.

    Attributes
    ----------
    calls : list of SeenCall
        In the order in which they began.
    """

    calls: list[SeenCall] = field(default_factory=list)
    _chains: Chains = field(default_factory=Chains)
    _book: AxisBook = field(default_factory=AxisBook)
    _open: list[_Frame] = field(default_factory=list)

    def clear(self) -> None:
        """Forget everything."""
        self.calls, self._chains, self._book = [], Chains(), AxisBook()
        self._open.clear()

    @property
    def is_idle(self) -> bool:
        """Whether no call is under way."""
        return not self._open

    def chains(self) -> list[Chain]:
        """Return every sequence of LSTM calls, in the order of their first call."""
        return list(dict.fromkeys(c.chain for c in self.calls if c.chain is not None))

    def begin(
        self, name: str, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Take in that a call begins."""
        given = arguments(module, args, kwargs)
        inputs = tuple(self._sightings(module, given))
        call = SeenCall(name, type(module).__name__, inputs)
        randomness = None
        if isinstance(module, nn.LSTM | nn.LSTMCell):
            randomness = randomness_of(module, given.get("input"))
            # Copied before the call: the model may write into its own input and state.
            given = {key: _copied(value) for key, value in given.items()}
        else:
            given = {}
        self.calls.append(call)
        self._open.append(_Frame(module, call, given, randomness, sys.exc_info()[1]))

    def end(self, module: nn.Module, result: Any) -> bool:
        """Take in that a call has ended; return whether it ended well.

        A call that raised is forgotten, with all calls inside it.
        """
        if not self._open or self._open[-1].module is not module:
            return False  # another hook refused the call before we saw it begin
        frame = self._open.pop()
        raised = sys.exc_info()[1]
        if raised is not None and raised is not frame.handled:
            self._failed(frame, raised)
            return False
        call = frame.call
        call.outputs = tuple(self._sightings(module, {"output": result}))
        name_axes(module, call.inputs, call.outputs)
        if isinstance(module, nn.LSTM | nn.LSTMCell):
            call.chain = self._chains.add(call.name, _lstm_call(frame, result))
        return True

    def _failed(self, frame: _Frame, raised: BaseException) -> None:
        del self.calls[self.calls.index(frame.call) :]
        if not self.calls:
            self.clear()
        if not getattr(raised, "__notes__", None):
            shapes = ", ".join(f"{s.name} {s.shape}" for s in frame.call.inputs) or "no tensor"
            where = frame.call.name or "the model itself"
            raised.add_note(f"Raised in {where} ({frame.call.kind}), called with {shapes}.")

    def _sightings(self, module: nn.Module, given: dict[str, Any]) -> Iterator[Sighting]:
        ours = (
            CELL_NAMES
            if isinstance(module, nn.LSTMCell)
            else LSTM_NAMES
            if isinstance(module, nn.LSTM)
            else {}
        )
        for key, value in given.items():
            for name, tensor in tensors_in(key, value):
                yield self._book.see(ours.get(name, name), tensor)


def _copied(value: Any) -> Any:
    if isinstance(value, torch.Tensor | torch.nn.utils.rnn.PackedSequence):
        return copied(value)
    if isinstance(value, list | tuple):
        return tuple(_copied(item) for item in value)
    return value


def _lstm_call(frame: _Frame, result: Any) -> RecordedCall:
    module = frame.module
    output, (h_n, c_n) = (result[0], result) if isinstance(module, nn.LSTMCell) else result
    assert isinstance(module, nn.LSTM | nn.LSTMCell)  # noqa: S101 - for the type checker
    return RecordedCall(
        module=module,
        input=frame.given["input"],
        hx=frame.given.get("hx"),
        output=copied(getattr(output, "data", output)),
        h_n=copied(h_n),
        c_n=copied(c_n),
        grad=torch.is_grad_enabled(),
        randomness=frame.randomness,
    )


class Recordings:
    """A recording for each thread: calls of one thread are none of another's.

    Parameters
    ----------
    between : callable, optional
        Given a thread's recording before a call of the model itself, not of a part of it, and after
        it ended well.
    """

    def __init__(self, between: Callable[[Recording], None] | None = None) -> None:
        self.between = between
        self._by_thread: dict[int, Recording] = {}

    def of_this_thread(self) -> Recording:
        """Return the calling thread's own."""
        return self._by_thread.setdefault(threading.get_ident(), Recording())

    def all(self) -> list[Recording]:
        """Return every one, in the order in which threads made their first calls."""
        return list(self._by_thread.values())

    def joined(self) -> Recording:
        """Return one of all calls, thread after thread."""
        return Recording(calls=[call for recording in self.all() for call in recording.calls])


@contextmanager
def listening(model: nn.Module, recordings: Recordings) -> Iterator[None]:
    """Let `recordings` see every submodule of `model` for as long as the block lasts."""
    handles: list[RemovableHandle] = []
    try:
        for name, module in model.named_modules():
            handles += _hooked(name, module, recordings, is_whole=module is model)
        yield
    finally:
        for handle in handles:
            handle.remove()


def _hooked(
    name: str, module: nn.Module, recordings: Recordings, *, is_whole: bool
) -> Iterator[RemovableHandle]:
    between = recordings.between if is_whole else None

    def before(called: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        recording = recordings.of_this_thread()
        if between is not None and recording.is_idle:
            between(recording)
        recording.begin(name, called, args, kwargs)

    def after(called: nn.Module, _args: Any, _kwargs: Any, result: Any) -> None:
        recording = recordings.of_this_thread()
        if recording.end(called, result) and between is not None and recording.is_idle:
            between(recording)

    yield module.register_forward_pre_hook(before, with_kwargs=True)
    yield module.register_forward_hook(after, with_kwargs=True, always_call=True)
