"""Find the LSTM among given arrays: by their names where these are known, else by their shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Final

from lstmviz.core.conversions.layouts import LAYOUTS, Stored, WeightLayout
from lstmviz.core.conversions.stack import (
    Array,
    ConversionError,
    DirectionWeights,
    Stack,
    to_direction,
)
from lstmviz.core.equality import ByValue

_BACKWARD: Final = re.compile(r"(?:^|[^a-z])(?:backward|reverse|bw)(?:[^a-z]|$)", re.IGNORECASE)
_WAYS: Final = re.compile(r"forward|backward|_?reverse|fw|bw", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayoutReading(ByValue):
    """Arrays read in one layout.

    Attributes
    ----------
    layout : WeightLayout
    stack : Stack
    used : dict of str to tuple of str
        The names of the arrays, each with what it becomes in PyTorch.
    is_named : bool
        Whether the names say what each array is; else its place and shape did.
    arrays : mapping of str to ndarray
        As they were given.
    forget_bias : float or None
        As it was given.
    """

    layout: WeightLayout
    stack: Stack
    used: dict[str, tuple[str, ...]]
    is_named: bool
    arrays: Mapping[str, Array]
    forget_bias: float | None

    def in_order(self, gates: str) -> LayoutReading:
        """Return the arrays read as if the gates stood in another order."""
        return read_arrays(self.arrays, replace(self.layout, gates=gates), self.forget_bias)


@dataclass(frozen=True, slots=True)
class _Group:
    """The arrays of one layer and, unless they have an axis for it, one direction."""

    place: str
    is_backward: bool
    arrays: dict[str, str]


def fitting(
    arrays: Mapping[str, Array], forget_bias: float | None = None
) -> tuple[LayoutReading, ...]:
    """Return the arrays as every layout that they fit reads them."""
    found = []
    for layout in LAYOUTS:
        try:
            found.append(read_arrays(arrays, layout, forget_bias))
        except ConversionError:
            continue
    # Names that are known speak louder than shapes, and nothing may be left over without need.
    best = max(((one.is_named, len(one.used)) for one in found), default=None)
    return tuple(one for one in found if (one.is_named, len(one.used)) == best)


def read_arrays(
    arrays: Mapping[str, Array], layout: WeightLayout, forget_bias: float | None = None
) -> LayoutReading:
    """Read arrays that are stored as `layout` says.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        More than the LSTM's own may be among them.
    layout : WeightLayout
    forget_bias : float or None
        What the framework adds to the forget gate; None for the layout's own.

    Raises
    ------
    ConversionError
        No LSTM of that layout is among them.
    """
    groups = _named_groups(arrays, layout)
    is_named = bool(groups)
    groups = groups or _placed_groups(arrays, layout)
    if not groups:
        raise ConversionError(
            f"no arrays are named or shaped as {layout.title.replace('`', '')} stores them:"
            f" {', '.join(f'{one.names[0]} {one.shape}' for one in layout.stored)}"
        )
    layers: list[list[DirectionWeights]] = []
    used: dict[str, tuple[str, ...]] = {}
    for group in groups:
        ways = _directions(group, arrays, layout, forget_bias)
        second = group.is_backward and layers and len(layers[-1]) == 1
        if second:
            layers[-1].extend(ways)
        else:
            layers.append(list(ways))
        used.update(_becoming(group, layout, len(layers) - 1, 1 if second else 0, len(ways)))
    stack = Stack(tuple(map(tuple, layers)))
    return LayoutReading(
        layout=layout,
        stack=stack,
        used=used,
        is_named=is_named,
        arrays=arrays,
        forget_bias=forget_bias,
    )


def _named_groups(arrays: Mapping[str, Array], layout: WeightLayout) -> list[_Group]:
    """Return the groups whose arrays have the layout's names, layer by layer, forward first."""
    groups: dict[str, _Group] = {}
    for name in arrays:
        for stored in layout.stored:
            place = _place(name, stored, layout)
            if place is not None:
                group = groups.setdefault(place, _Group(place, bool(_BACKWARD.search(place)), {}))
                group.arrays[stored.role] = name
    needed = {stored.role for stored in layout.stored if not stored.is_bias}
    whole = [group for group in groups.values() if needed <= group.arrays.keys()]
    return sorted(
        whole, key=lambda group: (_counted(_WAYS.sub("", group.place)), group.is_backward)
    )


def _place(name: str, stored: Stored, layout: WeightLayout) -> str | None:
    """Return whose array of the kind `stored` has this name; None if it is of another kind."""
    for known in stored.names:
        if layout.name == "torch":
            match = re.fullmatch(rf"(?P<head>.*\.)?{known}_l(?P<tail>\d+(?:_reverse)?)", name)
            if match:
                return f"{match['head'] or ''}{match['tail']}"
        else:
            match = re.fullmatch(rf"(?P<head>|.*[/.:]|.*(?<!recurrent)_){known}(?::\d+)?", name)
            if match:
                return str(match["head"])
    return None


