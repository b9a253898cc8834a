"""Traces as ``.npz`` files: uncompressed, without pickles, and read without trusting one word.

A file may come from anywhere. Sizes that it declares are compared with the bytes that it has before
anything is allocated, and every array and fact is checked against the others before it is used.
"""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from typing import IO

Array = npt.NDArray[Any]

FORMAT_VERSION: Final = 2
"""1 had one tolerance for h and c, and said of the forward's time only how long it was."""

_HEADER: Final = "lstmviz"
_HEADER_LIMIT: Final = 1 << 22
_FLOATS: Final = ("output", "h_n", "c_n", "input", "h_0", "c_0", "hidden", "cell")
_GATES: Final = ("input_gate", "forget_gate", "cell_gate", "output_gate")
_INDICES: Final = ("lengths", "batch_sizes", "sorted_indices", "unsorted_indices")
_PLAIN: Final[dict[str, type]] = {
    "batch_first": bool,
    "batched": bool,
    "dtype": str,
    "device": str,
    "forward_timing": dict,
    "trace_seconds": float,
    "notes": list,
    "proof": dict,
}
_PROOF: Final[dict[str, type]] = {
    "output": float,
    "h_n": float,
    "c_n": float,
    "tolerance_h": float,
    "tolerance_c": float,
    "reason": str,
    "exact": bool,
    "unproven": str,
}
_TIMING: Final[dict[str, type]] = {"seconds": float, "calls": int, "warm": bool}


class TraceFileError(ValueError):
    """A file that is not a trace of ours; the message is the sentence to show."""


def write(path: str | Path, arrays: dict[str, Array], plain: dict[str, Any]) -> None:
    """Write arrays and JSON-ready facts.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    header = np.array(json.dumps({"format": FORMAT_VERSION, **plain}))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, array in ((_HEADER, header), *arrays.items()):
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asarray(array, order="C"), allow_pickle=False)


def read(path: str | Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """Read what `write` wrote.

    Raises
    ------
    OSError
        The file cannot be read.
    TraceFileError
        The file is not one of ours, or is damaged.
    """
    name = Path(path).name
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = _arrays(archive, Path(path).stat().st_size)
        plain = json.loads(str(arrays.pop(_HEADER)))
        version = plain.pop("format")
    except _DAMAGE as error:
        raise TraceFileError(f"{name} is not a trace that lstmviz saved.") from error
    if version == 1:
        plain = _from_format_1(plain)
    elif version != FORMAT_VERSION:
        raise TraceFileError(
            f"{name} was saved in trace format {version}; this lstmviz reads up to format"
            f" {FORMAT_VERSION}."
        )
    if not (_agree(arrays) and _known(plain)):
        raise TraceFileError(f"{name} is damaged: what it holds does not fit together.")
    return arrays, plain


def _from_format_1(plain: dict[str, Any]) -> dict[str, Any]:
    """Return what a file of format 1 says in the words of today; damage stays damage."""
    proof, seconds = plain.get("proof"), plain.pop("forward_seconds", None)
    plain["forward_timing"] = {"seconds": seconds, "calls": 1, "warm": False}
    if isinstance(proof, dict) and isinstance(proof.pop("ok", None), bool):
        proof["tolerance_h"] = proof["tolerance_c"] = proof.pop("tolerance", None)
    return plain


_DAMAGE: Final = (
    KeyError,
    TypeError,
    AttributeError,
    ValueError,
    EOFError,
    RecursionError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


def _arrays(archive: zipfile.ZipFile, size: int) -> dict[str, Array]:
    """Read every member, after checking that together they fit into the file's `size` bytes."""
    members = archive.infolist()
    names = [member.filename.removesuffix(".npy") for member in members]
    if len(set(names)) != len(names) or not set(names) <= {_HEADER, *_FLOATS, *_GATES, *_INDICES}:
        raise ValueError("unknown or repeated members")
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise ValueError("compressed members")
    if sum(member.file_size for member in members) > size:
        raise ValueError("members overlap")
    return {name: _array(archive, m) for name, m in zip(names, members, strict=True)}


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Array:
    """Read one array whose header declares exactly the bytes that follow it."""
    with archive.open(member) as file:
        shape, fortran, dtype = _npy_header(file)
        is_header = member.filename == f"{_HEADER}.npy"
        wanted = (
            dtype.kind == "U" and shape == () if is_header else dtype.str in ("<f4", "<f8", "<i8")
        )
        declared = math.prod(shape) * dtype.itemsize
        if fortran or not wanted or declared != member.file_size - file.tell():
            raise ValueError("not an array of ours")
        if is_header and declared > _HEADER_LIMIT:
            raise ValueError("facts too long")
        array = np.empty(shape, dtype)
        into = array.reshape(-1).view(np.uint8).data
        if file.readinto(into) != declared or file.read(1):  # type: ignore[attr-defined]
            raise EOFError
        return array


