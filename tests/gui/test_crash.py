"""What happens when something is raised that nobody catches."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget

from lstmviz.core.crashes import crash_of
from lstmviz.gui.app.crash import CrashDialog, Crashes
from lstmviz.gui.app.logfile import keep_log


@pytest.fixture
def crashes(app):
    crashes = Crashes(app)
    with crashes.listening():
        yield crashes
    crashes.deleteLater()


@pytest.fixture
def told(crashes):
    told = []
    crashes.happened.connect(told.append)
    return told


@pytest.fixture
def dialog(qtbot, crashes):
    window, kept = QWidget(), []
    dialog = CrashDialog(lambda: kept.append(True), window)
    dialog.kept = kept
    qtbot.addWidget(window)
    crashes.happened.connect(dialog.show_crash)
    return dialog


def fail(words="lost"):
    raise KeyError(words)


def fail_at_once(*_):
    fail()


def test_a_slot_that_raises_is_told_in_a_dialog_and_the_session_is_kept(qtbot, told, dialog, until):
    button = QPushButton()
    qtbot.addWidget(button)
    button.clicked.connect(fail_at_once)
    button.click()
    until(lambda: told)
    assert dialog.isVisible()
    assert "KeyError 'lost'" in dialog.sentence.text()
    assert "in fail" in dialog.details.toPlainText()
    assert dialog.kept
    dialog.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith(dialog.sentence.text())
    assert "in fail" in copied
    # The window goes on, and the same mistake is not told twice.
    dialog.reject()
    button.click()
    qtbot.wait(50)
    assert len(told) == 1
    assert not dialog.isVisible()


def test_a_thread_that_raises_is_told_on_the_windows_thread(told, crashes, until):
    where = []
    crashes.happened.connect(lambda _: where.append(threading.current_thread()))
    thread = threading.Thread(target=fail, args=("on a thread",))
    thread.start()
    thread.join()
    until(lambda: told)
    assert "on a thread" in told[0].sentence
    assert where == [threading.main_thread()]


def test_a_second_mistake_stands_above_the_first(dialog, crashes, until):
    crashes.take(crash_of(KeyError("one")))
    until(dialog.isVisible)
    crashes.take(crash_of(KeyError("two")))
    until(lambda: "two" in dialog.sentence.text())
    assert {"one", "two"} <= set(dialog.details.toPlainText().split("'"))


def test_what_ends_a_program_on_purpose_is_no_mistake(told, crashes, qtbot):
    QTimer.singleShot(0, lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    qtbot.wait(20)
    crashes._caught(SystemExit(3))
    qtbot.wait(20)
    assert told == []
    assert crashes.first is None


@pytest.fixture
def log(tmp_path):
    logger = logging.getLogger("lstmviz")
    before, level = list(logger.handlers), logger.level
    logger.handlers.clear()
    yield tmp_path / "lstmviz.log"
    for handler in logger.handlers:
        handler.close()
    logger.handlers[:] = before
    logger.setLevel(level)


PROGRAM = """
import logging, sys
from pathlib import Path
from lstmviz.gui.app.logfile import keep_log, note_fatal_signals
keep_log(Path(sys.argv[1]))
note_fatal_signals(Path(sys.argv[1]))
for k in range(int(sys.argv[2])):
    logging.getLogger("lstmviz.here").error("%d %s", k, "x" * 1000)
if len(sys.argv) > 3:
    import ctypes
    ctypes.string_at(0)
"""


def program(*arguments):
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    return subprocess.run(command, check=False, timeout=60, capture_output=True, text=True)


def test_the_log_stays_small_and_keeps_the_newest(tmp_path):
    path = tmp_path / "deep" / "lstmviz.log"
    assert program(path, 3000).returncode == 0
    files = sorted(path.parent.iterdir())
    assert sum(file.stat().st_size for file in files) < 2 << 20
    assert " 2999 " in path.read_text().splitlines()[-1].replace(" xx", " ")


def test_a_fatal_signal_leaves_where_it_met_the_program(tmp_path):
    path = tmp_path / "lstmviz.log"
    done = program(path, 0, "die")
    assert done.returncode < 0
    assert "Segmentation fault" in (tmp_path / "fatal.log").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="has no FIFO")
@pytest.mark.parametrize("name", ["lstmviz.log", "lstmviz.log.1", "fatal.log"])
def test_a_pipe_in_the_logs_place_is_not_waited_for(tmp_path, name):
    os.mkfifo(tmp_path / name)
    done = program(tmp_path / "lstmviz.log", 2)
    assert done.returncode == 0
    assert (tmp_path / name).is_fifo()


def test_a_log_that_cannot_be_is_done_without(log):
    log.parent.joinpath("file").write_text("")
    keep_log(log.parent / "file" / "lstmviz.log")
    logging.getLogger("lstmviz").error("nothing is raised")


BROKEN = """
import sys
from lstmviz.__main__ import main
from lstmviz.gui.app.studio import Studio

def fail(_studio):
    raise KeyError("lost")

Studio._show_ready = fail
sys.argv = ["lstmviz", "render", "-o", "picture.png"]
main()
"""


@pytest.mark.slow
def test_a_picture_with_a_mistake_in_it_is_not_saved(tmp_path):
    command, state = [sys.executable, "-c", BROKEN], tmp_path / "state"
    place = tmp_path / "pictures"
    place.mkdir()
    done = subprocess.run(
        command,
        check=False,
        timeout=120,
        capture_output=True,
        text=True,
        cwd=place,
        env={**os.environ, "XDG_STATE_HOME": str(state)},
    )
    assert done.returncode == 2
    assert "KeyError 'lost'" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(place.iterdir()) == []
    (log,) = state.rglob("lstmviz.log")
    assert str(log) in done.stderr
    assert "_show_answer" in log.read_text()
