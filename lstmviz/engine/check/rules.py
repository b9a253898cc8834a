"""The silent mistakes, each as a rule over what is known of the tensors at hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from lstmviz.core.mistakes.words import count
from lstmviz.engine.check.calls import UserCall
from lstmviz.engine.check.facts import Batch, Ledger, Output, Pending, State, Suspicion
from lstmviz.engine.check.places import SourcePlace


def wrong_layout(call: UserCall, batch: Batch) -> Suspicion | None:
    """Tell batch_first from where the loader put the batch axis."""
    if not call.batched or call.lengths is not None or batch.axis not in {0, 1}:
        return None
    reads = 0 if call.batch_first else 1
    sizes = call.shape
    if batch.axis == reads or min(sizes[0], sizes[1]) < 2:
        return None
    first = batch.axis == 0
    return Suspicion(
        "batch-first-forgotten",
        call.place,
        f"{batch.source} put {count(sizes[batch.axis], 'sequence')} on axis {batch.axis} of"
        f" {sizes}, and the module, with batch_first={call.batch_first}, reads axis {reads} as the"
        f" batch: it takes {count(sizes[batch.axis], 'sequence')} for steps.",
        f"build it with batch_first={first}, or transpose(0, 1) the input",
    )


def padding_read(call: UserCall, batch: Batch) -> Suspicion | None:
    """Tell padding that a bidirectional module reads, not packed."""
    lengths = uneven(batch.lengths)
    if not lengths or call.directions < 2 or call.lengths is not None:
        return None
    return Suspicion(
        "padding-read-backwards",
        call.place,
        f"{_ended(lengths, call.steps)}; the reverse direction starts in that padding and carries"
        " what it found there into every real step.",
        "pack_padded_sequence(x, lengths.cpu(), batch_first=..., enforce_sorted=False)",
    )


def padded_state(call: UserCall, batch: Batch, name: str) -> Pending | None:
    """Suspect the final state of a padded batch that was not packed."""
    lengths = uneven(batch.lengths)
    if not lengths or call.directions > 1 or call.lengths is not None:
        return None
    return Pending(
        Suspicion(
            "last-step-is-padding",
            call.place,
            f"{_ended(lengths, call.steps)}; {name} is the state after the padding, not after their"
            " last real step.",
            "pack_padded_sequence(x, lengths.cpu(), batch_first=..., enforce_sorted=False)",
        )
    )


def uneven(lengths: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """Return `lengths` if some sequences end before others, else None."""
    return lengths if lengths and min(lengths) < max(lengths) else None


def _ended(lengths: tuple[int, ...], steps: int) -> str:
    shorter = sum(length < steps for length in lengths)
    return (
        f"{count(shorter, 'sequence')} of {len(lengths)} end before step {steps - 1}, the shortest"
        f" after {count(min(lengths), 'step')}"
    )


def last_step(
    output: Output, tensor: torch.Tensor, index: Any, place: SourcePlace
) -> Iterator[Pending]:
    """Suspect a last step that is padding, the reverse direction's first, or another axis's last.

    Parameters
    ----------
    output : Output
    tensor : Tensor, shape of the output
    index : object
        As given to ``tensor[index]``.
    place : SourcePlace
    """
    call = output.call
    if tensor.dim() != 3:
        return
    parts = [*(index if isinstance(index, tuple) else (index,))]
    if any(part is Ellipsis or part is None for part in parts):
        return
    parts += [slice(None)] * (3 - len(parts))
    time, batch = (1, 0) if output.batch_first else (0, 1)
    if _is_last(parts[batch], tensor.shape[batch]) and parts[time] == slice(None):
        yield from _last_sequence(output, tensor, place)
    if not _is_last(parts[time], tensor.shape[time]) or tensor.shape[time] < 2:
        return
    if call.directions == 2 and not _is_one_half(parts[2], call.out):
        yield Pending(
            Suspicion(
                "last-step-of-both-directions",
                place,
                f"output is {tuple(tensor.shape)}; at step {tensor.shape[time] - 1} units"
                f" {call.out} to {2 * call.out - 1} are the reverse direction's, which has read 1"
                f" of {tensor.shape[time]} steps there.",
                "torch.cat((h_n[-2], h_n[-1]), -1)",
            ),
            half=call.out,
        )
    lengths = uneven(output.lengths)
    if lengths:
        yield Pending(
            Suspicion(
                "last-step-is-padding",
                place,
                f"{_ended(lengths, tensor.shape[time])}: for them the last step of output is"
                " padding.",
                "h_n[-1] of the packed call, or output[torch.arange(N), lengths - 1]",
            )
        )


def _last_sequence(output: Output, tensor: torch.Tensor, place: SourcePlace) -> Iterator[Pending]:
    sizes = tuple(tensor.shape)
    if min(sizes[0], sizes[1]) < 2:
        return
    first = output.batch_first
    yield Pending(
        Suspicion(
            "batch-first-forgotten",
            place,
            f"output is {sizes}, {'(N, L, D·H)' if first else '(L, N, D·H)'} with"
            f" batch_first={first}: this takes the last of {sizes[0 if first else 1]} sequences, at"
            " every step, not the last step of each.",
            "output[:, -1]" if first else "output[-1], or batch_first=True",
        )
    )


def _is_last(part: Any, size: int) -> bool:
    if isinstance(part, slice):
        return (
            part == slice(-1, None)
            or part == slice(size - 1, None)
            or part == slice(size - 1, size)
        )
    return (
        isinstance(part, int) and not isinstance(part, bool) and size > 1 and part in {-1, size - 1}
    )


def _is_one_half(part: Any, width: int) -> bool:
    """Return whether a slice of the features keeps to the forward direction."""
    return isinstance(part, slice) and part.stop is not None and 0 <= part.stop <= width


def flattened_state(
    state: State, tensor: torch.Tensor, result: torch.Tensor, place: SourcePlace
) -> Suspicion | None:
    """Tell a view of h_n that puts numbers of several sequences into one row."""
    call = state.call
    if not state.is_whole or tensor.dim() != 3:
        return None
    rows, batch, width = tensor.shape
    if batch < 2 or rows < 2 or rows == batch:
        return None
    if tuple(result.shape) == (batch, rows * width):
        return Suspicion(
            "state-flattened-across-sequences",
            place,
            f"{state.name} is {tuple(tensor.shape)}, (D·num_layers, N, H): viewed as"
            f" {tuple(result.shape)}, a row holds the numbers of {min(rows, batch)} sequences.",
            f"{state.name}.transpose(0, 1).reshape({batch}, -1)",
        )
    joined = (call.layers, batch, 2 * width)
    if call.directions == 2 and tuple(result.shape) == joined:
        return Suspicion(
            "directions-joined-by-view",
            place,
            f"{state.name} is {tuple(tensor.shape)}: viewed as {joined}, a row holds two"
            " sequences of"
            " one direction, not one sequence of both.",
            f"{state.name}.view({call.layers}, 2, {batch}, {width}).transpose(1, 2).flatten(2)",
        )
    return None


def carried(
    state: State, call: UserCall, backwards: int, *, requires_grad: bool
) -> Suspicion | None:
    """Tell a state that leads back into a graph which backward has already walked."""
    if state.call.module() is not call.module() or state.detached or not requires_grad:
        return None
    if backwards <= state.backwards:
        return None
    return Suspicion(
        "graph-retained-across-steps",
        call.place,
        f"The state comes from the call at {state.call.place}, and backward has run"
        f" {count(backwards - state.backwards, 'time')} since: every further backward walks through"
        " all chunks so far again.",
        "state = tuple(s.detach() for s in state)",
    )


def kept(state: State, call: UserCall, batch: int, *, shuffled: bool) -> Suspicion | None:
    """Tell a state that goes from one shuffled batch into the next."""
    if not shuffled or state.call.module() is not call.module() or state.batch in {batch, 0}:
        return None
    return Suspicion(
        "state-kept-between-batches",
        call.place,
        f"The loader shuffles, so the sequences of this batch do not go on where those of the batch"
        " before ended, and their state is passed to them:"
        f" {call.states[0] if call.states else ''}.",
        "pass no state, or zeros, with each batch",
    )


__all__ = [
    "Ledger",
    "carried",
    "flattened_state",
    "kept",
    "last_step",
    "padded_state",
    "padding_read",
    "uneven",
    "wrong_layout",
]
