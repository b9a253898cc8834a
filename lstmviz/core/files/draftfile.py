"""A new file before it has its place: without a name where the system can have it so."""

from __future__ import annotations

import io
import os
import secrets
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_PIECE: Final = 1 << 24
"""Bytes written at a time; some systems take no more than 2 GiB at once."""

under_way: Final[set[Path]] = set()
"""Names of drafts that stand beside their places now; whoever ends the program removes them."""


class Sink(io.RawIOBase):
    """Write every byte given, however few the system takes at once."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def writable(self) -> bool:
        """Return True: that is what it is for."""
        return True

    def seekable(self) -> bool:
        """Return True: a ``.zip`` is written with a look back."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go elsewhere in the file."""
        return os.lseek(self._descriptor, offset, whence)

    def write(self, data: Any, /) -> int:
        """Write all of `data`.

        Raises
        ------
        OSError
            The system refuses, or takes nothing more.
        """
        rest = memoryview(data).cast("B")
        total = len(rest)
        while rest:
            count = os.write(self._descriptor, rest[:_PIECE])
            if count <= 0:
                raise OSError(0, "the system takes no more of it")
            rest = rest[count:]
        return total


@dataclass(slots=True)
class Draft:
    """The new file before it has its place; nameless where the system can have it so.

    A nameless file leaves nothing behind, whatever ends the program.
    """

    descriptor: int
    name: Path | None = None


def make_draft(target: Path, before: os.stat_result | None) -> Draft:
    """Return an empty draft beside `target`, with owner and permissions of the file `before` it.

    Raises
    ------
    OSError
        The system refuses.
    """
    try:
        draft = Draft(_nameless(target.parent))
    except OSError:
        draft = _with_name(target)
    if before is not None:
        _liken(draft.descriptor, before)
    return draft


def _nameless(folder: Path) -> int:
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None:
        raise OSError(0, "every file has a name here")
    descriptor = os.open(folder, os.O_RDWR | flag | os.O_CLOEXEC, 0o666)
    if not _as_link(descriptor).exists():
        os.close(descriptor)
        raise OSError(0, "a file without a name could not be given one")
    return descriptor


def _as_link(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}")


def _with_name(target: Path) -> Draft:
    name = _new_name(target)
    # Noted before it is there: whatever ends us next finds it.
    under_way.add(name)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return Draft(os.open(name, flags, 0o666), name)
    except OSError:
        under_way.discard(name)
        raise


def _new_name(target: Path) -> Path:
    """Return a hidden name that says whose draft it is, for whoever clears up after a kill."""
    return target.parent / f".lstmviz-{target.stem[:40]}-{secrets.token_hex(6)}.part"


def _liken(descriptor: int, before: os.stat_result) -> None:
    """Give the new file the owner and the permissions of the old one, as far as we may."""
    if sys.platform != "win32":
        with suppress(OSError):
            os.fchown(descriptor, before.st_uid, before.st_gid)
        with suppress(OSError):
            os.fchmod(descriptor, stat.S_IMODE(before.st_mode))


def place_draft(draft: Draft, target: Path) -> None:
    """Give a finished draft its place, whatever regular file stands there.

    Raises
    ------
    OSError
        The system refuses.
    """
    if draft.name is None:
        draft.name = _new_name(target)
        under_way.add(draft.name)
        # Only with a descriptor given does Python ask the system to follow the link.
        os.link(
            _as_link(draft.descriptor),
            draft.name,
            src_dir_fd=draft.descriptor,
            follow_symlinks=True,
        )
    if sys.platform == "win32":
        # There, what is open has to keep its name.
        _close(draft)
    draft.name.replace(target)
    under_way.discard(draft.name)
    draft.name = None


def discard_draft(draft: Draft) -> None:
    """Close a draft, and remove it unless it has its place."""
    # Whatever the system says now, what is in its place was safe before it got there.
    with suppress(OSError):
        _close(draft)
    if draft.name is not None:
        with suppress(OSError):
            draft.name.unlink()
        under_way.discard(draft.name)


def _close(draft: Draft) -> None:
    if draft.descriptor >= 0:
        descriptor, draft.descriptor = draft.descriptor, -1
        os.close(descriptor)
