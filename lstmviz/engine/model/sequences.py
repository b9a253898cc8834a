"""Calls of an LSTM that continue one another's state, joined into one sequence and opened."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from lstmviz.core.numbers import apart
from lstmviz.engine.opening.destinations import as_array
from lstmviz.engine.opening.preserve import drops_out, random_states, set_random_states
from lstmviz.engine.opening.trace import trace
from lstmviz.engine.timing import repeated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lstmviz.core.trace import Array, Proof, Timing, Trace

State = tuple[Tensor, Tensor]

_KEPT_PER_STATE: Final = 9
"""Numbers that a graph keeps for each of c_t while gradients are recorded, unfused, the most."""
_PRODUCTS_PER_STATE: Final = 5
"""Numbers that one direction's products and h_t take beside."""
_OPEN_TAILS: Final = 16
"""How many sequences of one module may be stepped through in turns and still be joined."""


@dataclass(slots=True, eq=False)
class RecordedCall:
    """One call of an ``nn.LSTM`` or ``nn.LSTMCell``: copies of what went in and came out.

    Attributes
    ----------
    module : nn.LSTM or nn.LSTMCell
    input : Tensor or PackedSequence
    hx : pair of Tensor, or None
    output : Tensor
        (L, N, D·H_out) in the module's layout, packed rows, or a cell's h_1.
    h_n, c_n : Tensor
    grad : bool
        Gradients were recorded, which selects another kernel.
    randomness : list of Tensor, or None
        The generators' states before the call, where it draws dropout masks.
    """

    module: nn.LSTM | nn.LSTMCell
    input: Tensor | PackedSequence
    hx: State | None
    output: Tensor
    h_n: Tensor
    c_n: Tensor
    grad: bool
    randomness: list[Tensor] | None

    @property
    def is_cell(self) -> bool:
        """Whether the call is one step of an ``nn.LSTMCell``."""
        return isinstance(self.module, nn.LSTMCell)

    @property
    def time_axis(self) -> int:
        """Axis of input and output that counts steps; a cell has none, steps are stacked."""
        batched = isinstance(self.input, Tensor) and self.input.dim() == 3
        return int(batched and bool(getattr(self.module, "batch_first", False)))

    @property
    def trace_bytes(self) -> int:
        """Memory of the opened call: h_t, c_t and four gates of every layer, direction, step."""
        numbers = self._states * (5 * self.module.hidden_size + self._output_size)
        return (numbers + self.output.numel()) * max(self.output.element_size(), 4)

    @property
    def working_bytes(self) -> int:
        """Memory that running it again takes at most, given back before the next is opened."""
        kept = self._states * _KEPT_PER_STATE if self.grad else 0
        rows = self._states // self._rows
        products = rows * _PRODUCTS_PER_STATE
        return (kept + products) * self.module.hidden_size * self.output.element_size()

    @property
    def _output_size(self) -> int:
        return getattr(self.module, "proj_size", 0) or self.module.hidden_size

    @property
    def _rows(self) -> int:
        directions = 2 if getattr(self.module, "bidirectional", False) else 1
        return int(getattr(self.module, "num_layers", 1)) * directions

    @property
    def _states(self) -> int:
        """Layers, directions, steps and sequences."""
        return int(getattr(self.module, "num_layers", 1)) * self.output.numel() // self._output_size


def copied(values: Any) -> Any:
    """Return a copy of a tensor or PackedSequence that later in-place changes do not reach."""
    if isinstance(values, PackedSequence):
        return PackedSequence(
            values.data.detach().clone(),
            values.batch_sizes,
            values.sorted_indices,
            values.unsorted_indices,
        )
    return values.detach().clone()


def randomness_of(module: nn.Module, values: object) -> list[Tensor] | None:
    """Return the generators' states where `module` is about to draw dropout masks, else None."""
    if not isinstance(values, Tensor | PackedSequence) or isinstance(module, nn.LSTMCell):
        return None
    if not drops_out(module):
        return None
    return random_states(values.data.device)


