"""Two dtypes in one operation: which is whose, as far as the message tells, and what helps."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.setting import Lines

_NAMES: Final = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "c10::half": "float16",
    "bfloat16": "bfloat16",
    "c10::bfloat16": "bfloat16",
    "long": "int64",
    "long int": "int64",
    "int": "int32",
    "short": "int16",
    "char": "int8",
    "byte": "uint8",
    "unsigned char": "uint8",
    "bool": "bool",
}
WHOLE: Final = frozenset({"int64", "int32", "int16", "int8", "uint8", "bool"})
_DTYPE: Final = r"(?:torch\.)?(?:cuda\.)?(?P<{}>[A-Za-z][\w:]*(?: int| char)?)"


def dtype(word: str) -> str:
    """Return torch's name of a dtype, however a message writes it: ``Half`` is ``float16``."""
    plain = re.sub(r"^torch\.(?:cuda\.)?|^(?:CPU|CUDA)|Tensor$|Type$", "", word.strip())
    return _NAMES.get(plain.lower(), plain.lower())


def _cast(name: str, needed: str) -> str:
    method = {"float32": "float", "float64": "double", "float16": "half"}.get(needed, "")
    return f"{name}.{method}()" if method else f"{name}.to(torch.{needed})"


def _input_code(got: str, expected: str) -> Lines:
    lines = [f"x = {_cast('x', expected)}  # the dtype of the weights"]
    if expected != "float32" and got == "float32":
        lines.append("# or, to compute in float32: lstm = lstm.float()")
    elif got in {"float64", "float16", "bfloat16"} and expected == "float32":
        lines.append(f"# or, to compute in {got}: lstm = {_cast('lstm', got)}")
    return (*lines, "output, (h_n, c_n) = lstm(x)")


def _why(got: str, expected: str) -> str:
    if got == "float64":
        return (
            "NumPy computes in float64 and torch.from_numpy keeps it; a model is float32 unless"
            " told otherwise."
        )
    if expected in {"float16", "bfloat16"}:
        return (
            f"The model was turned to {expected}; what is fed to it has to be too. Under"
            " torch.autocast leave the model in float32 and cast nothing by hand."
        )
    if got in {"float16", "bfloat16"}:
        return (
            f"Something before made it {got}, autocast for instance; outside of autocast input and"
            " weights have one dtype."
        )
    return "Input, state and weights have one dtype."


def _tokens(said: Said, got: str) -> Finding:
    return Finding(
        title="Whole numbers fed to the LSTM",
        sentence=f"The input is {got}: an LSTM reads vectors, not token numbers. Put an"
        " nn.Embedding before it, or cast measurements with .float().",
        why="Token numbers are names, not quantities: an nn.Embedding turns each into a vector.",
        code=("embedding = nn.Embedding(vocabulary, H_in)", "output, _ = lstm(embedding(tokens))"),
        mistake="input-of-whole-numbers",
    )


@reading(
    r"RNN input dtype \(" + _DTYPE.format("got") + r"\) does not match weight dtype"
    r" \(" + _DTYPE.format("expected") + r"\)",
    r"input must have the type "
    + _DTYPE.format("expected")
    + r", got type "
    + _DTYPE.format("got"),
    r"Input and parameter tensors are not the same dtype, found input tensor with "
    + _DTYPE.format("got")
    + r" and parameter tensor with "
    + _DTYPE.format("expected"),
    r"Input type \("
    + _DTYPE.format("got")
    + r"\) and (?:weight|bias) type \("
    + _DTYPE.format("expected")
    + r"\) should be the same",
)
def input_against_weights(said: Said) -> Finding | None:
    """Both are named: the input's dtype and the weights'."""
    got, expected = dtype(said["got"]), dtype(said["expected"])
    if "cuda" in said.match[0].lower() and got == expected:
        return None
    if got in WHOLE:
        return _tokens(said, got)
    return Finding(
        title=f"Input of {got} fed to a model of {expected}",
        sentence=f"The input is {got} and the weights are {expected};"
        f" cast the input with {_cast('x', expected).removeprefix('x')}, or the model with"
        f" {_cast('model', got).removeprefix('model')}.",
        why=_why(got, expected),
        code=_input_code(got, expected),
        mistake="input-of-another-dtype",
    )


