"""The weights that a forward pass used, layer by layer and direction by direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.engine.opening.call import LayerWeights
from lstmviz.engine.torch_internals import flat_weights

if TYPE_CHECKING:
    from torch import Tensor, nn


def layer_weights(module: nn.LSTM) -> list[list[LayerWeights]]:
    """Return ``weights[layer][direction]`` as the last forward pass read them.

    The module's own flat list is read rather than its attributes, because that is what the fused
    kernel is given, also where a weight is computed (parametrised, normalised, pruned).
    """
    flat = [weight.resolve_neg() for weight in flat_weights(module)]
    directions = 2 if module.bidirectional else 1
    each = len(flat) // (module.num_layers * directions)
    packs = [_pack(flat[k : k + each], bias=module.bias) for k in range(0, len(flat), each)]
    return [packs[k : k + directions] for k in range(0, len(packs), directions)]


def _pack(weights: list[Tensor], *, bias: bool) -> LayerWeights:
    w_ih, w_hh, *rest = weights
    b_ih, b_hh = rest[:2] if bias else (None, None)
    return LayerWeights(w_ih, w_hh, b_ih, b_hh, rest[-1] if len(rest) % 2 else None)
