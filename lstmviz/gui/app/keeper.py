"""Keeps the session every few seconds while it changes, without the window waiting for a disk."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDateTime, QLocale, QObject, QTimer

from lstmviz.core.files.atomic_file import write_whole
from lstmviz.core.words.amounts import shown
from lstmviz.gui.app import preferences
from lstmviz.gui.app.keptfile import KeptFile
from lstmviz.gui.app.preferences import Preferences

_LOG = logging.getLogger(__name__)
_KEEP_MS: Final = 1500
"""From a change until it is kept, however many come meanwhile."""
_MOST_TRIES: Final = 2
"""Windows that a session may end before it is offered no more."""
_PATIENCE_SECONDS: Final = 2.0
"""How long a window that is closed waits for a disk that hangs."""


class Keeper(QObject):
    """Keep what a window would lose if it were killed.

    Parameters
    ----------
    collect : callable
        Returns what is to be kept; called on the window's thread, so it must not take long.
    path : Path
        Of the preferences; they are written when the window is closed.
    own : KeptFile or None
        Where to keep while it lives; None for a new file beside the preferences.
    """

    def __init__(
        self,
        collect: Callable[[], Preferences],
        path: Path,
        own: KeptFile | None,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._collect = collect
        self._path = path
        self._own = own or _new(folder_beside(path))
        self._writing: threading.Thread | None = None
        self._timer = QTimer(self, interval=_KEEP_MS, singleShot=True)
        self._timer.timeout.connect(self.keep)

    def note(self) -> None:
        """Keep what there is, a little later: with all that changes until then."""
        # Not started anew: while somebody plays or drags, it would never fire.
        if not self._timer.isActive():
            self._timer.start()

    def close(self) -> None:
        """Write the preferences, and take away what was kept for the case of a sudden end."""
        self._timer.stop()
        if self._writing is not None:
            self._writing.join(_PATIENCE_SECONDS)
        preferences.save(self._collect(), self._path)
        if self._own is not None:
            self._own.remove()
            self._own = None

    def keep(self) -> None:
        """Keep what there is, now; the disk is not waited for."""
        if self._own is None:
            return
        if self._writing is not None and self._writing.is_alive():
            # The disk is slow; what comes meanwhile is kept with the next.
            self._timer.start()
            return
        self._writing = threading.Thread(
            target=preferences.save, args=(self._collect(), self._own.path), daemon=True
        )
        self._writing.start()


def folder_beside(path: Path) -> Path:
    """Return where windows keep their sessions while they live, for preferences at `path`."""
    return path.parent / "windows"


def _new(folder: Path) -> KeptFile | None:
    try:
        return KeptFile.new(folder)
    except OSError as error:
        _LOG.warning("the session cannot be kept while the window is open: %s", error)
        return None


def set_aside(path: Path) -> Path | None:
    """Set aside sessions that ended every window which went on with them.

    Parameters
    ----------
    path : Path
        Of the preferences.

    Returns
    -------
    Path or None
        Where the newest is now, as a session like any other; None where there was none.
    """
    places = []
    for left in KeptFile.left(folder_beside(path)):
        kept = preferences.load(left.path)
        if kept.tries < _MOST_TRIES:
            left.release()
            continue
        place = path.parent / "set-aside" / left.path.name
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            write_whole(place, kept.session.to_json().encode())
            places.append(place)
        except OSError as error:
            _LOG.warning("a session cannot be set aside: %s", error)
        left.remove()
    return places[0] if places else None


def set_aside_in_words(place: Path) -> str:
    """Return what to say of a session that was set aside."""
    return (
        "The session that was kept ended two windows before it ran, so it was set aside, in"
        f" {shown(place)}."
    )


def take_left(path: Path) -> tuple[KeptFile, Preferences] | None:
    """Return the newest session that a window left which did not end properly; None for none.

    Others stay for the next start. What cannot be read is taken away.

    Parameters
    ----------
    path : Path
        Of the preferences.
    """
    found: tuple[KeptFile, Preferences] | None = None
    for left in KeptFile.left(folder_beside(path)):
        if found is not None:
            left.release()
            continue
        kept = preferences.load(left.path)
        if kept.saved_at:
            found = left, replace(kept, tries=kept.tries + 1)
            # Now: should it end this window too, that is known at the next start.
            preferences.save(found[1], left.path)
        else:
            left.remove()
    return found


def left_in_words(left: Preferences) -> str:
    """Return what to say of a session that a window left which did not end properly."""
    at = QDateTime.fromSecsSinceEpoch(int(left.saved_at))
    is_today = at.date() == QDateTime.currentDateTime().date()
    day = "" if is_today else f" on {QLocale().toString(at.date(), QLocale.FormatType.ShortFormat)}"
    clock = at.time().toString("HH:mm:ss")
    undo = " Its last steps can be undone." if left.present else ""
    return (
        "The last window did not end properly. This is its session, as it was kept"
        f"{day} at {clock}.{undo}"
    )
