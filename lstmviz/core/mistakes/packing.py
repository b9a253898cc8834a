"""Packing: lengths, layouts, and what comes back."""

from __future__ import annotations

from typing import Any, Final

from lstmviz.core.mistakes.mistake import Mistake, MistakeKind
from lstmviz.core.mistakes.setting import (
    Lines,
    Setting,
    longest_first,
    packed_setup,
    padded,
    shortest_first,
)
from lstmviz.core.mistakes.words import message

BATCH: Final[dict[str, Any]] = {"unbatched": False, "batch_size": 4, "seq_len": 24}
_RUN: Final = "packed_output, (h_n, c_n) = lstm(packed)"


def _pack(s: Setting, *, sort: bool = False, first: bool = True) -> Lines:
    layout = s.packing if first else ""
    order = "" if sort else ", enforce_sorted=False"
    return (f"packed = pack_padded_sequence(x, lengths{layout}{order})", _RUN)


def _unpack(s: Setting, total: int = 0) -> str:
    length = f", total_length={total}" if total else ""
    return f"output, lengths = pad_packed_sequence(packed_output{s.packing}{length})"


def _linear(s: Setting, argument: str) -> Lines:
    return (
        _RUN,
        f"classify = nn.Linear({s.directions * s.out}, 2){s.moved}",
        f"scores = classify({argument})",
    )


