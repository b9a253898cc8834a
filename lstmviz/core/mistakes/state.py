"""Wrong sizes of the initial state (h_0, c_0)."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.mistake import Mistake, MistakeKind
from lstmviz.core.mistakes.setting import Lines, Setting
from lstmviz.core.mistakes.state_sizes import HIDDEN
from lstmviz.core.mistakes.words import message

_SIZES: Final = message(HIDDEN)
CALL: Final = "output, (h_n, c_n) = lstm(x, (h_0, c_0))"


def _states(h_0: str, c_0: str) -> Lines:
    return (f"h_0 = {h_0}", f"c_0 = {c_0}", CALL)


def good_state(s: Setting) -> Lines:
    """Return the call with zero states of the right size."""
    return _states(s.state(s.rows, s.out), s.state(s.rows, s.cell))


def _decoder(s: Setting, bridge: Lines) -> Lines:
    decoder = s.lstm(bidirectional=False, dropout=0.0)
    return (
        f"decoder = {decoder}",
        "_, (h_n, c_n) = lstm(x)",
        *bridge,
        "output, _ = decoder(x, (h_n, c_n))",
    )


def _summed(s: Setting) -> Lines:
    tail = f"{s.batch}, -1" if s.batched else "-1"
    return _decoder(
        s,
        (
            f"h_n = h_n.view({s.layers}, 2, {tail}).sum(1)",
            f"c_n = c_n.view({s.layers}, 2, {tail}).sum(1)",
        ),
    )


def _last_batch(s: Setting, h_0: str, c_0: str) -> Lines:
    part = f"x[:{s.batch - 1}]" if s.first else f"x[:, :{s.batch - 1}]"
    return (
        f"last = {part}",
        f"h_0 = {h_0}",
        f"c_0 = {c_0}",
        "output, (h_n, c_n) = lstm(last, (h_0, c_0))",
    )


STATE: Final = (
    Mistake(
        name="state-batch-first",
        title="The state laid out batch first",
        kind=MistakeKind.ERROR,
        why="batch_first moves the batch axis of input and output only; h_0, c_0, h_n and c_n"
        " keep it second.",
        when=lambda s: s.batched and s.batch != s.rows,
        needs="a batch whose size is not D·num_layers",
        example={"unbatched": False, "batch_size": 3, "num_layers": 2, "bidirectional": True},
        wrong=lambda s: _states(s.zeros(s.batch, s.rows, s.out), s.zeros(s.batch, s.rows, s.cell)),
        right=good_state,
        messages=(_SIZES,),
    ),
    Mistake(
        name="state-of-bidirectional-encoder",
        title="A bidirectional encoder's state given to a decoder with one direction",
        kind=MistakeKind.ERROR,
        why="A bidirectional encoder returns one state per layer and direction; a decoder that"
        " reads one way takes one per layer, so the two directions must be joined first.",
        when=lambda s: s.directions == 2,
        needs="a bidirectional LSTM",
        example={"bidirectional": True},
        wrong=lambda s: _decoder(s, ()),
        right=_summed,
        messages=(_SIZES,),
    ),
    Mistake(
        name="state-without-directions",
        title="The state's rows do not count both directions",
        kind=MistakeKind.ERROR,
        why="The first axis of a state is D·num_layers: a bidirectional LSTM has two rows for"
        " each layer.",
        when=lambda s: s.directions == 2,
        needs="a bidirectional LSTM",
        example={"bidirectional": True},
        wrong=lambda s: _states(s.state(s.layers, s.out), s.state(s.layers, s.cell)),
        right=good_state,
        messages=(_SIZES,),
    ),
    Mistake(
        name="state-of-another-batch",
        title="A state made for a batch of another size",
        kind=MistakeKind.ERROR,
        why="The second axis of a state is the batch: the last batch of an epoch is often smaller,"
        " and at inference N is often 1.",
        when=lambda s: s.batched and s.batch >= 2,
        needs="a batch of at least 2",
        example={"unbatched": False, "batch_size": 4},
        wrong=lambda s: _last_batch(s, s.state(s.rows, s.out), s.state(s.rows, s.cell)),
        right=lambda s: _last_batch(
            s,
            f"torch.zeros({s.rows}, last.size({1 - s.time}), {s.out}{s.like})",
            f"torch.zeros({s.rows}, last.size({1 - s.time}), {s.cell}{s.like})",
        ),
        messages=(_SIZES,),
    ),
    Mistake(
        name="state-without-layers",
        title="The state's rows do not count the layers",
        kind=MistakeKind.ERROR,
        why="The first axis of a state is D·num_layers: every layer has a state of its own.",
        when=lambda s: s.layers > 1,
        needs="at least 2 layers",
        example={"num_layers": 2},
        wrong=lambda s: _states(s.state(s.directions, s.out), s.state(s.directions, s.cell)),
        right=good_state,
        messages=(_SIZES,),
    ),
    Mistake(
        name="cell-state-projected",
        title="c_0 made as wide as the projection",
        kind=MistakeKind.ERROR,
        why="proj_size narrows h only: c keeps hidden_size numbers for each sequence.",
        when=lambda s: s.out != s.cell,
        needs="a projection (proj_size above 0)",
        example={"proj_size": 3, "hidden_size": 16},
        wrong=lambda s: _states(s.state(s.rows, s.out), s.state(s.rows, s.out)),
        right=good_state,
        messages=(_SIZES,),
    ),
    Mistake(
        name="state-of-other-sizes",
        title="A state of other sizes than the LSTM's",
        kind=MistakeKind.ERROR,
        why="h_0 is (D·num_layers, N, H_out) and c_0 is (D·num_layers, N, H_cell); input_size is in"
        " neither.",
        wrong=lambda s: _states(s.state(s.rows, s.out + 1), s.state(s.rows, s.cell + 1)),
        right=good_state,
        messages=(_SIZES,),
    ),
)
