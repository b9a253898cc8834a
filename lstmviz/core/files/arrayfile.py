"""Arrays that somebody else saved, as ``.npz`` or ``.safetensors``, and ours written for them."""

from __future__ import annotations

import json
import math
import re
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from lstmviz.core.files.atomic_file import whole_file
from lstmviz.core.files.foreignfile import open_foreign
from lstmviz.core.files.npyheader import read_npy_header
from lstmviz.core.files.zipmembers import DAMAGE, check_directory
from lstmviz.core.words.amounts import bytes_in_words, shown

Array = npt.NDArray[Any]

MOST_BYTES: Final = 1 << 30
"""Bytes that all arrays of a file may take together."""
_SURELY_FITS: Final = 64 << 20
"""Bytes that a compressed file may take, however small it is; beyond, four times its own size."""
_MOST_HEADER: Final = 1 << 22
_MOST_TENSORS: Final = 1 << 12
_MOST_AXES: Final = 8
_NPY_HEADER: Final = re.compile(
    rb"\{ *['\"]descr['\"]: *['\"](?P<dtype>[<>|=]?[fiub][1248])['\"],"
    rb" *['\"]fortran_order['\"]: *(?P<fortran>True|False),"
    rb" *['\"]shape['\"]: *\((?P<shape>(?:[0-9]{1,18}L?, *)*(?:[0-9]{1,18}L?)?)\),? *\}[ \n]*"
)
"""What numpy and others write before an array of numbers; nothing is evaluated."""
_NPY_VERSIONS: Final = ((1, 0), (2, 0), (3, 0))
_LONGEST_NPY_HEADER: Final = 10_000
"""Bytes; numpy reads no longer one either."""
_DTYPES: Final = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"}
_CODES: Final = {np.dtype(code): name for name, code in _DTYPES.items()}


class ArrayFileError(ValueError):
    """A file that holds no arrays that can be read; the message is the sentence to show."""


def read_array_file(path: str | Path) -> dict[str, Array]:
    """Read every array of an ``.npz`` or a ``.safetensors`` file; bfloat16 becomes float32.

    What the file declares is compared with the bytes that it has before anything is allocated, and
    nothing in it is run.

    Raises
    ------
    UnreadableFileError
        The file cannot be read.
    ArrayFileError
        It is neither, is damaged, or takes more than `MOST_BYTES`, or compressed far more than it
        has itself.
    """
    name = shown(Path(path).name)
    with open_foreign(path) as file:
        start = file.read(4)
        try:
            return _read_zip(file) if start == b"PK\3\4" else _read_safetensors(file)
        except _TooLargeError as error:
            most = bytes_in_words(error.most)
            raise ArrayFileError(f"the arrays of {name} take more than {most}") from None
        except DAMAGE as error:
            raise ArrayFileError(f"{name} is no .npz or .safetensors file of numbers") from error


def write_array_file(path: str | Path, arrays: Mapping[str, Array]) -> None:
    """Write arrays, as ``.safetensors`` if the path ends so, else as ``.npz``; whole or not at all.

    Raises
    ------
    UnwritableFileError
        The file cannot be written.
    """
    with whole_file(path) as file:
        if str(path).endswith(".safetensors"):
            _write_safetensors(file, arrays)
        else:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
                for name, array in arrays.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                        np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


class _TooLargeError(Exception):
    """More bytes than the `most` that may be read."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        super().__init__(most)
        self.most = most


def _read_zip(file: BinaryIO) -> dict[str, Array]:
    size = file.seek(0, 2)
    check_directory(file, size)
    most = min(MOST_BYTES, max(_SURELY_FITS, 4 * size))
    arrays: dict[str, Array] = {}
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > most:
            raise _TooLargeError(most)
        for member in members:
            name = member.filename.removesuffix(".npy")
            if name in arrays or name == member.filename:
                raise ValueError("no array, or one twice")
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError("compressed as numpy compresses nothing")
            with archive.open(member) as content:
                arrays[name] = _read_npy(content, member.file_size)
    return arrays


def _read_npy(file: Any, size: int) -> Array:
    dtype, shape, is_fortran = read_npy_header(
        file,
        _NPY_HEADER,
        versions=_NPY_VERSIONS,
        longest=_LONGEST_NPY_HEADER,
        most_axes=_MOST_AXES,
    )
    count = math.prod(shape)
    if count * dtype.itemsize != size - file.tell():
        raise ValueError("another number of bytes than declared")
    array = np.frombuffer(file.read(), dtype=dtype, count=count)
    return array.reshape(shape, order="F" if is_fortran else "C")


def _read_safetensors(file: BinaryIO) -> dict[str, Array]:
    size = file.seek(0, 2)
    file.seek(0)
    (length,) = struct.unpack("<Q", file.read(8))
    if length > min(_MOST_HEADER, size - 8):
        raise ValueError("a header longer than the file")
    header = json.loads(file.read(length).decode())
    header.pop("__metadata__", None)
    if len(header) > _MOST_TENSORS:
        raise ValueError("more tensors than any LSTM has")
    begin = 8 + length
    if size - begin > MOST_BYTES:
        raise _TooLargeError
    claimed = sum(last - first for first, last in map(_offsets, header.values()))
    if claimed > size - begin:
        raise ValueError("tensors overlap")
    data = file.read(size - begin)
    return {name: _tensor(data, **entry) for name, entry in header.items()}


def _offsets(entry: dict[str, Any]) -> tuple[int, int]:
    first, last = entry["data_offsets"]
    if not 0 <= first <= last:
        raise ValueError("a tensor that ends before it begins")
    return first, last


def _tensor(data: bytes, *, dtype: str, shape: list[int], data_offsets: list[int]) -> Array:
    first, last = data_offsets
    if len(shape) > _MOST_AXES or last > len(data):
        raise ValueError("a tensor outside the file")
    kind = np.dtype("<u2" if dtype == "BF16" else _DTYPES[dtype])
    if min(shape, default=1) < 0 or math.prod(shape) * kind.itemsize != last - first:
        raise ValueError("another number of bytes than declared")
    array = np.frombuffer(data, kind, math.prod(shape), first).reshape(shape)
    if dtype == "BF16":
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array


def _write_safetensors(file: BinaryIO, arrays: Mapping[str, Array]) -> None:
    header: dict[str, Any] = {}
    place = 0
    for name, array in arrays.items():
        end = place + array.nbytes
        offsets = [place, end]
        dtype = _CODES[array.dtype.newbyteorder("<")]
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": offsets}
        place = end
    text = json.dumps(header).encode()
    # The numbers begin at a multiple of 8, as the format asks.
    text += b" " * (-len(text) % 8)
    file.write(struct.pack("<Q", len(text)) + text)
    for array in arrays.values():
        file.write(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
