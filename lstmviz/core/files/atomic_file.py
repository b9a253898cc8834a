"""Write a file whole or not at all: the old one stays until the new one is safe on the disk."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from lstmviz.core.files.draftfile import (
    Draft,
    Sink,
    discard_draft,
    make_draft,
    place_draft,
    under_way,
)
from lstmviz.core.files.foreignfile import why_special
from lstmviz.core.words.amounts import reason, shown


class UnwritableFileError(OSError):
    """A file that cannot be written; the message is the sentence to show."""


@contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of `path` when the block ends well.

    A link is followed and the regular file behind it replaced; its permissions stay. Where
    anything fails, what stood there before stays and nothing is left behind.

    Raises
    ------
    UnwritableFileError
        There is something other than a regular file, or the system refuses; with its reason.
    """
    with _refusals_for(path):
        place = _place(path)
        draft = make_draft(place.target, place.before)
        try:
            yield cast("BinaryIO", Sink(draft.descriptor))
            _put(draft, place.target)
        finally:
            discard_draft(draft)


def write_whole(path: str | Path, data: bytes | bytearray | memoryview) -> None:
    """Write `data` to `path`, as `whole_file` does.

    Raises
    ------
    UnwritableFileError
        As `whole_file` raises it.
    """
    with whole_file(path) as file:
        file.write(data)


def check_place(path: str | Path) -> None:
    """Refuse a place where `whole_file` could not write; leaves nothing there.

    Raises
    ------
    UnwritableFileError
        As `whole_file` raises it. A disk can still be full later.
    """
    with _refusals_for(path):
        place = _place(path)
        discard_draft(make_draft(place.target, place.before))


@contextmanager
def nothing_half_done() -> Iterator[None]:
    """Within the block, which a program about to end at once enters, no file changes its place.

    Files that are under way are removed.
    """
    is_ours = _PLACING.acquire(timeout=0.5)
    try:
        for name in list(under_way):
            with suppress(OSError):
                name.unlink()
        yield
    finally:
        if is_ours:
            _PLACING.release()


def has_written() -> bool:
    """Return whether this process has put a file in its place."""
    return _HAS_WRITTEN.is_set()


_PLACING: Final = threading.Lock()
_HAS_WRITTEN: Final = threading.Event()


@contextmanager
def _refusals_for(path: str | Path) -> Iterator[None]:
    try:
        yield
    except UnwritableFileError:
        raise
    except ValueError as error:
        # A name with a zero in it.
        raise UnwritableFileError(f"{shown(path)} cannot be written: {error}.") from error
    except OSError as error:
        raise UnwritableFileError(f"{shown(path)} cannot be written: {reason(error)}.") from error


def _refuse(path: str | Path, why: str) -> UnwritableFileError:
    return UnwritableFileError(f"{shown(path)} cannot be written: {why}.")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a file is to stand, with all links followed, and what stands there now."""

    target: Path
    before: os.stat_result | None


def _place(path: str | Path) -> _Place:
    given = os.fspath(path)
    if given.endswith(("/", os.sep)) or not given:
        raise _refuse(path, "it names a folder")
    # First what the system itself makes of the path: a loop of links, a name that is too long.
    before = _stat(Path(given))
    target = Path(given).resolve()
    if before is None:
        if not Path(given).parent.is_dir():
            raise _refuse(path, f"there is no folder {shown(Path(given).parent)}")
        if not target.parent.is_dir():
            raise _refuse(path, f"it is a link into {shown(target.parent)}, and that is no folder")
        return _Place(target, None)
    why = why_special(before.st_mode)
    if why:
        raise _refuse(path, why)
    if not os.access(target, os.W_OK):
        raise OSError(*_why_not_writable(target))
    if not os.path.samestat(before, target.stat()):
        raise _refuse(path, "it changes while it is looked at")
    return _Place(target, before)


def _why_not_writable(target: Path) -> tuple[int, str]:
    is_whole_disk = hasattr(os, "statvfs") and os.statvfs(target).f_flag & os.ST_RDONLY
    number = errno.EROFS if is_whole_disk else errno.EACCES
    return number, os.strerror(number)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _put(draft: Draft, target: Path) -> None:
    os.fsync(draft.descriptor)
    with _PLACING:
        now = _stat(target)
        if now is not None and why_special(now.st_mode):
            raise OSError(0, why_special(now.st_mode))
        place_draft(draft, target)
        _HAS_WRITTEN.set()
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Have the folder's entry on the disk too; not every system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
