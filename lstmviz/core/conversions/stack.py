"""The weights of a whole LSTM in PyTorch's terms, and the way there from another layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lstmviz.core.conversions.layouts import TORCH_ORDER, WeightLayout
from lstmviz.core.equality import ByValue

Array = npt.NDArray[Any]


class ConversionError(ValueError):
    """Arrays that are no LSTM's; the message is the sentence to show."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DirectionWeights(ByValue):
    """One direction of one layer, gates in PyTorch's order.

    Attributes
    ----------
    weight_ih : ndarray, shape (4H, I)
    weight_hh : ndarray, shape (4H, H)
    bias_ih, bias_hh : ndarray, shape (4H,), or None
        Both or neither.
    """

    weight_ih: Array
    weight_hh: Array
    bias_ih: Array | None = None
    bias_hh: Array | None = None

    @property
    def input_size(self) -> int:
        """I."""
        return int(self.weight_ih.shape[1])

    @property
    def hidden_size(self) -> int:
        """H."""
        return int(self.weight_hh.shape[1])


@dataclass(frozen=True, slots=True)
class Stack:
    """All layers, each with one direction or two.

    Attributes
    ----------
    layers : tuple of tuple of DirectionWeights
        An instance always fits one `nn.LSTM`.

    Raises
    ------
    ConversionError
        The layers do not fit on each other.
    """

    layers: tuple[tuple[DirectionWeights, ...], ...]

    def __post_init__(self) -> None:
        first = self.layers[0][0]
        for index, layer in enumerate(self.layers):
            wanted = self.directions * first.hidden_size if index else first.input_size
            for one in layer:
                if len(layer) != self.directions or (one.bias_ih is None) == self.has_bias:
                    raise ConversionError(
                        f"layer {index} has other directions or biases than layer 0,"
                        " which one nn.LSTM cannot have"
                    )
                if one.hidden_size != first.hidden_size or one.input_size != wanted:
                    raise ConversionError(
                        f"layer {index} takes {one.input_size} features to {one.hidden_size} units;"
                        f" one nn.LSTM with layer 0 needs {wanted} to {first.hidden_size} there"
                    )

    @property
    def directions(self) -> int:
        """D."""
        return len(self.layers[0])

    @property
    def has_bias(self) -> bool:
        """Whether the gates have biases."""
        return self.layers[0][0].bias_ih is not None

    @property
    def arguments(self) -> dict[str, int | bool]:
        """The arguments of the `nn.LSTM` that takes the weights."""
        first = self.layers[0][0]
        return {
            "input_size": first.input_size,
            "hidden_size": first.hidden_size,
            "num_layers": len(self.layers),
            "bias": self.has_bias,
            "bidirectional": self.directions == 2,
        }

    def state_dict(self) -> dict[str, Array]:
        """Return the arrays under the names that ``nn.LSTM.load_state_dict`` knows."""
        return {
            f"{role}_l{index}{'_reverse' if way else ''}": np.ascontiguousarray(array)
            for index, layer in enumerate(self.layers)
            for way, one in enumerate(layer)
            for role in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            if (array := getattr(one, role)) is not None
        }

    def equals(self, other: Stack) -> bool:
        """Return whether both are the same LSTM, number by number."""
        mine, others = self.state_dict(), other.state_dict()
        return mine.keys() == others.keys() and all(
            np.array_equal(array, others[name]) for name, array in mine.items()
        )


def to_direction(
    layout: WeightLayout, arrays: Mapping[str, Array], forget_bias: float | None = None
) -> DirectionWeights:
    """Convert one direction's arrays.

    Parameters
    ----------
    layout : WeightLayout
    arrays : mapping of str to ndarray
        By role, each of the shape that the layout gives, without the axis D.
    forget_bias : float or None
        What the framework adds to the forget gate; None for the layout's own.
    """
    parts = {role: array for role, array in arrays.items() if not role.startswith("bias")}
    if "weights" in parts:
        joined = parts.pop("weights")
        hidden = joined.shape[1] // 4
        parts = {"weight_ih": joined[:-hidden], "weight_hh": joined[-hidden:]}
    weights = {role: _reordered(_rows(layout, role, a), layout.gates) for role, a in parts.items()}
    biases = _biases(layout, arrays)
    added = layout.added(forget_bias)
    if added and not biases:
        ih = np.zeros_like(weights["weight_hh"][:, 0])
        biases = {"bias_ih": ih, "bias_hh": ih.copy()}
    if added:
        hidden = weights["weight_hh"].shape[1]
        biases["bias_ih"] = biases["bias_ih"].copy()
        biases["bias_ih"][hidden : 2 * hidden] += added
    return DirectionWeights(**weights, **biases)


def from_direction(
    layout: WeightLayout, one: DirectionWeights, forget_bias: float | None = None
) -> dict[str, Array]:
    """Return the arrays of `layout`, by role, that make what `one` makes.

    A layout with a single bias holds the sum of PyTorch's two; one that cannot be without gets
    zeros.
    """
    rows = {
        role: _reordered(getattr(one, role), TORCH_ORDER, layout.gates)
        for role in ("weight_ih", "weight_hh")
    }
    weights = {role: _columns(layout, role, array) for role, array in rows.items()}
    if layout.stored[0].role == "weights":
        weights = {"weights": np.concatenate((weights["weight_ih"], weights["weight_hh"]))}
    added = layout.added(forget_bias)
    if one.bias_ih is None or one.bias_hh is None:
        if not added:
            return weights
        ih = hh = np.zeros_like(one.weight_hh[:, 0])
    else:
        ih, hh = one.bias_ih, one.bias_hh
    ih = ih.copy()
    ih[one.hidden_size : 2 * one.hidden_size] -= added
    ih, hh = (_reordered(bias, TORCH_ORDER, layout.gates) for bias in (ih, hh))
    if any(stored.role == "bias_ih" for stored in layout.stored):
        return {**weights, "bias_ih": ih, "bias_hh": hh}
    both = np.concatenate((ih, hh)) if layout.biases == 2 else ih + hh
    return {**weights, "bias": both}


def _biases(layout: WeightLayout, arrays: Mapping[str, Array]) -> dict[str, Array]:
    if "bias_ih" in arrays:
        ih, hh = arrays["bias_ih"], arrays["bias_hh"]
    elif "bias" not in arrays:
        return {}
    elif layout.biases == 2:
        ih, hh = np.split(arrays["bias"], 2)
    else:
        ih, hh = arrays["bias"], np.zeros_like(arrays["bias"])
    return {"bias_ih": _reordered(ih, layout.gates), "bias_hh": _reordered(hh, layout.gates)}


def _rows(layout: WeightLayout, role: str, array: Array) -> Array:
    """Return a weight with its gates along the first axis."""
    if layout.is_gate_major:
        return array
    if not layout.is_folded:
        return array.T
    hidden = array.shape[1] // 4
    blocks = np.split(array, 4, axis=1)
    return np.concatenate([b.reshape(hidden, -1) if role == "weight_ih" else b for b in blocks])


def _columns(layout: WeightLayout, role: str, array: Array) -> Array:
    """Return what `_rows` made a weight of."""
    if layout.is_gate_major:
        return array
    if not layout.is_folded:
        return array.T
    blocks = np.split(array, 4)
    return np.concatenate(
        [b.reshape(-1, b.shape[0]) if role == "weight_ih" else b for b in blocks], axis=1
    )


def _reordered(array: Array, before: str, after: str = TORCH_ORDER) -> Array:
    """Return the gates along the first axis in another order."""
    blocks = np.split(array, 4)
    return np.concatenate([blocks[before.index(gate)] for gate in after])
