"""nn.LSTMCell called as if it were nn.LSTM."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.mistake import Mistake, MistakeKind
from lstmviz.core.mistakes.setting import Lines, Setting
from lstmviz.core.mistakes.words import message


def _cell(s: Setting) -> str:
    return f"cell = nn.LSTMCell({s.width}, {s.cell}){s.moved}"


def _looped(s: Setting) -> Lines:
    lead = (s.batch,) if s.batched else ()
    return (
        _cell(s),
        f"h = {s.zeros(*lead, s.cell)}",
        f"c = {s.zeros(*lead, s.cell)}",
        f"for t in range({s.steps}):",
        f"    h, c = cell({s.at('t', of='x')}, (h, c))",
    )


CELL_MISTAKES: Final = (
    Mistake(
        name="cell-given-a-sequence",
        title="A whole sequence given to nn.LSTMCell",
        kind=MistakeKind.ERROR,
        why="nn.LSTMCell computes one step, from x_t of (N, H_in); the loop over time is yours.",
        when=lambda s: s.batched,
        needs="a batch",
        example={"unbatched": False},
        wrong=lambda s: (_cell(s), "h, c = cell(x)"),
        right=_looped,
        messages=(
            message(
                r"LSTMCell: Expected input to be 1D or 2D, got (?P<got>\d)D"
                r"|LSTMCell: Expected input to be 1-D or 2-D but received (?P<older>\d)-D"
            ),
        ),
    ),
    Mistake(
        name="cell-state-of-another-batch",
        title="nn.LSTMCell with a state for another batch, or with h alone",
        kind=MistakeKind.ERROR,
        why="An LSTMCell's state is the pair (h, c), with one row for each sequence of x_t.",
        when=lambda s: s.batched and s.batch >= 2,
        needs="a batch of at least 2",
        example={"unbatched": False, "batch_size": 4},
        wrong=lambda s: (
            _cell(s),
            f"h = {s.zeros(s.batch, s.cell)}",
            f"c = {s.zeros(1, s.cell)}",
            f"h, c = cell({s.at('0', of='x')}, (h, c))",
        ),
        right=_looped,
        messages=(
            message(
                r"Input batch size (?P<batch>\d+) doesn't match"
                r" hidden\[?(?P<which>[01])\]? batch size (?P<got>\d+)"
            ),
        ),
    ),
    Mistake(
        name="cell-state-alone",
        title="nn.LSTMCell given h without c",
        kind=MistakeKind.ERROR,
        why="An LSTMCell takes and returns the pair (h, c); h alone is what nn.GRUCell takes.",
        when=lambda s: s.batched,
        needs="a batch",
        example={"unbatched": False},
        wrong=lambda s: (
            _cell(s),
            f"h = {s.zeros(s.batch, s.cell)}",
            f"h = cell({s.at('0', of='x')}, h)",
        ),
        right=_looped,
        messages=(
            message(
                r"lstm_cell\(\): argument 'hx' \(position 2\) must be tuple of Tensors,"
                r" not (?P<got>\w+)"
            ),
        ),
    ),
)
