"""A whole LSTM's weights under a framework's own names."""

from __future__ import annotations

import numpy as np

from lstmviz.core.conversions.layouts import WeightLayout
from lstmviz.core.conversions.stack import Array, Stack, from_direction


def arrays_in(
    stack: Stack, layout: WeightLayout, forget_bias: float | None = None
) -> dict[str, Array]:
    """Return the weights as `layout` stores them.

    Several layers stand under ``layer_0/`` and so on, two directions under ``forward/`` and
    ``backward/``, unless the layout has names or an axis of its own for them.

    Parameters
    ----------
    stack : Stack
    layout : WeightLayout
    forget_bias : float or None
        What the framework will add to the forget gate; None for the layout's own.
    """
    if layout.name == "torch":
        return stack.state_dict()
    found: dict[str, Array] = {}
    for index, layer in enumerate(stack.layers):
        head = f"layer_{index}/" if len(stack.layers) > 1 else ""
        ways = [from_direction(layout, one, forget_bias) for one in layer]
        for stored in layout.stored:
            arrays = [way[stored.role] for way in ways if stored.role in way]
            if not arrays:
                continue
            if stored.axes[0] == "D":
                found[f"{head}{stored.names[0]}"] = np.stack(arrays)
                continue
            for way, array in zip(("forward/", "backward/"), arrays, strict=False):
                place = f"{head}{way if len(ways) == 2 else ''}{stored.names[0]}"
                found[place] = np.ascontiguousarray(array)
    return found