def _counted(text: str) -> tuple[tuple[str, int], ...]:
    """Return a key that sorts lstm_2 before lstm_10."""
    parts = re.findall(r"(\D*)(\d*)", text)
    return tuple((word, int(number) if number else -1) for word, number in parts)


def _placed_groups(arrays: Mapping[str, Array], layout: WeightLayout) -> list[_Group]:
    """Take nameless arrays in turn, as the framework lists them; with biases if there are any."""
    names = sorted(arrays, key=_counted)
    axes = {len(stored.axes) for stored in layout.stored if stored.is_bias}
    has_bias = any(arrays[name].ndim in axes for name in names)
    kinds = tuple(stored for stored in layout.stored if has_bias or not stored.is_bias)
    if len(names) % len(kinds):
        return []
    starts = range(0, len(names), len(kinds))
    chosen = [_placed(names[at : at + len(kinds)], kinds, arrays, layout) for at in starts]
    return [group for group in chosen if group is not None] if all(chosen) else []


def _placed(
    names: Sequence[str], kinds: Sequence[Stored], arrays: Mapping[str, Array], layout: WeightLayout
) -> _Group | None:
    """Return the first order of `names` whose shapes are those of one layer."""
    for order in permutations(names):
        roles = {stored.role: name for stored, name in zip(kinds, order, strict=True)}
        group = _Group("", False, roles)
        try:
            _check(group, {role: arrays[name] for role, name in roles.items()}, layout)
        except ConversionError:
            continue
        return group
    return None


def _directions(
    group: _Group, arrays: Mapping[str, Array], layout: WeightLayout, forget_bias: float | None
) -> tuple[DirectionWeights, ...]:
    given = {role: arrays[name] for role, name in group.arrays.items()}
    _check(group, given, layout)
    if layout.stored[0].axes[0] != "D":
        return (to_direction(layout, given, forget_bias),)
    count = len(next(iter(given.values())))
    return tuple(
        to_direction(layout, {role: array[way] for role, array in given.items()}, forget_bias)
        for way in range(count)
    )


def _check(group: _Group, given: Mapping[str, Array], layout: WeightLayout) -> None:
    """Refuse arrays whose axes do not agree on I, H and D."""
    if ("bias_ih" in given) != ("bias_hh" in given):
        raise ConversionError(f"only one of the two biases of {_call(group)} is there")
    sizes: dict[str, int] = {}
    stored_by = {stored.role: stored for stored in layout.stored}
    # The recurrent weight first: it alone tells H.
    for role in sorted(given, key=lambda role: role not in ("weight_hh", "weights")):
        stored, array = stored_by[role], given[role]
        shape = array.shape
        if array.dtype.kind != "f" or len(shape) != len(stored.axes):
            raise _unfit(group, stored, shape)
        for axis, size in reversed(list(zip(stored.axes, shape, strict=True))):
            if not _agrees(axis, size, sizes):
                raise _unfit(group, stored, shape)


def _agrees(axis: str, size: int, sizes: dict[str, int]) -> bool:
    """Return whether an axis can be so long, and note what it tells of I, H or D."""
    if size < 1:
        return False
    if axis in ("I", "H", "D"):
        if axis == "D" and size > 2:
            return False
        return sizes.setdefault(axis, size) == size
    if axis == "I+H":
        return sizes.setdefault("I", size - sizes["H"]) >= 1
    times = int(axis[0])
    return size % times == 0 and sizes.setdefault("H", size // times) == size // times


def _unfit(group: _Group, stored: Stored, shape: Sequence[int]) -> ConversionError:
    name = group.arrays[stored.role]
    return ConversionError(
        f"{name} has the shape {tuple(shape)}, which cannot be {stored.shape} beside the others"
    )


def _call(group: _Group) -> str:
    return next(iter(group.arrays.values()))


def _becoming(
    group: _Group, layout: WeightLayout, layer: int, way: int, ways: int
) -> dict[str, tuple[str, ...]]:
    """Return what each array becomes."""
    ends = [f"_l{layer}{'_reverse' if one else ''}" for one in range(way, way + ways)]
    biases = ("bias_ih", "bias_hh") if layout.biases == 2 else ("bias_ih",)
    roles: dict[str, tuple[str, ...]] = {"weights": ("weight_ih", "weight_hh"), "bias": biases}
    return {
        name: tuple(f"{one}{end}" for end in ends for one in roles.get(role, (role,)))
        for role, name in group.arrays.items()
    }
