"""Traces as ``.npz`` files: uncompressed, without pickles, and read without trusting one word.

A file may come from anywhere. Sizes that it declares are compared with the bytes that it has before
anything is allocated, and every array and fact is checked against the others before it is used.
"""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lstmviz.core.cells import CELLS, CellKind, StateKind
from lstmviz.core.files.atomic_file import whole_file
from lstmviz.core.files.foreignfile import open_foreign
from lstmviz.core.files.tracefacts import from_format_1, from_format_2, is_known
from lstmviz.core.files.zipmembers import DAMAGE, HEADER, read_members
from lstmviz.core.words.amounts import quoted, shown

Array = npt.NDArray[Any]

FORMAT_VERSION: Final = 3
"""1 had one tolerance for h and c, and said of the forward's time only how long it was; 2 held
LSTMs only and did not say so."""

INDICES: Final = ("lengths", "batch_sizes", "sorted_indices", "unsorted_indices")
"""Arrays of int64 that packed input has, any of the last two or none."""


class TraceFileError(ValueError):
    """A file that is not a trace of ours; the message is the sentence to show."""


def write(path: str | Path, arrays: dict[str, Array], plain: dict[str, Any]) -> None:
    """Write arrays and JSON-ready facts; the file is whole or not there.

    Raises
    ------
    UnwritableFileError
        The file cannot be written.
    """
    header = np.array(json.dumps({"format": FORMAT_VERSION, **plain}))
    with (
        whole_file(path) as target,
        zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive,
    ):
        for name, array in ((HEADER, header), *arrays.items()):
            with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asarray(array, order="C"), allow_pickle=False)


def read(path: str | Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """Read what `write` wrote.

    Raises
    ------
    UnreadableFileError
        The file cannot be read.
    TraceFileError
        The file is not one of ours, or is damaged.
    """
    name = shown(Path(path).name)
    with open_foreign(path) as file:
        try:
            arrays, text = read_members(file, _EVERY_NAME)
            plain = json.loads(text)
            version = plain.pop("format")
        except DAMAGE as error:
            raise TraceFileError(f"{name} is not a trace that lstmviz saved.") from error
    if "calls" in plain:
        raise TraceFileError(
            f"{name} holds several LSTM calls, named in its arrays; save one of them with --call."
        )
    plain = _in_todays_words(plain, version, name)
    if not (is_known(plain) and fit_together(arrays, CELLS[plain["kind"]])):
        raise TraceFileError(f"{name} is damaged: what it holds does not fit together.")
    return arrays, plain


def _in_todays_words(plain: dict[str, Any], version: Any, name: str) -> dict[str, Any]:
    if version == FORMAT_VERSION:
        return plain
    if version not in (1, 2):
        raise TraceFileError(
            f"{name} was saved in trace format {quoted(version)}; this lstmviz reads up to format"
            f" {FORMAT_VERSION}."
        )
    return from_format_2(from_format_1(plain) if version == 1 else plain)


def floats_of(kind: CellKind) -> tuple[str, ...]:
    """Return the names of the arrays that every trace of `kind` has, all of one float dtype."""
    states = (*kind.final_names, *kind.initial_names, *kind.state_names)
    return ("output", "input", *states)


_EVERY_NAME: Final = {
    *INDICES,
    *(name for kind in CELLS.values() for name in (*floats_of(kind), *kind.gate_names)),
}


def fit_together(arrays: dict[str, Array], kind: CellKind) -> bool:
    """Return whether the arrays are those of one trace of `kind`, by name, dtype and shape."""
    floats, gates = floats_of(kind), [name for name in kind.gate_names if name in arrays]
    if not set(floats) <= set(arrays) <= {*floats, *kind.gate_names, *INDICES}:
        return False
    # The state that no projection narrows is as wide as the gates.
    opened, cells = arrays["hidden"], arrays[kind.state_names[-1]]
    if any(arrays[name].ndim < 2 for name in floats) or opened.ndim != 5 or cells.ndim != 5:
        return False
    layers, ways, steps, batch, _ = cells.shape
    widths = tuple(arrays[name].shape[-1] for name in kind.state_names)
    shapes = {n: (*cells.shape[:4], w) for n, w in zip(kind.state_names, widths, strict=True)}
    return (
        bool(layers and steps and all(widths))
        and ways in (1, 2)
        and all(arrays[name].dtype == cells.dtype for name in (*floats, *gates))
        and cells.dtype.kind == "f"
        and all(arrays[name].dtype == np.int64 for name in INDICES if name in arrays)
        and all(arrays[name].shape == shape for name, shape in shapes.items())
        and all(arrays[name].shape == cells.shape for name in gates)
        and len(gates) in (0, len(kind.gates))
        and all(
            _ends_agree(arrays, state, (layers, ways, batch, width))
            for state, width in zip(kind.states, widths, strict=True)
        )
        and arrays["output"].shape[-1] == ways * widths[0]
        and math.prod(arrays["input"].shape[:-1]) == steps * batch
        and _packing_agrees(arrays, arrays.get("lengths"), steps, batch)
    )


def _ends_agree(
    arrays: dict[str, Array], state: StateKind, sizes: tuple[int, int, int, int]
) -> bool:
    """Return whether a state's first and last values have the sizes of the steps between."""
    layers, ways, batch, width = sizes
    final = arrays[state.final].shape
    rows = layers * ways
    return arrays[state.initial].shape == sizes and (
        final == (rows, batch, width) or (batch == 1 and final == (rows, width))
    )


def _packing_agrees(
    arrays: dict[str, Array], lengths: Array | None, steps: int, batch: int
) -> bool:
    """Return whether lengths, batch sizes, indices and output rows tell of the same sequences."""
    rows = math.prod(arrays["output"].shape[:-1])
    if lengths is None:
        return rows == steps * batch and not any(name in arrays for name in INDICES)
    if lengths.shape != (batch,) or not batch or lengths.min() < 1 or lengths.max() != steps:
        return False
    given = arrays.get("batch_sizes")
    if given is None or given.shape != (steps,):
        return False
    # How many sequences are longer than each step, in time and memory of the arrays themselves.
    sizes = batch - np.searchsorted(np.sort(lengths), np.arange(steps), side="right")
    indices = [arrays[name] for name in INDICES[2:] if name in arrays]
    return (
        rows == int(lengths.sum())
        and np.array_equal(given, sizes)
        and all(np.array_equal(np.sort(index), np.arange(batch)) for index in indices)
    )
