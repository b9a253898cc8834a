"""What the window and the engine say to each other, and how it crosses the socket.

A message is a frozen dataclass, sent as four bytes of length and JSON. Arrays do not travel: a
`Finished` names where they lie in shared blocks whose handles go along (see `bridge.shared`).
JSON and not pickle, because the engine reads other people's files and the window must not run
what such a file may have made of it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

from lstmviz.bridge.typed import typed

MAX_MESSAGE: Final = 16 * 2**20
"""Bytes; a run of 200 LSTM calls takes half a megabyte, 65 536 lengths as much again."""
_LENGTH: Final = struct.Struct("!I")


class ProtocolError(RuntimeError):
    """The other side sent something that is no message of ours."""


class Message:
    """Base of every message; its class name is its type on the wire."""

    kinds: ClassVar[dict[str, type[Message]]] = {}

    def __init_subclass__(cls) -> None:
        Message.kinds[cls.__name__] = cls


# Window to engine --------------------------------------------------------------------------------


@dataclass(frozen=True)
class RunRequest(Message):
    """Run this source; whatever older is under way has lost."""

    generation: int
    source: dict[str, Any]
    """A `Source` in plain data."""


@dataclass(frozen=True)
class CancelRequest(Message):
    """Stop what is under way; the next request will come later."""

    generation: int


@dataclass(frozen=True)
class ExperimentRequest(Message):
    """Run this mistake in the laboratory, whatever else is under way."""

    number: int
    name: str
    settings: dict[str, Any]


# Engine to window --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ready(Message):
    """The engine has loaded torch."""

    torch_version: str
    memory_limit: int
    """Bytes that one run may take."""
    version: str = ""
    """Of lstmviz itself: whoever updates it under an open window gets engines of another."""


@dataclass(frozen=True)
class DevicesFound(Message):
    """Every device torch reports: ``name``, ``title`` and the ``dtypes`` an LSTM runs in there."""

    devices: list[dict[str, Any]]


@dataclass(frozen=True)
class Beat(Message):
    """The engine's process is alive, however long the operation it is in."""


@dataclass(frozen=True)
class Started(Message):
    """The engine has turned to this request."""

    generation: int


@dataclass(frozen=True)
class Progressed(Message):
    """How much of a long run is done, 0 to 1."""

    generation: int
    fraction: float


@dataclass(frozen=True)
class Finished(Message):
    """A run's results; `blocks` shared blocks come with it."""

    generation: int
    run: dict[str, Any]
    blocks: list[dict[str, Any]]
    findings: dict[str, Any] | None = None
    """What was found beside the run; None for nothing."""


@dataclass(frozen=True)
class FactsFound(Message):
    """What is true of an LSTM call of a finished run; comes a little after it."""

    generation: int
    facts: list[dict[str, Any]]
    trace: int = 0
    """Which of the run's traces."""


@dataclass(frozen=True)
class TimingFound(Message):
    """How long the forward of a finished run takes once it is warm; comes a little after it."""

    generation: int
    timing: dict[str, Any]
    """A `Timing`."""
    trace: int = 0
    """Which of the run's traces."""


@dataclass(frozen=True)
class Stopped(Message):
    """The run was cancelled or overtaken by a newer request."""

    generation: int


@dataclass(frozen=True)
class Failed(Message):
    """The run could not be done."""

    generation: int
    sentence: str
    """For the user."""
    field: str
    """The setting at fault, or empty."""
    detail: str
    """The traceback, for the log."""
    is_ours: bool = False
    """Whether it is a fault of this program's own, and nothing that PyTorch refused."""


@dataclass(frozen=True)
class ExperimentFinished(Message):
    """What came out of a mistake, or one sentence on why nothing did."""

    number: int
    experiment: dict[str, Any] | None
    sentence: str = ""


def encode(message: Message) -> bytes:
    """Return `message` as it goes over the wire."""
    content = {"kind": type(message).__name__, **asdict(message)}  # type: ignore[call-overload]
    # Half of a surrogate pair, as in the name of a file that is no text, becomes a question mark.
    body = json.dumps(content, ensure_ascii=False).encode(errors="replace")
    return _LENGTH.pack(len(body)) + body


class Decoder:
    """Put bytes together into messages, however they were cut on the way."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take `data` in and yield every message now complete.

        Raises
        ------
        ProtocolError
            What came is no message.
        """
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > MAX_MESSAGE:
                raise ProtocolError(f"a message of {length} bytes")
            end = _LENGTH.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[_LENGTH.size : end])
            del self._buffer[:end]
            yield _decode(body)


def _decode(body: bytes) -> Message:
    try:
        content = json.loads(body)
        return typed(Message.kinds[content.pop("kind")], content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProtocolError(f"no message: {body[:80]!r}") from error
