"""The file that says afterwards what went wrong. Imports no Qt: it is there before any window."""

from __future__ import annotations

import faulthandler
import logging
import sys
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

import platformdirs

_LARGEST: Final = 512 << 10
"""Bytes of one file; there are two at most. A traceback takes about two thousand."""


def log_path() -> Path:
    """Return where this user's log is."""
    return Path(platformdirs.user_log_dir("lstmviz", appauthor=False)) / "lstmviz.log"


def keep_log(path: Path) -> None:
    """Write what this program logs to `path`, and there too where a fatal signal met it.

    Where that cannot be, the program goes on without.
    """
    logger = logging.getLogger("lstmviz")
    if any(isinstance(handler, RotatingFileHandler) for handler in logger.handlers):
        return
    # What is no regular file, such as a pipe, would be waited for.
    if any(place.exists() and not place.is_file() for place in (path, _before(path), _fatal(path))):
        return
    logging.raiseExceptions = False
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            path, maxBytes=_LARGEST, backupCount=1, encoding="utf-8", delay=True
        )
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        _note_fatal_signals(_fatal(path))


def _before(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


def _fatal(path: Path) -> Path:
    return path.with_name("fatal.log")


def _note_fatal_signals(path: Path) -> None:
    """Have Python write the stack to `path` where the process dies of a segmentation fault."""
    is_full = path.exists() and path.stat().st_size > _LARGEST
    # Open for as long as the process lives.
    file = path.open("w" if is_full else "a", encoding="utf-8")
    faulthandler.enable(file)
    if sys.stderr is not None and not path.stat().st_size:
        file.write("Where a window of lstmviz was when a fatal signal ended it:\n")
        file.flush()
