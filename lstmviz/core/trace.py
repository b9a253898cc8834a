"""What came out of a run: every state and gate of every LSTM call, as numpy arrays.

Symbols are those of the ``torch.nn.LSTM`` page: L sequence length, N batch size, D directions,
``H_in`` input_size, ``H_cell`` hidden_size, ``H_out`` proj_size or hidden_size.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from lstmviz.core.equality import ByValue
from lstmviz.core.files import tracefile
from lstmviz.core.files.tracefile import Array, TraceFileError
from lstmviz.core.geometry import Geometry, Layout
from lstmviz.core.nonfinite import NonFinite
from lstmviz.core.proof import Proof, ProofVerdict
from lstmviz.core.timing import Timing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "GATES",
    "Array",
    "NonFinite",
    "Port",
    "Proof",
    "ProofVerdict",
    "Run",
    "Stage",
    "Timing",
    "Trace",
    "TraceFileError",
    "save_all",
]

GATES: Final = ("input_gate", "forget_gate", "cell_gate", "output_gate")
"""The four gates, in the order PyTorch stacks their weights: i, f, g, o."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace(ByValue):
    """One call of an ``nn.LSTM``, opened.

    ``output``, ``h_n`` and ``c_n`` are exactly what the module returned, in its own layout. All
    other arrays are layer-first and time-major whatever ``batch_first`` says, which is h_n's own
    convention. Reverse-direction arrays are indexed by input position, as ``output`` is:
    ``hidden[l, 1, 0]`` is the reverse direction's last computed state. Unbatched input has N = 1
    in the opened arrays. bfloat16 and float16 results are float32 arrays holding the same values;
    `dtype` keeps the name they were computed in.

    Attributes
    ----------
    output : array
        (L, N, D·H_out), (N, L, D·H_out) if batch_first, (L, D·H_out) if unbatched; for packed
        input the PackedSequence's ``data``, (sum(lengths), D·H_out).
    h_n : array, shape (D·num_layers, N, H_out) or (D·num_layers, H_out) if unbatched
    c_n : array, shape (D·num_layers, N, H_cell) or (D·num_layers, H_cell) if unbatched
    input : array
        As passed, in the layout of `output`; for packed input the padded batch, (L, N, H_in),
        zeros past each length.
    h_0 : array, shape (num_layers, D, N, H_out)
    c_0 : array, shape (num_layers, D, N, H_cell)
        The state the call started from, zeros when none was passed.
    hidden : array, shape (num_layers, D, L, N, H_out)
        h_t after each step; NaN past a sequence's length.
    cell : array, shape (num_layers, D, L, N, H_cell)
        c_t after each step; NaN past a sequence's length.
    input_gate, forget_gate, output_gate : array, shape (num_layers, D, L, N, H_cell), or None
        i_t, f_t and o_t, after their sigmoid, in [0, 1]; NaN past a sequence's length.
    cell_gate : array, shape (num_layers, D, L, N, H_cell), or None
        g_t, after its tanh, in [-1, 1]; NaN past a sequence's length.
    lengths : array of int64, shape (N,), or None
        Each sequence's length, in the caller's batch order, for packed input.
    batch_sizes : array of int64, shape (L,), or None
    sorted_indices, unsorted_indices : array of int64, shape (N,), or None
        The PackedSequence's own, for packed input.
    proof : Proof
    batch_first, batched : bool
    dtype, device : str
        Where and in what the module computed, e.g. ``"float32"``, ``"cuda:0"``.
    forward_timing : Timing
        Of the module's own forward call, with how it was found out.
    trace_seconds : float
        Wall time of the whole trace, the module's call in it included.
    notes : tuple of str
        Warnings PyTorch gave during the call, and casts made for numpy.
    first_nonfinite : NonFinite or None
    """

    output: Array
    h_n: Array
    c_n: Array
    input: Array
    h_0: Array
    c_0: Array
    hidden: Array
    cell: Array
    input_gate: Array | None
    forget_gate: Array | None
    cell_gate: Array | None
    output_gate: Array | None
    lengths: Array | None
    batch_sizes: Array | None
    sorted_indices: Array | None
    unsorted_indices: Array | None
    proof: Proof
    batch_first: bool
    batched: bool
    dtype: str
    device: str
    forward_timing: Timing
    trace_seconds: float
    notes: tuple[str, ...] = ()
    first_nonfinite: NonFinite | None = None

    @property
    def forward_seconds(self) -> float:
        """Wall time of the module's own forward call; `forward_timing` says how it was timed."""
        return self.forward_timing.seconds

    @property
    def num_layers(self) -> int:
        """Stacked layers."""
        return int(self.hidden.shape[0])

    @property
    def num_directions(self) -> int:
        """D: 2 if bidirectional, else 1."""
        return int(self.hidden.shape[1])

    @property
    def seq_len(self) -> int:
        """L, the longest sequence's length for packed input."""
        return int(self.hidden.shape[2])

    @property
    def batch_size(self) -> int:
        """N; 1 for unbatched input."""
        return int(self.hidden.shape[3])

    @property
    def hidden_size(self) -> int:
        """H_cell."""
        return int(self.cell.shape[4])

    @property
    def output_size(self) -> int:
        """H_out: proj_size, or hidden_size without a projection."""
        return int(self.hidden.shape[4])

    @property
    def layout(self) -> Layout:
        """In which order the axes of ``input``, ``output`` and the states stand."""
        return Layout(self.batched, self.batch_first)

    def geometry(self, *, bias: bool = True, dropout: float = 0.0) -> Geometry:
        """Return the sizes and the layout of the call.

        Parameters
        ----------
        bias : bool
        dropout : float
            The module's own, which no array of a trace shows.
        """
        lengths = None if self.lengths is None else tuple(int(n) for n in self.lengths)
        return Geometry(
            input_size=int(self.input.shape[-1]),
            hidden_size=self.hidden_size,
            proj_size=self.output_size if self.output_size != self.hidden_size else 0,
            num_layers=self.num_layers,
            num_directions=self.num_directions,
            bias=bias,
            dropout=dropout,
            seq_len=self.seq_len,
            batch_size=self.batch_size,
            batched=self.batched,
            batch_first=self.batch_first,
            lengths=lengths,
            has_state=bool(self.h_0.any() or self.c_0.any()),
            dtype=self.dtype,
        )

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays together."""
        return sum(array.nbytes for array in self.arrays().values())

    def arrays(self) -> dict[str, Array]:
        """Return every array that is present, by field name, in declaration order."""
        named = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in named if isinstance(value, np.ndarray)}

    def plain(self) -> dict[str, Any]:
        """Return every field that is no array, as JSON-ready data."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name in _PLAIN_FIELDS}
        plain["proof"] = asdict(self.proof)
        plain["forward_timing"] = asdict(self.forward_timing)
        plain["first_nonfinite"] = self.first_nonfinite and asdict(self.first_nonfinite)
        return plain

    @classmethod
    def from_parts(cls, arrays: dict[str, Array], plain: dict[str, Any]) -> Self:
        """Rebuild a trace from what `arrays` and `plain` returned.

        Raises
        ------
        KeyError, TypeError
            A part is missing or unknown.
        """
        rest = dict(plain)
        proof, timing = Proof(**rest.pop("proof")), Timing(**rest.pop("forward_timing"))
        place = rest.pop("first_nonfinite")
        found = place and NonFinite(
            **{
                **place,
                "index": tuple(place["index"]),
                "reached": place["reached"] and tuple(place["reached"]),
            }
        )
        rest["notes"] = tuple(rest["notes"])
        given: dict[str, Any] = {**dict.fromkeys(_OPTIONAL_ARRAYS), **arrays, **rest}
        return cls(**given, proof=proof, forward_timing=timing, first_nonfinite=found)

    def save(self, path: str | Path) -> None:
        """Write all arrays and facts to an uncompressed ``.npz`` without pickles.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        tracefile.write(path, self.arrays(), self.plain())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a trace that `save` wrote.

        Raises
        ------
        OSError
            The file cannot be read.
        TraceFileError
            The file is not one of ours, or is damaged.
        """
        return cls.from_parts(*tracefile.read(path))


