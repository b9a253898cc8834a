"""What is remembered between two starts: the session, the window's place, the theme."""

from __future__ import annotations

import base64
import json
import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import platformdirs

from lstmviz.core.asking.asked import Asked
from lstmviz.core.asking.session import FORMAT_VERSION, Session, SessionError
from lstmviz.core.files.atomic_file import write_whole
from lstmviz.core.files.foreignfile import MissingFileError, read_foreign
from lstmviz.gui.theme import Scheme

_LOG = logging.getLogger(__name__)
_FORMAT: Final = 1
_LARGEST: Final = 16 << 20
_SECONDS: Final = 1.0
"""How long a start waits for them."""
_MOST_STEPS: Final = 50
"""Steps that are kept to undo, and as many to redo."""
_MOST_LENGTHS: Final = 100_000
"""Lengths of sequences in all of them together, above which none is kept."""
_LATEST: Final = 1e11


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The state of the last start.

    Attributes
    ----------
    session : Session
    scheme : Scheme
    geometry, state : bytes
        Of the window, as Qt saves them; empty for the default.
    saved_at : float
        Seconds since 1970; 0 where they were never saved.
    history : tuple of Asked
        What can be undone and redone, a step apart; empty for nothing.
    present : int
        Which of `history` is the session's.
    tries : int
        How many windows have gone on with it, one after the other, and ended before it ran.
    """

    session: Session = field(default_factory=Session)
    scheme: Scheme = Scheme.SYSTEM
    geometry: bytes = b""
    state: bytes = b""
    saved_at: float = field(default=0.0, compare=False)
    history: tuple[Asked, ...] = ()
    present: int = 0
    tries: int = 0


def default_path() -> Path:
    """Return where this user's preferences are kept."""
    return Path(platformdirs.user_config_dir("lstmviz", appauthor=False)) / "preferences.json"


def load(path: Path) -> Preferences:
    """Return what `path` holds; of a damaged or missing file whatever can be read."""
    try:
        data = json.loads(read_foreign(path, _LARGEST, seconds=_SECONDS).decode())
    except MissingFileError:
        return Preferences()
    except (OSError, ValueError, RecursionError) as error:
        _LOG.warning("preferences are not readable and start anew: %s", error)
        return Preferences()
    if not isinstance(data, dict) or data.get("lstmviz_preferences") != _FORMAT:
        return Preferences()
    return Preferences(
        session=_session(data.get("session")),
        scheme=_scheme(data.get("scheme")),
        geometry=_bytes(data.get("geometry")),
        state=_bytes(data.get("state")),
        saved_at=_seconds(data.get("saved_at")),
        tries=_tries(data.get("tries")),
        **_history(data.get("history")),
    )


def save(preferences: Preferences, path: Path) -> None:
    """Write `preferences`; a failure is logged and costs nothing else."""
    data = {
        "lstmviz_preferences": _FORMAT,
        "session": json.loads(preferences.session.to_json()),
        "scheme": preferences.scheme.value,
        "geometry": base64.b64encode(preferences.geometry).decode(),
        "state": base64.b64encode(preferences.state).decode(),
        "saved_at": preferences.saved_at or time.time(),
        "tries": preferences.tries,
        "history": _plain_history(preferences),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not indented, which json does ten times as slowly, with the window's thread held up.
        write_whole(path, json.dumps(data).encode())
    except OSError as error:
        _LOG.warning("preferences cannot be kept: %s", error)


def _tries(data: Any) -> int:
    return data if type(data) is int and 0 <= data < _MOST_STEPS else 0


def _session(data: Any) -> Session:
    try:
        return Session.from_json(json.dumps(data))
    except SessionError as error:
        _LOG.warning("the last session is not readable: %s", error)
        return Session()


def _plain_history(preferences: Preferences) -> dict[str, Any]:
    """Return the steps around the present one, as many as make no large file."""
    first = max(0, preferences.present - _MOST_STEPS)
    states = preferences.history[first : preferences.present + _MOST_STEPS]
    if sum(len(state.spec.input.lengths or ()) for state in states) > _MOST_LENGTHS:
        states = ()
    steps = [
        {"settings": s.spec.settings(), "scenario": s.choice.plain() if s.choice else None}
        for s in states
    ]
    return {"steps": steps, "present": preferences.present - first}


def _history(data: Any) -> dict[str, Any]:
    try:
        sessions = [
            Session.from_json(json.dumps({**step, "lstmviz": FORMAT_VERSION, "view": {}}))
            for step in data["steps"]
        ]
        present = data["present"]
    except (SessionError, LookupError, TypeError) as error:
        _LOG.info("there are no steps to undo: %s", error)
        return {}
    if type(present) is not int or not 0 <= present < len(sessions):
        return {}
    states = tuple(Asked(spec=session.spec, choice=session.choice) for session in sessions)
    return {"history": states, "present": present}


def _seconds(value: Any) -> float:
    is_time = type(value) in (int, float) and 0 < value < _LATEST
    return float(value) if is_time else 0.0


def _scheme(value: Any) -> Scheme:
    return Scheme(value) if value in list(Scheme) else Scheme.SYSTEM


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, TypeError):
        return b""
