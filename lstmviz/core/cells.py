"""The kinds of recurrent cell as data: states, gates, rows of weights, and equations that run.

What is true of every kind asks this table; what only an LSTM's kernel knows stays with the kernel.
Source: the pages of ``torch.nn.LSTM``, ``torch.nn.GRU`` and ``torch.nn.RNN``, in whose symbols the
equations are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class StateKind:
    """One state that a cell carries from step to step.

    Attributes
    ----------
    name : str
        Of its opened array, (num_layers, D, L, N, width): ``"hidden"`` or ``"cell"``.
    symbol : str
        ``"h"`` or ``"c"``.
    is_output : bool
        Whether ``output`` holds it, and a projection narrows it: then its width is ``H_out``, else
        ``H_cell``.
    """

    name: str
    symbol: str
    is_output: bool

    @property
    def initial(self) -> str:
        """Name of the state a call starts from, e.g. ``"h_0"``."""
        return f"{self.symbol}_0"

    @property
    def final(self) -> str:
        """Name of the state a call returns, e.g. ``"h_n"``."""
        return f"{self.symbol}_n"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateKind:
    """One gate of a cell, as wide as ``H_cell``.

    Attributes
    ----------
    name : str
        Of its opened array, e.g. ``"input_gate"``.
    symbol : str
        e.g. ``"i"``.
    activation : str
        ``"sigmoid"``, in [0, 1], or ``"tanh"``, in [-1, 1].
    """

    name: str
    symbol: str
    activation: str

    @property
    def low(self) -> int:
        """The least value a gate of this activation can have."""
        return 0 if self.activation == "sigmoid" else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class CellKind:
    """One kind of recurrent cell.

    Attributes
    ----------
    name : str
        torch's ``mode``: ``"LSTM"``, ``"GRU"``, ``"RNN_TANH"`` or ``"RNN_RELU"``.
    module : str
        The class in ``torch.nn``, e.g. ``"LSTM"``.
    states : tuple of StateKind
        In the order in which a call takes and returns them.
    gates : tuple of GateKind
        In the order in which torch stacks their rows in a weight; an RNN has none.
    has_projection : bool
        Whether it may have a proj_size.
    equations : tuple of str
        One step as Python lines, in order. They read ``x`` and the states of the step before, the
        rows of ``weight_ih`` and ``weight_hh`` that belong to gate ``g`` as ``W_ig`` and ``W_hg``,
        the biases as ``b_ig`` and ``b_hg``, and leave each state under its symbol. Without a
        projection.
    """

    name: str
    module: str
    states: tuple[StateKind, ...]
    gates: tuple[GateKind, ...]
    has_projection: bool
    equations: tuple[str, ...]

    @property
    def rows(self) -> tuple[str, ...]:
        """Symbol of each block of ``H_cell`` rows of a weight; ``"h"`` for an RNN's only one."""
        return tuple(gate.symbol for gate in self.gates) or ("h",)

    @property
    def multiple(self) -> int:
        """How many times ``H_cell`` rows a weight has: 4, 3 or 1."""
        return len(self.rows)

    @property
    def gate_names(self) -> tuple[str, ...]:
        """Names of the gates' opened arrays."""
        return tuple(gate.name for gate in self.gates)

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of the states' opened arrays."""
        return tuple(state.name for state in self.states)

    @property
    def initial_names(self) -> tuple[str, ...]:
        """Names of the states a call starts from."""
        return tuple(state.initial for state in self.states)

    @property
    def final_names(self) -> tuple[str, ...]:
        """Names of the states a call returns."""
        return tuple(state.final for state in self.states)


_HIDDEN: Final = StateKind(name="hidden", symbol="h", is_output=True)
_CELL: Final = StateKind(name="cell", symbol="c", is_output=False)


def _pre(gate: str) -> str:
    return f"x @ W_i{gate}.T + b_i{gate} + h @ W_h{gate}.T + b_h{gate}"


def _rnn(name: str, activation: str) -> CellKind:
    return CellKind(
        name=name,
        module="RNN",
        states=(_HIDDEN,),
        gates=(),
        has_projection=False,
        equations=(f"h = {activation}({_pre('h')})",),
    )


LSTM: Final = CellKind(
    name="LSTM",
    module="LSTM",
    states=(_HIDDEN, _CELL),
    gates=(
        GateKind(name="input_gate", symbol="i", activation="sigmoid"),
        GateKind(name="forget_gate", symbol="f", activation="sigmoid"),
        GateKind(name="cell_gate", symbol="g", activation="tanh"),
        GateKind(name="output_gate", symbol="o", activation="sigmoid"),
    ),
    has_projection=True,
    equations=(
        f"i = sigmoid({_pre('i')})",
        f"f = sigmoid({_pre('f')})",
        f"g = tanh({_pre('g')})",
        f"o = sigmoid({_pre('o')})",
        "c = f * c + i * g",
        "h = o * tanh(c)",
    ),
)
GRU: Final = CellKind(
    name="GRU",
    module="GRU",
    states=(_HIDDEN,),
    gates=(
        GateKind(name="reset_gate", symbol="r", activation="sigmoid"),
        GateKind(name="update_gate", symbol="z", activation="sigmoid"),
        GateKind(name="new_gate", symbol="n", activation="tanh"),
    ),
    has_projection=False,
    equations=(
        f"r = sigmoid({_pre('r')})",
        f"z = sigmoid({_pre('z')})",
        "n = tanh(x @ W_in.T + b_in + r * (h @ W_hn.T + b_hn))",
        "h = (1 - z) * n + z * h",
    ),
)
RNN_TANH: Final = _rnn("RNN_TANH", "tanh")
RNN_RELU: Final = _rnn("RNN_RELU", "relu")

CELLS: Final[Mapping[str, CellKind]] = MappingProxyType(
    {kind.name: kind for kind in (LSTM, GRU, RNN_TANH, RNN_RELU)}
)
"""Every kind, by torch's ``mode``."""

STATE_KINDS: Final[Mapping[str, StateKind]] = MappingProxyType(
    {s.name: s for s in (_HIDDEN, _CELL)}
)
"""Every state that some kind has, by the name of its opened array."""

OPENED_NAMES: Final = (
    *STATE_KINDS,
    *dict.fromkeys(name for kind in CELLS.values() for name in kind.gate_names),
)
"""Names of the arrays that only a trace holds, of whatever kind."""
