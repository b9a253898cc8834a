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

from lstmviz.core.files.atomic_file import whole_file
from lstmviz.core.files.foreignfile import open_foreign
from lstmviz.core.files.tracefacts import from_format_1, is_known
from lstmviz.core.files.zipmembers import DAMAGE, HEADER, read_members
from lstmviz.core.words.amounts import quoted, shown

Array = npt.NDArray[Any]

FORMAT_VERSION: Final = 2
"""1 had one tolerance for h and c, and said of the forward's time only how long it was."""

FLOATS: Final = ("output", "h_n", "c_n", "input", "h_0", "c_0", "hidden", "cell")
GATES: Final = ("input_gate", "forget_gate", "cell_gate", "output_gate")
INDICES: Final = ("lengths", "batch_sizes", "sorted_indices", "unsorted_indices")


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
            arrays, text = read_members(file, {*FLOATS, *GATES, *INDICES})
            plain = json.loads(text)
            version = plain.pop("format")
        except DAMAGE as error:
            raise TraceFileError(f"{name} is not a trace that lstmviz saved.") from error
    if "calls" in plain:
        raise TraceFileError(
            f"{name} holds several LSTM calls, named in its arrays; save one of them with --call."
        )
    if version == 1:
        plain = from_format_1(plain)
    elif version != FORMAT_VERSION:
        raise TraceFileError(
            f"{name} was saved in trace format {quoted(version)}; this lstmviz reads up to format"
            f" {FORMAT_VERSION}."
        )
    if not (fit_together(arrays) and is_known(plain)):
        raise TraceFileError(f"{name} is damaged: what it holds does not fit together.")
    return arrays, plain


def fit_together(arrays: dict[str, Array]) -> bool:
    """Return whether the arrays are those of one trace, by name, dtype and shape."""
    if not set(FLOATS) <= set(arrays) <= {*FLOATS, *GATES, *INDICES} or any(
        arrays[name].ndim < 2 for name in FLOATS
    ):
        return False
    hidden, cell, kind = arrays["hidden"], arrays["cell"], arrays["cell"].dtype
    if hidden.ndim != 5 or cell.ndim != 5 or hidden.shape[:4] != cell.shape[:4]:
        return False
    layers, ways, steps, batch, _ = cell.shape
    if not (layers and steps and all(arrays[name].shape[-1] for name in ("hidden", "cell"))):
        return False
    rows, widths = layers * ways, (hidden.shape[4], cell.shape[4])
    states = [((rows, batch, w), (rows, w) if batch == 1 else ()) for w in widths]
    gates = [name for name in GATES if name in arrays]
    lengths = arrays.get("lengths")
    return (
        all(arrays[name].dtype == kind and kind.kind == "f" for name in (*FLOATS, *gates))
        and all(arrays[name].dtype == np.int64 for name in INDICES if name in arrays)
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
