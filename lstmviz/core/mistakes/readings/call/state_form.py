"""The form of an initial state: how many axes, one tensor or a pair, which arguments."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.lines import fresh_state
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading

_GOOD: Final = fresh_state("D * num_layers", "H")


@reading(
    r"For (?P<mode>batched|unbatched) (?P<input>\d)-D input, hx(?P<pair> and cx)? should also be"
    r" \d-D but got \(?(?P<got>\d)-D(?:, (?P<cell>\d)-D\))?"
)
def state_axes(said: Said) -> Finding | None:
    """Say how many axes each state needs."""
    mode, got, needs = said["mode"].lower(), said.number("got"), said.number("input")
    is_pair = bool(said["pair"])
    form = "(D·num_layers, N, H)" if mode == "batched" else "(D·num_layers, H)"
    who = "h_0 and c_0 need" if is_pair else "h_0 needs"
    exact = _exact(said, mode)
    sentence = f"The input is {mode}, so {who} {needs} axes, {form}{exact};"
    sentence += f" yours have {got}." if is_pair else f" yours has {got}."
    cell = said["cell"]
    if cell and int(cell) != got:
        sentence = sentence[:-1] + f" (h_0) and {cell} (c_0)."
    elif is_pair and got == needs - 1:
        sentence += " A single tensor in place of the pair (h_0, c_0) says the same."
    unbatched = mode == "unbatched"
    states = "h_0, c_0 = (s.{}({}) for s in (h_0, c_0))" if is_pair else "h_0 = h_0.{}({})"
    call = "output, (h_n, c_n) = lstm(x, (h_0, c_0))" if is_pair else "output, h_n = rnn(x, h_0)"
    made = fresh_state("D * num_layers", "H", pair=is_pair)
    code = (states.format("squeeze", 1), call) if unbatched and got == 3 else made
    if unbatched and got == 3:
        batch = "x = x.unsqueeze(0)  # (1, L, H_in); unsqueeze(1) without batch_first"
        code = (*code, "# or keep the state, where x is meant as a batch of one:", batch)
    return Finding(
        title="A state with a batch axis for unbatched input"
        if unbatched
        else "A state without the batch axis",
        sentence=sentence,
        why="Two-dimensional input is one sequence, (L, H_in), and its states have two axes too."
        if unbatched
        else "Batched input needs batched states: three axes, with N in the middle.",
        code=code,
        mistake="state-with-batch-axis" if unbatched else "state-without-batch-axis",
        told={"unbatched": unbatched},
    )


def _exact(said: Said, mode: str) -> str:
    s = said.setting
    if s is None or s.batched is not (mode == "batched"):
        return ""
    return f" = ({s.rows}, {s.batch}, {s.out})" if s.batched else f" = ({s.rows}, {s.out})"


@reading(r"index 1 is out of bounds for dimension 0 with size 1")
def pair_cut(said: Said) -> Finding | None:
    """Say that one tensor was read as a pair, where the call into the module shows it."""
    if not (said.ran(r"\brnn\.py|\blstm|hx\[1\]|_VF\.lstm") or said.mentions(r"\bhx\b|lstm")):
        return Finding(
            title="Index 1 of an axis of length 1",
            sentence="Index 1 was asked of an axis that holds one entry, index 0. A single tensor"
            " passed to nn.LSTM as its state says this too: hx[1] is read as c_0.",
            code=_GOOD,
            sure=Sure.POSSIBLE,
            mistake="state-alone",
        )
    return Finding(
        title="h_0 passed alone, as nn.GRU takes it",
        sentence="hx is read as the pair (hx[0], hx[1]) = (h_0, c_0); a single tensor is cut into"
        " its rows instead, so hx[0] is not h_0. Pass both, each (D·num_layers, N, H).",
        why="The state of an LSTM is the pair (h_0, c_0); only nn.RNN and nn.GRU take one tensor.",
        code=_GOOD,
        sure=Sure.LIKELY,
        mistake="state-alone",
    )


@reading(r"tuple index out of range")
def pair_short(said: Said) -> Finding | None:
    """A tuple of one tensor in place of the pair."""
    if not re.search(r"\bhx\[", said.module_line):
        return None
    return Finding(
        title="A state of another number of parts than two",
        sentence="The state that reached nn.LSTM is a tuple of fewer than two tensors: it is the"
        " pair (h_0, c_0), each (D·num_layers, N, H).",
        why="The state of an LSTM is the pair (h_0, c_0); only nn.RNN and nn.GRU take one tensor.",
        code=_GOOD,
        mistake="state-alone",
    )


_FORMS: Final = {
    "lstm": ("Tensor", "tuple", "list", "bool", "int", "float", "bool", "bool", "bool"),
    "gru": ("Tensor", "Tensor", "list", "bool", "int", "float", "bool", "bool", "bool"),
}
_WORDS: Final = {
    2: "the weights",
    3: "bias",
    4: "num_layers",
    5: "dropout",
    6: "training",
    7: "bidirectional",
    8: "batch_first",
}
_ACCEPTED: Final = {
    "list": ("list", "tuple"),
    "float": ("float", "int"),
    "tuple": ("tuple", "list"),
}


@reading(
    r"(?P<who>lstm|gru|rnn_tanh|rnn_relu)(?:\(\))?:? received an invalid combination of arguments"
    r"(?:\s*-\s*got\s*\((?P<got>[^()]*(?:\([^()]*\)[^()]*)*)\))?"
)
def wrong_arguments(said: Said) -> Finding | None:
    """Find the argument whose type is none that the call takes."""
    who = said["who"].lower()
    got = _types(said["got"])
    if len(got) < 2:
        return _any_argument(who)
    wanted = _FORMS["lstm" if who == "lstm" else "gru"]
    is_packed = len(got) == 9 and got[3].split(" ")[0] in {"list", "tuple"}
    if is_packed:
        wanted = ("Tensor", "Tensor", wanted[1], *wanted[2:8])
    for place, (one, need) in enumerate(zip(got, wanted, strict=False)):
        kind = one.split(" ")[0].split(".")[-1]
        if kind not in _ACCEPTED.get(need, (need,)) and kind != "Parameter":
            return _argument(who, place - is_packed if place > 1 else place, one, packed=is_packed)
    inner = next((one for one in got if " of (" in one and "NoneType" in one), "")
    if inner:
        return _argument(who, 1, inner, packed=is_packed)
    return _any_argument(who)


def _types(listed: str) -> list[str]:
    parts, depth, word = [], 0, ""
    for letter in listed.replace("\n", ""):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(word)
            word = ""
        else:
            word += letter
    return [part.strip().strip("!") for part in (*parts, word) if part.strip()]


def _argument(who: str, place: int, got: str, *, packed: bool) -> Finding:
    module = {"lstm": "nn.LSTM", "gru": "nn.GRU"}.get(who, "nn.RNN")
    if place == 0:
        return Finding(
            title="Something other than a tensor passed as input",
            sentence=f"The input is a {got}; {module} takes a Tensor or a PackedSequence.",
            code=(
                "x = torch.as_tensor(x, dtype=torch.float32)",
                "output, (h_n, c_n) = lstm(x)" if who == "lstm" else "output, h_n = rnn(x)",
            ),
            mistake="input-not-a-tensor",
        )
    if place == 1 and packed and not got.startswith(("tuple", "list")):
        place = 1
    if place == 1:
        return _state_argument(who, module, got)
    name = _WORDS.get(place, "an argument")
    switch = name in {"bias", "training", "bidirectional", "batch_first"}
    needed = "a switch, True or False" if switch else "of another type"
    example = f"{name}=True" if switch else {"num_layers": "num_layers=2"}.get(name, "dropout=0.5")
    return Finding(
        title=f"{name} given as {got}",
        sentence=f"{name} is {needed}, and was given as {got}: the module is built with it, but the"
        " call fails.",
        code=(f"lstm = {module}(H_in, H, {example})",),
        mistake="switch-as-number" if name == "bidirectional" else "",
    )


def _state_argument(who: str, module: str, got: str) -> Finding:
    if who != "lstm":
        return Finding(
            title="A pair of states given where one is taken",
            sentence=f"The state that reached {module} is a {got}; it takes h_0 alone, one Tensor:"
            " the pair (h_0, c_0) is nn.LSTM's.",
            code=("output, h_n = rnn(x, h_0)",),
        )
    inside = re.search(r"of \((.*)\)", got)
    said = f"a {got}" if not inside else f"a {got.split(' ', maxsplit=1)[0]} of ({inside[1]})"
    return Finding(
        title="The state is not the pair (h_0, c_0)",
        sentence=f"The state that reached nn.LSTM is {said}; it takes the pair (h_0, c_0), a tuple"
        " of two Tensors.",
        why="The state of an LSTM is the pair (h_0, c_0); only nn.RNN and nn.GRU take one tensor.",
        code=_GOOD,
        mistake="state-alone",
    )


def _any_argument(who: str) -> Finding:
    return Finding(
        title="An argument of a type that the kernel does not take",
        sentence=f"One argument of {who}() has the wrong type: the input must be a Tensor, the"
        " state " + ("the pair (h_0, c_0)" if who == "lstm" else "one Tensor") + ", num_layers a"
        " whole number, bias, bidirectional and batch_first True or False. The list after 'got'"
        " in the message tells which.",
        code=("lstm = nn.LSTM(H_in, H, num_layers=2, bidirectional=True, batch_first=True)",),
        sure=Sure.POSSIBLE,
        mistake="switch-as-number",
    )


@reading(
    r"forward\(\) takes (?:from 2 to 3|at most 3) positional arguments but (?P<given>\d+) were"
    r" given"
)
def too_many_arguments(said: Said) -> Finding | None:
    """Say that the states go in as one argument."""
    given = said.number("given") - 1
    return Finding(
        title="h_0 and c_0 passed as two arguments",
        sentence=f"forward takes input and hx, and was given {given} arguments; the states go in as"
        " one tuple (h_0, c_0).",
        code=("output, (h_n, c_n) = lstm(x, (h_0, c_0))",),
        sure=Sure.CERTAIN if said.mentions("lstm") else Sure.LIKELY,
        mistake="state-as-two-arguments",
    )


READINGS: Final[tuple[Reading, ...]] = (
    state_axes,
    pair_cut,
    pair_short,
    wrong_arguments,
    too_many_arguments,
)
