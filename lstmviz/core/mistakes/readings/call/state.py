"""Sizes of an initial state: ``Expected hidden[0] size (2, 4, 16), got [2, 3, 16]``."""

from __future__ import annotations

from typing import Any, Final

from lstmviz.core.mistakes.readings.lines import PARALLEL, PROJECTION, fresh_state
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.setting import Lines
from lstmviz.core.mistakes.state_sizes import HIDDEN, StateSizes
from lstmviz.core.mistakes.words import as_size, count


@reading(HIDDEN)
def state_sizes(said: Said) -> Finding | None:
    """Say which axis of the state is wrong, and what that usually comes from."""
    state = StateSizes.of(said.match)
    if len(state.expected) not in {2, 3} or state.expected == state.got:
        return None
    if not state.whole:
        return _other_axes(said, state)
    if _split(said, state):
        return _parallel(said, state)
    if state.swapped:
        return _swapped(state)
    if state.differing == (0,):
        return _rows(said, state)
    if state.differing == (1,):
        return _batch(said, state)
    if state.differing == (2,):
        return _width(said, state)
    return _several(state)


def _split(said: Said, state: StateSizes) -> bool:
    """Tell DataParallel's cut along axis 0: k times fewer rows, k times more sequences."""
    (rows, batch, width), (got_rows, got_batch, got_width) = state.expected, state.got
    if width != got_width or batch == got_batch or got_batch % max(batch, 1):
        return False
    k = got_batch // max(batch, 1)
    if state.differing == (0, 1):
        return rows == k * got_rows and (not state.swapped or said.mentions(PARALLEL))
    return state.differing == (1,) and said.mentions(PARALLEL)


def _parallel(said: Said, state: StateSizes) -> Finding:
    batch, got = state.expected[1], state.got[1]
    cut = " and cut the state along its axis 0 too, which is D·num_layers"
    return Finding(
        title="A state cut by DataParallel along the wrong axis",
        sentence=state.sentence(
            f"this replica holds {count(batch, 'sequence')} and the state was made for {got:,}:"
            f" DataParallel splits inputs along axis 0"
            f"{cut if 0 in state.differing else ', and the state was not split with them'}"
        ),
        why="Make the state inside forward, from the input that has arrived there; batch_first"
        " moves no axis of a state.",
        code=("def forward(self, x):", *_inside(state, pair=state.is_pair)),
        sure=Sure.CERTAIN if said.mentions(PARALLEL) else Sure.LIKELY,
        mistake="state-of-another-batch",
        told=state.settings(bidirectional=bool(said.setting and said.setting.directions == 2)),
    )


def _inside(state: StateSizes, *, pair: bool) -> Lines:
    rows, _, width = state.expected
    lines = [line.replace("lstm(", "self.lstm(") for line in fresh_state(rows, width, pair=pair)]
    return tuple(f"    {line.replace('rnn(', 'self.rnn(')}" for line in lines)


def _swapped(state: StateSizes) -> Finding:
    rows, _, width = state.expected
    return Finding(
        title="The state laid out batch first",
        sentence=state.swapped_sentence(),
        why="batch_first moves the batch axis of input and output only; h_0, c_0, h_n and c_n"
        " keep it second.",
        code=_transposed(state) or fresh_state(rows, width, pair=state.is_pair),
        mistake="state-batch-first",
        told={**state.settings(bidirectional=False), "batch_first": True},
    )


def _transposed(state: StateSizes) -> Lines:
    if state.is_pair:
        return (
            (
                "h_0, c_0 = (s.transpose(0, 1).contiguous() for s in (h_0, c_0))"
                f"  # now {as_size(state.expected)}"
            ),
            "output, (h_n, c_n) = lstm(x, (h_0, c_0))",
        )
    return (
        f"h_0 = h_0.transpose(0, 1).contiguous()  # now {as_size(state.expected)}",
        "output, h_n = rnn(x, h_0)",
    )


def _rows(said: Said, state: StateSizes) -> Finding:
    rows, got = state.expected[0], state.got[0]
    both = said.setting is None or said.setting.directions == 2
    if state.doubled:
        return _doubled(said, state)
    halved = state.halved and both
    layers = f"an LSTM of {rows} layers" if state.is_pair else f"{rows} layers"
    also = (
        (f"The state's rows do not count the layers: {layers}, one direction.",) if halved else ()
    )
    return Finding(
        title="The state's rows do not count the layers"
        if not halved
        else "The state's rows do not count both directions"
        if said.setting
        else "Half of the state's rows are missing",
        sentence=state.halved_sentence(bidirectional=said.setting is not None)
        if halved
        else state.rows_sentence(),
        why="The first axis of a state is D·num_layers: every layer and direction has a state of"
        " its own, 2 for each layer when bidirectional.",
        code=_last_rows(rows)
        if got > rows and said.mentions(_CODER) and state.is_pair
        else _fresh(state, widths_differ=said.mentions(PROJECTION)),
        sure=Sure.LIKELY if halved else Sure.CERTAIN,
        mistake="state-without-directions" if halved else "state-without-layers",
        told=state.settings(
            bidirectional=halved or bool(said.setting and said.setting.directions == 2)
        ),
        also=also if got < rows else (),
    )


