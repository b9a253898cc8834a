"""An initial state of the wrong form: axes, pair, dtype, device."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.mistake import Mistake, MistakeKind
from lstmviz.core.mistakes.setting import Lines, Setting, packed_setup
from lstmviz.core.mistakes.state import CALL, good_state
from lstmviz.core.mistakes.words import message
from lstmviz.core.spec import DType

_AXES: Final = (
    r"For (?P<mode>batched|unbatched) (?P<input>\d)-D input, hx(?: and cx)? should also be"
    r" \d-D but got \(?(?P<got>\d)-D(?:, (?P<cell>\d)-D\))?"
)


def _other_dtype(s: Setting) -> Lines:
    suffix = "" if s.spec.dtype is not DType.FLOAT32 else ".double()"
    device = "" if s.spec.device == "cpu" else f", device={s.spec.device!r}"
    middle = f", {s.batch}" if s.batched else ""
    return (
        f"h_0 = torch.zeros({s.rows}{middle}, {s.out}{device}){suffix}",
        f"c_0 = torch.zeros({s.rows}{middle}, {s.cell}{device}){suffix}",
        CALL,
    )


def _crash_state(s: Setting, rows: int) -> Lines:
    return (
        f"h_0 = {s.zeros(s.rows, s.batch, s.out)}",
        f"c_0 = {s.zeros(rows, s.batch, s.cell)}",
        "packed_output, (h_n, c_n) = lstm(packed, (h_0, c_0))",
    )


STATE_FORM: Final = (
    Mistake(
        name="state-without-batch-axis",
        title="A state without the batch axis",
        kind=MistakeKind.ERROR,
        why="Batched input needs batched states: three axes, with N in the middle.",
        when=lambda s: s.batched,
        needs="a batch",
        example={"unbatched": False},
        wrong=lambda s: (
            f"h_0 = {s.zeros(s.rows, s.out)}",
            f"c_0 = {s.zeros(s.rows, s.cell)}",
            CALL,
        ),
        right=good_state,
        messages=(message(_AXES),),
    ),
    Mistake(
        name="state-with-batch-axis",
        title="A state with a batch axis for unbatched input",
        kind=MistakeKind.ERROR,
        why="Two-dimensional input is one sequence, (L, H_in), and its states have two axes too.",
        when=lambda s: not s.batched,
        needs="unbatched input",
        example={"unbatched": True},
        wrong=lambda s: (
            f"h_0 = {s.zeros(s.rows, 1, s.out)}",
            f"c_0 = {s.zeros(s.rows, 1, s.cell)}",
            CALL,
        ),
        right=good_state,
        messages=(message(_AXES),),
    ),
    Mistake(
        name="state-alone",
        title="h_0 passed alone, as nn.GRU takes it",
        kind=MistakeKind.ERROR,
        why="The state of an LSTM is the pair (h_0, c_0); only nn.RNN and nn.GRU take one tensor.",
        wrong=lambda s: (f"h_0 = {s.state(s.rows, s.out)}", "output, state = lstm(x, h_0)"),
        right=good_state,
        messages=(
            message(_AXES),
            message(r"index 1 is out of bounds for dimension 0 with size 1"),
        ),
    ),
    Mistake(
        name="state-as-two-arguments",
        title="h_0 and c_0 passed as two arguments",
        kind=MistakeKind.ERROR,
        why="forward takes input and hx; the states go in as one tuple (h_0, c_0).",
        wrong=lambda s: (*good_state(s)[:2], "output, (h_n, c_n) = lstm(x, h_0, c_0)"),
        right=good_state,
        messages=(
            message(
                r"forward\(\) takes from 2 to 3 positional arguments but (?P<given>\d+) were given"
            ),
        ),
    ),
    Mistake(
        name="state-of-another-dtype",
        title="A state of another dtype than the weights",
        kind=MistakeKind.ERROR,
        why="torch.zeros makes float32 and NumPy makes float64, whatever the model is.",
        when=lambda s: not s.cuda,
        needs="the CPU",
        example={"device": "cpu"},
        wrong=_other_dtype,
        right=good_state,
        messages=(
            message(r"get_mkldnn_dtype: unsupported data type"),
            # Where the processor has bfloat16, a state of another dtype gets as far as oneDNN.
            message(
                r"could not create a (?:primitive )?descriptor for (?:an?|the)"
                r" (?P<onednn>LSTM (?:forward|backward)) propagation primitive"
            ),
            message(
                r"mat1 and mat2 must have the same dtype,? but got (?P<first>\w+) and"
                r" (?P<second>\w+)"
            ),
            message(
                r"Input and hidden tensors are not the same dtype, found input tensor with"
                r" (?P<first>\w+) and hidden tensor with (?P<second>\w+)"
            ),
        ),
    ),
    Mistake(
        name="state-on-another-device",
        title="A state on another device than the input",
        kind=MistakeKind.ERROR,
        why="torch.zeros makes its tensor on the CPU; moving the model does not move a state made"
        " beside it.",
        when=lambda s: s.cuda,
        needs="a CUDA device",
        example={"device": "cuda:0"},
        wrong=lambda s: tuple(
            line.replace(f", device={s.spec.device!r}", "") for line in good_state(s)
        ),
        right=good_state,
        messages=(
            message(
                r"Input and hidden tensors are not (?:at|on) the same device, found input tensor"
                r" at (?P<input>[\w:]+) and hidden tensor at (?P<state>[\w:]+)"
            ),
        ),
    ),
    Mistake(
        name="packed-state-rows",
        title="Packed input with a c_0 of too few rows",
        kind=MistakeKind.CRASH,
        why="Packed input skips PyTorch's check of the state's sizes, and the kernel reads past the"
        " end of c_0.",
        begin=packed_setup,
        when=lambda s: s.batched and s.rows >= 2,
        needs="a batch, and 2 layers or directions",
        example={"unbatched": False, "num_layers": 2},
        wrong=lambda s: _crash_state(s, 1),
        right=lambda s: _crash_state(s, s.rows),
        messages=(message(r"Segmentation fault|SIGSEGV|exit code (?:139|-11)\b"),),
    ),
)
