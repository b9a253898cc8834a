"""The session that a file of ours carries, told by what the file holds and not by its suffix."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from lstmviz.core.files.foreignfile import UnreadableFileError, open_foreign, read_foreign, within
from lstmviz.core.files.gifcomments import GIF_SIGNATURES, comments
from lstmviz.core.files.pngtext import PNG_SIGNATURE, SESSION_KEY, read_text
from lstmviz.core.words.amounts import bytes_in_words, shown

LARGEST_FILE: Final = 2 << 20
"""Bytes; a session with the most lengths there can be takes one mebibyte."""

MARK: Final = b"lstmviz-session:"
"""What stands before the base64 of a session in a file that is text, or nearly so."""

_LARGEST_PICTURE: Final = 512 << 20
_LONGEST_TOKEN: Final = len(MARK) + 4 * (LARGEST_FILE // 3 + 1)
_MOST_TOKENS: Final = 64
_BLOCK: Final = 64 << 10
_SECONDS: Final = 10.0
_HEAD: Final = 1024
_AFTER: Final = re.compile(rb"[^A-Za-z0-9+/=]")
_CONTINUED: Final = re.compile(rb"\\(?:\r\n|\r|\n)")
_PERHAPS_CONTINUED: Final = re.compile(rb"\\\r?\Z")
_SUFFIXES: Final = frozenset({".png", ".svg", ".pdf", ".html", ".htm", ".gif"})


def session_token(text: str) -> str:
    """Return the JSON of a session as a picture or page carries it: a keyword of plain ASCII."""
    return MARK.decode() + base64.b64encode(text.encode()).decode()


def session_text(path: Path) -> str:
    """Return the JSON of the session in `path`: a session file, a picture or a page of ours.

    Raises
    ------
    UnreadableFileError
        The file cannot be read, is too large, takes too long, or is a picture without a session.
    UnicodeDecodeError
        It is no picture, and no text either.
    """
    name = shown(path)
    head = within(_SECONDS, lambda: _head(path), name)
    if not _is_picture(head, path):
        return read_foreign(path, LARGEST_FILE).decode("utf-8")
    if head.startswith(PNG_SIGNATURE):
        text = read_text(path, SESSION_KEY)
    else:
        text = within(_SECONDS, lambda: _first_session(path), name)
    if not text:
        raise UnreadableFileError(
            f"{shown(path.name)} is no picture with a session of lstmviz in it."
        )
    return text


def _head(path: Path) -> bytes:
    with open_foreign(path) as file:
        return file.read(_HEAD) or b""


def _is_picture(head: bytes, path: Path) -> bool:
    if head.startswith((PNG_SIGNATURE, *GIF_SIGNATURES, b"%PDF-")):
        return True
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return start == b"<" or (start != b"{" and path.suffix.lower() in _SUFFIXES)


def _first_session(path: Path) -> str:
    with open_foreign(path) as file:
        if os.fstat(file.fileno()).st_size > _LARGEST_PICTURE:
            raise UnreadableFileError(
                f"{shown(path)} is too large: more than {bytes_in_words(_LARGEST_PICTURE)}."
            )
        tokens = islice(_tokens(_carrying(file)), _MOST_TOKENS)
        return next((text for text in map(_decoded, tokens) if text), "")


def _carrying(file: BinaryIO) -> Iterable[bytes]:
    """Return the parts of a file, a block at a time, in which a token can stand."""
    start = file.read(len(GIF_SIGNATURES[0]))
    file.seek(0)
    if start in GIF_SIGNATURES:
        return _gathered(comments(file))
    blocks = _blocks(file)
    return _unbroken(blocks) if start.startswith(b"%PDF-") else blocks


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    # Counted, because a size may lie.
    for _ in range(_LARGEST_PICTURE // _BLOCK):
        block = file.read(_BLOCK)
        if not block:
            return
        yield block


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield small pieces as blocks, which take less time to search."""
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) >= _BLOCK:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _unbroken(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Join lines that end in a backslash. Source: ISO 32000-1, section 7.3.4.2."""
    held = b""
    for block in blocks:
        data = held + block
        cut = _PERHAPS_CONTINUED.search(data, max(0, len(data) - 2))
        held = data[cut.start() :] if cut else b""
        yield _CONTINUED.sub(b"", data[: len(data) - len(held)])
    yield held


def _tokens(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what stands behind each mark, as far as it may be base64."""
    kept = b""
    for block in blocks:
        kept += block
        while (at := kept.find(MARK)) >= 0:
            kept = kept[at:]
            end = _AFTER.search(kept, len(MARK))
            if end is None:
                break
            yield kept[len(MARK) : end.start()]
            kept = kept[end.start() :]
        else:
            kept = kept[1 - len(MARK) :]
        if len(kept) > _LONGEST_TOKEN + _BLOCK:
            kept = b""
    if kept.startswith(MARK):
        yield kept[len(MARK) :]


def _decoded(token: bytes) -> str:
    """Return the JSON object in a token; empty where there is none."""
    if len(token) > _LONGEST_TOKEN:
        return ""
    try:
        text = base64.b64decode(token, validate=True).decode("utf-8")
        return text if isinstance(json.loads(text), dict) else ""
    except (ValueError, RecursionError):
        return ""
