"""Batches put together from sequences of unequal length."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.setting import Lines
from lstmviz.core.mistakes.words import SIZES, as_size

_LOADER: Final = "loader = DataLoader(data, batch_size, collate_fn=collate)"
_PAIRS: Final = (
    "def collate(batch):  # of (sequence, label)",
    "    xs, ys = zip(*batch)",
    "    xs = [torch.as_tensor(x) for x in xs]",
    "    lengths = torch.tensor([len(x) for x in xs])",
    "    return pad_sequence(xs, batch_first=True), lengths, default_collate(ys)",
    _LOADER,
)
_ALONE: Final = (
    "def collate(batch):  # of sequences alone",
    "    xs = [torch.as_tensor(x) for x in batch]",
    "    lengths = torch.tensor([len(x) for x in xs])",
    "    return pad_sequence(xs, batch_first=True), lengths",
    _LOADER,
)
_DICTS: Final = (
    "def collate(batch):  # of dicts",
    '    xs = [torch.as_tensor(item["x"]) for item in batch]  # the key of the sequences',
    "    lengths = torch.tensor([len(x) for x in xs])",
    "    return pad_sequence(xs, batch_first=True), lengths",
    _LOADER,
)
_INSIDE: Final = r"for samples in transposed|collate\(samples|zip\(\*batch\)"
"""How the loader's own frames look where items are tuples."""
_WHERE: Final = r"collate|dataloader|_utils/fetch|worker\.py"


def _collate(said: Said) -> Lines:
    """Return a collate_fn for items as the loader's own frames show them."""
    if said.ran(r"key: collate\(|for key in elem|\[d\[key\]"):
        return _DICTS
    if said.ran(_INSIDE) or not said.ran("collate"):
        return _PAIRS
    return _ALONE