PACKING: Final = (
    Mistake(
        name="lengths-unsorted",
        title="Lengths not in decreasing order",
        kind=MistakeKind.ERROR,
        why="enforce_sorted is True by default; with False, PyTorch sorts the batch and puts every"
        " result back in your order.",
        begin=shortest_first,
        when=lambda s: s.uneven and len(set(s.lengths)) > 1,
        needs="a batch of at least 2, with more than one length",
        example=BATCH,
        wrong=lambda s: _pack(s, sort=True),
        right=_pack,
        messages=(
            message(
                r"(?:[`']?lengths[`']? array (?:must be|has to be) sorted|sequences must be sorted)"
                r" in(?: the)?(?: order of)? decreasing"
            ),
        ),
    ),
    Mistake(
        name="lengths-on-gpu",
        title="Lengths on the GPU",
        kind=MistakeKind.ERROR,
        why="Packing plans on the CPU, so lengths stay there while the batch is on the GPU.",
        begin=padded,
        when=lambda s: s.cuda and s.batched,
        needs="a CUDA device and a batch",
        example={"device": "cuda:0", "unbatched": False},
        wrong=lambda s: (f"lengths = lengths.to({s.spec.device!r})", *_pack(s)),
        right=lambda s: (f"lengths = lengths.to({s.spec.device!r}).cpu()", *_pack(s)),
        messages=(
            message(
                r"'lengths' argument should be a 1D CPU int64 tensor, but got (?P<rank>\d+)D"
                r" (?P<device>(?:cuda|mps|xpu|hip)[\w:]*) (?P<type>\w+) tensor"
            ),
        ),
    ),
    Mistake(
        name="lengths-with-two-axes",
        title="Lengths with an axis too many",
        kind=MistakeKind.ERROR,
        why="lengths is a plain list of numbers, one for each sequence.",
        begin=padded,
        when=lambda s: s.batched,
        needs="a batch",
        example={"unbatched": False},
        wrong=lambda s: ("lengths = lengths[:, None]", *_pack(s, sort=True)),
        right=lambda s: ("lengths = lengths[:, None].squeeze(1)", *_pack(s)),
        messages=(
            message(
                r"'lengths' argument should be a 1D CPU int64 tensor, but got (?P<rank>\d+)D"
                r" (?P<device>[\w:]+) (?P<type>\w+) tensor"
            ),
        ),
    ),
    Mistake(
        name="length-of-zero",
        title="A sequence of length 0",
        kind=MistakeKind.ERROR,
        why="An empty sequence has no last step; leave it out, or clamp its length to 1 and mask"
        " the result.",
        begin=padded,
        when=lambda s: s.batched,
        needs="a batch",
        example={"unbatched": False},
        wrong=lambda s: ("lengths[-1] = 0", *_pack(s)),
        right=lambda s: ("lengths[-1] = 0", "lengths = lengths.clamp(min=1)", *_pack(s)),
        messages=(message(r"length of all samples has to be greater than 0"),),
    ),
    Mistake(
        name="length-beyond-padding",
        title="A length larger than the padded batch",
        kind=MistakeKind.ERROR,
        why="pack_padded_sequence does not compare lengths with L; the LSTM fails later.",
        begin=padded,
        when=lambda s: s.batched,
        needs="a batch",
        example={"unbatched": False},
        wrong=lambda s: (f"lengths[0] = {s.steps + 1}", *_pack(s)),
        right=lambda s: (
            f"lengths[0] = {s.steps + 1}",
            f"lengths = lengths.clamp(max=x.size({s.time}))",
            *_pack(s),
        ),
        messages=(
            message(
                r"start \((?P<start>\d+)\) \+ length \(\d+\) exceeds dimension size"
                r" \((?P<size>\d+)\)"
            ),
            message(r"Expected (?P<start>\d+) <= (?P<size>\d+) to be true"),
        ),
    ),
    Mistake(
        name="packing-without-batch-first",
        title="batch_first given to the LSTM but not to the packing",
        kind=MistakeKind.ERROR,
        why="pack_padded_sequence has a batch_first of its own and reads (L, N, H_in) by default.",
        begin=longest_first,
        when=lambda s: s.batched and s.first and s.steps != s.batch,
        needs="batch_first, and a seq_len that is not the batch size",
        example={**BATCH, "batch_first": True},
        wrong=lambda s: _pack(s, sort=True, first=False),
        right=lambda s: _pack(s, sort=True),
        messages=(
            message(
                r"Expected `?len\(lengths\)`? to be equal to batch_size, but got (?P<given>\d+)"
                r" \(batch_size=(?P<read>\d+)\)"
            ),
        ),
    ),
    Mistake(
        name="packed-output-to-linear",
        title="The packed output given to another layer",
        kind=MistakeKind.ERROR,
        why="Packed input gives packed output; pad_packed_sequence makes a tensor of it again.",
        begin=packed_setup,
        when=lambda s: s.batched,
        needs="a batch",
        example={"unbatched": False},
        wrong=lambda s: _linear(s, "packed_output"),
        right=lambda s: (*_linear(s, "output")[:1], _unpack(s), *_linear(s, "output")[1:]),
        messages=(
            message(r"argument 'input' \(position 1\) must be Tensor, not PackedSequence"),
            message(r"'PackedSequence' object has no attribute '(?P<attribute>\w+)'"),
        ),
    ),
    Mistake(
        name="total-length-too-short",
        title="total_length below the longest sequence",
        kind=MistakeKind.ERROR,
        why="pad_packed_sequence can pad further than the longest sequence but not cut it.",
        begin=packed_setup,
        when=lambda s: s.batched and max(s.lengths) > 1,
        needs="a batch with a sequence of at least 2 steps",
        example=BATCH,
        wrong=lambda s: (
            _RUN,
            _unpack(s, max(s.lengths) - 1),
        ),
        right=lambda s: (
            _RUN,
            _unpack(s, s.steps),
        ),
        messages=(
            message(
                r"Expected total_length to be at least the length of the longest sequence in input,"
                r" but got total_length=(?P<total>\d+) and max sequence length being"
                r" (?P<longest>\d+)"
            ),
        ),
    ),
    Mistake(
        name="packed-input-of-another-width",
        title="Packed features that do not match input_size",
        kind=MistakeKind.ERROR,
        why="Packed input skips the check of input_size; the first matrix product fails instead.",
        begin=packed_setup,
        when=lambda s: s.batched,
        needs="a batch",
        example={"unbatched": False},
        wrong=lambda s: (f"lstm = {s.lstm(input_size=s.width + 1)}", _RUN),
        right=lambda s: (f"lstm = {s.lstm(input_size=s.width)}", _RUN),
        messages=(
            message(
                r"mat1 and mat2 shapes cannot be multiplied \((?P<rows>\d+)x(?P<width>\d+) and"
                r" (?P<expected>\d+)x(?P<columns>\d+)\)"
            ),
        ),
    ),
)
