"""Each layer's input and every h_t of it, from what the module's own call revealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from lstmviz.engine.forward import data_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lstmviz.engine.call import Call, State
    from lstmviz.engine.forward import Forward

Parts = tuple[Tensor, ...]


def layers(call: Call, ran: Forward, initial: State) -> Iterator[tuple[Parts, list[Tensor]]]:
    """Yield for each layer its input, in parts to join, and each direction's h_t (L, N, H_out)."""
    entry: Parts = (call.time_major(data_of(call.input)),)
    each = call.directions
    for layer in range(call.module.num_layers - 1):
        if ran.seen:
            h = [output for _, output in ran.seen[layer * each : (layer + 1) * each]]
            following: Parts = (ran.seen[(layer + 1) * each][0],)
        else:
            h = rerun(call, ran, layer, entry, initial)
            following = tuple(h)
        yield entry, h
        entry = following
    output = call.time_major(ran.output)
    yield entry, [output] if each == 1 else list(output.chunk(2, 2))


def rerun(call: Call, ran: Forward, layer: int, entry: Parts, initial: State) -> list[Tensor]:
    """Run one layer as a fused call of its own; return each direction's h_t (L, N, H_out)."""
    x = torch.cat(entry, 2) if len(entry) > 1 else entry[0]
    flat = [weight for pack in ran.weights[layer] for weight in pack.present()]
    module, state = call.module, (initial[0][layer], initial[1][layer])
    rest = (flat, bool(module.bias), 1, 0.0, False, bool(module.bidirectional))
    packing = call.packing
    if packing is None:
        h = torch._VF.lstm(x, state, *rest, False)[0]  # type: ignore[attr-defined]  # noqa: SLF001
    else:
        if packing.sorted_indices is not None:
            order = packing.sorted_indices
            state = (state[0][:, order], state[1][:, order])
        data = x.reshape(-1, x.shape[2])[packing.rows]
        h = torch._VF.lstm(data, packing.batch_sizes, state, *rest)[0]  # type: ignore[attr-defined]  # noqa: SLF001
        h = packing.pad(h)
    return list(h.chunk(call.directions, 2))
