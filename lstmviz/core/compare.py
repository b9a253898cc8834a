"""What changed between two LSTM calls: settings, shapes, and numbers where shapes agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lstmviz.core.contract import Role, TensorShape, contract
from lstmviz.core.equality import ByValue
from lstmviz.core.geometry import Geometry
from lstmviz.core.numbers import greatest_difference
from lstmviz.core.trace import Array, Trace

_RESULTS: Final = ("input", "h_0", "c_0", "output", "h_n", "c_n")


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorChange:
    """One tensor of the contract in both runs.

    Attributes
    ----------
    name : str
    before, after : tuple of int, or None
        Shapes; None where a run has no such tensor.
    max_abs_difference : float or None
        Between the two where the shapes agree, or where swapping the batch and time axes makes
        them agree; None where nothing can be compared, NaN where only one side is NaN.
    is_swapped : bool
        The numbers were compared with the first two axes of one side swapped.
    """

    name: str
    before: tuple[int, ...] | None
    after: tuple[int, ...] | None
    max_abs_difference: float | None = None
    is_swapped: bool = False

    @property
    def is_reshaped(self) -> bool:
        """Whether the shape is another now."""
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs side by side.

    Attributes
    ----------
    settings : tuple of (str, object, object)
        Name, value before and value after, of every setting that differs.
    tensors : tuple of TensorChange
        Inputs and results first, then parameters whose shape changed.
    """

    settings: tuple[tuple[str, object, object], ...]
    tensors: tuple[TensorChange, ...]

    @property
    def is_same(self) -> bool:
        """Whether both are one call, as far as settings and numbers tell."""
        changes = self.tensors
        alike = all(not one.is_reshaped and not one.max_abs_difference for one in changes)
        return alike and not self.settings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Called(ByValue):
    """An LSTM call to compare another with.

    Attributes
    ----------
    trace : Trace
    geometry : Geometry
    settings : mapping
        What it was asked for with, by name.
    """

    trace: Trace
    geometry: Geometry
    settings: Mapping[str, object]


def compare(before: Called, after: Called) -> Comparison:
    """Return what changed from one call to another."""
    was, now = before.settings, after.settings
    settings = tuple(
        (name, was[name], now[name]) for name in now if name in was and was[name] != now[name]
    )
    old, new = before.trace, after.trace
    old_shapes, new_shapes = _shapes(before.geometry), _shapes(after.geometry)
    names = dict.fromkeys((*new_shapes, *old_shapes))
    tensors = []
    for name in names:
        tensor = new_shapes.get(name) or old_shapes[name]
        change = _change(name, old_shapes.get(name), new_shapes.get(name), old, new)
        if tensor.role is not Role.PARAMETER or change.is_reshaped:
            tensors.append(change)
    return Comparison(settings=settings, tensors=tuple(tensors))


def reshaped(before: Geometry, after: Geometry) -> frozenset[str]:
    """Return the names of tensors whose shape `after` changes, or that only one of both has."""
    old, new = _shapes(before), _shapes(after)
    return frozenset(
        name
        for name in old.keys() | new.keys()
        if name not in old or name not in new or old[name].shape != new[name].shape
    )


def _shapes(geometry: Geometry) -> dict[str, TensorShape]:
    return {tensor.name: tensor for tensor in contract(geometry).tensors}


def _change(
    name: str, before: TensorShape | None, after: TensorShape | None, old: Trace, new: Trace
) -> TensorChange:
    shapes = before.shape if before else None, after.shape if after else None
    if name not in _RESULTS:
        return TensorChange(name=name, before=shapes[0], after=shapes[1])
    left, right = _numbers(old, name), _numbers(new, name)
    is_swapped = left.shape != right.shape and _swapped(left).shape == right.shape
    if is_swapped or old.batch_first != new.batch_first:
        # Two equal sizes hide a swap from the shapes; the layout says which axis is which.
        turned = name in ("input", "output") and old.batched and new.batched
        left, is_swapped = (_swapped(left), True) if turned else (left, False)
    difference = greatest_difference(left, right) if left.shape == right.shape else None
    return TensorChange(
        name=name,
        before=shapes[0],
        after=shapes[1],
        max_abs_difference=difference,
        is_swapped=is_swapped and difference is not None,
    )


def _numbers(trace: Trace, name: str) -> Array:
    array: Array = trace.array(name)
    if name in ("h_0", "c_0"):
        return array.reshape(-1, *array.shape[2:])
    return array


def _swapped(array: Array) -> Array:
    return array.swapaxes(0, 1) if array.ndim == 3 else array