_CODER: Final = r"encoder|decoder|seq2seq"


def _last_rows(rows: int) -> Lines:
    """Return how the last layers of an encoder's state are passed on."""
    return (
        f"h_0, c_0 = (s[-{rows}:].contiguous() for s in (h_n, c_n))  # the last of the encoder's",
        "output, (h_n, c_n) = decoder(y, (h_0, c_0))",
        "# or build both with the same num_layers and bidirectional",
    )


def _bridged(width: int, got: int) -> Lines:
    """Return how an encoder's state of another width is passed on."""
    return (
        f"bridge_h, bridge_c = nn.Linear({got}, {width}), nn.Linear({got}, {width})",
        "output, (h_n, c_n) = decoder(y, (bridge_h(h_n), bridge_c(c_n)))",
        f"# or build both with hidden_size={got}",
    )


def _doubled(said: Said, state: StateSizes) -> Finding:
    rows, batch, width = state.expected
    joined = (
        f"h_n = h_n.view({rows}, 2, {batch}, {width}).sum(1)  # or a Linear over both halves",
        f"c_n = c_n.view({rows}, 2, {batch}, {width}).sum(1)",
        "output, (h_n, c_n) = decoder(y, (h_n, c_n))",
    )
    named = said.mentions(r"bidirectional|_reverse")
    return Finding(
        title="A bidirectional encoder's state given to a decoder with one direction",
        sentence=state.doubled_sentence(),
        why="A bidirectional encoder returns one state per layer and direction; a decoder that"
        " reads one way takes one per layer, so the two directions must be joined first.",
        code=joined if state.is_pair else (joined[0], "output, h_n = decoder(y, h_n)"),
        sure=Sure.CERTAIN if named else Sure.LIKELY,
        mistake="state-of-bidirectional-encoder",
        told={**state.settings(bidirectional=False), "bidirectional": True},
        also=(
            (
                f"A state made for {count(state.got[0], 'layer')} or for two directions, where this"
                f" module has {count(rows, 'row')}: build both with the same num_layers and"
                " bidirectional."
            ),
        ),
    )


def _batch(said: Said, state: StateSizes) -> Finding:
    batch, got = state.expected[1], state.got[1]
    usual = (
        "the last batch of an epoch is often smaller (drop_last=True leaves it out)"
        if batch < got
        else "this one was made for another: one sequence at inference, a smaller last batch,"
        " another loader"
    )
    mixed = (
        f"If your batch holds {got:,} and {batch:,} is its sequence length, batch and time are"
        " mixed up: build the module with batch_first=True, or transpose the input."
    )
    parallel = (
        f"Under DataParallel each replica gets its part of the batch, {batch:,} of {got:,};"
        " make the state inside forward."
    )
    is_part = batch < got and batch > 1 and got % batch == 0 and got // batch <= 8
    told = state.settings(bidirectional=bool(said.setting and said.setting.directions == 2))
    return Finding(
        title="A state made for a batch of another size",
        sentence=state.batch_sentence(),
        why=f"The second axis of a state is the batch, and {usual}. Make the state from the size of"
        " the batch at hand, or pass none, which starts from zeros.",
        code=_fresh(state, widths_differ=said.mentions(PROJECTION)),
        mistake="state-of-another-batch",
        told=told | ({"batch_size": max(batch, got)} if told else {}),
        also=(mixed, parallel) if is_part else (mixed,),
    )


def _width(said: Said, state: StateSizes) -> Finding:
    width, got = state.expected[2], state.got[2]
    if state.which == "1":
        return _cell_width(said, state)
    projected = said.mentions(PROJECTION)
    named = "proj_size" if projected else "hidden_size"
    kind = "hidden_size, or proj_size where there is one" if state.is_pair else "hidden_size"
    also = (
        (f"If the state is right, the module is not: build it with {named}={got}, not {width}."),
    )
    return Finding(
        title="h_0 of another width than the module's",
        sentence=state.sentence(
            f"the last axis of h_0 is {kind}, {width} for this module, and yours is {got} wide"
        ),
        why="h_0 is (D·num_layers, N, H_out) and c_0 is (D·num_layers, N, H_cell); input_size is"
        " in neither.",
        code=_bridged(width, got)
        if said.mentions(_CODER) and state.is_pair and not projected
        else _fresh(state, widths_differ=True),
        mistake="" if projected or not state.is_pair else "state-of-other-sizes",
        # A state wider than the module's may be as wide as hidden_size beside a projection.
        told={}
        if projected or not state.is_pair or got > width
        else state.settings(bidirectional=False),
        also=also,
    )


