"""A tuple that a recurrent module was given: as its input, or as the state of a GRU or an RNN."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.module_kind import calling, module_of
from lstmviz.core.mistakes.readings.reading import Finding, Said, Sure

_PAIR: Final = "nn.LSTM returns the pair (output, (h_n, c_n)), not a tensor"


def tuple_inside(said: Said) -> Finding:
    """Say what the module took the tuple for, as its own failing line shows."""
    line = said.module_line
    if re.search(r"\bhx\b(?!\[)|\bvalue\.dim", line):
        return _pair_as_state(said, cell=_is_cell(line))
    return _pair_as_input(said)


def _is_cell(line: str) -> bool:
    return "(1, 2)" in line


def _pair_as_state(said: Said, *, cell: bool) -> Finding:
    kind = module_of(said)
    kind = kind if kind.startswith(("GRU", "RNN")) else ""
    if cell:
        takes, call = "nn.GRUCell and nn.RNNCell take", "h = cell(x_t, h)"
    else:
        takes, call = "nn.GRU and nn.RNN take", calling(kind or "GRU", "x, h_0")
    return Finding(
        title="A pair of states given where one is taken",
        sentence=f"The state is a tuple, and this module is no LSTM: {takes} h alone, one tensor."
        " The pair (h, c) is nn.LSTM's and nn.LSTMCell's.",
        code=(call + "  # without the second of the pair",),
        sure=Sure.CERTAIN,
    )


def _pair_as_input(said: Said) -> Finding:
    sequential = said.ran(r"container\.py|Sequential")
    second = calling(module_of(said)).replace("(x)", "(output)")
    return Finding(
        title="nn.LSTM inside nn.Sequential"
        if sequential
        else "The returned pair given to the next recurrent module",
        sentence=f"The input of a recurrent module is a tuple: {_PAIR}"
        + (
            ", and nn.Sequential hands the whole pair to the next layer."
            if sequential
            else "; unpack it first."
        ),
        why="nn.GRU and nn.RNN return a pair too, (output, h_n). num_layers=2 stacks two without"
        " any of this.",
        code=("output, state = first(x)", second.replace("lstm(", "second(")),
        sure=Sure.CERTAIN if sequential else Sure.LIKELY,
        mistake="tuple-through-sequential" if sequential else "",
    )
