"""What a window keeps while it lives, and what is left of one that was killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

import lstmviz.gui.app.keeper as keeper_module
from lstmviz.core.asking.asked import Asked
from lstmviz.core.asking.session import Session, View, read_session
from lstmviz.core.spec import RunSpec
from lstmviz.gui.app import preferences
from lstmviz.gui.app.keeper import (
    Keeper,
    folder_beside,
    left_in_words,
    set_aside,
    set_aside_in_words,
    take_left,
)
from lstmviz.gui.app.keptfile import KeptFile
from lstmviz.gui.app.preferences import Preferences


@pytest.fixture
def path(tmp_path):
    return tmp_path / "preferences.json"


def kept_now(path):
    """Return what lies in the folder of living windows."""
    return [preferences.load(found) for found in folder_beside(path).glob("*.json")]


def test_changes_that_never_pause_are_kept_all_the_same(qapp, path, monkeypatch):
    monkeypatch.setattr(keeper_module, "_KEEP_MS", 100)
    step = [0]
    keeper = Keeper(lambda: Preferences(session=Session(view=View(step=step[0]))), path, None, qapp)
    # Far quicker than the pause, as the steps of Play come.
    end = time.monotonic() + 60
    seen = set()
    while len(seen) < 4 and time.monotonic() < end:
        step[0] += 1
        keeper.note()
        qapp.processEvents()
        seen |= {kept.session.view.step for kept in kept_now(path)}
        time.sleep(0.005)
    assert len(seen) == 4
    keeper.close()
    assert preferences.load(path).session.view.step == step[0]
    assert list(folder_beside(path).iterdir()) == []
    keeper.deleteLater()


def test_the_window_does_not_wait_for_a_slow_disk(qapp, path, monkeypatch):
    monkeypatch.setattr(keeper_module, "_KEEP_MS", 1)
    written = []

    def save_slowly(kept, to):
        time.sleep(0.3)
        written.append((kept.session.view.step, to))

    monkeypatch.setattr(keeper_module.preferences, "save", save_slowly)
    step = [0]
    keeper = Keeper(lambda: Preferences(session=Session(view=View(step=step[0]))), path, None, qapp)
    blocks = []
    while len(written) < 3:
        step[0] += 1
        keeper.note()
        before = time.perf_counter()
        qapp.processEvents()
        blocks.append(time.perf_counter() - before)
        time.sleep(0.001)
    assert sorted(blocks)[len(blocks) // 2] < 0.1
    # One at a time, and none that waited in a queue.
    assert len(written) == 3
    keeper.close()
    assert written[-1] == (step[0], path)
    keeper.deleteLater()


def test_what_was_kept_comes_back_with_its_history(path):
    states = (Asked(), Asked().changed(hidden_size=20), Asked().changed(hidden_size=21))
    own = KeptFile.new(folder_beside(path))
    preferences.save(
        Preferences(session=Session(spec=states[1].spec), history=states, present=1), own.path
    )
    assert take_left(path) is None, "its window lives"
    own.release()
    left, kept = take_left(path)
    assert (kept.session.spec, kept.history, kept.present) == (states[1].spec, states, 1)
    assert abs(kept.saved_at - time.time()) < 60
    said = left_in_words(kept)
    assert said.startswith("The last window did not end properly. This is its session, as it was")
    assert said.endswith(" Its last steps can be undone.")
    assert take_left(path) is None, "another one has taken it"
    left.remove()
    assert list(folder_beside(path).iterdir()) == []


def test_of_two_windows_neither_takes_the_other_s_and_each_comes_back(path):
    first, second = (KeptFile.new(folder_beside(path)) for _ in range(2))
    for own, size in ((first, 5), (second, 6)):
        preferences.save(
            Preferences(session=Session(spec=RunSpec().changed(hidden_size=size))), own.path
        )
    first.release()
    left, kept = take_left(path)
    assert kept.session.spec.lstm.hidden_size == 5
    assert second.path.exists()
    second.release()
    also, kept = take_left(path)
    assert kept.session.spec.lstm.hidden_size == 6
    left.remove()
    also.remove()


@pytest.mark.parametrize("junk", [b"", b"{", b"null", b"\xff" * 100, b'{"lstmviz_preferences": 1}'])
def test_what_cannot_be_read_is_no_session_and_goes(path, junk):
    own = KeptFile.new(folder_beside(path))
    own.path.write_bytes(junk)
    own.release()
    assert take_left(path) is None
    assert list(folder_beside(path).iterdir()) == []


def test_a_window_killed_before_it_kept_anything_leaves_nothing(path):
    own = KeptFile.new(folder_beside(path))
    own.release()
    assert take_left(path) is None
    assert list(folder_beside(path).iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"history": None},
        {"history": {"steps": [{}], "present": 0}},
        {"history": {"steps": [], "present": 0}},
        {"saved_at": "now"},
        {"saved_at": 1e300},
    ],
    ids=str,
)
def test_a_broken_history_costs_only_itself(path, changes):
    spec = RunSpec().changed(hidden_size=7)
    kept = Preferences(session=Session(spec=spec), history=(Asked(), Asked(spec=spec)), present=1)
    preferences.save(kept, path)
    data = json.loads(path.read_text())
    for name, value in changes.items():
        data[name] = value
    path.write_text(json.dumps(data))
    loaded = preferences.load(path)
    assert loaded.session.spec == spec
    assert loaded.history == (() if "history" in changes else kept.history)
    assert loaded.saved_at == 0 or "saved_at" not in changes


_WRITER = """
import sys
from pathlib import Path
from lstmviz.core.asking.session import Session, View
from lstmviz.gui.app import preferences
from lstmviz.gui.app.keptfile import KeptFile
from lstmviz.gui.app.keeper import folder_beside
path = Path(sys.argv[1])
own = KeptFile.new(folder_beside(path))
step = 0
while True:
    step += 1
    preferences.save(preferences.Preferences(session=Session(view=View(step=step))), own.path)
    if step == 1:
        print("kept", flush=True)
