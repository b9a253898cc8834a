"""The text that a PNG carries, read without Qt. Source: the PNG specification, section 11.3.3."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from lstmviz.core.files.foreignfile import open_foreign, within
from lstmviz.core.words.amounts import shown

SESSION_KEY: Final = "lstmviz"
"""Under which our pictures carry their session."""

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_MOST_TEXT: Final = 1 << 20
_MOST_CHUNKS: Final = 1 << 17
"""The largest picture that Qt writes, cut into pieces of 8 KiB, has half as many."""
_LONGEST_CHUNK: Final = (1 << 31) - 1
_SECONDS: Final = 5.0


def read_text(path: Path, key: str) -> str:
    """Return the text stored under `key`; empty where there is none or the file is no PNG.

    Raises
    ------
    UnreadableFileError
        The file cannot be read, or takes too long.
    """

    def act() -> str:
        with open_foreign(path) as file:
            return _find(file, key)

    return within(_SECONDS, act, shown(path))


def _find(file: BinaryIO, key: str) -> str:
    for kind, body in _chunks(file):
        name, _, rest = body.partition(b"\0")
        if name != key.encode("latin-1"):
            continue
        try:
            return _text(kind, rest)
        except (zlib.error, UnicodeDecodeError, ValueError):
            return ""
    return ""


def _text(kind: bytes, rest: bytes) -> str:
    if kind == b"tEXt":
        return rest.decode("latin-1")
    if kind == b"zTXt":
        return _inflate(rest[1:]).decode("latin-1")
    is_compressed = rest[:1] == b"\x01"
    _language, _, rest = rest[2:].partition(b"\0")
    _translated, _, text = rest.partition(b"\0")
    return (_inflate(text) if is_compressed else text).decode("utf-8")


def _inflate(data: bytes) -> bytes:
    made = zlib.decompressobj()
    text = made.decompress(data, _MOST_TEXT)
    if made.unconsumed_tail:
        raise ValueError("more text than a session has")
    return text


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and body of the text chunks, as far as the file is a PNG at all."""
    if file.read(8) != PNG_SIGNATURE:
        return
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) != 8:
            return
        size, kind = struct.unpack(">I4s", head)
        if size > _LONGEST_CHUNK or not kind.isalpha() or kind == b"IEND":
            return
        if kind in (b"tEXt", b"zTXt", b"iTXt") and size <= _MOST_TEXT:
            yield kind, file.read(size)
            file.seek(4, 1)
        else:
            file.seek(size + 4, 1)
