"""The file that says afterwards what went wrong. Imports no Qt: it is there before any window."""

from __future__ import annotations

import faulthandler
import logging
import os
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
    """Write what this program logs to `path`; where that cannot be, go on without."""
    logger = logging.getLogger("lstmviz")
    if any(isinstance(handler, RotatingFileHandler) for handler in logger.handlers):
        return
    before = path.with_name(f"{path.name}.1")
    if _is_in_the_way(path) or _is_in_the_way(before):
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


def note_fatal_signals(path: Path) -> None:
    """Have Python write its stack to ``fatal.log`` beside `path` where a fatal signal ends it."""
    path = path.with_name("fatal.log")
    if _is_in_the_way(path):
        return
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        is_full = path.exists() and path.stat().st_size > _LARGEST
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if is_full else os.O_APPEND)
        # Open for as long as the process lives.
        faulthandler.enable(os.open(path, flags, 0o600))


def _is_in_the_way(path: Path) -> bool:
    """Return whether something other than a file is there, such as a pipe, which would wait."""
    return path.exists() and not path.is_file()
