"""A result taken apart into another number of parts than it has."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.around.results import RECURRENT, RUN
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading


@reading(
    r"not enough values to unpack \(expected (?P<expected>\d+), got (?P<got>\d+)\)",
    r"too many values to unpack(?: \(expected (?P<expected>\d+)\))?",
    r"need more than (?P<got>\d+) values? to unpack",
)
def unpacked(said: Said) -> Finding | None:
    """A result taken apart into another number of parts than it has."""
    code, expected = said.code, int(said["expected"] or 0)
    left = re.match(r"(?P<names>.+?)=\s*(?P<call>[\w.]+)\s*[.(](?P<rest>.*)", code)
    call = left["call"].lower() if left else ""
    if re.search(r"\.size\(\)|\.shape\b", code):
        return _sizes_unpacked(said, expected)
    gru = re.search(r"gru|\brnn\b", call) and "lstm" not in call
    if gru and left and "(" in left["names"]:
        return Finding(
            title="The pair (h_n, c_n) unpacked from an nn.GRU or nn.RNN",
            sentence="nn.GRU and nn.RNN return (output, h_n), and h_n is one tensor: taking it"
            " apart"
            " into two cuts it along D·num_layers.",
            code=("output, h_n = gru(x)",),
            sure=Sure.LIKELY,
        )
    if re.search(r"cell\b|cell_|lstm_?cell", call) and left and "(" in left["names"]:
        return _cell_unpacked()
    if expected == 3 and said["got"] == "2":
        return Finding(
            title="Three results unpacked where there are two",
            sentence="The states come as one pair: output, (h_n, c_n) = lstm(x).",
            code=(RUN,),
            sure=Sure.CERTAIN
            if re.search("lstm", code, re.IGNORECASE)
            else Sure.LIKELY
            if said.mentions("lstm")
            else Sure.POSSIBLE,
            mistake="three-results",
        )
    inside = said.ran(r"\brnn\.py")
    if inside:
        return Finding(
            title="The state is not the pair (h_0, c_0)",
            sentence="nn.LSTM takes its state apart into h_0 and c_0, and what was passed does not"
            f" have {expected or 2} parts: it must be the pair (h_0, c_0).",
            code=("output, (h_n, c_n) = lstm(x, (h_0, c_0))",),
            sure=Sure.LIKELY,
            mistake="state-alone",
        )
    if not re.search(RECURRENT, code, re.IGNORECASE):
        return None if not said.mentions("lstm") else _unpacked_somewhere(said, expected)
    return _unpacked_somewhere(said, expected)


def _cell_unpacked() -> Finding:
    return Finding(
        title="An nn.LSTMCell's result unpacked as nn.LSTM's",
        sentence="nn.LSTMCell returns the pair (h, c) and no output: h is the output of this step,"
        " and taking h apart into two cuts it along the batch.",
        code=("h, c = cell(x_t, (h, c))", "outputs.append(h)"),
        sure=Sure.LIKELY,
    )


def _unpacked_somewhere(said: Said, expected: int) -> Finding:
    return Finding(
        title="A result taken apart into another number of parts",
        sentence="nn.LSTM returns two things, output and the pair (h_n, c_n); a single tensor, as"
        " nn.Linear or h_n is, is taken apart along its first axis instead"
        + (f", and {expected} names were given." if expected else "."),
        code=(RUN, "output, h_n = gru(x)  # nn.GRU and nn.RNN"),
        sure=Sure.POSSIBLE,
        mistake="three-results",
    )


def _sizes_unpacked(said: Said, expected: int) -> Finding:
    got = f" and has {said['got']}" if said["got"] else ""
    names = f"{expected} axes were expected" if expected else "the tensor has other axes"
    return Finding(
        title="A tensor with another number of axes than its sizes are unpacked into",
        sentence=f"In {said.code or 'this line'} {names}{got}: the tensor is not what the line"
        " takes"
        " it for. output has three axes, (N, L, D·H) with batch_first; output[:, -1] and h_n[-1]"
        " two.",
        code=("print(x.shape)",),
        sure=Sure.LIKELY,
    )


READINGS: Final[tuple[Reading, ...]] = (unpacked,)
