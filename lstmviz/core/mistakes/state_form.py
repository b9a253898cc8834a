"""An initial state of the wrong form: axes, pair, dtype, device."""

from __future__ import annotations

from re import Match
from typing import Any, Final

from lstmviz.core.mistakes.mistake import Kind, Mistake
from lstmviz.core.mistakes.setting import Lines, Setting, packed
from lstmviz.core.mistakes.state import CALL, good_state
from lstmviz.core.mistakes.words import message
from lstmviz.core.spec import DType, RunSpec

_AXES: Final = (
    r"For (?P<mode>batched|unbatched) (?P<input>\d)-D input, hx(?: and cx)? should also be"
    r" \d-D but got \(?(?P<got>\d)-D(?:, (?P<cell>\d)-D\))?"
)


def _needed(mode: str, setting: Setting | None) -> str:
    if mode == "unbatched":
        exact = f" = ({setting.rows}, {setting.out})" if setting and not setting.batched else ""
        return f"(D·num_layers, H){exact}"
    if setting and setting.batched:
        return f"(D·num_layers, N, H) = ({setting.rows}, {setting.batch}, {setting.out})"
    return "(D·num_layers, N, H)"


def _axes_meaning(match: Match[str], setting: Setting | None) -> str:
    mode, got, needs = match["mode"].lower(), int(match["got"]), int(match["input"])
    sentence = (
        f"The input is {mode}, so h_0 and c_0 need {needs} axes, {_needed(mode, setting)};"
        f" yours have {got}."
    )
    if got == needs - 1:
        return f"{sentence} A single tensor in place of the pair (h_0, c_0) says the same."
    return sentence


def _pair_meaning(_: Match[str], setting: Setting | None) -> str:
    return (
        "hx is read as the pair (hx[0], hx[1]) = (h_0, c_0); a single tensor is cut into its rows"
        f" instead, so hx[0] is not h_0. Pass both, each {_needed_either(setting)}."
    )


def _needed_either(setting: Setting | None) -> str:
    return _needed("batched" if setting is None or setting.batched else "unbatched", setting)


def _batched(match: Match[str], _: RunSpec) -> dict[str, Any]:
    return {"unbatched": match["mode"].lower() == "unbatched"}


def _device_meaning(match: Match[str], _: Setting | None) -> str:
    return (
        f"The input is on {match['input']} and the state on {match['state']};"
        " make the state with device=x.device."
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


def _dtype_meaning(match: Match[str], _: Setting | None) -> str:
    pair = match.groupdict()
    if pair.get("first"):
        return (
            f"{pair['first']} met {pair['second']}: the state, or packed input, has another dtype"
            " than the weights; torch.zeros makes float32 unless told otherwise."
        )
    if pair.get("onednn"):
        return (
            "oneDNN, which runs LSTMs on the CPU, has no kernel for the types that met: input,"
            " weights, h_0 and c_0 must be of one dtype, and torch.zeros makes float32 unless told"
            " otherwise. If they are of one dtype, this processor has no LSTM kernel for it: run in"
            " float32."
        )
    return (
        "The state has another dtype than the weights, and the fast CPU kernel has no name for it."
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
        kind=Kind.ERROR,
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
        fits=lambda m, _: m["mode"].lower() == "batched",
        meaning=_axes_meaning,
        read=_batched,
    ),
    Mistake(
        name="state-with-batch-axis",
        title="A state with a batch axis for unbatched input",
        kind=Kind.ERROR,
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
        fits=lambda m, _: m["mode"].lower() == "unbatched" and int(m["got"]) > 1,
        meaning=_axes_meaning,
        read=_batched,
    ),
    Mistake(
        name="state-alone",
        title="h_0 passed alone, as nn.GRU takes it",
        kind=Kind.ERROR,
        why="The state of an LSTM is the pair (h_0, c_0); only nn.RNN and nn.GRU take one tensor.",
        wrong=lambda s: (f"h_0 = {s.state(s.rows, s.out)}", "output, state = lstm(x, h_0)"),
        right=good_state,
        messages=(
            message(_AXES),
            message(r"index 1 is out of bounds for dimension 0 with size 1"),
        ),
        shared=True,
        meaning=_pair_meaning,
    ),
    Mistake(
        name="state-as-two-arguments",
        title="h_0 and c_0 passed as two arguments",
        kind=Kind.ERROR,
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
        kind=Kind.ERROR,
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
        shared=True,
        meaning=_dtype_meaning,
    ),
    Mistake(
        name="state-on-another-device",
        title="A state on another device than the input",
        kind=Kind.ERROR,
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
        meaning=_device_meaning,
    ),
    Mistake(
        name="packed-state-rows",
        title="Packed input with a c_0 of too few rows",
        kind=Kind.CRASH,
        why="Packed input skips PyTorch's check of the state's sizes, and the kernel reads past the"
        " end of c_0.",
        begin=packed,
        when=lambda s: s.batched and s.rows >= 2,
        needs="a batch, and 2 layers or directions",
        example={"unbatched": False, "num_layers": 2},
        wrong=lambda s: _crash_state(s, 1),
        right=lambda s: _crash_state(s, s.rows),
        messages=(message(r"Segmentation fault|SIGSEGV|exit code (?:139|-11)\b"),),
        shared=True,
        meaning=lambda _m, _s: (
            "A segmentation fault says nothing of its cause. One that nn.LSTM has: packed input"
            " with an h_0 or c_0 of the wrong sizes, which PyTorch does not check."
        ),
    ),
)
