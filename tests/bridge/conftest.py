"""Engines to try the client on: the real one, and small ones that misbehave in one way."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile

import pytest

from lstmviz.bridge.launch import EngineProcess
from lstmviz.bridge.link import Link

_PRELUDE = """
import os, signal, socket, sys, time
from lstmviz.bridge.link import Link, LinkClosedError
from lstmviz.bridge.protocol import *
from lstmviz import __version__ as VERSION
end = socket.socket(fileno=int(sys.argv[1]))
link = Link(end)
"""


def _start_engine(program: str) -> EngineProcess:
    """Start `program` in an engine's place; it has ``link``, and prints to the engine's log."""
    ours, theirs = socket.socketpair()
    log = tempfile.TemporaryFile()  # noqa: SIM115 - the EngineProcess closes it
    process = subprocess.Popen(
        [sys.executable, "-c", _PRELUDE + program, str(theirs.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=[theirs.fileno()],
    )
    theirs.close()
    return EngineProcess(process=process, link=Link(ours), log=log)


@pytest.fixture
def start_engine():
    """Start engines that do what a few lines of Python say."""
    return _start_engine


@pytest.fixture
def make_client(qapp):  # noqa: ARG001 - its event loop
    """Make clients that are closed at the end."""
    from lstmviz.bridge.client import EngineClient

    clients = []

    def make(engine: EngineProcess) -> EngineClient:
        client = EngineClient(engine)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()
        client.deleteLater()
