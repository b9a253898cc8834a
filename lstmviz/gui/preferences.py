"""What is remembered between two starts: the session, the window's place, the theme."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import platformdirs

from lstmviz.core.foreignfile import MissingFileError, read_foreign
from lstmviz.core.session import Session, SessionError
from lstmviz.core.wholefile import write_whole
from lstmviz.gui.theme import Scheme

_LOG = logging.getLogger(__name__)
_FORMAT: Final = 1
_LARGEST: Final = 16 << 20
_SECONDS: Final = 1.0
"""How long a start waits for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The state of the last start.

    Attributes
    ----------
    session : Session
    scheme : Scheme
    geometry, state : bytes
        Of the window, as Qt saves them; empty for the default.
    """

    session: Session = field(default_factory=Session)
    scheme: Scheme = Scheme.SYSTEM
    geometry: bytes = b""
    state: bytes = b""


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
    )


def save(preferences: Preferences, path: Path) -> None:
    """Write `preferences`; a failure is logged and costs nothing else."""
    data = {
        "lstmviz_preferences": _FORMAT,
        "session": json.loads(preferences.session.to_json()),
        "scheme": preferences.scheme.value,
        "geometry": base64.b64encode(preferences.geometry).decode(),
        "state": base64.b64encode(preferences.state).decode(),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(data, indent=1).encode())
    except OSError as error:
        _LOG.warning("preferences cannot be kept: %s", error)


def _session(data: Any) -> Session:
    try:
        return Session.from_json(json.dumps(data))
    except SessionError as error:
        _LOG.warning("the last session is not readable: %s", error)
        return Session()


def _scheme(value: Any) -> Scheme:
    return Scheme(value) if value in list(Scheme) else Scheme.SYSTEM


def _bytes(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, TypeError):
        return b""
