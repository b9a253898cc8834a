"""The comments of a GIF, read a block at a time. Source: the GIF89a specification, section 24."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

GIF_SIGNATURES: Final = (b"GIF87a", b"GIF89a")

_EXTENSION: Final = 0x21
_COMMENT: Final = 0xFE
_IMAGE: Final = 0x2C
_MOST_BYTES: Final = 512 << 20


def comments(file: BinaryIO) -> Iterator[bytes]:
    """Yield the comments' text, in pieces of at most 255 bytes, with a newline behind each comment.

    Ends where the file does, or is no GIF any more.

    Parameters
    ----------
    file : BinaryIO
        At its start.
    """
    try:
        _skip_header(file)
        while file.tell() < _MOST_BYTES:
            kind = _byte(file)
            if kind == _EXTENSION:
                is_comment = _byte(file) == _COMMENT
                for piece in _pieces(file):
                    if is_comment:
                        yield piece
                yield b"\n"
            elif kind == _IMAGE:
                _skip_image(file)
            else:
                return
    except EOFError:
        return


def _skip_header(file: BinaryIO) -> None:
    _skip_colors(file, _read(file, 13)[10])


def _skip_image(file: BinaryIO) -> None:
    _skip_colors(file, _read(file, 9)[8])
    _byte(file)
    for _ in _pieces(file):
        pass


def _skip_colors(file: BinaryIO, flags: int) -> None:
    if flags & 0x80:
        _read(file, 3 << (1 + (flags & 7)))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while size := _byte(file):
        yield _read(file, size)


def _byte(file: BinaryIO) -> int:
    return _read(file, 1)[0]


def _read(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise EOFError
    return data
