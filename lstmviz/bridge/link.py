"""One end of the socket between the window and the engine."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import threading
from typing import Final

from lstmviz.bridge.protocol import Decoder, Message, ProtocolError, encode

_CHUNK: Final = 1 << 18
_MOST_DESCRIPTORS: Final = 64
_WINDOWS: Final = sys.platform == "win32"


class LinkClosedError(ConnectionError):
    """The other side is gone."""


class Link:
    """Send and receive messages, with descriptors beside them.

    Sending is safe from several threads; receiving belongs to one.

    Parameters
    ----------
    end : socket.socket
        Connected; the link owns it.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._decoder = Decoder()
        self._sending = threading.Lock()
        self.descriptors: list[int] = []
        """Descriptors received and not yet taken, in the order they were sent."""

    def fileno(self) -> int:
        """Return the socket's descriptor; -1 once closed."""
        return self._end.fileno()

    def send(self, message: Message, descriptors: list[int] | None = None) -> None:
        """Send `message` and, on POSIX systems, copies of `descriptors`.

        Raises
        ------
        LinkClosedError
            The other side is gone.
        """
        data = encode(message)
        try:
            with self._sending:
                if descriptors and not _WINDOWS:
                    sent = socket.send_fds(self._end, [data], descriptors)
                    data = data[sent:]
                self._end.sendall(data)
        except OSError as error:
            raise LinkClosedError from error

    def waiting(self, seconds: float | None = 0.0) -> bool:
        """Return whether something can be received, after at most `seconds` (None: for ever)."""
        readable, _, _ = select.select([self._end], [], [], seconds)
        return bool(readable)

    def receive(self) -> list[Message]:
        """Return the messages that one read completes; waits for at least some bytes.

        Raises
        ------
        LinkClosedError
            The other side is gone.
        ProtocolError
            What came is no message, or more descriptors than one can have.
        """
        try:
            if _WINDOWS:
                data = self._end.recv(_CHUNK)
            else:
                data, found, _, _ = socket.recv_fds(self._end, _CHUNK, _MOST_DESCRIPTORS)
                self.descriptors += found
        except OSError as error:
            raise LinkClosedError from error
        if not data:
            raise LinkClosedError
        if len(self.descriptors) > _MOST_DESCRIPTORS:
            raise ProtocolError(f"{len(self.descriptors)} descriptors")
        return list(self._decoder.feed(data))

    def take_descriptors(self, count: int) -> list[int]:
        """Return the `count` oldest descriptors received; the caller closes them."""
        taken, self.descriptors = self.descriptors[:count], self.descriptors[count:]
        return taken

    def close(self) -> None:
        """Close the socket and every descriptor nobody took."""
        for descriptor in self.take_descriptors(len(self.descriptors)):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._end.close()
