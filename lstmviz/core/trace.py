"""What came out of a run: every state and gate of every recurrent call, as numpy arrays.

Symbols are those of the ``torch.nn.LSTM`` page: L sequence length, N batch size, D directions,
``H_in`` input_size, ``H_cell`` hidden_size, ``H_out`` proj_size or hidden_size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from lstmviz.core.cells import CELLS, LSTM, CellKind
from lstmviz.core.equality import ByValue
from lstmviz.core.files import tracefile
from lstmviz.core.files.tracefile import INDICES, Array, TraceFileError
from lstmviz.core.geometry import Geometry, Layout
from lstmviz.core.nonfinite import NonFinite
from lstmviz.core.proof import Proof, ProofVerdict
from lstmviz.core.timing import Timing

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace(ByValue):
    """One call of an ``nn.LSTM``, ``nn.GRU`` or ``nn.RNN``, opened.

    ``output`` and the `final` states are exactly what the module returned, in its own layout. All
    other arrays are layer-first and time-major whatever ``batch_first`` says, which is h_n's own
    convention. Reverse-direction arrays are indexed by input position, as ``output`` is:
    ``hidden[l, 1, 0]`` is the reverse direction's last computed state. Unbatched input has N = 1
    in the opened arrays. bfloat16 and float16 results are float32 arrays holding the same values;
    `dtype` keeps the name they were computed in.

    The arrays of the maps are attributes too: ``trace.hidden`` is ``trace.states["hidden"]``. What
    a kind of cell does not have is no attribute: a trace of a GRU has no ``cell``.

    Attributes
    ----------
    kind : CellKind
        Of the module; it says which states and gates there are.
    output : array
        (L, N, D·H_out), (N, L, D·H_out) if batch_first, (L, D·H_out) if unbatched; for packed
        input the PackedSequence's ``data``, (sum(lengths), D·H_out).
    final : mapping of str to array
        ``h_n``, and for an LSTM ``c_n``: (D·num_layers, N, width) or (D·num_layers, width) if
        unbatched. The width of h is H_out, of c H_cell.
    input : array
        As passed, in the layout of `output`; for packed input the padded batch, (L, N, H_in),
        zeros past each length.
    initial : mapping of str to array
        ``h_0``, and for an LSTM ``c_0``: (num_layers, D, N, width). The state the call started
        from, zeros when none was passed.
    states : mapping of str to array
        ``hidden``, h_t after each step, and for an LSTM ``cell``, c_t: (num_layers, D, L, N,
        width); NaN past a sequence's length.
    gates : mapping of str to array
        For an LSTM ``input_gate``, ``forget_gate``, ``cell_gate`` and ``output_gate``, for a GRU
        ``reset_gate``, ``update_gate`` and ``new_gate``, after their activation: sigmoids in
        [0, 1], tanhs in [-1, 1]. (num_layers, D, L, N, H_cell), NaN past a sequence's length.
        Empty where gates were not asked for.
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

    kind: CellKind = LSTM
    output: Array
    final: Mapping[str, Array]
    input: Array
    initial: Mapping[str, Array]
    states: Mapping[str, Array]
    gates: Mapping[str, Array]
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
    def h_n(self) -> Array:
        """The hidden state after the last step, as returned."""
        return self._of_kind(self.final, "h_n")

    @property
    def c_n(self) -> Array:
        """The cell state after the last step, as returned; an LSTM's."""
        return self._of_kind(self.final, "c_n")

    @property
    def h_0(self) -> Array:
        """The hidden state the call started from."""
        return self._of_kind(self.initial, "h_0")

    @property
    def c_0(self) -> Array:
        """The cell state the call started from; an LSTM's."""
        return self._of_kind(self.initial, "c_0")

    @property
    def hidden(self) -> Array:
        """h_t after each step."""
        return self._of_kind(self.states, "hidden")

    @property
    def cell(self) -> Array:
        """c_t after each step; an LSTM's."""
        return self._of_kind(self.states, "cell")

    @property
    def input_gate(self) -> Array | None:
        """i_t, an LSTM's; None where gates were not asked for."""
        return self._gate("input_gate")

    @property
    def forget_gate(self) -> Array | None:
        """f_t, an LSTM's; None where gates were not asked for."""
        return self._gate("forget_gate")

    @property
    def cell_gate(self) -> Array | None:
        """g_t, an LSTM's; None where gates were not asked for."""
        return self._gate("cell_gate")

    @property
    def output_gate(self) -> Array | None:
        """o_t, an LSTM's; None where gates were not asked for."""
        return self._gate("output_gate")

    @property
    def reset_gate(self) -> Array | None:
        """r_t, a GRU's; None where gates were not asked for."""
        return self._gate("reset_gate")

    @property
    def update_gate(self) -> Array | None:
        """z_t, a GRU's; None where gates were not asked for."""
        return self._gate("update_gate")

    @property
    def new_gate(self) -> Array | None:
        """n_t, a GRU's; None where gates were not asked for."""
        return self._gate("new_gate")

    def _of_kind(self, arrays: Mapping[str, Array], name: str) -> Array:
        if name not in arrays:
            raise AttributeError(f"A trace of an nn.{self.kind.module} has no {name}.")
        return arrays[name]

    def _gate(self, name: str) -> Array | None:
        if name not in self.kind.gate_names:
            raise AttributeError(f"A trace of an nn.{self.kind.module} has no {name}.")
        return self.gates.get(name)

    def array(self, name: str) -> Array:
        """Return the array called `name`, as `arrays` names it.

        Raises
        ------
        KeyError
            This trace has none of that name.
        """
        return self.arrays()[name]

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
        return int(self.states[self.kind.state_names[-1]].shape[4])

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
            has_state=any(bool(state.any()) for state in self.initial.values()),
            dtype=self.dtype,
            kind=self.kind,
        )

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays together."""
        return sum(array.nbytes for array in self.arrays().values())

    def arrays(self) -> dict[str, Array]:
        """Return every array that is present, by name."""
        packing = {name: getattr(self, name) for name in INDICES}
        return {
            "output": self.output,
            **self.final,
            "input": self.input,
            **self.initial,
            **self.states,
            **self.gates,
            **{name: array for name, array in packing.items() if array is not None},
        }

    def plain(self) -> dict[str, Any]:
        """Return every field that is no array, as JSON-ready data."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in _PLAIN_FIELDS}
        plain["kind"] = self.kind.name
        plain["proof"] = asdict(self.proof)
        plain["forward_timing"] = asdict(self.forward_timing)
        plain["first_nonfinite"] = self.first_nonfinite and asdict(self.first_nonfinite)
        return plain

    @classmethod
    def of(cls, arrays: Mapping[str, Array], *, kind: CellKind, **facts: Any) -> Self:
        """Put a trace of `kind` together from arrays by name, as `arrays` returns them.

        Parameters
        ----------
        arrays : mapping of str to array
        kind : CellKind
        facts
            Every field that is no array.

        Raises
        ------
        KeyError, TypeError
            An array or a fact is missing or unknown.
        """
        rest = dict(arrays)
        maps = {
            "final": {name: rest.pop(name) for name in kind.final_names},
            "initial": {name: rest.pop(name) for name in kind.initial_names},
            "states": {name: rest.pop(name) for name in kind.state_names},
            "gates": {name: rest.pop(name) for name in kind.gate_names if name in rest},
        }
        given: dict[str, Any] = {**dict.fromkeys(INDICES), **rest, **maps, **facts}
        return cls(kind=kind, **given)

    @classmethod
    def from_parts(cls, arrays: Mapping[str, Array], plain: Mapping[str, Any]) -> Self:
        """Rebuild a trace from what `arrays` and `plain` returned.

        Raises
        ------
        KeyError, TypeError
            A part is missing or unknown.
        """
        rest = dict(plain)
        kind = CELLS[rest.pop("kind")]
        rest["proof"] = Proof(**rest["proof"])
        rest["forward_timing"] = Timing(**rest["forward_timing"])
        rest["notes"] = tuple(rest["notes"])
        if place := rest["first_nonfinite"]:
            reached = place["reached"] and tuple(place["reached"])
            indices = {"index": tuple(place["index"]), "reached": reached}
            rest["first_nonfinite"] = NonFinite(**{**place, **indices})
        return cls.of(arrays, kind=kind, **rest)

    def save(self, path: str | Path) -> None:
        """Write all arrays and facts to an uncompressed ``.npz`` without pickles.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        tracefile.write(path, self.arrays(), self.plain())

    def to_html(
        self, path: str | Path, *, session: str = "", theme: str = "system", title: str = ""
    ) -> None:
        """Write one HTML page that shows the call, its numbers in it, and needs no network.

        Parameters
        ----------
        path : str or Path
        session, theme, title : str
            As `lstmviz.core.files.htmlpage.write_page` takes them.

        Raises
        ------
        OSError
            The file cannot be written.
        PageTooLargeError
            There are more numbers than a page holds.
        ValueError
            There is no such theme.
        """
        from lstmviz.core.files.htmlpage import write_page

        write_page(path, [("", self)], session=session, theme=theme, title=title)

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


_PLAIN_FIELDS: Final = ("batch_first", "batched", "dtype", "device", "trace_seconds", "notes")


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

    @property
    def call_names(self) -> tuple[str, ...]:
        """What each trace's LSTM is called in its model, with its number where that is not unique.

        ``"lstm"`` where the model itself is one.
        """
        names = {stage.trace: stage.name for stage in self.stages if stage.trace is not None}
        given = [names.get(place, "") or "lstm" for place in range(len(self.traces))]
        return tuple(
            name if given.count(name) == 1 else f"{name}.{place}"
            for place, name in enumerate(given)
        )
