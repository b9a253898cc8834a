"""The file in which a window keeps its session while it lives; the system tells who is dead."""

from __future__ import annotations

import logging
import os
import sys
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

_LOG = logging.getLogger(__name__)
_ENDING: Final = ".json"
_MOST_LEFT: Final = 20
"""Files of windows that were killed; older ones than so many go."""


class KeptFile:
    """A file of one window, which no other one touches while that window lives.

    A lock file stands beside it. The system gives the lock back however the process ends, so what
    lies there unlocked was left by a window that did not end properly.

    Attributes
    ----------
    path : Path
        May not be there.
    """

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def new(cls, folder: Path) -> Self:
        """Return a file of a new name in `folder`.

        Raises
        ------
        OSError
            The folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        made = cls._claimed(folder / f"{uuid.uuid4().hex}{_ENDING}")
        if made is None:
            raise OSError(f"{folder} cannot be locked")
        return made

    @classmethod
    def left(cls, folder: Path) -> list[Self]:
        """Return what windows that did not end properly left in `folder`, the newest first.

        They are this window's now; `release` gives them back.
        """
        try:
            # By their locks: a window may have been killed before it kept anything.
            paths = [lock.with_suffix(_ENDING) for lock in folder.glob("*.lock")]
        except OSError as error:
            _LOG.warning("sessions that were left cannot be looked for: %s", error)
            return []
        claimed = [found for found in map(cls._claimed, paths) if found is not None]
        claimed.sort(key=lambda left: left.saved_at, reverse=True)
        for old in claimed[_MOST_LEFT:]:
            old.remove()
        return claimed[:_MOST_LEFT]

    @property
    def saved_at(self) -> float:
        """When it was written last, in seconds since 1970; 0 where it never was."""
        try:
            return self.path.stat().st_mtime
        except OSError:
            return 0.0

    def remove(self) -> None:
        """Take it away: the window ended properly."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
            # Whatever a killed window had begun to write.
            for begun in self.path.parent.glob(f"*{self.path.stem}*"):
                begun.unlink()
        self.release()

    def release(self) -> None:
        """Leave it to the next window."""
        if self._lock >= 0:
            os.close(self._lock)
        self._lock = -1

    @classmethod
    def _claimed(cls, path: Path) -> Self | None:
        """Return `path` as this window's; None while it is another's."""
        beside = path.with_suffix(".lock")
        try:
            lock = os.open(beside, os.O_RDWR | os.O_CREAT | _EXTRA, 0o600)
        except OSError:
            return None
        try:
            _take(lock)
            # Between opening and locking, its owner may have taken it away.
            if os.path.samestat(os.fstat(lock), beside.stat()):
                return cls(path, lock)
        except OSError:
            pass
        os.close(lock)
        return None


if sys.platform == "win32":
    import msvcrt

    _EXTRA: Final = os.O_NOINHERIT

    def _take(lock: int) -> None:
        msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    _EXTRA: Final = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK

    def _take(lock: int) -> None:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
