"""What every test runs under, and what none may leave behind."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

# Set before anything loads numpy, torch or Qt, and inherited by every process a test starts.
# One thread each: OpenMP's threads spin while they wait, and with several processes on few cores
# they take the time from one another.
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_SCALE_FACTOR"] = "1"
# A test must neither read nor write the settings of whoever runs it.
_CONFIG = tempfile.mkdtemp(prefix="lstmviz-test-config-")
os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_STATE_HOME"] = _CONFIG
atexit.register(shutil.rmtree, _CONFIG, ignore_errors=True)

# Who runs the tests in the background may have had these ignored, and what a test starts and then
# ends with them would inherit that.
for _name in ("SIGINT", "SIGHUP", "SIGTERM"):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.SIG_DFL)

import hypothesis  # noqa: E402 - the environment comes first
import psutil  # noqa: E402
import pytest  # noqa: E402

hypothesis.settings.register_profile(
    "ci", max_examples=60, deadline=None, print_blob=True, derandomize=True
)
hypothesis.settings.register_profile("long", max_examples=3000, deadline=None, print_blob=True)
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("ci"), max_examples=8)
hypothesis.settings.load_profile("ci")

_QT_NOISE = (
    # Offscreen has no window manager to tell.
    r"This plugin does not support propagateSizeHints\(\)",
    r"This plugin does not support raise\(\)",
    # A machine without a session bus; nothing here uses one.
    r"QDBus",
)
"""Messages that say something about the machine and nothing about this program."""


_FAILED = pytest.StashKey[bool]()


_SLOW_FIXTURES = {
    "client",  # an engine that loads torch
    "open_studio",  # the same, and a window
    "start",  # the program on a screen
    "rendered",  # the program, twice
    "experiments",  # every mistake there is, in a process of its own
}
"""What takes seconds to make; a test that asks for one of them is slow, as one so marked is."""

_SLOW_FILES = {
    "bridge/test_border.py",
    "bridge/test_client.py",
    "bridge/test_launch.py",
    "cli/test_calls.py",
    "cli/test_leaving.py",
    "cli/test_terminal.py",
    "core/test_paste.py",
    "core/test_atomic_file.py",
    "core/test_amounts.py",
    "engine/test_check.py",
    "engine/test_memory.py",
    "engine/test_progress.py",
    "engine/test_trace_contexts.py",
    "engine/test_trace_progress.py",
    "gui/test_help_window.py",
    "gui/test_keeper.py",
    "gui/test_plotted.py",
    "gui/test_refusals.py",
    "gui/test_richtext.py",
    "gui/test_window.py",
}
"""Files whose every test starts programs, or which have hundreds that take their time."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--soak",
        type=float,
        default=1.0,
        metavar="N",
        help="make the tests in tests/soak N times as long; 100 for a night",
    )


@pytest.fixture(scope="session")
def soak(pytestconfig: pytest.Config) -> Callable[[int], int]:
    """Return how many rounds a soak test is to make, given how many it makes in CI."""
    factor = float(pytestconfig.getoption("--soak"))
    return lambda rounds: max(1, round(rounds * factor))


def pytest_configure(config: pytest.Config) -> None:
    if config.option.markexpr == "not slow":
        hypothesis.settings.load_profile("quick")
    for noise in _QT_NOISE:
        config.addinivalue_line("qt_log_ignore", noise)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
        file = item.path.relative_to(Path(__file__).parent).as_posix()
        if file in _SLOW_FILES or _SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> object:
    report = yield
    if call.when == "call":
        item.stash[_FAILED] = report.failed
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests in tests/soak counted, as one table."""
    rows = [
        row
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, ())
        for name, row in report.user_properties
        if name == "soak"
    ]
    if not rows:
        return
    terminalreporter.section("long use")
    terminalreporter.write_line(
        f"{'what':52} {'attempts':>9} {'failures':>9} {'worst, s':>9} {'all, s':>8}  memory"
    )
    for what, attempts, failures, worst, total, memory in sorted(rows):
        terminalreporter.write_line(
            f"{what:52} {attempts:9,} {failures:9,} {worst:9.2f} {total:8.0f}  {memory}"
        )


# What a test leaves behind ------------------------------------------------------------------------


def _children() -> set[int]:
    living = set()
    for child in psutil.Process().children(recursive=True):
        try:
            if child.status() != psutil.STATUS_ZOMBIE:
                living.add(child.pid)
        except psutil.NoSuchProcess:
            continue
    return living


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.is_alive()}


def _widgets() -> set[str]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return set()
    from shiboken6 import getCppPointer

    found = (w for w in widgets.QApplication.topLevelWidgets() if w.parentWidget() is None)
    return {f"{type(w).__name__} {w.objectName()!r} at {getCppPointer(w)[0]:#x}" for w in found}


def _blocks() -> list[str]:
    """Return the shared blocks of ours that this process has open or mapped."""
    if sys.platform != "linux":
        return []
    found = [
        line.split()[0]
        for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
        if "memfd:lstmviz" in line
    ]
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if "memfd:lstmviz" in target:
            found.append(f"descriptor {descriptor.name}")
    return found


def _shared_files() -> set[str]:
    folder = Path("/dev/shm")  # noqa: S108 - only looked at
    return {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()


def _settle() -> None:
    """Let Qt delete what it was told to delete."""
    core = sys.modules.get("PySide6.QtCore")
    if core is not None and core.QCoreApplication.instance() is not None:
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
        core.QCoreApplication.processEvents()


def _left(before: dict[str, object]) -> dict[str, object]:
    left = {
        "processes": _children() - before["processes"],
        "threads": _threads() - before["threads"],
        "widgets": _widgets() - before["widgets"],
        "blocks": _blocks() if len(_blocks()) > len(before["blocks"]) else [],
        "files in /dev/shm": {
            name for name in _shared_files() - before["shared files"] if "lstmviz" in name
        },
    }
    return {what: found for what, found in left.items() if found}


@pytest.fixture(autouse=True)
def nothing_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a process, thread, top-level widget or shared block behind."""
    before = {
        "processes": _children(),
        "threads": _threads(),
        "widgets": _widgets(),
        "blocks": _blocks(),
        "shared files": _shared_files(),
    }
    yield
    # Fixtures are done, but pytest still holds what they gave.
    request.node.funcargs.clear()
    _settle()
    if not _left(before) or request.node.stash.get(_FAILED, False):
        # A failed test's traceback keeps hold of everything it had.
        return
    end = time.monotonic() + 30
    while _left(before) and time.monotonic() < end:
        gc.collect()
        _settle()
        time.sleep(0.02)
    left = _left(before)
    assert not left, f"left behind: {left}"


# What several tests do ----------------------------------------------------------------------------


@pytest.fixture
def qtbot(qtbot):
    """Keep every widget that a test adds until it is closed; pytest-qt's own holds none of them.

    A view is in a cycle with its parts. When the test returns, Python may collect it at any moment:
    also in the middle of its own painting, which is the end of the process.
    """
    add, kept = qtbot.addWidget, []

    def add_and_keep(widget, **options):
        kept.append(widget)
        add(widget, **options)

    qtbot.addWidget = add_and_keep
    return qtbot


@pytest.fixture
def until(qtbot) -> Callable[..., None]:
    """Wait, with Qt's events going on, until a condition holds; far longer than it can take."""

    def wait(condition: Callable[[], object], seconds: float = 120) -> None:
        qtbot.waitUntil(lambda: bool(condition()), timeout=round(seconds * 1000))

    return wait
