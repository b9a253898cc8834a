"""Open the window, or draw it into a file without a screen."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lstmviz.bridge.launch import EngineProcess
from lstmviz.core.asking.session import Session
from lstmviz.core.leaving import before_leaving

if TYPE_CHECKING:
    from lstmviz.gui.app.crash import Crashes
    from lstmviz.gui.app.studio import Studio


class RenderError(RuntimeError):
    """A picture that could not be made; the message is the sentence to show."""


def open_window(
    engine: EngineProcess, session: Session | None, timings_path: Path | None = None
) -> int:
    """Show the window until it is closed; returns the exit code.

    Parameters
    ----------
    engine : EngineProcess
        Launched first of all, so that torch loads while the window appears.
    session : Session or None
        None to go on where the last start ended.
    timings_path : Path or None
        Where to write when things happened.

    Raises
    ------
    OSError
        The timings file cannot be written.
    """
    from PySide6.QtCore import QMetaObject, Qt

    from lstmviz.gui.app import preferences
    from lstmviz.gui.app.crash import CrashDialog, Crashes
    from lstmviz.gui.app.keeper import set_aside, set_aside_in_words, take_left
    from lstmviz.gui.app.logfile import keep_log, log_path, note_fatal_signals
    from lstmviz.gui.app.qtmessages import keep_to_ourselves
    from lstmviz.gui.app.studio import Studio, make_application
    from lstmviz.gui.app.timings import Timings
    from lstmviz.gui.theme import Appearance, Scheme

    keep_log(log_path())
    note_fatal_signals(log_path())
    keep_to_ourselves()
    app = make_application()
    timings = Timings(timings_path) if timings_path else None
    path = preferences.default_path()
    aside = set_aside(path)
    # Whoever opens a file wants to see that one; what was left waits for the next start.
    left = take_left(path) if session is None else None
    kept = left[1] if left else preferences.load(path)
    shown = session or kept.session
    looks = session.looks if session else None
    scheme = Scheme(looks.scheme) if looks else kept.scheme
    studio = Studio(
        engine,
        shown,
        Appearance(scheme),
        kept_at=path,
        left=left,
        timings=timings,
    )
    if not kept.geometry:
        studio.window.fit_screen()
    studio.show(kept)
    if aside and not left:
        studio.window.notice.say(set_aside_in_words(aside))
    has_ended = threading.Event()

    def farewell(seconds: float) -> None:
        # As by its own button, so that the session is kept; on the window's thread.
        QMetaObject.invokeMethod(studio.window, "close", Qt.ConnectionType.QueuedConnection)
        has_ended.wait(seconds)

    before_leaving(farewell)
    crashes = Crashes(studio)
    studio.client.run_crashed.connect(crashes.take)
    crashes.happened.connect(CrashDialog(studio.keep, studio.window).show_crash)
    with crashes.listening():
        code = app.exec()
    has_ended.set()
    return code


def render(
    engine: EngineProcess,
    session: Session,
    path: Path,
    *,
    size: tuple[int, int],
    scale: float,
    theme: str,
    has_session: bool = True,
) -> None:
    """Draw the window with `session` into `path`; needs no display.

    Parameters
    ----------
    engine : EngineProcess
        Owned from now on.
    session : Session
    path : Path
        Ends in ``.png``.
    size : (int, int)
        Width and height of the window.
    scale : float
        Pixels per window unit, for PNG.
    theme : str
        ``"light"`` or ``"dark"``.
    has_session : bool
        Let the file open again as `session`.

    Raises
    ------
    RenderError
        The run failed.
    PictureError
        The picture cannot be saved.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = "1"
    from lstmviz.gui.app.crash import Crashes
    from lstmviz.gui.app.logfile import keep_log, log_path
    from lstmviz.gui.app.qtmessages import keep_to_ourselves
    from lstmviz.gui.app.studio import Studio, make_application
    from lstmviz.gui.export import picture
    from lstmviz.gui.theme import Appearance, Scheme

    keep_log(log_path())
    keep_to_ourselves()
    make_application()
    # The theme is asked for here, whatever the session was seen in.
    looks = replace(session.looks, scheme=theme) if session.looks else None
    studio = Studio(engine, replace(session, looks=looks), Appearance(Scheme(theme)))
    crashes = Crashes(studio)
    try:
        with crashes.listening():
            _draw(studio, size, crashes)
        if crashes.first is not None:
            raise RenderError(f"{crashes.first.sentence} The details are in {log_path()}.")
        picture.save(studio.window, path, scale, session.to_json() if has_session else "")
    finally:
        studio.window.close()


def _draw(studio: Studio, size: tuple[int, int], crashes: Crashes) -> None:
    """Show the window without a screen until its run, and all that is made of it, is there."""
    from PySide6.QtCore import QCoreApplication, QEventLoop

    studio.window.hide_bars()
    studio.window.resize(*size)
    studio.show()
    loop = QEventLoop()
    for answer in (
        studio.document.run_changed,
        studio.client.run_failed,
        studio.client.engine_refused,
        crashes.happened,
    ):
        answer.connect(loop.quit)
    loop.exec()
    if studio.document.run is None:
        raise RenderError(studio.document.fault or " ".join(studio.document.refusals.values()))
    QCoreApplication.processEvents()
    studio.finish()
    # Once more: what was made only now has to take its place before it is drawn.
    QCoreApplication.processEvents()
    studio.finish()
    QCoreApplication.processEvents()


def has_display() -> bool:
    """Return whether a window can be shown; on Linux, whether a display answers."""
    return not why_no_window()


def why_no_window() -> str:
    """Return the reason why no window can be shown, as the start of a sentence; empty for none.

    Qt ends the process where it finds no display or not the library it needs, so this looks first.
    """
    if os.environ.get("QT_QPA_PLATFORM") or sys.platform != "linux" or _wayland_answers():
        return ""
    display = os.environ.get("DISPLAY", "")
    if not display:
        return "There is no display"
    if not _x_answers(display):
        return f"The display {display} does not answer"
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError:
        return "Qt needs the system's package libxcb-cursor0 for a window"
    return ""


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(name) and (Path(folder) / str(name)).exists()


def _x_answers(display: str) -> bool:
    host, _, rest = display.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdigit():
        return False
    if host and host != "unix":
        return _connects(socket.AF_INET, (host, 6000 + int(number)))
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where X listens
    return _connects(socket.AF_UNIX, path) or _connects(socket.AF_UNIX, f"\0{path}")


def _connects(family: socket.AddressFamily, address: tuple[str, int] | str) -> bool:
    with socket.socket(family) as probe:
        probe.settimeout(2)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True
