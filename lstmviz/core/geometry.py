"""The sizes and the layout of one recurrent call: all that decides a shape, an index or an axis.

Whoever asks where the batch axis is, or how wide ``output`` is, asks a `Geometry`. There is one of
every spec and one of every trace, however large and wherever it came from.

Symbols are those of the ``torch.nn.LSTM`` page: L sequence length, N batch size, D directions,
``H_in`` input_size, ``H_cell`` hidden_size, ``H_out`` proj_size or hidden_size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from lstmviz.core.cells import LSTM, CellKind, StateKind

_T = TypeVar("_T")

ITEMSIZES: Final = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}
"""Bytes of one number of each type that ``nn.LSTM`` computes in, by torch's own names."""


DIRECTIONS: Final = ("forward", "reverse")
"""What the directions of an LSTM are called, by their index."""


@dataclass(frozen=True, slots=True)
class Layout:
    """In which order time, batch and features stand in ``input`` and ``output``, and in states.

    Attributes
    ----------
    batched : bool
        Whether there is a batch axis.
    batch_first : bool
        Whether it is the first of ``input`` and ``output``; states stay as they are.
    """

    batched: bool = True
    batch_first: bool = False

    @property
    def time_axis(self) -> int:
        """Which axis of ``input`` and ``output`` counts steps."""
        return 1 if self.batched and self.batch_first else 0

    @property
    def batch_axis(self) -> int | None:
        """Which axis of ``input`` and ``output`` counts batch items; None for none."""
        return 1 - self.time_axis if self.batched else None

    def sequence(self, time: _T, item: _T, features: _T) -> tuple[_T, ...]:
        """Put what belongs to each axis of ``input`` or ``output`` in the order of its axes."""
        if not self.batched:
            return (time, features)
        return (item, time, features) if self.batch_first else (time, item, features)

    def sequence_parts(self, parts: Sequence[_T], item: _T) -> tuple[_T, _T, _T]:
        """Take `parts`, one for each axis of ``input`` or ``output``, apart; undoes `sequence`.

        Returns
        -------
        time, item, features
            `item` itself where there is no batch axis.
        """
        if not self.batched:
            time, features = parts
            return time, item, features
        first, second, features = parts
        return (second, first, features) if self.batch_first else (first, second, features)

    def state(self, rows: _T, item: _T, units: _T) -> tuple[_T, ...]:
        """Put what belongs to each axis of ``h_n``, ``c_n``, ``h_0`` or ``c_0`` in their order."""
        return (rows, item, units) if self.batched else (rows, units)

    def state_parts(self, parts: Sequence[_T], item: _T) -> tuple[_T, _T, _T]:
        """Take `parts`, one for each axis of a state, apart; undoes `state`."""
        rows, *items, units = parts
        return rows, items[0] if items else item, units


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """Sizes and layout of one call of an ``nn.LSTM``, ``nn.GRU`` or ``nn.RNN``.

    Attributes
    ----------
    input_size : int
        Features per time step, ``H_in``.
    hidden_size : int
        Units, ``H_cell``.
    proj_size : int
        Width of the projected hidden state; 0 for none.
    num_layers, num_directions : int
        Stacked layers; D, 2 if bidirectional, else 1.
    bias : bool
    dropout : float
        The module's own, which changes no shape but is part of how it is written.
    seq_len : int
        L; for packed input the steps that the padded batch has.
    batch_size : int
        N; 1 if not `batched`.
    batched, batch_first : bool
        Whether there is a batch axis, and whether it is the first of input and output.
    lengths : tuple of int, or None
        Each sequence's length for packed input, N numbers.
    has_state : bool
        Whether the call starts from another state than zeros.
    dtype : str
        In which the module computes, e.g. ``"float32"``.
    kind : CellKind
    """

    input_size: int
    hidden_size: int
    proj_size: int = 0
    num_layers: int = 1
    num_directions: int = 1
    bias: bool = True
    dropout: float = 0.0
    seq_len: int
    batch_size: int = 1
    batched: bool = True
    batch_first: bool = False
    lengths: tuple[int, ...] | None = None
    has_state: bool = False
    dtype: str = "float32"
    kind: CellKind = LSTM

    @property
    def output_size(self) -> int:
        """``H_out``: proj_size, or hidden_size without a projection."""
        return self.proj_size or self.hidden_size

    @property
    def output_symbol(self) -> str:
        """How the ``nn.LSTM`` page calls `output_size`: ``H_out``, ``H_cell`` where it is that."""
        return "H_out" if self.proj_size else "H_cell"

    @property
    def bidirectional(self) -> bool:
        """Whether a second LSTM reads each layer's input backwards."""
        return self.num_directions > 1

    @property
    def rows(self) -> int:
        """D·num_layers, the first axis of ``h_n`` and ``c_n``."""
        return self.num_layers * self.num_directions

    @property
    def steps(self) -> int:
        """Time steps that the longest sequence has."""
        return max(self.lengths) if self.lengths else self.seq_len

    @property
    def layout(self) -> Layout:
        """In which order the axes stand."""
        return Layout(self.batched, self.batch_first)

    @property
    def itemsize(self) -> int:
        """Bytes of one number of `dtype`."""
        return ITEMSIZES[self.dtype]

    @property
    def weight_rows(self) -> int:
        """Rows of each weight and bias of a layer: 4·H_cell for an LSTM."""
        return self.kind.multiple * self.hidden_size

    def width(self, state: StateKind) -> int:
        """Return how many numbers `state` holds for each sequence: ``H_out`` or ``H_cell``."""
        return self.output_size if state.is_output else self.hidden_size

    def last_step(self, item: int) -> int:
        """Return the last step of batch item `item`."""
        return (self.lengths[item] if self.lengths else self.seq_len) - 1
