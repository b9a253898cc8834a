"""What stands before the numbers of one array in an ``.npz``, matched and never evaluated."""

from __future__ import annotations

import struct
from re import Pattern
from typing import IO, Any, Final

import numpy as np

_MAGIC: Final = b"\x93NUMPY"
_LENGTHS: Final = {(1, 0): "<H", (2, 0): "<I", (3, 0): "<I"}
"""How each version of the format writes the length of its header."""


def read_npy_header(
    file: IO[bytes],
    pattern: Pattern[bytes],
    *,
    versions: tuple[tuple[int, int], ...],
    longest: int,
    most_axes: int,
) -> tuple[np.dtype[Any], tuple[int, ...], bool]:
    """Read up to the first number of an array.

    Parameters
    ----------
    file : file
        At the start of the member; afterwards at its first number.
    pattern : pattern
        Of the whole header, with groups ``dtype`` and ``shape``, and ``fortran`` where it may be
        ``True``.
    versions : tuple of (int, int)
        Of numpy's format, that may be.
    longest, most_axes : int
        Bytes of the header; axes of the array.

    Returns
    -------
    dtype, shape, whether the order is Fortran's

    Raises
    ------
    KeyError, TypeError, ValueError, struct.error
        The header is none of these.
    """
    magic, major, minor = struct.unpack("<6s2B", file.read(8))
    if magic != _MAGIC or (major, minor) not in versions:
        raise ValueError("no array")
    form = _LENGTHS[major, minor]
    (length,) = struct.unpack(form, file.read(struct.calcsize(form)))
    if length > longest:
        raise ValueError("a header longer than any that is written")
    match = pattern.fullmatch(file.read(length))
    if match is None:
        raise ValueError("no array of numbers")
    axes = match["shape"].replace(b"L", b"").replace(b",", b" ").split()
    if len(axes) > most_axes:
        raise ValueError("more axes than any that is written")
    is_fortran = match.groupdict().get("fortran") == b"True"
    return np.dtype(match["dtype"].decode()), tuple(map(int, axes)), is_fortran
