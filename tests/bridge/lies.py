"""Engines of a few lines inside the test's own process, and messages changed in one place."""

from __future__ import annotations

import copy
import json
import socket
import struct
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication

import lstmviz
import lstmviz.bridge.client as client_module
from lstmviz.bridge.client import EngineClient
from lstmviz.bridge.launch import EngineProcess
from lstmviz.bridge.link import Link
from lstmviz.bridge.protocol import (
    DevicesFound,
    ExperimentFinished,
    ExperimentRequest,
    FactsFound,
    Failed,
    Progressed,
    Ready,
    RunRequest,
    Started,
    Stopped,
    TimingFound,
)
from lstmviz.bridge.shared import Arena
from lstmviz.bridge.wire import pack_answer, pack_fact
from lstmviz.core.asking.source import source_from_plain
from lstmviz.core.facts import facts
from lstmviz.core.timing import Timing
from lstmviz.gui.document import Document

_LENGTH = struct.Struct("!I")


class Absent:
    """Stands in for the process of an engine that runs in this one."""

    pid = 0

    def kill(self):
        pass

    def wait(self, _seconds=None):
        return 0


class Script:
    """What a real engine says to requests, with the blocks that go along, said as often as needed.

    Attributes
    ----------
    engine : EngineProcess
        The client's side of it.
    said : list of (dict, list of int)
        Every message to say to the next request, as JSON data, with its descriptors.
    """

    def __init__(self, answers, lie=None):
        ours, self.end = socket.socketpair()
        self.link = Link(self.end)
        log = tempfile.TemporaryFile()  # noqa: SIM115 - the EngineProcess closes it
        self.engine = EngineProcess(process=Absent(), link=Link(ours), log=log)
        self._answers = answers
        self._lie = lie
        self.say(*plain(Ready("2.13.0", 2**33, lstmviz.__version__)))

    def say(self, content, descriptors=()):
        """Say what need not be a message; bytes as they are, anything else as JSON."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        data = body if isinstance(content, bytes) else _LENGTH.pack(len(body)) + body
        try:
            sent = socket.send_fds(self.end, [data], list(descriptors)) if descriptors else 0
            self.end.sendall(data[sent:])
        except OSError:
            pass

    def turn(self):
        """Answer what has been asked meanwhile."""
        if self.end.fileno() < 0 or not self.link.waiting(0):
            return
        try:
            requests = self.link.receive()
        except ConnectionError:
            self.close()
            return
        for request in requests:
            if isinstance(request, RunRequest | ExperimentRequest):
                for content, descriptors in self._answers(request, self._lie):
                    self.say(content, descriptors)
                self._lie = None

    def close(self):
        self.link.close()


def plain(message, descriptors=()):
    """Return a message as JSON data."""
    content = {"kind": type(message).__name__, **asdict(message)}
    return json.loads(json.dumps(content)), list(descriptors)


class Listened:
    """A client on a scripted engine, and a document that takes what it says.

    The first engine changes what it says by `lie`; every one after it tells the truth.
    """

    def __init__(self, answers, patch, lie=None):
        self._answers = answers
        self.scripts = [Script(answers, lie)]
        patch.setattr(client_module, "launch", self._launch)
        self.client = EngineClient(self.scripts[0].engine)
        self.document = Document()
        self.runs, self.lost, self.failed = [], [], []
        self.client.answer_arrived.connect(self._take)
        self.client.facts_found.connect(self.document.accept_facts)
        self.client.run_failed.connect(lambda *told: self.failed.append(told))
        self.client.engine_lost.connect(self.lost.append)

    def ask(self, asked):
        self.document._asked = asked
        return self.client.request(asked.source)

    def until(self, condition, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, (self.lost, self.failed)
            for script in self.scripts:
                script.turn()
            QCoreApplication.processEvents()

    def close(self):
        self.client.close()
        for script in self.scripts:
            script.close()
        self.client.deleteLater()
        self.document.deleteLater()
        self.document._run = self.document._called = self.document._answer = None
        self.runs.clear()

    def _launch(self):
        self.scripts.append(Script(self._answers))
        return self.scripts[-1].engine

    def _take(self, answer):
        self.runs.append(answer.run)
        self.document.accept(answer)


class Answers:
    """What the real engine answers to a request, computed once for each."""

    def __init__(self):
        self._known = {}
        self._arenas = []

    def close(self):
        for arena in self._arenas:
            arena.close()
        self._known.clear()

    def __call__(self, request, lie=None):
        """Return the messages; `lie` changes their list."""
        if isinstance(request, ExperimentRequest):
            return [plain(ExperimentFinished(request.number, None, "Not run."))]
        key = json.dumps(request.source)
        if key not in self._known:
            self._known[key] = self._run(request)
        told = copy.deepcopy(self._known[key])
        for content, _ in told:
            content["generation"] = request.generation
            if content["kind"] == "Finished":
                content["run"]["generation"] = request.generation
        return lie(told) if lie else told

    def _run(self, request):
        from lstmviz.engine.sources import run_source

        arena = Arena()
        self._arenas.append(arena)
        source = source_from_plain(request.source)
        answer = run_source(source, generation=1)
        finished = pack_answer(answer, arena)
        finished = replace(finished, generation=1, run={**finished.run, "generation": 1})
        trace = answer.run.traces[0]
        told = [pack_fact(fact) for fact in facts(source.geometry_of(trace), trace)]
        return [
            plain(Started(1)),
            plain(Progressed(1, 0.5)),
            plain(finished, arena.descriptors),
            plain(TimingFound(1, asdict(Timing(seconds=0.001, calls=5, warm=True)))),
            plain(FactsFound(1, told)),
        ]


BESIDE = [
    plain(DevicesFound([{"name": "cpu", "title": "CPU", "dtypes": ["float32"]}])),
    plain(Failed(1, "There is not enough memory.", "seq_len", "Traceback …")),
    plain(Stopped(1)),
    plain(ExperimentFinished(1, None, "Not run.")),
]
"""Messages of the other kinds."""

_ACTS = ("put", "put", "drop", "add", "double", "nudge", "swap", "descriptors")
_JUNK = st.sampled_from(
    [
        None, True, False, 0, 1, -1, 2, 7, 2**31, 2**63, 10**400, 0.5, -0.0, 1e308, float("nan"),
        float("inf"), "", "x", "\ud800", "<img src='/dev/zero'>", "x" * 5000, [], [[]], {}, [0],
        [-1], [2**40], {"kind": "Beat"}, "|O", "<f8", "<i8", "float64", "cuda:0",
    ]
)  # fmt: skip


def _places(tree, path=()):
    """Yield the path of every part of `tree` but itself."""
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, part in inside:
        yield (*path, key)
        if isinstance(part, dict | list):
            yield from _places(part, (*path, key))


def _at(tree, path):
    for key in path:
        tree = tree[key]
    return tree


@st.composite
def changes(draw):
    """Return what changes one place of a list of (content, descriptors)."""
    choice = draw(st.integers(0, 2**32))
    place = draw(st.integers(0, 2**32))
    act = draw(
        st.sampled_from(["put", "put", "drop", "add", "double", "nudge", "swap", "descriptors"])
    )
    junk, number = draw(_JUNK), draw(st.integers(-3, 3))

    def change(told):
        # The longest message has most to lie about, but each has its turn.
        content, descriptors = told[choice % len(told)]
        if act == "descriptors":
            del descriptors[number:]
            return told
        paths = list(_places(content))
        # Every place is as likely at every depth: most lie among facts and arrays otherwise.
        depths = sorted({len(path) for path in paths})
        paths = [path for path in paths if len(path) == depths[place % len(depths)]]
        path = paths[place // 7 % len(paths)]
        owner, key = _at(content, path[:-1]), path[-1]
        _change(owner, key, act, copy.deepcopy(junk), number)
        return told

    return change


def _change(owner, key, act, junk, number):
    value = owner[key]
    if act == "drop":
        del owner[key]
    elif act == "add" and isinstance(value, dict):
        value["beside"] = junk
    elif act == "add" and isinstance(value, list):
        value.append(junk)
    elif act == "double" and isinstance(owner, list):
        owner.insert(key, copy.deepcopy(value))
    elif act == "nudge" and isinstance(value, int | float):
        owner[key] = value + number
    elif act == "swap" and isinstance(owner, dict):
        other = list(owner)[number % len(owner)]
        owner[key], owner[other] = owner[other], value
    else:
        owner[key] = junk


def open_descriptors():
    """Return how many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))
