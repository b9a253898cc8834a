"""The weights that a forward pass used, layer by layer and direction by direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmviz.engine.call import LayerWeights

if TYPE_CHECKING:
    from torch import Tensor, nn


def layer_weights(module: nn.LSTM) -> list[list[LayerWeights]]:
    """Return ``weights[layer][direction]``, detached, as the last forward pass read them.

    The module's own flat list is read rather than its attributes, because that is what the fused
    kernel is given, also where a weight is computed (parametrised, normalised, pruned).
    """
    flat: list[Tensor] = [weight.detach() for weight in module._flat_weights]  # type: ignore[union-attr]  # noqa: SLF001
    directions = 2 if module.bidirectional else 1
    each = len(flat) // (module.num_layers * directions)
    packs = [_pack(flat[k : k + each], bias=module.bias) for k in range(0, len(flat), each)]
    return [packs[k : k + directions] for k in range(0, len(packs), directions)]


def _pack(weights: list[Tensor], *, bias: bool) -> LayerWeights:
    biases: tuple[Tensor | None, Tensor | None] = (None, None)
    rest = weights[2:]
    if bias:
        biases, rest = (rest[0], rest[1]), rest[2:]
    return LayerWeights(weights[0], weights[1], *biases, rest[0] if rest else None)
