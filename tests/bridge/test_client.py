from __future__ import annotations

import os
import signal
import sys
import time

import numpy as np
import psutil
import pytest

import lstmviz
import lstmviz.bridge.client as client_module
import lstmviz.bridge.retry as retry_module
from lstmviz.bridge.launch import launch
from lstmviz.core.asking.source import LstmSource
from lstmviz.core.recipe import recipe
from lstmviz.core.spec import RunSpec

SMALL = RunSpec()
LONG = RunSpec().changed(seq_len=100_000, hidden_size=128, batch_size=1)
"""Ten seconds and more."""


class Heard:
    """Everything a client said, in order."""

    def __init__(self, client):
        self.runs, self.specs, self.failures, self.lost, self.refused = [], [], [], [], []
        self.devices, self.fractions, self.ready, self.timings = [], [], [], []
        client.answer_arrived.connect(
            lambda answer: (self.runs.append(answer.run), self.specs.append(answer.source.spec))
        )
        client.run_failed.connect(lambda *told: self.failures.append(told))
        client.engine_lost.connect(self.lost.append)
        client.engine_refused.connect(self.refused.append)
        client.devices_found.connect(self.devices.append)
        client.progressed.connect(lambda _generation, fraction: self.fractions.append(fraction))
        client.timing_found.connect(lambda *told: self.timings.append(told))
        client.ready.connect(lambda *told: self.ready.append(told))


KILLED = "The engine was ended by SIGKILL, as when memory runs out"


@pytest.fixture
def client(make_client):
    return make_client(launch())


@pytest.fixture
def heard(client):
    return Heard(client)


def as_pytorch_runs_it(spec):
    """Run the printed program itself; returns output, h_n and c_n as numpy arrays."""
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence

    made = recipe(spec)
    lines = [*made.module, *made.input, *made.state, *made.placement, *made.packing, made.call]
    names = {"torch": torch, "nn": nn, "pack_padded_sequence": pack_padded_sequence}
    with torch.no_grad():
        exec("\n".join(lines), names)  # noqa: S102 - our own lines, as the code panel shows them
    return tuple(names[name].numpy() for name in ("output", "h_n", "c_n"))