def _fresh(state: StateSizes, *, widths_differ: bool = False) -> Lines:
    """Return the call with a zero state of the sizes that the message asks for."""
    rows, _, width = state.expected
    cell = "lstm.hidden_size" if widths_differ else ""
    return fresh_state(rows, width, pair=state.is_pair, cell_width=cell)


def _cell_width(said: Said, state: StateSizes) -> Finding:
    (rows, batch, width), got = state.expected, state.got[2]
    projected = said.mentions(PROJECTION)
    narrower = got < width
    return Finding(
        title="c_0 made as wide as the projection"
        if projected
        else "c_0 of another width than hidden_size",
        sentence=state.sentence(
            f"c_0 is hidden_size wide, {width}, whatever the width of h_0, and yours is {got} wide"
        ),
        why="proj_size narrows h only: c keeps hidden_size numbers for each sequence, so zeros made"
        " like h_0 do not fit it."
        if narrower
        else "c_0 is (D·num_layers, N, hidden_size).",
        code=(
            f"c_0 = torch.zeros({rows}, {batch}, {width}, device=x.device)",
            "output, (h_n, c_n) = lstm(x, (h_0, c_0))",
        ),
        mistake="cell-state-projected" if narrower else "",
        told={**state.settings(bidirectional=False), "proj_size": got} if narrower else {},
    )


def _several(state: StateSizes) -> Finding:
    rows, _, width = state.expected
    names = ("D·num_layers", "N", "H")
    apart = "; ".join(
        f"{names[axis]} is {state.expected[axis]}, not {state.got[axis]}"
        for axis in state.differing
    )
    return Finding(
        title="A state of other sizes than the module's",
        sentence=state.sentence(f"a state is (D·num_layers, N, H): {apart}"),
        why="h_0 is (D·num_layers, N, H_out) and c_0 is (D·num_layers, N, H_cell), whatever"
        " batch_first says; N and L are easily taken for each other.",
        code=fresh_state(rows, width, pair=state.is_pair),
        mistake="state-of-other-sizes",
        told=state.settings(bidirectional=False),
    )


def _other_axes(said: Said, state: StateSizes) -> Finding:
    axes = count(len(state.got), "axis", "axes")
    base = f"a state is (D·num_layers, N, H), and yours has {axes}"
    settings: dict[str, Any] = state.settings(bidirectional=False)
    if len(state.expected) == 3 and state.got == state.expected[1:]:
        return _first_axis_gone(said, state, base, settings)
    lines = fresh_state(*_ends(state), pair=state.is_pair)
    return Finding(
        title="A state with too few or too many axes",
        sentence=state.sentence(base),
        why="Batched input needs batched states: three axes, with N in the middle.",
        code=lines,
        mistake="state-of-other-sizes",
        told=settings,
    )


def _first_axis_gone(said: Said, state: StateSizes, base: str, settings: dict[str, Any]) -> Finding:
    rows, _, width = state.expected
    if not state.is_pair:
        return Finding(
            title="A state without its first axis",
            sentence=state.sentence(f"{base}: the first, D·num_layers, is missing"),
            why="One row for every layer and direction, also where there is only one.",
            code=(
                f"h_0 = h_0.unsqueeze(0)  # (1, {state.got[0]}, {width})"
                if rows == 1
                else f"h_0 = h_0.expand({rows}, -1, -1).contiguous()",
                "output, h_n = rnn(x, h_0)",
            ),
            mistake="",
        )
    return Finding(
        title="h_0 passed alone, without c_0",
        sentence=state.sentence(
            f"{base}. A single tensor is read as the pair (hx[0], hx[1]), so if h was passed alone"
            f" its first row, {as_size(state.got)}, was taken for the whole of h_0"
        ),
        why="The state of an LSTM is the pair (h_0, c_0); only nn.RNN and nn.GRU take one tensor.",
        code=fresh_state(rows, width),
        sure=Sure.LIKELY,
        mistake="state-alone",
        told=settings,
        also=("Both states lack the first axis, D·num_layers: h_0.unsqueeze(0) adds it.",),
    )


def _ends(state: StateSizes) -> tuple[int | str, int | str]:
    if len(state.expected) == 3:
        return state.expected[0], state.expected[2]
    return "D * num_layers", state.expected[-1]


READINGS: Final[tuple[Reading, ...]] = (state_sizes,)