def save_all(traces: Mapping[str, Trace], path: str | Path) -> None:
    """Write the traces of several LSTM calls into one ``.npz``.

    Arrays are named ``call.array``, as in ``encoder.hidden``; numpy reads them.

    Parameters
    ----------
    traces : mapping of str to Trace
        By the name of the call.
    path : str or Path

    Raises
    ------
    OSError
        The file cannot be written.
    """
    arrays = {f"{call}.{n}": a for call, trace in traces.items() for n, a in trace.arrays().items()}
    plain = {call: trace.plain() for call, trace in traces.items()}
    tracefile.write(path, arrays, {"calls": plain})


_PLAIN_FIELDS: Final = frozenset(
    {"batch_first", "batched", "dtype", "device", "trace_seconds", "notes"}
)
_OPTIONAL_ARRAYS: Final = (*GATES, "lengths", "batch_sizes", "sorted_indices", "unsorted_indices")


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One tensor that a stage takes or gives.

    Attributes
    ----------
    name : str
        e.g. ``"input"``, ``"output"``, ``"h_n"``.
    axes : tuple of str
        Symbol of each axis, e.g. ``("N", "L", "H_in")``.
    shape : tuple of int
    dtype : str
    """

    name: str
    axes: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One submodule call, in the order of the run.

    Attributes
    ----------
    name : str
        Path of the submodule in the module, e.g. ``"encoder"``; empty for the module itself.
    kind : str
        The submodule's class, e.g. ``"LSTM"``.
    inputs, outputs : tuple of Port
    trace : int or None
        Index into the run's traces when the stage is an LSTM.
    """

    name: str
    kind: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    trace: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run(ByValue):
    """One run of a module.

    Attributes
    ----------
    generation : int
        Number of the request that made it; larger is newer.
    stages : tuple of Stage
    traces : tuple of Trace
    """

    generation: int
    stages: tuple[Stage, ...]
    traces: tuple[Trace, ...] = field(repr=False)