def gone(pid):
    """Return whether process `pid` ends; an engine that nobody ended would stay for good."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


# With the real engine -----------------------------------------------------------------------------


def test_a_first_run_asked_for_while_torch_loads_has_the_numbers_of_nn_lstm(client, heard, until):
    spec = SMALL.changed(initial_state="random", seed=11)
    assert not client.is_ready
    generation = client.request(LstmSource(spec))
    until(lambda: heard.runs)
    assert client.is_ready
    assert not client.is_busy
    assert heard.specs == [spec]
    (run,) = heard.runs
    assert run.generation == generation
    trace = run.traces[0]
    for ours, theirs in zip(
        (trace.output, trace.h_n, trace.c_n), as_pytorch_runs_it(spec), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
        assert not ours.flags.writeable
    np.testing.assert_allclose(
        trace.hidden[-1, 0, :, 2], trace.output[2, :, : spec.lstm.hidden_size], atol=1e-6
    )
    assert not trace.forward_timing.warm
    until(lambda: heard.timings)
    ((timed, timing, which),) = heard.timings
    assert (timed, which) == (generation, 0)
    assert timing.warm
    assert 1 <= timing.calls <= 5
    until(lambda: heard.devices)
    cpu = heard.devices[0][0]
    assert cpu["name"] == "cpu"
    assert {"float32", "float64"} <= set(cpu["dtypes"])
    version, limit = heard.ready[0]
    assert version.startswith("2.")
    assert 2**20 < limit < psutil.virtual_memory().total


def test_the_newest_of_a_burst_wins_and_older_ones_never_come_after(client, heard, until, qtbot):
    for size in range(1, 201):
        last = client.request(LstmSource(SMALL.changed(hidden_size=size)))
        if size % 40 == 0:
            qtbot.wait(5)
    until(lambda: not client.is_busy)
    assert heard.runs[-1].generation == last
    assert heard.runs[-1].traces[0].hidden_size == 200
    generations = [run.generation for run in heard.runs]
    assert generations == sorted(set(generations))
    assert len(heard.runs) < 100
    shown = len(heard.runs)
    qtbot.wait(300)
    assert len(heard.runs) == shown
    assert not heard.failures
    assert not heard.lost


def test_a_change_during_a_long_run_overtakes_it_without_a_new_engine(client, heard, until):
    pid = client.pid
    client.request(LstmSource(LONG))
    until(lambda: heard.fractions)
    client.request(LstmSource(SMALL))
    until(lambda: heard.runs)
    # A long run that went on to its end would have come first.
    assert heard.specs == [SMALL]
    assert max(heard.fractions) < 1
    assert client.pid == pid
    assert not heard.lost


def test_a_cancelled_run_never_comes_and_the_engine_goes_on(client, heard, until, qtbot):
    client.request(LstmSource(LONG))
    until(lambda: heard.fractions)
    pid = client.pid
    client.cancel()
    assert not client.is_busy
    client.cancel()
    qtbot.wait(200)
    client.request(LstmSource(SMALL))
    until(lambda: heard.runs)
    assert heard.specs == [SMALL]
    assert client.pid == pid


def test_a_request_cancelled_before_it_was_read_does_not_hold_up_the_next(client, heard, until):
    for _ in range(20):
        client.request(LstmSource(LONG))
        client.cancel()
    client.request(LstmSource(SMALL))
    until(lambda: heard.runs)
    assert heard.specs == [SMALL]
    assert not heard.lost


def test_a_run_that_pytorch_refuses_is_a_sentence_and_not_the_end(client, heard, until):
    pid = client.pid
    first = client.request(LstmSource(SMALL.changed(device="nonsense")))
    until(lambda: heard.failures)
    ((generation, field, sentence),) = heard.failures
    assert (generation, field) == (first, "")
    assert sentence.startswith("PyTorch refused this run: ")
    assert "nonsense" in sentence
    assert "\n" not in sentence
    client.request(LstmSource(SMALL))
    until(lambda: heard.runs)
    assert client.pid == pid


def test_a_run_too_large_for_memory_is_refused_by_the_setting_with_the_estimate(
    client, heard, until
):
    client.request(LstmSource(SMALL.changed(seq_len=100_000, batch_size=65_536, hidden_size=4096)))
    until(lambda: heard.failures)
    ((_, field, sentence),) = heard.failures
    assert field == "seq_len"
    assert "PiB" in sentence or "TiB" in sentence


def test_an_engine_killed_in_a_run_is_replaced_and_the_run_is_asked_for_again(client, heard, until):
    client.request(LstmSource(LONG))
    until(lambda: heard.fractions)
    first = client.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: heard.lost)
    assert heard.lost == [f"{KILLED}; a new one is starting."]
    assert client.pid != first
    assert client.is_busy
    assert gone(first)
    heard.fractions.clear()
    # The same run kills the next engine too: it is not tried a third time.
    until(lambda: heard.fractions)
    os.kill(client.pid, signal.SIGKILL)
    until(lambda: heard.failures)
    assert heard.failures[0][2] == (f"{KILLED}, twice in this run; change a setting to try again.")
    assert not client.is_busy
    client.request(LstmSource(SMALL))
    until(lambda: heard.runs)
    assert heard.specs == [SMALL]


def test_a_stopped_engine_neither_blocks_the_window_nor_stays(client, heard, until):
    client.request(LstmSource(SMALL))
    until(lambda: heard.runs)
    stopped = client.pid
    os.kill(stopped, signal.SIGSTOP)
    # A long drag: more than a socket holds, so that whoever waits for room waits for good.
    for seed in range(2000):
        client.request(LstmSource(SMALL.changed(seed=seed)))
    for _ in range(client_module._SILENT_TICKS):
        client._tick.timeout.emit()
    until(lambda: heard.lost)
    assert heard.lost == ["The engine stopped answering; a new one is starting."]
    assert gone(stopped)
    until(lambda: not client.is_busy)
    assert heard.specs[-1].seed == 1999


def test_closing_ends_the_engine_even_in_a_run(client, heard, until):
    client.request(LstmSource(LONG))
    until(lambda: heard.fractions)
    pid = client.pid
    client.close()
    assert gone(pid)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["loading", "idle", "running"])
def test_a_killed_window_takes_its_engine_along(tmp_path, moment):
    program = """
import sys, time
from lstmviz.bridge.launch import launch
from lstmviz.bridge.protocol import Finished, Progressed, RunRequest
from lstmviz.core.asking.source import LstmSource, source_in_plain
from lstmviz.core.spec import RunSpec
engine = launch()
def wait_for(kind):
    while not any(isinstance(m, kind) for m in engine.link.receive()):
        pass
if sys.argv[1] == "idle":
    engine.link.send(RunRequest(1, source_in_plain(LstmSource(RunSpec()))))
    wait_for(Finished)
elif sys.argv[1] == "running":
    spec = RunSpec().changed(seq_len=100_000, hidden_size=128, batch_size=1)
    engine.link.send(RunRequest(1, source_in_plain(LstmSource(spec))))
    wait_for(Progressed)
