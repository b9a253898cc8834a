"""What is being run: one call of an LSTM with its geometry, read once and never changed.

Symbols are those of the ``torch.nn.LSTM`` page: L sequence length, N batch size, D directions,
``H_in`` input_size, ``H_cell`` hidden_size, ``H_out`` proj_size or hidden_size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from lstmviz.engine.torch_internals import flat_names

State = tuple[Tensor, Tensor]


class LayerWeights(NamedTuple):
    """Parameters of one direction of one layer, rows stacked i, f, g, o.

    Attributes
    ----------
    w_ih : Tensor, shape (4·H_cell, layer input width)
    w_hh : Tensor, shape (4·H_cell, H_out)
    b_ih, b_hh : Tensor, shape (4·H_cell,), or None without bias
    w_hr : Tensor, shape (H_out, H_cell), or None without projection
    """

    w_ih: Tensor
    w_hh: Tensor
    b_ih: Tensor | None
    b_hh: Tensor | None
    w_hr: Tensor | None

    def present(self) -> list[Tensor]:
        """Return the parameters that exist, in PyTorch's order."""
        return [weight for weight in self if weight is not None]

    def to(self, device: torch.device, dtype: torch.dtype) -> LayerWeights:
        """Return the weights in `dtype` on `device`; themselves where they already are."""
        if self.w_ih.dtype == dtype and self.w_ih.device == device:
            return self
        w_ih, w_hh, *rest = (w if w is None else w.to(device, dtype) for w in self)
        assert w_ih is not None and w_hh is not None  # noqa: S101, PT018 - the first two always are
        return LayerWeights(w_ih, w_hh, *rest)


@dataclass(frozen=True, slots=True, eq=False)
class Packing:
    """How a PackedSequence lays its rows out.

    Attributes
    ----------
    lengths : Tensor of int64, shape (N,)
        Each sequence's length, in the caller's batch order.
    batch_sizes : Tensor of int64, shape (L,)
    sorted_indices, unsorted_indices : Tensor of int64, shape (N,), or None
    rows : Tensor of int64, shape (sum(lengths),)
        Where each packed row sits in a padded (L·N) batch in the caller's order.
    past : Tensor of bool, shape (L, N), or None
        True past a sequence's length; None when all lengths are equal.
    """

    lengths: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None
    rows: Tensor
    past: Tensor | None

    @classmethod
    def of(cls, packed: PackedSequence) -> Packing:
        """Read the layout of `packed`; index tensors are on its device."""
        sizes, device = packed.batch_sizes, packed.data.device
        steps, batch = sizes.numel(), int(sizes[0])
        valid = torch.arange(batch, device=sizes.device) < sizes[:, None]
        lengths = valid.sum(0)
        rows = valid.flatten().nonzero().squeeze(1).to(device)
        if packed.sorted_indices is not None and packed.unsorted_indices is not None:
            rows = rows - rows % batch + packed.sorted_indices[rows % batch]
            lengths = lengths[packed.unsorted_indices.cpu()]
        past = None
        if int(sizes[-1]) != batch:
            past = (torch.arange(steps, device=sizes.device)[:, None] >= lengths).to(device)
        return cls(lengths, sizes, packed.sorted_indices, packed.unsorted_indices, rows, past)

    def pad(self, data: Tensor) -> Tensor:
        """Spread packed rows (sum(lengths), F) over a zero-padded batch (L, N, F)."""
        shape = (self.batch_sizes.numel(), self.lengths.numel(), data.shape[1])
        padded = data.new_zeros(shape[0] * shape[1], shape[2])
        return padded.index_copy_(0, self.rows, data).view(shape)


