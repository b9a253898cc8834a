"""Each layer's input and every h_t of it.

Where the module's own call did not reveal an inner layer, the layer is run once more as a fused
call of its own. Dropout between layers then draws the same masks again, from the generator's state
before the call; the proof shows whether it did, because wrong masks give another output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from lstmviz.engine.freed import give_back_freed
from lstmviz.engine.opening.forward import data_of, expected_seconds
from lstmviz.engine.opening.preserve import drops_out, set_random_states

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lstmviz.engine.opening.call import PendingCall, State
    from lstmviz.engine.opening.forward import Forward
    from lstmviz.engine.progress import Pace


def layers(
    call: PendingCall,
    ran: Forward,
    initial: State,
    pace: Pace,
    randomness: list[Tensor],
    *,
    grad: bool,
) -> Iterator[tuple[Tensor, list[Tensor]]]:
    """Yield for each layer its input (L, N, width) and each direction's h_t (L, N, H_out).

    Parameters
    ----------
    call : PendingCall
    ran : Forward
    initial : pair of Tensor
        h_0 and c_0, (num_layers·D, N, H).
    pace : Pace
    randomness : list of Tensor
        The generators' states before the module's call.
    grad : bool
        The module's call recorded gradients.
    """
    entry = call.time_major(data_of(call.input))
    each, inner = call.directions, call.sizes.num_layers - 1
    if inner and drops_out(call.module):
        set_random_states(randomness, entry.device)
    for layer in range(inner):
        h, following = _rerun(call, ran, layer, entry, initial, pace, grad=grad)
        yield entry, h
        entry = following
    output = call.time_major(ran.output)
    yield entry, [output] if each == 1 else list(output.chunk(2, 2))


def _rerun(
    call: PendingCall,
    ran: Forward,
    layer: int,
    entry: Tensor,
    initial: State,
    pace: Pace,
    *,
    grad: bool,
) -> tuple[list[Tensor], Tensor]:
    """Run one layer as a fused call of its own; return each direction's h_t and what follows."""
    x = entry.to(ran.output.dtype)
    rows = slice(layer * call.directions, (layer + 1) * call.directions)
    state = (initial[0][rows], initial[1][rows])
    packing, seconds = call.packing, expected_seconds(call) / call.sizes.num_layers
    given: tuple[Any, ...] = (x, state)
    if packing is not None:
        if (order := packing.sorted_indices) is not None:
            state = (state[0][:, order], state[1][:, order])
        given = (x.reshape(-1, x.shape[2])[packing.rows], packing.batch_sizes, state)
    y = pace.call(lambda: _layer_call(call, ran, layer, given, grad=grad), seconds, 0.0)
    give_back_freed(8 * call.states // call.sizes.num_layers, y.element_size())
    h = y if packing is None else packing.pad(y)
    known = list(h.chunk(call.directions, 2))
    if not drops_out(call.module):
        return known, h
    dropped = torch.dropout(y, float(call.module.dropout), train=True)
    return known, dropped if packing is None else packing.pad(dropped)


def _layer_call(
    call: PendingCall, ran: Forward, layer: int, given: tuple[Any, ...], *, grad: bool
) -> Tensor:
    """Return the output of one layer alone, (L, N, D·H_out) or packed."""
    flat = [weight for pack in ran.weights[layer] for weight in pack.present()]
    module, layout = call.module, () if call.packing is not None else (False,)
    rest = (flat, bool(module.bias), 1, 0.0, False, bool(module.bidirectional), *layout)
    lstm: Any = torch.lstm
    with torch.set_grad_enabled(grad):
        output: Tensor = lstm(*given, *rest)[0]
    return output.detach()
