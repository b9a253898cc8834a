"""The one place that writes to a terminal or a pipe: in letters it has, and nothing it would obey.

Where an encoding lacks a letter, a word or a sign stands for it, so that no two marks look alike.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
import unicodedata
from contextlib import suppress
from typing import Final, TextIO

from lstmviz.core.words.amounts import visible

_WORDS: Final = {
    "✓": "yes",
    "✔": "yes",
    "✕": "no",
    "✗": "no",
    "✘": "no",
    "·": "*",
    "×": "x",
    "−": "-",
    "–": "-",
    "—": "-",
    "≈": "~",
    "≠": "!=",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "←": "<-",
    "↔": "<->",
    "…": "...",
    "Σ": "sum of",
    "Δ": "difference",
    "√": "sqrt ",
    "∞": "inf",
    "±": "+-",
    "°": " degrees",
    "σ": "sigmoid",
    "⊙": "*",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "▾": "",
    "│": "|",
    "─": "-",
    "ß": "ss",
}
_HANDLER: Final = "lstmviz.in_words"


def prepare() -> None:
    """Make the standard streams fit to be written to, whatever they are."""
    codecs.register_error(_HANDLER, _in_words)
    _occupy_closed_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=_encoding(stream), errors=_HANDLER)


def say(text: str, end: str = "\n") -> None:
    """Write a result on standard output, now.

    Raises
    ------
    OSError
        It is closed, full, or nobody reads it.
    """
    if sys.stdout is None:
        raise OSError(errno.EBADF, "Standard output is closed")
    _write(sys.stdout, f"{text}{end}")


def complain(sentence: str) -> None:
    """Write what is wrong on standard error; where that cannot be, nobody is left to be told."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            _write(sys.stderr, f"{sentence}\n")


def listen() -> str:
    """Return all of standard input; empty where it is closed.

    Raises
    ------
    OSError
        It cannot be read.
    """
    if sys.stdin is None:
        return ""
    try:
        data = sys.stdin.buffer.read(MOST_INPUT)
    except AttributeError:
        return sys.stdin.read(MOST_INPUT)
    return data.decode(sys.stdin.encoding or "utf-8", errors="replace")


MOST_INPUT: Final = 16 << 20
"""Bytes that are read of a message."""


def let_go() -> None:
    """Have Python not try once more, at its end, to write what could not be written."""
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with suppress(OSError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, number)
                os.close(nowhere)


def _write(stream: TextIO, text: str) -> None:
    stream.write(visible(text))
    # Now, where a full disk or a reader that is gone can still be answered.
    stream.flush()


def _encoding(stream: io.TextIOWrapper) -> str:
    """Return the stream's own encoding; ASCII where the user asks for the C locale by name.

    Python then writes UTF-8 nevertheless, since it takes that locale for one nobody chose.
    """
    asked = os.environ.get("LC_ALL") in ("C", "POSIX")
    chosen = os.environ.get("PYTHONIOENCODING") or os.environ.get("PYTHONUTF8")
    return "ascii" if asked and not chosen else stream.encoding


def _in_words(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(map(_in_ascii, missing)), error.end


def _in_ascii(letter: str) -> str:
    if letter in _WORDS:
        return _WORDS[letter]
    plain = "".join(c for c in unicodedata.normalize("NFKD", letter) if ord(c) < 0x80)
    return plain or letter.encode("ascii", "backslashreplace").decode()


def _occupy_closed_descriptors() -> None:
    """Open nothing in the place of a closed stream, so that no file of ours gets its number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is taken, which is this one.
            os.open(os.devnull, os.O_RDWR)