@dataclass(frozen=True, slots=True)
class ModuleSizes:
    """What of a module decides the sizes and the layout of its calls.

    Attributes
    ----------
    input_size, hidden_size : int
    proj_size : int
        0 for no projection.
    num_layers : int
    bidirectional, batch_first : bool
    parameter_names : tuple of str
        In the order of `LayerWeights`, direction by direction and layer by layer.
    """

    input_size: int
    hidden_size: int
    proj_size: int
    num_layers: int
    bidirectional: bool
    batch_first: bool
    parameter_names: tuple[str, ...]

    @classmethod
    def of_lstm(cls, module: nn.LSTM) -> ModuleSizes:
        """Read the sizes of an ``nn.LSTM``."""
        return cls(
            module.input_size,
            module.hidden_size,
            module.proj_size,
            module.num_layers,
            bool(module.bidirectional),
            bool(module.batch_first),
            tuple(flat_names(module)),
        )

    @classmethod
    def of_cell(cls, cell: nn.LSTMCell) -> ModuleSizes:
        """Read the sizes of an ``nn.LSTMCell`` that is stepped through a sequence."""
        names = ("weight_ih", "weight_hh", *(("bias_ih", "bias_hh") if cell.bias else ()))
        return cls(cell.input_size, cell.hidden_size, 0, 1, False, False, names)


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call of an ``nn.LSTM``, or of an ``nn.LSTMCell`` through a sequence.

    Attributes
    ----------
    sizes : ModuleSizes
    input : Tensor or PackedSequence
        As passed.
    hx : pair of Tensor, or None
        As passed.
    seq_len, batch_size : int
        L and N; N is 1 for unbatched input.
    batched : bool
    packing : Packing or None
    """

    sizes: ModuleSizes
    input: Tensor | PackedSequence
    hx: State | None
    seq_len: int
    batch_size: int
    batched: bool
    packing: Packing | None

    @classmethod
    def of_sizes(
        cls,
        sizes: ModuleSizes,
        input: Tensor | PackedSequence,  # noqa: A002
        hx: State | None,
    ) -> Call:
        """Read the geometry of a well-formed call."""
        return Call(sizes, input, hx, *_laid_out(input, sizes.batch_first))

    @property
    def dtype(self) -> torch.dtype:
        """Of the input, in which the module computes."""
        return self.data.dtype

    @property
    def device(self) -> torch.device:
        """Where the input is."""
        return self.data.device

    @property
    def data(self) -> Tensor:
        """The tensor that holds the input's values; of packed input its data."""
        given = self.input
        return given.data if isinstance(given, PackedSequence) else given

    @property
    def directions(self) -> int:
        """D: 2 if bidirectional, else 1."""
        return 2 if self.sizes.bidirectional else 1

    @property
    def output_size(self) -> int:
        """H_out: proj_size, or hidden_size without a projection."""
        return self.sizes.proj_size or self.sizes.hidden_size

    @property
    def states(self) -> int:
        """How many numbers c_t of all steps, layers and directions are."""
        rows = self.directions * self.sizes.num_layers
        return rows * self.seq_len * self.batch_size * self.sizes.hidden_size

    @property
    def multiplications(self) -> int:
        """How many the larger product of one direction of the first layer takes."""
        rows = self.seq_len * self.batch_size
        return 4 * rows * self.sizes.hidden_size * max(self.sizes.input_size, self.output_size)

    def time_major(self, layered: Tensor) -> Tensor:
        """View an input or output of the module as (L, N, F), padded where packed."""
        if self.packing is not None:
            return self.packing.pad(layered)
        if not self.batched:
            return layered.unsqueeze(1)
        return layered.transpose(0, 1) if self.sizes.batch_first else layered

    def stacked(self, state: Tensor) -> Tensor:
        """View h or c in nn.LSTM's layout as (num_layers·D, N, H)."""
        return state if state.dim() == 3 else state.unsqueeze(1)


@dataclass(frozen=True, slots=True, eq=False)
class PendingCall(Call):
    """One call of an ``nn.LSTM`` that is yet to run.

    Attributes
    ----------
    module : nn.LSTM
    """

    module: nn.LSTM

    @classmethod
    def of(cls, module: nn.LSTM, input: Tensor | PackedSequence, hx: State | None) -> PendingCall:  # noqa: A002
        """Read the geometry of a well-formed call."""
        sizes = ModuleSizes.of_lstm(module)
        return cls(sizes, input, hx, *_laid_out(input, sizes.batch_first), module)


def _laid_out(
    input: Tensor | PackedSequence,  # noqa: A002
    batch_first: bool,
) -> tuple[int, int, bool, Packing | None]:
    """Return L, N, whether there is a batch axis, and how the rows of packed input lie."""
    if isinstance(input, PackedSequence):
        packing = Packing.of(input)
        return packing.batch_sizes.numel(), packing.lengths.numel(), True, packing
    if input.dim() == 2:
        return input.shape[0], 1, False, None
    batch, steps = input.shape[:2] if batch_first else input.shape[1::-1]
    return steps, batch, True, None