@reading(
    r"Input and hidden tensors are not the same dtype, found input tensor with "
    + _DTYPE.format("got")
    + r" and hidden tensor with "
    + _DTYPE.format("state")
)
def input_against_state(said: Said) -> Finding | None:
    """Both are named: the input's dtype and the state's."""
    got, state = dtype(said["got"]), dtype(said["state"])
    return Finding(
        title="A state of another dtype than the input",
        sentence=f"The input is {got} and the state is {state}; make the state with dtype=x.dtype.",
        why="torch.zeros makes float32 unless told otherwise, whatever the model is."
        + (" Under autocast the input may have become half already." if "float16" in got else ""),
        code=(
            "h_0, c_0 = (s.to(x.dtype) for s in (h_0, c_0))",
            "output, (h_n, c_n) = lstm(x, (h_0, c_0))",
        ),
        mistake="state-of-another-dtype",
    )


@reading(
    r"mat1 and mat2 must have the same dtype,? but got (?P<first>[\w:]+) and (?P<second>[\w:]+)",
    r"expected m(?:at)?1 and m(?:at)?2 to have the same dtype, but got: (?P<first>[\w:]+(?: int)?)"
    r" != (?P<second>[\w:]+(?: int)?)",
)
def product_of_two(said: Said) -> Finding | None:
    """The second of a product is the weight; the first what was fed, or the state."""
    first, second = dtype(said["first"]), dtype(said["second"])
    module = said.ran(r"\brnn\.py|_VF\.|lstm\(|gru\(") and not said.ran(r"\blinear\.py|F\.linear")
    who = "what was fed, the input or the state," if module else "what was fed"
    if said.ran(r"\blinear\.py|F\.linear"):
        who = "what was fed to the nn.Linear"
    tail = (
        "; torch.zeros makes float32 unless told otherwise, so look at the state first"
        if module and first == "float32"
        else ""
    )
    return Finding(
        title=f"{first} met weights of {second}",
        sentence=f"In this product {who} is {first} and the weights are {second}{tail}.",
        why=_why(first, second)
        if not said.mentions("autocast")
        else "Autocast casts inside its block only: what was made under it and is used outside, or"
        " the other way round, keeps its dtype.",
        code=(
            f"x = {_cast('x', second)}  # or x.to(lstm.weight_ih_l0.dtype)",
            f"state = tuple({_cast('s', second)} for s in state)",
        )
        if module
        else (f"x = {_cast('x', second)}  # or the layer: {_cast('layer', first)}",),
        sure=Sure.CERTAIN if module else Sure.LIKELY,
        mistake="state-of-another-dtype",
    )


@reading(
    r"expected (?:object of )?scalar type (?P<first>\w+) but (?:found|got scalar type)"
    r" (?P<second>\w+)(?: for argument #(?P<number>\d+) '(?P<name>\w+)')?"
    r"(?: in call to (?P<call>\w+))?",
    r"Expected object of type (?:Variable\[)?"
    + _DTYPE.format("first")
    + r"\]? but found type (?:Variable\[)?"
    + _DTYPE.format("second")
    + r"\]? for argument #(?P<number>\d+) '(?P<name>\w+)'",
)
def either_of_two(said: Said) -> Finding | None:
    """The message names two dtypes and not whose they are: the frames tell, or nothing does."""
    first, second = dtype(said["first"]), dtype(said["second"])
    name, call = said["name"].lower(), said["call"].lower()
    if {"qint32", "qint8", "quint8"} & {first, second}:
        return _quantized(first, second)
    if "cuda" in said.match[0].lower() and first == second:
        return None
    if (
        name in {"target", "targets"}
        or "loss" in call
        or said.ran(r"\bloss\.py|_loss\b|nll_|cross_")
    ):
        return _target(said, first, second)
    if name in {"index", "indices"} or said.ran(r"\bsparse\.py|embedding\("):
        return indices_of_floats(second)
    whole = {first, second} & WHOLE
    if whole:
        return Finding(
            title="Whole numbers where the layer computes in floats",
            sentence=f"{first} met {second}: a layer computes in floating-point numbers. The input"
            f" is {next(iter(sorted(whole)))}, as token numbers are: put an nn.Embedding before"
            " the LSTM,"
            " or cast measurements with .float().",
            code=("output, _ = lstm(embedding(tokens))  # or lstm(x.float())",),
            sure=Sure.LIKELY,
            mistake="input-of-whole-numbers",
        )
    return _pair(said, first, second)