def _npy_header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError("unknown array format")
    return np.lib.format.read_array_header_1_0(file)


def _agree(arrays: dict[str, Array]) -> bool:
    """Return whether the arrays are those of one trace, by name, dtype and shape."""
    if not set(_FLOATS) <= set(arrays) or any(arrays[name].ndim < 2 for name in _FLOATS):
        return False
    hidden, cell, kind = arrays["hidden"], arrays["cell"], arrays["cell"].dtype
    if hidden.ndim != 5 or cell.ndim != 5 or hidden.shape[:4] != cell.shape[:4]:
        return False
    layers, ways, steps, batch, _ = cell.shape
    rows, widths = layers * ways, (hidden.shape[4], cell.shape[4])
    states = [((rows, batch, w), (rows, w) if batch == 1 else ()) for w in widths]
    gates = [name for name in _GATES if name in arrays]
    lengths = arrays.get("lengths")
    return (
        all(arrays[name].dtype == kind and kind.kind == "f" for name in (*_FLOATS, *gates))
        and all(arrays[name].dtype == np.int64 for name in _INDICES if name in arrays)
        and all(arrays[name].shape == cell.shape for name in gates)
        and len(gates) in (0, 4)
        and ways in (1, 2)
        and all(arrays[n].shape in s for n, s in zip(("h_n", "c_n"), states, strict=True))
        and all(
            arrays[n].shape == (layers, ways, batch, w)
            for n, w in zip(("h_0", "c_0"), widths, strict=True)
        )
        and arrays["output"].shape[-1] == ways * widths[0]
        and math.prod(arrays["input"].shape[:-1]) == steps * batch
        and _packing_agrees(arrays, lengths, steps, batch)
    )


def _packing_agrees(
    arrays: dict[str, Array], lengths: Array | None, steps: int, batch: int
) -> bool:
    """Return whether lengths, batch sizes, indices and output rows tell of the same sequences."""
    rows = math.prod(arrays["output"].shape[:-1])
    if lengths is None:
        return rows == steps * batch and not any(name in arrays for name in _INDICES)
    if lengths.shape != (batch,) or not batch or lengths.min() < 1 or lengths.max() != steps:
        return False
    sizes = (lengths[None] > np.arange(steps)[:, None]).sum(1)
    indices = [arrays[name] for name in _INDICES[2:] if name in arrays]
    return (
        rows == int(lengths.sum())
        and np.array_equal(arrays.get("batch_sizes", ()), sizes)
        and all(np.array_equal(np.sort(index), np.arange(batch)) for index in indices)
    )


def _known(plain: dict[str, Any]) -> bool:
    """Return whether the facts are those of a trace, each of its type."""
    place = plain.get("first_nonfinite")
    return (
        set(plain) == {*_PLAIN, "first_nonfinite"}
        and all(isinstance(plain[name], kind) for name, kind in _PLAIN.items())
        and all(isinstance(note, str) for note in plain["notes"])
        and _is_of(plain["proof"], _PROOF)
        and _is_of(plain["forward_timing"], _TIMING)
        and (place is None or _is_place(place))
    )


def _is_of(told: dict[str, Any], kinds: dict[str, type]) -> bool:
    """Return whether `told` has these names and no others, each of its type."""
    return set(told) == set(kinds) and all(isinstance(told[n], kind) for n, kind in kinds.items())


def _is_place(place: object) -> bool:
    if not isinstance(place, dict) or set(place) != {"where", "index", "value", "reached"}:
        return False
    indices = (place["index"], place["reached"] if place["reached"] is not None else [])
    return all(isinstance(place[name], str) for name in ("where", "value")) and all(
        isinstance(index, list) and all(isinstance(k, int) for k in index) for index in indices
    )