"""


def test_a_kill_at_any_moment_leaves_a_session_that_can_be_read(path):
    for moment in range(12):
        window = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert window.stdout.readline() == "kept\n"
        # A prime, so that it falls on another part of the writing each time.
        time.sleep(0.0017 * moment)
        window.send_signal(signal.SIGKILL)
        window.wait()
        window.stdout.close()
        left, kept = take_left(path)
        assert kept.session.view.step >= 1
        assert kept == replace(kept, session=Session(view=View(step=kept.session.view.step)))
        left.remove()
        assert list(folder_beside(path).iterdir()) == []


def leave(path, size):
    own = KeptFile.new(folder_beside(path))
    session = Session(spec=RunSpec().changed(hidden_size=size))
    preferences.save(Preferences(session=session), own.path)
    own.release()


def test_a_session_that_ended_two_windows_is_set_aside_and_offered_no_more(path):
    leave(path, 13)
    for tries in (1, 2):
        assert set_aside(path) is None
        left, kept = take_left(path)
        assert kept.tries == tries
        left.release()  # As the system does when the window dies.
    place = set_aside(path)
    assert read_session(place).spec.lstm.hidden_size == 13
    assert str(place) in set_aside_in_words(place)
    assert take_left(path) is None
    assert list(folder_beside(path).iterdir()) == []


def test_what_another_window_left_is_offered_all_the_same(path):
    leave(path, 13)
    for _ in range(2):
        take_left(path)[0].release()
    leave(path, 14)
    assert set_aside(path) is not None
    left, kept = take_left(path)
    assert kept.session.spec.lstm.hidden_size == 14
    left.remove()


OPENED = """
import os
from PySide6.QtCore import QTimer
from lstmviz.bridge.launch import launch
from lstmviz.gui.app import studio as app
from lstmviz.gui.app import start

show = app.Studio.show
def show_or_die(studio, kept=None):
    if studio.document.spec.lstm.hidden_size == 13:
        os._exit(9)
    show(studio, kept)
    def tell():
        print(studio.window.notice.label.text(), flush=True)
        studio.window.close()
    QTimer.singleShot(0, tell)
app.Studio.show = show_or_die
start.open_window(launch(), None)
"""


@pytest.mark.slow
def test_a_session_that_ends_the_window_costs_two_starts_and_no_more(tmp_path):
    leave(tmp_path / "lstmviz" / "preferences.json", 13)
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    codes = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", OPENED],
            env=environment,
            check=False,
            timeout=120,
            capture_output=True,
            text=True,
        )
        codes.append(done.returncode)
    assert codes == [9, 9, 0]
    assert done.stdout.startswith("The session that was kept ended two windows before it ran")
    (place,) = (tmp_path / "lstmviz" / "set-aside").iterdir()
    assert str(place) in done.stdout