def _quantized(first: str, second: str) -> Finding:
    return Finding(
        title="A quantized tensor where floats are read",
        sentence=f"{first} met {second}, a quantized dtype: a quantized module, or one of its"
        " weights or"
        " biases, met a tensor that is not quantized. Dynamic quantization takes and returns"
        " floats and"
        " is made by quantize_dynamic from a float module.",
        code=("model = torch.ao.quantization.quantize_dynamic(model, {nn.LSTM}, torch.qint8)",),
        sure=Sure.LIKELY,
    )


def _pair(said: Said, first: str, second: str) -> Finding:
    half = {first, second} & {"float16", "bfloat16"}
    double = "float64" in {first, second}
    module = said.ran(r"\brnn\.py|_VF\.|lstm\(|gru\(|\brnn\(")
    who = "input, state and weights" if module else "the input and the weights"
    why = (
        "NumPy computes in float64 and torch.from_numpy keeps it; a model is float32 unless told"
        " otherwise."
        if double
        else "A model or an input was turned to half; outside of torch.autocast they must agree."
        if half
        else ""
    )
    code = (
        "print(x.dtype, next(model.parameters()).dtype)  # which is which",
        "x = x.to(next(model.parameters()).dtype)",
        "h_0, c_0 = (s.to(x.dtype) for s in (h_0, c_0))",
    )
    if double:
        code = (code[0], "x = x.float()  # or the model, once: model.double()", code[2])
    return Finding(
        title=f"{first} met {second}",
        sentence=f"Of {who} one is {first} and another is {second}; the message does not say which."
        + (
            " Usually the input is float64 and the weights are float32: x.float()."
            if double
            else ""
        ),
        why=why,
        code=code,
        sure=Sure.CERTAIN if module else Sure.LIKELY,
        mistake="input-of-another-dtype",
    )


def _target(said: Said, first: str, second: str) -> Finding:
    wants = "int64" if "int64" in {first, second} and said["name"].lower() == "target" else first
    if first == "int64" or wants == "int64":
        return Finding(
            title="Targets of another dtype than the loss reads",
            sentence=f"The loss reads class numbers, int64, and the target is {second}.",
            code=("loss = criterion(scores, targets.long())",),
            sure=Sure.CERTAIN if first == "int64" else Sure.LIKELY,
        )
    return Finding(
        title="Targets of another dtype than the scores",
        sentence=f"{first} met {second} in the loss: scores and targets must have one dtype.",
        code=("loss = criterion(scores, targets.to(scores.dtype))",),
        sure=Sure.LIKELY,
    )


def indices_of_floats(got: str) -> Finding:
    """Return the finding for indices of dtype `got` given to nn.Embedding."""
    return Finding(
        title="Floats given to nn.Embedding",
        sentence=f"The indices are {got}; cast them with .long().",
        why="nn.Embedding looks rows up by number, so it takes int64 or int32 indices.",
        code=("output, _ = lstm(embedding(tokens.long()))",),
        mistake="embedding-of-floats",
    )


READINGS: Final[tuple[Reading, ...]] = (
    input_against_weights,
    input_against_state,
    product_of_two,
    either_of_two,
)
