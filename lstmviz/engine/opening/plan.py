"""How a call is opened: decided once, before it runs, from what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

import torch
from torch import nn

from lstmviz.engine import torch_internals
from lstmviz.engine.dispatch import HALVES
from lstmviz.engine.opening.onednn import runs_fused
from lstmviz.engine.opening.preserve import drops_out

if TYPE_CHECKING:
    from lstmviz.engine.opening.call import PendingCall

_LARGE_STATES: Final = 1 << 16
"""h_t of one direction from which PyTorch's own workspace would be fresh memory every time."""

_FEW_MULTIPLICATIONS: Final = 1 << 18
"""In one product; for more of them numpy's library starts threads of its own."""


class Seen(Enum):
    """How every h_t of the inner layers, and what goes into each layer, come to be known."""

    NOWHERE = "nowhere"
    """A layer below the last is run once more, alone; of the last they are returned."""
    SAVED = "saved"
    """PyTorch has saved them for the backward pass; what the kernels keep is saved beside them."""
    MET = "met"
    """Each kernel is met as it runs."""
    LENT = "lent"
    """Each is met and lent memory for its output and what it keeps, and is opened at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one call is opened.

    Attributes
    ----------
    fused : bool
        PyTorch is taken to run one kernel for each layer and direction. Of half precision it is a
        guess, and kernels that are then not met make it a wrong one.
    seen : Seen
    few : int
        Multiplications in one product of a direction up to which numpy opens it, which costs less
        to call than torch.
    """

    fused: bool
    seen: Seen
    few: int


def plan(
    call: PendingCall, *, grad: bool, large: int = _LARGE_STATES, few: int = _FEW_MULTIPLICATIONS
) -> Plan:
    """Return how `call` is opened.

    The first row that fits decides:

    =================================================  =======  =======  ==========================
    the call                                           fused    seen     gates and c_t
    =================================================  =======  =======  ==========================
    not on the CPU, float64, projected, ragged,        no       nowhere  by the equations; on the
    empty, oneDNN off, or half where it is not fused                     CPU rounded step by step
    half precision                                     a guess  met      by the equations, rounded
    with gradients, large, plain                       yes      lent     read, where confirmed
    one layer, with gradients, plain, not little       yes      saved    read, where confirmed
    one layer                                          yes      nowhere  by the equations
    with dropout, or not plain                         yes      met      by the equations
    with gradients                                     yes      saved    read, where confirmed
    little                                             yes      nowhere  by the equations
    any other                                          yes      met      by the equations
    =================================================  =======  =======  ==========================

    Plain is a call whose kernels are sure to run what is passed and to return what comes out;
    little, one whose first products are few; large, one whose workspace would be fresh memory every
    time. Where a way that is needed is closed (see `torch_internals`), the call is seen nowhere.

    Parameters
    ----------
    call : PendingCall
    grad : bool
        The call records gradients.
    large : int
        How many h_t of one direction are.
    few : int
        Multiplications in one product that are little work.
    """
    if not _is_fused(call, grad=grad):
        return Plan(fused=False, seen=Seen.NOWHERE, few=few)
    is_large = call.seq_len * call.batch_size * call.sizes.hidden_size >= large
    seen = _seen(call, grad=grad, is_large=is_large, is_little=call.multiplications <= few)
    return Plan(fused=True, seen=seen, few=few)


def _seen(call: PendingCall, *, grad: bool, is_large: bool, is_little: bool) -> Seen:
    ways, plain, one = torch_internals.WAYS, _is_plain(call), call.sizes.num_layers == 1
    met = Seen.MET if ways.meets_kernels else Seen.NOWHERE
    if call.dtype in HALVES:
        # That it is fused at all is a guess until kernels are met.
        return met
    # The caller's own modes and casts are for this thread, and for what PyTorch calls itself.
    apart = not torch_internals.thread_matters()
    if grad and plain and is_large and ways.lends_memory and apart:
        return Seen.LENT
    saved = grad and plain and ways.reads_graph and not torch_internals.is_hooked()
    if one:
        # One that is little work is opened sooner than it is looked for.
        return Seen.SAVED if saved and not is_little else Seen.NOWHERE
    if drops_out(call.module) or not plain:
        # Masks are drawn while kernels are met, and only so from a generator that is nobody else's.
        return met
    if grad:
        return Seen.SAVED if saved else Seen.NOWHERE
    return Seen.NOWHERE if is_little else met


def _is_fused(call: PendingCall, *, grad: bool) -> bool:
    """Return whether PyTorch runs `call` as one kernel per layer and direction.

    True of half precision is a guess from another call, to be confirmed by seeing the kernels run.
    """
    return (
        call.dtype in (torch.float32, *HALVES)
        and call.device.type == "cpu"
        and not call.sizes.proj_size
        and (call.packing is None or call.packing.past is None)
        and call.data.numel() > 0
        and torch_internals.has_fused_layer()
        and (call.dtype == torch.float32 or runs_fused(call.dtype, grad=grad))
    )


def _is_plain(call: PendingCall) -> bool:
    """Return whether the kernels are sure to run what is passed and to return what comes out.

    A ``forward`` of the user's own may change either, and use the graph that a kernel is part of. A
    packed batch is sorted first.
    """
    module = call.module
    own = type(module).forward is not nn.LSTM.forward or "forward" in module.__dict__
    return call.packing is None and not own
