"""A screen with a window manager, and the real program on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time

import psutil
import pytest
from PIL import ImageGrab

NEEDED = ("Xvfb", "openbox", "xdotool")

# The program as it is, but for a timer that tells where its controls are and what it holds: real
# clicks need places, and a screenshot alone does not say whether they did the right thing.
TELLING = """
import json, os, sys
from lstmviz.gui.app import studio as app

show, path = app.Studio.show, sys.argv[1]

def state(studio):
    from PySide6.QtWidgets import QWidget
    window, document = studio.window, studio.document
    places = {}
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.accessibleName():
            place = widget.mapToGlobal(widget.rect().center())
            places[widget.accessibleName()] = (place.x(), place.y())
    return {
        "places": places,
        "settings": document.spec.settings(),
        "shown": dict(document.called.settings) if document.called else None,
        "output": list(document.trace.output.shape) if document.run else None,
        "step": document.view.step,
        "refusals": document.refusals,
        "dark": studio.appearance.theme.is_dark,
        "size": (window.width(), window.height()),
        "title": window.windowTitle(),
        "engine": studio.client.pid,
        "status": studio.views.status.engine.text(),
    }

def show_and_tell(studio, *arguments):
    show(studio, *arguments)
    from PySide6.QtCore import QTimer

    def tell():
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(state(studio), file)
        os.replace(path + ".new", path)

    timer = QTimer(studio, interval=60)
    timer.timeout.connect(tell)
    timer.start()

app.Studio.show = show_and_tell
from lstmviz.cli import run
sys.exit(run(sys.argv[2:]))
"""


@pytest.fixture(scope="session")
def screen():
    """A screen of 1600 by 1000 with openbox on it; gives its name."""
    tools = {name: shutil.which(name) for name in NEEDED}
    if missing := [name for name, path in tools.items() if path is None]:
        reason = f"needs {', '.join(missing)}; apt-get install xvfb openbox xdotool"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    read, write = os.pipe()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    xvfb = subprocess.Popen(
        [
            tools["Xvfb"],
            "-displayfd",
            str(write),
            "-screen",
            "0",
            "1600x1000x24",
            "-nolisten",
            "tcp",
        ],
        pass_fds=[write],
        **quiet,
    )
    os.close(write)
    with os.fdopen(read) as pipe:
        display = f":{pipe.readline().strip()}"
    manager = subprocess.Popen([tools["openbox"]], env={**os.environ, "DISPLAY": display}, **quiet)
    time.sleep(0.5)
    yield display
    for process in (manager, xvfb):
        process.terminate()
        process.wait(10)


class Program:
    """The running program, its window and its owner's hands."""

    def __init__(self, display, folder, arguments):
        hidden = ("QT_QPA_PLATFORM", "QT_SCALE_FACTOR", "WAYLAND_DISPLAY")
        plain = {name: value for name, value in os.environ.items() if name not in hidden}
        self.environment = {**plain, "DISPLAY": display, "XDG_CONFIG_HOME": str(folder)}
        self.display = display
        self._told = folder / "told.json"
        self._told.unlink(missing_ok=True)
        self.log = (folder / "log").open("w+b")
        self.process = psutil.Popen(
            [sys.executable, "-c", TELLING, str(self._told), *map(str, arguments)],
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
            cwd=folder,
        )

    @property
    def state(self):
        return json.loads(self._told.read_text(encoding="utf-8")) if self._told.exists() else None

    def until(self, condition, seconds=40):
        """Wait until the program's state is as wanted; returns it."""
        end = time.monotonic() + seconds
        while True:
            state = self.state
            if state is not None and condition(state):
                return state
            assert self.process.is_running(), self.printed()
            assert time.monotonic() < end, (state, self.printed())
            time.sleep(0.03)

    def until_shown(self):
        """Wait until the plots show what the settings say, and the hands can begin."""
        state = self.until(
            lambda s: s["shown"] == s["settings"] and s["status"].startswith("Ready")
        )
        time.sleep(0.2)
        return state

    def printed(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def do(self, *words):
        """Use mouse and keyboard as xdotool's `words` say."""
        return subprocess.run(
            [shutil.which("xdotool"), *map(str, words)],
            env=self.environment,
            check=True,
            timeout=20,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def click(self, name):
        """Click in the middle of the control of that accessible name."""
        x, y = self.state["places"][name]
        self.do("mousemove", x, y, "click", 1)
        time.sleep(0.15)

    def press(self, *keys):
        self.do("key", "--delay", 60, *keys)

    def write(self, text):
        self.do("type", "--delay", 20, text)

    def photograph(self):
        return ImageGrab.grab(xdisplay=self.display).convert("RGB")

    def ended(self, seconds=10):
        """Wait for the end; returns the exit code."""
        return self.process.wait(seconds)


@pytest.fixture
def start(screen, tmp_path):
    """Start the program; whatever still runs at the end is killed."""
    programs = []

    def act(*arguments):
        programs.append(Program(screen, tmp_path, arguments))
        return programs[-1]

    yield act
    for program in programs:
        children = program.process.children(recursive=True) if program.process.is_running() else []
        for process in (*children, program.process):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        program.process.wait()
        program.log.close()
