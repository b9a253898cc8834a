"""An input of the wrong size, dtype, device or kind."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.mistake import Mistake, MistakeKind
from lstmviz.core.mistakes.setting import Lines, Setting
from lstmviz.core.mistakes.words import message
from lstmviz.core.spec import DType

RUN: Final = "output, (h_n, c_n) = lstm(x)"

_WIDTH: Final = message(
    r"input\.size\(-1\) must be equal to input_size\.? Expected (?P<expected>\d+), got (?P<got>\d+)"
)
DTYPES: Final = (
    message(
        r"RNN input dtype \(torch\.(?P<got>\w+)\) does not match weight dtype"
        r" \(torch\.(?P<expected>\w+)\)"
    ),
    message(r"input must have the type torch\.(?P<expected>\w+), got type torch\.(?P<got>\w+)"),
    message(
        r"Input and parameter tensors are not the same dtype, found input tensor with"
        r" (?P<got>\w+) and parameter tensor with (?P<expected>\w+)"
    ),
    message(r"expected scalar type (?P<got>\w+) but found (?P<expected>\w+)"),
)


def _from_numpy(s: Setting, cast: str) -> Lines:
    move = "" if s.spec.device == "cpu" else f".to({s.spec.device!r})"
    shape = s.shape(s.batch, s.steps, s.width)
    return (
        f"array = np.random.default_rng({s.spec.seed}).normal(size=({shape}))",
        f"x = torch.from_numpy(array){move}{cast}",
    )


def _plain_series(s: Setting) -> Lines:
    return (f"lstm = {s.lstm(input_size=1)}", f"x = torch.randn({s.batch}, {s.steps}{s.like})")


INPUTS: Final = (
    Mistake(
        name="series-without-feature-axis",
        title="A plain series without the feature axis",
        kind=MistakeKind.ERROR,
        why="Two axes mean one unbatched sequence, so a (N, L) series is read as N steps of L"
        " features.",
        when=lambda s: s.batched and s.first and s.steps > 1,
        needs="batch_first and at least 2 steps",
        example={"unbatched": False, "batch_first": True, "input_size": 1, "seq_len": 24},
        wrong=lambda s: (*_plain_series(s), RUN),
        right=lambda s: (*_plain_series(s), "output, (h_n, c_n) = lstm(x.unsqueeze(-1))"),
        messages=(_WIDTH,),
    ),
    Mistake(
        name="features-not-last",
        title="The time axis left last, as nn.Conv1d has it",
        kind=MistakeKind.ERROR,
        why="nn.LSTM reads features on the last axis; convolutions keep them before time.",
        when=lambda s: s.batched and s.first and s.steps != s.width,
        needs="batch_first, and a seq_len that is not input_size",
        example={"unbatched": False, "batch_first": True, "input_size": 8, "seq_len": 24},
        wrong=lambda s: (f"x = torch.randn({s.batch}, {s.width}, {s.steps}{s.like})", RUN),
        right=lambda s: (
            f"x = torch.randn({s.batch}, {s.width}, {s.steps}{s.like})",
            "output, (h_n, c_n) = lstm(x.transpose(1, 2))",
        ),
        messages=(_WIDTH,),
    ),
    Mistake(
        name="input-of-another-width",
        title="Features that do not match input_size",
        kind=MistakeKind.ERROR,
        why="input_size is the length of the input's last axis.",
        wrong=lambda s: (
            f"x = torch.randn({s.shape(s.batch, s.steps, s.width + 1)}{s.like})",
            RUN,
        ),
        right=lambda s: (
            f"x = torch.randn({s.shape(s.batch, s.steps, s.width + 1)}{s.like})",
            f"lstm = {s.lstm()}".replace(f"nn.LSTM({s.width},", "nn.LSTM(x.size(-1),"),
            RUN,
        ),
        messages=(_WIDTH,),
    ),
    Mistake(
        name="input-of-another-rank",
        title="Input with too many or too few axes",
        kind=MistakeKind.ERROR,
        why="nn.LSTM takes three axes, or two for a single sequence; an image or a list of windows"
        " has more.",
        wrong=lambda s: ("x = x[None, None]" if not s.batched else "x = x.unsqueeze(1)", RUN),
        right=lambda s: (
            "x = x[None, None]" if not s.batched else "x = x.unsqueeze(1)",
            "output, (h_n, c_n) = lstm(x[0, 0])"
            if not s.batched
            else "output, (h_n, c_n) = lstm(x.flatten(1, 2))",
        ),
        messages=(
            message(
                r"LSTM: Expected input to be 2-?D or 3-?D,? (?:but )?(?:got|received) (?P<got>\d)"
            ),
            message(r"input must have \d dimensions?,? got (?P<older>\d)"),
        ),
    ),
    Mistake(
        name="input-of-another-dtype",
        title="A NumPy array's float64 fed to a float32 model",
        kind=MistakeKind.ERROR,
        why="NumPy computes in float64 and torch.from_numpy keeps it; a model is float32 unless"
        " told otherwise.",
        when=lambda s: s.spec.dtype is not DType.FLOAT64,
        needs="a dtype other than float64",
        example={"dtype": DType.FLOAT32},
        wrong=lambda s: (*_from_numpy(s, ""), RUN),
        right=lambda s: (*_from_numpy(s, f".to(torch.{s.spec.dtype})"), RUN),
        messages=DTYPES,
    ),
    Mistake(
        name="input-on-another-device",
        title="Input on another device than the model",
        kind=MistakeKind.ERROR,
        why="x.to(device) returns a new tensor and leaves x where it was; model.to moves in place.",
        when=lambda s: s.cuda,
        needs="a CUDA device",
        example={"device": "cuda:0"},
        wrong=lambda _: ("x = x.cpu()", RUN),
        right=lambda s: ("x = x.cpu()", f"output, (h_n, c_n) = lstm(x.to({s.spec.device!r}))"),
        messages=(
            message(
                r"Input and parameter tensors are not (?:at|on) the same device, found input tensor"
                r" at (?P<input>[\w:]+) and parameter tensor at (?P<weights>[\w:]+)"
            ),
        ),
    ),
    Mistake(
        name="input-not-a-tensor",
        title="A NumPy array or a list passed as input",
        kind=MistakeKind.ERROR,
        why="nn.LSTM takes a tensor or a PackedSequence.",
        wrong=lambda _: ("output, (h_n, c_n) = lstm(x.float().cpu().numpy())",),
        right=lambda s: (
            "array = x.float().cpu().numpy()",
            f"output, (h_n, c_n) = lstm(torch.as_tensor(array{s.like}))",
        ),
        messages=(message(r"'(?P<got>numpy\.ndarray|list)' object has no attribute 'dim'"),),
    ),
    Mistake(
        name="input-without-steps",
        title="An empty sequence",
        kind=MistakeKind.ERROR,
        why="Without a step there is no state to return: a window or a mask has left nothing.",
        wrong=lambda s: (f"x = {s.at(':0', of='x')}", RUN),
        right=lambda _: ("assert x.numel() > 0", RUN),
        messages=(message(r"Expected sequence length to be larger than 0 in RNN"),),
    ),
)