print(engine.process.pid, flush=True)
time.sleep(60)
"""
    window = psutil.Popen(
        [sys.executable, "-c", program, moment], stdout=-1, cwd=tmp_path, text=True
    )
    engine = int(window.stdout.readline())
    assert psutil.pid_exists(engine)
    window.kill()
    window.wait()
    window.stdout.close()
    assert gone(engine)


# With engines that misbehave ----------------------------------------------------------------------


@pytest.fixture
def quick_seconds(monkeypatch):
    """Let a second of the pauses between engines pass at once."""
    monkeypatch.setattr(retry_module, "_SECOND_MS", 1)


BROKEN = "print('ImportError: libtorch is not there'); sys.exit(3)"


def test_engines_that_cannot_start_are_tried_again_after_growing_pauses(
    make_client,
    start_engine,
    until,
    monkeypatch,
    quick_seconds,  # noqa: ARG001
):
    launched = []

    def launch_another():
        launched.append(start_engine(BROKEN))
        return launched[-1]

    monkeypatch.setattr(client_module, "launch", launch_another)
    client = make_client(start_engine(BROKEN))
    heard, waits = Heard(client), []
    client.start_awaited.connect(waits.append)
    client.request(LstmSource(SMALL))
    until(lambda: len(heard.refused) >= 9, 60)
    assert heard.refused[0].endswith("code 3, 3 times in a row: ImportError: libtorch is not there")
    assert client.is_busy
    starts = [place for place, seconds in enumerate(waits) if seconds == 0]
    pauses = [waits[0], *(waits[place + 1] for place in starts[:7])]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert len(launched) == 2 + len(starts)
    client.close()
    client.close()


def test_what_is_asked_while_there_is_no_engine_is_run_by_the_next_and_only_the_newest(
    make_client, start_engine, until, monkeypatch
):
    monkeypatch.setattr(client_module, "launch", lambda: start_engine(BROKEN))
    client = make_client(start_engine(BROKEN))
    heard, answered = Heard(client), []
    client.experiment_finished.connect(lambda *told: answered.append(told))
    until(lambda: client.is_down, 60)
    monkeypatch.setattr(client_module, "launch", launch)
    for size in (4, 5, 6):
        client.request(LstmSource(SMALL.changed(hidden_size=size)))
    number = client.experiment("silent_last", SMALL)
    assert answered == [(number, None, heard.refused[-1])]
    client.start_again()
    assert not client.is_down
    client.start_again()
    until(lambda: heard.runs)
    assert [spec.lstm.hidden_size for spec in heard.specs] == [6]
    until(lambda: heard.devices)
    # It has done its work: three more may die before the next one has to wait.
    assert client._retry.deaths == 0


def test_a_cancel_while_there_is_no_engine_asks_the_next_for_nothing(
    make_client, start_engine, until, monkeypatch
):
    monkeypatch.setattr(client_module, "launch", lambda: start_engine(BROKEN))
    client = make_client(start_engine(BROKEN))
    client.request(LstmSource(SMALL))
    until(lambda: client.is_down, 60)
    client.cancel()
    assert not client.is_busy


def test_an_engine_that_dies_right_after_it_is_ready_is_not_started_without_pause(
    make_client, start_engine, until, monkeypatch
):
    dying = "link.send(Ready('2.0', 2**30, VERSION)); print('a driver crashed'); sys.exit(1)"
    monkeypatch.setattr(client_module, "launch", lambda: start_engine(dying))
    client = make_client(start_engine(dying))
    heard = Heard(client)
    until(lambda: heard.refused)
    assert "3 times in a row: a driver crashed" in heard.refused[0]


@pytest.mark.parametrize(
    ("said", "named"),
    [('Ready("2.0", 2**30, "99.1")', "lstmviz 99.1"), ('Ready("2.0", 2**30)', "an older lstmviz")],
    ids=["newer", "older"],
)
def test_an_engine_of_another_version_is_not_used_and_said_to_be(
    make_client, start_engine, until, said, named
):
    client = make_client(start_engine(f"link.send({said})\ntime.sleep(60)"))
    first = client.pid
    heard = Heard(client)
    client.request(LstmSource(SMALL))
    until(lambda: heard.refused)
    here = f"this window of lstmviz {lstmviz.__version__}"
    assert f"The engine is of {named} and {here}" in heard.refused[0]
    assert client.is_down
    assert not client.is_ready
    assert gone(first)
    # The one that is started next is of this version, and runs what was asked for.
    until(lambda: heard.runs)
    assert heard.runs[-1].traces[0].proof.ok


def test_a_mistake_under_way_is_run_again_where_an_engine_had_to_go_for_a_newer_run(
    make_client, start_engine, until, qtbot, monkeypatch
):
    deaf = """