@reading(
    r"stack expects each tensor to be equal size, but got " + SIZES.format("one") + r" at entry"
    r" (?P<at>\d+) and " + SIZES.format("other") + r" at entry (?P<to>\d+)"
)
def unequal(said: Said) -> Finding | None:
    """torch.stack, in a loader or in the reader's own line."""
    one, other = said.sizes("one"), said.sizes("other")
    if len(one) != len(other):
        return _unequal_axes(one, other)
    axes = [n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if not axes:
        return None
    loader = said.ran(_WHERE) or said.mentions(r"collate|DataLoader")
    where = (
        "The loader stacks the items of a batch"
        if loader
        else "torch.stack puts tensors on top of each other"
    )
    told = (
        f"{where}, and they are not equal: {as_size(one)} and {as_size(other)} differ in axis"
        f" {' and '.join(map(str, axes))}."
    )
    if len(one) > 2 or len(axes) > 1:
        return _unequal_grids(told, axes)
    code: Lines
    if axes == [0]:
        told += (
            f" Sequences of {one[0]} and {other[0]} steps are padded to one length with"
            " pad_sequence" + (" in a collate_fn." if loader else ".")
        )
        code = (
            _collate(said)
            if loader
            else ("x = pad_sequence(sequences, batch_first=True)  # (N, L, H_in)",)
        )
    else:
        told += (
            " pad_sequence pads along axis 0 only: if axis "
            f"{axes[0]} is time, transpose each item first so that time comes first."
        )
        code = (
            f"x = pad_sequence([s.transpose(0, {axes[0]}) for s in sequences], batch_first=True)",
        )
    return Finding(
        title="Sequences of unequal length in one batch",
        sentence=told,
        why="A tensor has one length for all; keep the true lengths for pack_padded_sequence.",
        code=code,
    )


def _unequal_grids(told: str, axes: list[int]) -> Finding:
    """Items of three axes and more, as images are: no plain sequences of features."""
    first = axes == [0]
    return Finding(
        title="Items of unequal size in one batch",
        sentence=told
        + (
            " If axis 0 is time, pad_sequence pads it, whatever the other axes are."
            if first
            else " Items of three axes, as images are, are brought to one size before they are"
            " stacked: resized, cropped or padded."
        ),
        why="A tensor has one length along each axis for all its items.",
        code=("x = pad_sequence(sequences, batch_first=True)  # (N, L, ...)",)
        if first
        else ("print({tuple(item.shape) for item in batch})",),
        sure=Sure.LIKELY,
        anywhere=True,
    )


def _unequal_axes(one: tuple[int, ...], other: tuple[int, ...]) -> Finding:
    return Finding(
        title="Items with another number of axes in one batch",
        sentence=f"The items of a batch are not equal: {as_size(one)} has {len(one)} axes and"
        f" {as_size(other)} has {len(other)}. One item was squeezed, a sequence of one step"
        " perhaps.",
        code=("item = item.reshape(-1, H_in)  # in the dataset, so that all have (L, H_in)",),
    )


@reading(
    r"invalid argument 0: Sizes of tensors must match except in dimension (?P<axis>\d+)\. Got"
    r" (?P<a>\d+) and"
    r" (?P<b>\d+) in dimension (?P<where>\d+)",
    r"each element in list of batch should be of equal size",
)
def unequal_old(said: Said) -> Finding | None:
    """The same, as older versions say it."""
    loader = said.ran(_WHERE) or said.mentions(r"collate|DataLoader") or not said["a"]
    if not loader:
        return None
    lengths = f": {said['a']} and {said['b']}" if said["a"] else ""
    return Finding(
        title="Sequences of unequal length in one batch",
        sentence=f"The loader stacks the items of a batch, and they are not equal{lengths}: pad"
        " them to"
        " one length with pad_sequence in a collate_fn.",
        why="A tensor has one length for all; keep the true lengths for pack_padded_sequence.",
        code=_ALONE if said.ran("collate") and not said.ran(_INSIDE) else _PAIRS,
    )


@reading(
    r"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found"
    r" <class '(?P<got>[\w.]+)'>",
    r"batch must contain tensors, numbers, dicts or lists; found <class '(?P<got>[\w.]+)'>",
)
def uncollatable(said: Said) -> Finding | None:
    """An item that the loader cannot stack."""
    got = said["got"].rsplit(".", 1)[-1]
    packed = got == "PackedSequence"
    return Finding(
        title="Items that the loader cannot put together",
        sentence=f"The dataset returns a {got}"
        + (
            ": a batch is packed as a whole, after padding, not item by item."
            if packed
            else "; return tensors, or put the batch together in a collate_fn."
        ),
        code=_collate(said),
    )


@reading(
    r"(?P<call>pad_sequence|stack|cat)\(\):? (?:received an invalid combination|argument"
    r" '(?P<name>sequences|tensors)'"
    r" \(position 1\) must be tuple of Tensors,? not (?P<got>\w+))",
    r"expected Tensor as element (?P<at>\d+) in argument 0, but got (?P<got>[\w.]+)",
    r"`pad_sequence`: Expected iterable for input sequences, but got arg of type: <class"
    r" '(?P<got>[\w.]+)'>",
    r"'(?P<got>list|numpy\.ndarray)' object has no attribute 'size'()",
)
def not_tensors(said: Said) -> Finding | None:
    """Lists or arrays where tensors are padded or stacked."""
    got = said["got"]
    if not got:
        return None
    padding = said.ran("pad_sequence|utils/rnn") or "pad_sequence" in said.match[0]
    if "object has" in said.match[0] and not padding:
        return None
    whole = got.endswith("Tensor")
    return Finding(
        title="Padding or stacking what is no list of tensors",
        sentence=f"A list of tensors was expected and a {got} was given"
        + (": it is one tensor already." if whole else ": make each item a tensor first."),
        code=("x = pad_sequence([torch.as_tensor(s) for s in sequences], batch_first=True)",),
        sure=Sure.LIKELY,
    )


@reading(
    r"The expanded size of the tensor \((?P<a>\d+)\) must match the existing size \((?P<b>\d+)\) at"
    r" non-singleton dimension (?P<axis>\d+)\.?(?: Target sizes: "
    + SIZES.format("target")
    + r"\.? Tensor sizes: "
    + SIZES.format("sizes")
    + r")?"
)
def expanded(said: Said) -> Finding | None:
    """pad_sequence's own copy, where items differ beyond their first axis."""
    if not said.ran("pad_sequence|utils/rnn|collate") and not said.mentions("pad_sequence"):
        return None
    return Finding(
        title="Sequences that differ in more than their length",
        sentence=f"pad_sequence pads axis 0 only, and the items differ in another axis too:"
        f" {said['a']} against {said['b']} features.",
        code=("assert len({s.shape[1:] for s in sequences}) == 1",),
        sure=Sure.LIKELY,
    )


READINGS: Final[tuple[Reading, ...]] = (
    unequal,
    unequal_old,
    uncollatable,
    not_tensors,
    expanded,
)
