"""Which recurrent module a message is about, and how a call of it is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lstmviz.core.mistakes.readings.reading import Said

_NAMED: Final = re.compile(
    r"\b(LSTM|GRU|RNN)(Cell)?(?::|\.forward\(\)|\(\)|' object)|\b(lstm|gru|rnn)(?:_tanh|_relu)?"
    r"(_cell)?\(\)"
)
_KERNEL: Final = re.compile(r"_VF\.(lstm|gru|rnn)(?:_tanh|_relu)?(_cell)?\b")
_BUILT: Final = re.compile(r"\bnn\.(LSTM|GRU|RNN)(Cell)?\(")
_CALLED: Final = re.compile(
    r"(?<![a-z])(lstm|gru)_?\d?(cell)?\w{0,12}\(|(?<![a-z])(?:nn\.)(RNN)(Cell)?\(", re.IGNORECASE
)


def module_of(said: Said) -> str:
    """Return the class in ``torch.nn`` that a message is about, e.g. ``"GRU"``; empty if unknown.

    It is told by the message, by the kernel that was called, by the reader's own line, or by the
    only one that the text builds.
    """
    if found := _NAMED.search(said.whole):
        return _class(found)
    for frame in reversed(said.stack):
        if found := _KERNEL.search(frame.code):
            return _class(found)
    if found := _CALLED.search(said.code):
        return _class(found)
    built = {_class(found) for found in _BUILT.finditer(said.evidence.text)}
    return built.pop() if len(built) == 1 else ""


def _class(found: re.Match[str]) -> str:
    parts = [part for part in found.groups() if part]
    cell = len(parts) > 1
    return parts[0].upper() + ("Cell" if cell else "")


def in_words(kind: str) -> str:
    """Return how to speak of a module of `kind`: ``this GRU``, or ``the module``."""
    return f"this {kind}" if kind else "the module"


def building(kind: str, arguments: str, remark: str) -> str:
    """Return the line that builds a module of `kind`, or of whichever it is, with a remark."""
    which = "" if kind else "; or nn.GRU, nn.RNN"
    return f"{variable(kind)} = nn.{kind or 'LSTM'}({arguments})  # {remark}{which}"


def calling(kind: str, arguments: str = "x") -> str:
    """Return the line that calls a module of `kind`."""
    result = "output, h_n" if kind in {"GRU", "RNN"} else "output, (h_n, c_n)"
    return f"{result} = {variable(kind)}({arguments})"


def variable(kind: str) -> str:
    """Return the name that a module of `kind` has in the lines shown."""
    return "cell" if kind.endswith("Cell") else (kind or "LSTM").lower()
