"""The session that a picture or a page carries, found by what the file holds, not by its name.

A PNG has a text of its own for it. SVG, PDF, HTML and GIF carry a token of plain letters, which
survives what each format does to texts: a mark, then the session's JSON in base64.
"""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import BinaryIO, Final

from lstmviz.core.files.foreignfile import open_foreign, within
from lstmviz.core.files.pngtext import SESSION_KEY, read_text
from lstmviz.core.words.amounts import shown

MARK: Final = "lstmviz-session:"

_MARK: Final = MARK.encode()
_TOKEN: Final = re.compile(rb"lstmviz-session:([A-Za-z0-9+/]+={0,2})")
_LONGEST: Final = 4 << 20
"""Bytes of a token: a session of the largest size, in base64, and room to spare."""
_CHUNK: Final = 1 << 20
_MOST_READ: Final = 512 << 20
_SECONDS: Final = 5.0
_STARTS: Final = (b"\x89PNG\r\n\x1a\n", b"%PDF-", b"GIF8", b"<?xml", b"<svg", b"<!doctype html")
_COMMENT: Final = b"\x21\xfe"


def session_token(text: str) -> str:
    """Return a session's JSON as letters that every format can carry."""
    return MARK + base64.b64encode(text.encode()).decode()


def carries(path: Path) -> bool:
    """Return whether `path` is a picture or a page, which may carry a session.

    Raises
    ------
    UnreadableFileError
        The file cannot be read, or takes too long.
    """

    def act() -> bool:
        with open_foreign(path) as file:
            start = (file.read(256) or b"").removeprefix(b"\xef\xbb\xbf").lstrip().lower()
            return start.startswith(tuple(known.lower() for known in _STARTS))

    return within(_SECONDS, act, shown(path))


def session_text(path: Path) -> str:
    """Return the session's JSON that the picture or page at `path` carries; empty for none.

    Raises
    ------
    UnreadableFileError
        The file cannot be read, or takes too long.
    """
    text = read_text(path, SESSION_KEY)
    if text:
        return text

    def act() -> str:
        with open_foreign(path) as file:
            return _found(file)

    return within(_SECONDS, act, shown(path))


def _found(file: BinaryIO) -> str:
    """Return what the first token holds that is whole, reading a little at a time."""
    held = b""
    for _ in range(_MOST_READ // _CHUNK):
        more = file.read(_CHUNK)
        held += more or b""
        place = held.find(_MARK)
        if place >= 0 and (not more or len(held) - place > _LONGEST):
            text = _decoded(held[place:], is_gif=_is_in_comment(held, place))
            if text or not more:
                return text
            held = held[place + len(_MARK) :]
        elif place >= 0:
            held = held[max(0, place - 3) :]
        else:
            # A mark may be cut in two by the end of what was read.
            held = held[-len(_MARK) - 3 :]
        if not more:
            return ""
    return ""


def _is_in_comment(held: bytes, place: int) -> bool:
    """Return whether the mark at `place` begins a comment of a GIF, after its block's length."""
    return held[max(0, place - 3) : max(0, place - 1)] == _COMMENT


def _decoded(data: bytes, *, is_gif: bool) -> str:
    data = data[:_LONGEST]
    if is_gif:
        data = _joined(data)
    # A text of a PDF may go on in the next line after a backslash.
    found = _TOKEN.match(re.sub(rb"\\\r?\n", b"", data))
    if found is None:
        return ""
    try:
        return base64.b64decode(found[1], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _joined(data: bytes) -> bytes:
    """Return the comment of a GIF whose first block's text begins here.

    Each block is its length and its text; a length of 0 ends them. The first block's length is not
    given: all but the last are 255 long. Source: the GIF89a specification, section 24.
    """
    first = data[:255]
    end = first.find(b"\x00")
    if end >= 0:
        return first[:end]
    text, place = first, 255
    while place < len(data) and data[place]:
        size = data[place]
        text += data[place + 1 : place + 1 + size]
        place += 1 + size
    return text
