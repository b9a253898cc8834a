"""The one way to open a file that somebody else may have made."""

from __future__ import annotations

import io
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from lstmviz.core.words.amounts import bytes_in_words, reason, shown

_Result = TypeVar("_Result")

SECONDS: Final = 5.0
"""How long a small file may take to be read; one on a network that is gone takes for ever."""

_SPECIAL: Final = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
    (stat.S_ISSOCK, "it is a socket"),
)


class UnreadableFileError(OSError):
    """A file that cannot be read; the message is the sentence to show."""


class MissingFileError(UnreadableFileError, FileNotFoundError):
    """A file that is not there; the message is the sentence to show."""


def why_special(mode: int) -> str:
    """Return what a file is that is no regular one, from its ``st_mode``; empty for a regular one.

    Examples
    --------
    >>> why_special(os.stat("/").st_mode)
    'it is a folder'
    """
    if stat.S_ISREG(mode):
        return ""
    return next((word for is_kind, word in _SPECIAL if is_kind(mode)), "it is no regular file")


@contextmanager
def open_foreign(path: str | Path) -> Iterator[BinaryIO]:
    """Open a regular file, or what a link to one leads to, for reading.

    A pipe is not waited for and a device is not touched: what was opened is looked at, not what
    stood there before.

    Raises
    ------
    MissingFileError
        There is nothing.
    UnreadableFileError
        It is no regular file, or the system refuses to open or to read it.
    """
    name = shown(path)
    try:
        with io.open(_descriptor(path), "rb") as file:  # noqa: UP020 - a descriptor, not a path
            _refuse_special(path, os.fstat(file.fileno()))
            yield file
    except UnreadableFileError:
        raise
    except FileNotFoundError:
        raise MissingFileError(f"there is no file {name}.") from None
    except BlockingIOError:
        raise UnreadableFileError(f"{name} cannot be read: it keeps its reader waiting.") from None
    except OSError as error:
        raise UnreadableFileError(f"{name} cannot be read: {reason(error)}.") from error


def _descriptor(path: str | Path) -> int:
    # Before it is opened, because opening alone can make some devices act; and afterwards once
    # more, because another file may stand there by then.
    try:
        _refuse_special(path, Path(path).stat())
    except ValueError as error:
        # A name with a zero in it.
        raise OSError(0, str(error)) from error
    flags = os.O_RDONLY
    for flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, flag, 0)
    return os.open(path, flags)


def _refuse_special(path: str | Path, found: os.stat_result) -> None:
    why = why_special(found.st_mode)
    if why:
        raise UnreadableFileError(f"{shown(path)} cannot be read: {why}.")


def read_foreign(path: str | Path, most: int, *, seconds: float = SECONDS) -> bytes:
    """Return what a foreign file holds.

    Parameters
    ----------
    path : str or Path
    most : int
        Bytes; a file that holds more is refused, and no more is read.
    seconds : float
        A file that takes longer is refused.

    Raises
    ------
    MissingFileError, UnreadableFileError
        As `open_foreign` raises them; or the file is too large or takes too long.
    """

    def act() -> bytes:
        with open_foreign(path) as file:
            size = os.fstat(file.fileno()).st_size
            # A size may lie, as those under /proc do.
            data = b"" if size > most else file.read(most + 1)
            if data is None:
                # What one that keeps us waiting gives.
                raise BlockingIOError
            if size > most or len(data) > most:
                raise UnreadableFileError(
                    f"{shown(path)} is too large: more than {bytes_in_words(most)}."
                )
            return data

    return within(seconds, act, shown(path))


def within(seconds: float, act: Callable[[], _Result], name: str) -> _Result:
    """Return what `act` returns, or refuse the file called `name` where it takes too long.

    The system cannot be told to give up on a file, so a thread waits for it; one that is given up
    ends when the system answers, or with the program.

    Raises
    ------
    UnreadableFileError
        It took longer than `seconds`.
    Exception
        Whatever `act` raises.
    """
    results: list[_Result] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            results.append(act())
        except BaseException as error:  # noqa: BLE001 - raised again where it was asked for
            errors.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=run, name=f"lstmviz reads {name}", daemon=True)
    thread.start()
    if not done.wait(seconds):
        raise UnreadableFileError(f"{name} cannot be read: it takes longer than {seconds:g} s.")
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