@dataclass(slots=True, eq=False)
class Chain:
    """Calls of one module, each starting from the state that the one before it returned."""

    name: str
    calls: list[RecordedCall] = field(default_factory=list)

    def takes(self, call: RecordedCall) -> bool:
        """Return whether `call` continues the last one, so that both are one sequence."""
        last = self.calls[-1]
        whole = getattr(call.module, "bidirectional", False) or call.randomness is not None
        if whole or call.hx is None or isinstance(call.input, PackedSequence):
            return False
        if isinstance(last.input, PackedSequence) or last.input.dim() != call.input.dim():
            return False
        return all(
            _same(mine, theirs) for mine, theirs in zip(call.hx, (last.h_n, last.c_n), strict=True)
        )

    def open(self, progress: Callable[[float], None] | None, *, repeat: bool = False) -> Trace:
        """Trace the joined sequence, and hold it against what the calls themselves returned.

        Where the module may be called a few times more, to `repeat` it, it is timed warm.
        """
        first, last, whole = self.calls[0], self.calls[-1], self._joined("input")
        with torch.set_grad_enabled(first.grad), _replayed(first):
            opened = trace(first.module, whole, first.hx, progress=progress)
            if repeat and not first.is_cell:
                opened = replace(opened, forward_timing=self._timed(whole, opened.forward_timing))
        output, h_n, c_n = self._joined("output"), last.h_n, last.c_n
        if first.is_cell:
            h_n, c_n = h_n.unsqueeze(0), c_n.unsqueeze(0)
        returned = as_array(output), as_array(h_n), as_array(c_n)
        return replace(
            opened,
            output=returned[0],
            final=dict(zip(opened.kind.final_names, returned[1:], strict=True)),
            proof=_proof_with(opened, returned),
            notes=(*opened.notes, *self._notes()),
        )

    def _timed(self, whole: Tensor | PackedSequence, first: Timing) -> Timing:
        module: Any = self.calls[0].module
        hx = self.calls[0].hx
        return repeated(lambda: module.forward(whole, hx), first, str(whole.data.device))

    def _joined(self, what: str) -> Any:
        parts = [getattr(call, what) for call in self.calls]
        if self.calls[0].is_cell:
            return torch.stack(parts)
        return parts[0] if len(parts) == 1 else torch.cat(parts, self.calls[0].time_axis)

    def _notes(self) -> Iterator[str]:
        if len(self.calls) > 1:
            yield (
                f"{len(self.calls):,} calls of {self.name or 'the module'}, joined: each starts"
                " from the state that the one before it returned."
            )


def _same(ours: Tensor, theirs: Tensor) -> bool:
    alike = ours.shape == theirs.shape and ours.dtype == theirs.dtype
    return alike and ours.device == theirs.device and torch.equal(ours, theirs)


class Chains:
    """All LSTM calls of a recording, joined where they continue one another."""

    def __init__(self) -> None:
        self._tails: dict[int, list[Chain]] = {}

    def add(self, name: str, call: RecordedCall) -> Chain:
        """Take `call` in; return the chain that it belongs to."""
        tails = self._tails.setdefault(id(call.module), [])
        for chain in reversed(tails):
            if chain.takes(call):
                chain.calls.append(call)
                return chain
        chain = Chain(name, [call])
        tails.append(chain)
        del tails[:-_OPEN_TAILS]
        return chain


@contextmanager
def _replayed(call: RecordedCall) -> Iterator[None]:
    """Draw the masks that `call` drew, and leave the generators as they are now."""
    if call.randomness is None:
        yield
        return
    device = call.output.device
    now = random_states(device)
    set_random_states(call.randomness, device)
    try:
        yield
    finally:
        set_random_states(now, device)


def _proof_with(opened: Trace, returned: tuple[Array, Array, Array]) -> Proof:
    """Widen the proof by how far the joined call is from what the calls themselves returned."""
    proof, ours = opened.proof, (opened.output, opened.h_n, opened.c_n)
    found = [_difference(*pair) for pair in zip(ours, returned, strict=True)]
    output, h_n, c_n = (difference for difference, _ in found)
    lone = [
        name for name, (_, is_lone) in zip(("output", "h_n", "c_n"), found, strict=True) if is_lone
    ]
    unproven = proof.unproven
    if lone and not unproven:
        unproven = (
            f"{lone[0]} of the calls has NaN or infinity where the same steps, run once more as one"
            " call, are finite, or the reverse."
        )
    return replace(
        proof,
        output=float(np.maximum(proof.output, output)),
        h_n=float(np.maximum(proof.h_n, h_n)),
        c_n=float(np.maximum(proof.c_n, c_n)),
        exact=proof.exact and output == h_n == c_n == 0 and not lone,
        unproven=unproven,
    )


def _difference(ours: Array, theirs: Array) -> tuple[float, bool]:
    """Return max |ours - theirs|, and whether one side alone is not finite somewhere."""
    if ours.shape != theirs.shape:
        return float("nan"), False
    gap = apart(ours, theirs)
    lone = ~np.isfinite(gap)
    return float(gap.max(initial=0, where=~lone)), bool(lone.any())
