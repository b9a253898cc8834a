"""The text that a PNG carries, read without Qt. Source: the PNG specification, section 11.3.3."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SESSION_KEY: Final = "lstmviz"
"""Under which our pictures carry their session."""

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_MOST_TEXT: Final = 1 << 20


def read_text(path: Path, key: str) -> str:
    """Return the text stored under `key`; empty where there is none or the file is no PNG.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    for kind, body in _chunks(path):
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


def _chunks(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and body of the text chunks."""
    with path.open("rb") as file:
        if file.read(8) != _SIGNATURE:
            return
        while len(head := file.read(8)) == 8:
            size, kind = struct.unpack(">I4s", head)
            if kind in (b"tEXt", b"zTXt", b"iTXt") and size <= _MOST_TEXT:
                yield kind, file.read(size)
                file.seek(4, 1)
            else:
                file.seek(size + 4, 1)