link.send(Ready("2.0", 2**30, VERSION))
link.receive()
link.send(Started(1))
while True:
    link.send(Beat())
    time.sleep(0.3)
"""
    obedient = """
link.send(Ready("2.0", 2**30, VERSION))
while True:
    for message in link.receive():
        if isinstance(message, ExperimentRequest):
            link.send(ExperimentFinished(message.number, None, "run again"))
"""
    monkeypatch.setattr(client_module, "launch", lambda: start_engine(obedient))
    client = make_client(start_engine(deaf))
    answered = []
    client.experiment_finished.connect(lambda *told: answered.append(told))
    client.request(LstmSource(SMALL))
    qtbot.wait(300)
    number = client.experiment("silent_last", SMALL)
    client.request(LstmSource(SMALL.changed(seed=77)))
    until(lambda: answered)
    assert answered == [(number, None, "run again")]


def test_a_system_that_can_start_no_process_is_said(make_client, start_engine, until, monkeypatch):
    def launch_nothing():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(client_module, "launch", launch_nothing)
    client = make_client(start_engine("sys.exit(1)"))
    heard = Heard(client)
    until(lambda: heard.refused)
    assert "Resource temporarily unavailable" in heard.refused[0]


@pytest.mark.parametrize(
    ("misdeed", "sentence"),
    [
        ("end.sendall(b'Segmentation fault\\n')", "something that is no answer"),
        ("link.send(Finished(1, {}, []))", "something that is no answer"),
        (
            "link.send(Finished(1, {}, [{'size': 4096}, {'size': 4096}]))",
            "something that is no answer",
        ),
        ("end.close()", "closed its line"),
        ("end.shutdown(socket.SHUT_RDWR)", "closed its line"),
    ],
    ids=["noise", "empty result", "blocks without descriptors", "closed", "shut down"],
)
def test_an_engine_that_talks_nonsense_and_stays_is_replaced_at_once(
    make_client, start_engine, until, monkeypatch, misdeed, sentence
):
    monkeypatch.setattr(client_module, "launch", lambda: start_engine("time.sleep(60)"))
    client = make_client(start_engine(f"{misdeed}\ntime.sleep(60)"))
    first = client.pid
    heard = Heard(client)
    until(lambda: heard.lost)
    # An engine that is waited for instead is said to have "stopped answering".
    assert sentence in heard.lost[0]
    assert gone(first)
    assert client.pid != first


def test_an_engine_that_ignores_a_newer_request_is_replaced_in_silence(
    make_client, start_engine, until, qtbot, monkeypatch
):
    deaf = """
link.send(Ready("2.0", 2**30, VERSION))
link.receive()
link.send(Started(1))
while True:
    link.send(Beat())
    time.sleep(0.3)
"""
    obedient = """
import json
link.send(Ready("2.0", 2**30, VERSION))
(request,) = link.receive()
link.send(Started(request.generation))
link.send(Failed(request.generation, json.dumps(request.source), "seed", ""))
time.sleep(60)
"""
    monkeypatch.setattr(client_module, "launch", lambda: start_engine(obedient))
    client = make_client(start_engine(deaf))
    heard = Heard(client)
    client.request(LstmSource(SMALL))
    qtbot.wait(300)
    newest = client.request(LstmSource(SMALL.changed(seed=77)))
    until(lambda: heard.failures)
    assert heard.failures[0][0] == newest
    assert '"seed": 77' in heard.failures[0][2]
    assert not heard.lost


def test_a_result_older_than_the_one_shown_is_dropped(make_client, start_engine, until, qtbot):
    backwards = """
from lstmviz.bridge.shared import Arena
from lstmviz.bridge.wire import pack_answer
from lstmviz.core.asking.source import source_from_plain
from lstmviz.engine.sources import run_source
link.send(Ready("2.0", 2**30, VERSION))
known = {}
while len(known) < 2:
    for request in link.receive():
        known[request.generation] = source_from_plain(request.source)
        link.send(Started(request.generation))
        link.send(Progressed(request.generation, 0.5))
for generation in (1, 2, 1, 2):
    here = Arena()
    answer = run_source(known[generation], generation=generation)
    link.send(pack_answer(answer, here), here.descriptors)
time.sleep(60)
"""
    client = make_client(start_engine(backwards))
    heard = Heard(client)
    for seed in (1, 2):
        client.request(LstmSource(SMALL.changed(seed=seed)))
        until(lambda seed=seed: len(heard.fractions) == seed)
    until(lambda: len(heard.runs) >= 2)
    qtbot.wait(500)
    assert [run.generation for run in heard.runs] == [1, 2]
    assert [spec.seed for spec in heard.specs] == [1, 2]
    assert not heard.lost
