"""Layers that read a recurrent module's output and want its axes in another order."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.words import SIZES, as_size

_BACK: Final = "y = {}(output.transpose(1, 2)).transpose(1, 2)  # (N, H, L) and back"


@reading(r"running_mean should contain (?P<got>\d+) elements not (?P<expected>\d+)")
def normalised(said: Said) -> Finding | None:
    """nn.BatchNorm1d reads the features on axis 1."""
    got, expected = said.number("got"), said.number("expected")
    return Finding(
        title="BatchNorm1d given the features on the last axis",
        sentence=f"nn.BatchNorm1d was built for {expected} features, reads them on axis 1, and"
        f" found {got} there: an LSTM's output, (N, L, D·H_out), has them last and {got} steps or"
        " sequences on axis 1.",
        why="nn.LayerNorm reads the last axis, as an LSTM leaves it; nn.BatchNorm1d reads (N, C, L)"
        " or (N, C).",
        code=(_BACK.format("batch_norm"), f"# or: norm = nn.LayerNorm({expected})"),
        sure=Sure.LIKELY,
    )


@reading(
    r"Given groups=\d+, weight of size "
    + SIZES.format("weight")
    + r", expected input"
    + SIZES.format("input")
    + r" to have (?P<expected>\d+) channels, but got (?P<got>\d+) channels instead"
)
def convolved(said: Said) -> Finding | None:
    """nn.Conv1d reads the channels on axis 1."""
    fed, weight = said.sizes("input"), said.sizes("weight")
    expected = said.number("expected")
    if len(weight) != 3 or expected not in fed[2:]:
        return None
    return Finding(
        title="Conv1d given the features on the last axis",
        sentence=f"nn.Conv1d reads {expected} channels on axis 1, and {as_size(fed)} has them on"
        " its last axis, where an LSTM reads and leaves its features: transpose before, and back"
        " before the next LSTM.",
        why="nn.Conv1d reads (N, C, L); nn.LSTM with batch_first reads (N, L, C).",
        code=(_BACK.format("conv"),),
        sure=Sure.CERTAIN,
        anywhere=True,
    )


@reading(r"Index tensor must have the same number of dimensions as input tensor")
def gathered_otherwise(said: Said) -> Finding | None:
    """torch.gather wants an index of as many axes."""
    return Finding(
        title="gather given an index of another number of axes",
        sentence="gather takes an index with as many axes as the tensor: lengths of (N,) are made"
        " (N, 1, H) to take one step of output, (N, L, H), for each sequence.",
        code=_LAST_STEPS,
        sure=Sure.LIKELY,
    )


_LAST_STEPS: Final = (
    "index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, output.size(2))",
    "last = output.gather(1, index).squeeze(1)  # (N, H), batch first",
    "# or: last = output[torch.arange(len(lengths)), lengths - 1]",
)


@reading(
    r"index (?P<got>-?\d+) is out of bounds for dimension (?P<axis>\d+) with size (?P<size>\d+)"
)
def beyond_end(said: Said) -> Finding | None:
    """A step, a row or an index that a tensor does not have."""
    got, axis, size = int(said["got"]), said.number("axis"), said.number("size")
    shown = said.ran(r"gather|\bout|\bh_?n\b|\bc_?n\b|hidden|lengths?\b")
    if (got, axis, size) == (1, 0, 1) or not (said.is_recurrent or shown):
        return None
    base = f"Axis {axis} holds {size:,}, numbered 0 to {size - 1}, and {got} was asked for"
    if got == size and (said.ran(r"gather|\[torch\.arange|lengths?\b") or said.mentions("length")):
        return Finding(
            title="A length used as the index of the last step",
            sentence=f"{base}: a sequence of {size} steps ends at step {size - 1}, lengths - 1.",
            code=_LAST_STEPS,
            sure=Sure.LIKELY,
        )
    state = said.ran(r"\bh_?n\b|\bc_?n\b|hidden")
    return Finding(
        title="An index beyond the end of an axis",
        sentence=base
        + (
            ". Axis 0 of h_n counts the layers and directions, D·num_layers."
            if state and axis == 0
            else ". Without batch_first axis 0 of output is time and axis 1 the batch; with it, the"
            " other way round."
        ),
        code=("print(output.shape, h_n.shape)",),
        sure=Sure.LIKELY if said.is_recurrent else Sure.POSSIBLE,
    )


@reading(r"expected sequence of length (?P<one>\d+) at dim (?P<axis>\d+) \(got (?P<other>\d+)\)")
def ragged(said: Said) -> Finding | None:
    """torch.tensor of lists of unequal length."""
    return Finding(
        title="Lists of unequal length made into one tensor",
        sentence=f"The lists hold {said['one']} and {said['other']} items on axis {said['axis']},"
        " and a tensor has one length for all: make each a tensor, and pad them together.",
        why="Keep the true lengths for pack_padded_sequence.",
        code=(
            "lengths = torch.tensor([len(s) for s in sequences])",
            "x = pad_sequence([torch.as_tensor(s) for s in sequences], batch_first=True)",
        ),
        anywhere=True,
    )


READINGS: Final[tuple[Reading, ...]] = (
    normalised,
    convolved,
    gathered_otherwise,
    beyond_end,
    ragged,
)
