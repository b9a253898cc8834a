"""What nn.LSTM returns, taken for something else."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.mistake import Mistake, MistakeKind
from lstmviz.core.mistakes.setting import Lines, Setting, packed_setup, training
from lstmviz.core.mistakes.words import SIZES, message

RUN: Final = "output, (h_n, c_n) = lstm(x)"
_TUPLE: Final = "nn.LSTM returns the pair (output, (h_n, c_n)), not a tensor"

_PRODUCT: Final = (
    message(
        r"mat1 and mat2 shapes cannot be multiplied \((?P<rows>\d+)x(?P<width>\d+) and"
        r" (?P<expected>\d+)x(?P<columns>\d+)\)"
    ),
    message(
        r"size mismatch, m1: \[(?P<rows>\d+) ?x ?(?P<width>\d+)\],"
        r" m2: \[(?P<expected>\d+) ?x ?(?P<columns>\d+)\]"
    ),
)


def _sequential(s: Setting) -> Lines:
    return (
        f"model = nn.Sequential(lstm, nn.Linear({s.directions * s.out}, 2){s.moved})",
        "scores = model(x)",
    )


def _classified(s: Setting, width: int) -> Lines:
    return (RUN, f"classify = nn.Linear({width}, 2){s.moved}", "scores = classify(output)")


def _scored(s: Setting, scores: str) -> Lines:
    device = "" if s.spec.device == "cpu" else f", device={s.spec.device!r}"
    return (
        "output, _ = lstm(x)",
        f"scores = nn.Linear({s.directions * s.out}, 2){s.moved}(output)",
        f"targets = torch.randint(0, 2, ({s.batch}, {s.steps}){device})",
        f"loss = nn.CrossEntropyLoss()({scores}, targets)",
    )


RESULTS: Final = (
    Mistake(
        name="tuple-through-sequential",
        title="nn.LSTM inside nn.Sequential",
        kind=MistakeKind.ERROR,
        why=f"{_TUPLE}, and nn.Sequential hands the whole pair to the next layer.",
        wrong=_sequential,
        right=lambda s: _classified(s, s.directions * s.out),
        messages=(
            message(r"argument 'input' \(position 1\) must be Tensor, not tuple"),
            message(r"'tuple' object has no attribute '(?:log_softmax|softmax|clone)'"),
        ),
    ),
    Mistake(
        name="tuple-indexed",
        title="The returned pair indexed as if it were output",
        kind=MistakeKind.ERROR,
        why=f"{_TUPLE}; unpack it first.",
        wrong=lambda s: (
            ("output = lstm(x)", f"last = {s.at('-1')}")
            if s.time
            else ("output = lstm(x)", f"last = {s.at('-1', features=':')}")
        ),
        right=lambda s: (RUN, f"last = {s.at('-1')}"),
        messages=(
            message(r"tuple indices must be integers(?: or slices)?, not tuple"),
            message(
                r"'tuple' object has no attribute '(?P<attribute>shape|size|dim|view|reshape)'"
            ),
        ),
    ),
    Mistake(
        name="packed-output-indexed",
        title="A packed output indexed as if it were padded",
        kind=MistakeKind.ERROR,
        why="A PackedSequence is a tuple of data and batch_sizes; unpack it, or use h_n, which"
        " already holds each sequence's true last step.",
        begin=packed_setup,
        when=lambda s: s.batched,
        needs="a batch",
        example={"unbatched": False},
        wrong=lambda s: (
            "packed_output, (h_n, c_n) = lstm(packed)",
            f"last = {s.at('-1', of='packed_output', features=':')}",
        ),
        right=lambda s: (
            "packed_output, (h_n, c_n) = lstm(packed)",
            f"output, lengths = pad_packed_sequence(packed_output{s.packing})",
            f"last = {s.at('-1', features=':')}",
        ),
        messages=(message(r"tuple indices must be integers(?: or slices)?, not tuple"),),
    ),
    Mistake(
        name="three-results",
        title="Three results unpacked where there are two",
        kind=MistakeKind.ERROR,
        why="The states come as one pair: output, (h_n, c_n) = lstm(x).",
        wrong=lambda _: ("output, h_n, c_n = lstm(x)",),
        right=lambda _: (RUN,),
        messages=(message(r"not enough values to unpack \(expected 3, got 2\)"),),
    ),
    Mistake(
        name="layer-after-of-another-width",
        title="The next layer built for one direction",
        kind=MistakeKind.ERROR,
        why="output is D·H_out wide: twice hidden_size when bidirectional, proj_size with a"
        " projection.",
        when=lambda s: s.directions * s.out != s.cell,
        needs="two directions or a projection",
        example={"bidirectional": True, "proj_size": 0},
        wrong=lambda s: _classified(s, s.cell),
        right=lambda s: _classified(s, s.directions * s.out),
        messages=_PRODUCT,
    ),
    Mistake(
        name="view-after-transpose",
        title="view after transpose",
        kind=MistakeKind.ERROR,
        why="transpose changes strides and moves no number, and view needs them in order; reshape"
        " copies when it must.",
        when=lambda s: s.batched and s.batch >= 2 and s.rows >= 2,
        needs="a batch of at least 2, and 2 layers or directions",
        example={"unbatched": False, "batch_size": 4, "num_layers": 2},
        wrong=lambda s: (RUN, f"features = h_n.transpose(0, 1).view({s.batch}, -1)"),
        right=lambda s: (RUN, f"features = h_n.transpose(0, 1).reshape({s.batch}, -1)"),
        messages=(message(r"view size is not compatible with input tensor's size and stride"),),
    ),
    Mistake(
        name="classes-not-second",
        title="Scores per step given to the loss with the classes last",
        kind=MistakeKind.ERROR,
        why="CrossEntropyLoss wants the classes on axis 1: (N, C, L) against targets (N, L).",
        when=lambda s: s.batched and s.first and s.steps != 2,
        needs="batch_first, and a seq_len other than the 2 classes",
        example={"unbatched": False, "batch_first": True, "seq_len": 24},
        wrong=lambda s: _scored(s, "scores"),
        right=lambda s: _scored(s, "scores.transpose(1, 2)"),
        messages=(
            message(
                r"Expected target size "
                + SIZES.format("expected")
                + r", got "
                + SIZES.format("got")
            ),
        ),
    ),
    Mistake(
        name="numpy-with-gradient",
        title="A result turned into NumPy with its history",
        kind=MistakeKind.ERROR,
        why="output remembers how it was computed; detach it, or run under torch.no_grad().",
        begin=training,
        wrong=lambda _: (RUN, "array = output.float().cpu().numpy()"),
        right=lambda _: (RUN, "array = output.detach().float().cpu().numpy()"),
        messages=(message(r"Can't call numpy\(\) on (?:Tensor|Variable) that requires grad"),),
    ),
)
