"""The members of an ``.npz`` of ours, read without believing what the file says of itself."""

from __future__ import annotations

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from lstmviz.core.files.npyheader import read_npy_header

if TYPE_CHECKING:
    import numpy.typing as npt

HEADER: Final = "lstmviz"
"""The member that holds everything beside the arrays, as JSON text."""

_HEADER_LIMIT: Final = 1 << 22
_MOST_MEMBERS: Final = 1 << 10
_MOST_PER_MEMBER: Final = 512
"""Bytes of the zip's directory for one member of ours; a name has at most 200."""
_MOST_AXES: Final = 5
_LONGEST_ARRAY_HEADER: Final = 1024
_LONGEST_EMPTY: Final = 1 << 20
"""Longest axis of an array without numbers, which no file size bounds."""

_ARRAY_HEADER: Final = re.compile(
    rb"\{'descr': '(?P<dtype><f4|<f8|<i8|<U[0-9]{1,7})', 'fortran_order': False,"
    rb" 'shape': \((?P<shape>(?:[0-9]{1,18}, ?)*(?:[0-9]{1,18})?)\), \} *\n"
)
"""Exactly what numpy writes for the arrays that we save; nothing is evaluated."""

DAMAGE: Final = (
    KeyError,
    TypeError,
    AttributeError,
    ValueError,
    EOFError,
    RecursionError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged file raises."""


def read_members(file: BinaryIO, names: Iterable[str]) -> tuple[dict[str, npt.NDArray[Any]], str]:
    """Read every array, and the JSON text beside them.

    All sizes are compared with the bytes that the file has before anything is allocated.

    Parameters
    ----------
    file : BinaryIO
        Of a regular file.
    names : iterable of str
        The arrays that there may be.

    Raises
    ------
    OSError
        The file cannot be read.
    Exception
        One of `DAMAGE`, where the file is not as we write it.
    """
    size = file.seek(0, 2)
    check_directory(file, size)
    arrays: dict[str, npt.NDArray[Any]] = {}
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        found = [member.filename.removesuffix(".npy") for member in members]
        known = {HEADER, *names}
        # Of several LSTM calls, each array has its call's name before its own.
        if len(set(found)) != len(found) or any(n.rpartition(".")[2] not in known for n in found):
            raise ValueError("unknown or repeated members")
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("compressed members")
        if sum(member.file_size for member in members) > size:
            raise ValueError("members overlap")
        for name, member in zip(found, members, strict=True):
            arrays[name] = _array(archive, member, size)
    return arrays, str(arrays.pop(HEADER))


def check_directory(file: BinaryIO, size: int) -> None:
    """Refuse a directory that is larger than ours can be, before Python reads all of it.

    Raises
    ------
    ValueError
        It is larger, or there is none.
    """
    if size < 22:
        raise ValueError("too short")
    file.seek(size - 22)
    signature, *_, count, length, _offset, comment = struct.unpack("<4s4H2LH", file.read(22))
    if signature != b"PK\5\6" or comment:
        raise ValueError("no end of a zip of ours")
    if size >= 98:
        # A file of more than 4 GiB says it once more before that, and is believed there.
        file.seek(size - 98)
        record = file.read(56)
        locator, _disk, place, _disks = struct.unpack("<4sLQL", file.read(20))
        if locator == b"PK\6\7":
            if record[:4] != b"PK\6\6" or place != size - 98:
                raise ValueError("no end of a zip of ours")
            count, length = struct.unpack("<2Q", record[32:48])
    if not 0 < count <= _MOST_MEMBERS or length > count * _MOST_PER_MEMBER:
        raise ValueError("a directory larger than ours")


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, size: int) -> npt.NDArray[Any]:
    """Read one array whose header declares exactly the bytes that follow it."""
    with archive.open(member) as file:
        dtype, shape, _ = read_npy_header(
            file,
            _ARRAY_HEADER,
            versions=((1, 0),),
            longest=_LONGEST_ARRAY_HEADER,
            most_axes=_MOST_AXES,
        )
        is_header = member.filename == f"{HEADER}.npy"
        if is_header != (dtype.kind == "U") or (is_header and shape):
            raise ValueError("not an array of ours")
        declared = math.prod(shape) * dtype.itemsize
        if declared != member.file_size - file.tell():
            raise ValueError("another number of bytes than declared")
        if is_header and declared > _HEADER_LIMIT:
            raise ValueError("facts too long")
        if not declared and max(shape, default=0) > max(size, _LONGEST_EMPTY):
            raise ValueError("an empty array of absurd length")
        array = np.empty(shape, dtype)
        into = array.reshape(-1).view(np.uint8).data
        if file.readinto(into) != declared or file.read(1):  # type: ignore[attr-defined]
            raise EOFError
        return array
