"""How each framework stores an LSTM's weights: the one table that texts and conversions come from.

Sources: the Keras `LSTM` layer and the conversion in its HDF5 reader; `BasicLSTMCell` and
`LSTMCell` of TensorFlow 1; the ONNX operator `LSTM`; the PyTorch module of haste.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Final

from lstmviz.core.cells import LSTM

TORCH_ORDER: Final = "".join(LSTM.rows)
"""PyTorch's order of the gates: input, forget, cell, output, ``"ifgo"``."""

ORDERS: Final = tuple("".join(order) for order in permutations(TORCH_ORDER))
"""Every order that four gates can stand in."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One array of a layout.

    Attributes
    ----------
    role : str
        ``weight_ih``, ``weight_hh``, ``weights`` for both in one, ``bias_ih``, ``bias_hh``, or
        ``bias`` for what is added once or holds both.
    names : tuple of str
        What the framework calls it; the first is its usual name.
    axes : tuple of str
        Its axes, in I, H, their multiples, and D for directions.
    """

    role: str
    names: tuple[str, ...]
    axes: tuple[str, ...]

    @property
    def is_bias(self) -> bool:
        """Whether it is added, not multiplied."""
        return self.role.startswith("bias")

    @property
    def shape(self) -> str:
        """The axes in words, e.g. ``(I, 4H)``."""
        comma = "," if len(self.axes) == 1 else ""
        return f"({', '.join(self.axes)}{comma})"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightLayout:
    """A framework's way to store the weights of one layer.

    Attributes
    ----------
    name : str
        As the command line takes it.
    title : str
    gates : str
        The gates in their order along the axis of 4H, in PyTorch's letters.
    stored : tuple of Stored
        The arrays, in the order in which the framework lists them.
    forget_bias : float
        What the framework adds to the forget gate when it runs and does not store.
    is_folded : bool
        Whether each gate's block keeps PyTorch's numbers in their order in memory, under the shape
        of the transposed block.
    is_batch_first : bool
        Whether its input is (N, L, I) unless asked otherwise.
    note : str
        What the arrays cannot say.
    """

    name: str
    title: str
    gates: str
    stored: tuple[Stored, ...]
    forget_bias: float = 0.0
    is_folded: bool = False
    is_batch_first: bool = False
    note: str = ""

    @property
    def biases(self) -> int:
        """How many biases each gate has."""
        return sum(2 if one.axes[-1] == "8H" else 1 for one in self.stored if one.is_bias)

    def added(self, asked: float | None) -> float:
        """Return what is added to the forget gate: as `asked` where the framework adds anything."""
        return self.forget_bias if asked is None or not self.forget_bias else asked

    @property
    def is_gate_major(self) -> bool:
        """Whether a weight's gates stand along its rows, as in PyTorch."""
        return self.stored[0].axes[-1] != "4H"

    @property
    def transposition(self) -> str:
        """What is done to each gate's block of a weight, in words; first of the input's."""
        if self.is_folded:
            return "reshaped, as it is"
        return "as it is" if self.is_gate_major else "turned"


_KERAS: Final = (
    Stored("weight_ih", ("kernel",), ("I", "4H")),
    Stored("weight_hh", ("recurrent_kernel",), ("H", "4H")),
    Stored("bias", ("bias",), ("4H",)),
)

TORCH: Final = WeightLayout(
    name="torch",
    title="PyTorch `nn.LSTM`",
    gates=TORCH_ORDER,
    stored=(
        Stored("weight_ih", ("weight_ih",), ("4H", "I")),
        Stored("weight_hh", ("weight_hh",), ("4H", "H")),
        Stored("bias_ih", ("bias_ih",), ("4H",)),
        Stored("bias_hh", ("bias_hh",), ("4H",)),
    ),
)

LAYOUTS: Final = (
    TORCH,
    WeightLayout(
        name="keras",
        title="Keras `LSTM`",
        gates="ifgo",
        stored=_KERAS,
        is_batch_first=True,
        note="nn.LSTM has tanh and sigmoid only: Keras before 2.3 had hard_sigmoid for its gates.",
    ),
    WeightLayout(
        name="cudnn",
        title="Keras `CuDNNLSTM`",
        gates="ifgo",
        stored=(*_KERAS[:2], Stored("bias", ("bias",), ("8H",))),
        is_folded=True,
        is_batch_first=True,
    ),
    WeightLayout(
        name="tensorflow",
        title="TensorFlow 1 `LSTMCell`, `BasicLSTMCell`",
        gates="igfo",
        stored=(
            Stored("weights", ("kernel", "weights"), ("I+H", "4H")),
            Stored("bias", ("bias", "biases"), ("4H",)),
        ),
        forget_bias=1.0,
        is_batch_first=True,
        note="nn.LSTM has no peepholes; a forget_bias other than 1.0 must be given.",
    ),
    WeightLayout(
        name="onnx",
        title="ONNX `LSTM`",
        gates="iofg",
        stored=(
            Stored("weight_ih", ("W",), ("D", "4H", "I")),
            Stored("weight_hh", ("R",), ("D", "4H", "H")),
            Stored("bias", ("B",), ("D", "8H")),
        ),
        note="nn.LSTM has no peepholes (P), no coupled input gate, and no other activations.",
    ),
    WeightLayout(
        name="haste",
        title="haste `LSTM`",
        gates="igfo",
        stored=_KERAS,
        note="nn.LSTM has no zoneout.",
    ),
)


def layout_named(name: str) -> WeightLayout:
    """Return the layout called `name`; `KeyError` if there is none."""
    return {layout.name: layout for layout in LAYOUTS}[name]


def markdown_table() -> str:
    """Return the table of all layouts, as a help page shows it."""
    head = "| framework | gates | arrays | block | bias | f | input |"
    return "\n".join((head, "|---" * 7 + "|", *map(_row, LAYOUTS)))


def _row(layout: WeightLayout) -> str:
    arrays = "; ".join(f"`{one.names[0]}` {one.shape}" for one in layout.stored)
    cells = (
        layout.title,
        ", ".join(layout.gates),
        arrays,
        layout.transposition,
        str(layout.biases),
        f"{layout.forget_bias:g}",
        "N, L, I" if layout.is_batch_first else "L, N, I",
    )
    return f"| {' | '.join(cells)} |"
