"""nn.LSTMCell, nn.GRUCell and nn.RNNCell: one step, checked by their own words."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.readings.module_kind import building, in_words, module_of
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.words import count

_LOOP: Final = (
    "h, c = (torch.zeros(x.size(0), H, device=x.device) for _ in range(2))",
    "for t in range(x.size(1)):",
    "    h, c = cell(x[:, t], (h, c))",
)


@reading(
    r"(?P<kind>LSTM|GRU|RNN)Cell: Expected input to be 1-?D or 2-?D,? (?:but )?(?:got|received)"
    r" (?P<got>\d)"
)
def sequence_given(said: Said) -> Finding | None:
    """A cell was given more axes than a step has."""
    kind, got = f"nn.{said['kind'].upper()}Cell", said.number("got")
    return Finding(
        title=f"A whole sequence given to {kind}",
        sentence=f"The input has {got} axes; {kind} computes one step, from x_t of (N, H_in), and"
        " the loop over time is yours.",
        code=_LOOP
        if "LSTM" in kind
        else ("for t in range(x.size(1)):", "    h = cell(x[:, t], h)"),
        mistake="cell-given-a-sequence" if "LSTM" in kind else "",
    )


@reading(
    r"(?P<kind>LSTM|GRU|RNN)Cell: Expected (?:hx\[(?P<which>[01])\]|hidden) to be 1-?D or 2-?D,?"
    r" (?:but )?(?:got|received) (?P<got>\d)"
)
def cell_state_axes(said: Said) -> Finding | None:
    """A cell's state with too many axes."""
    name = {"0": "h", "1": "c"}.get(said["which"], "h")
    return Finding(
        title="A cell's state with too many axes",
        sentence=f"{name} has {said['got']} axes; a cell's state is (N, H), without the"
        " D·num_layers axis that nn.LSTM's states have.",
        code=("h, c = h_n[-1], c_n[-1]  # (N, H) each", "h, c = cell(x_t, (h, c))")
        if said["which"]
        else ("h = cell(x_t, h_n[-1])",),
    )


@reading(
    r"Input batch size (?P<batch>\d+) doesn't match hidden\[?(?P<which>[01]?)\]? batch size"
    r" (?P<got>\d+)"
)
def cell_batch(said: Said) -> Finding | None:
    """x_t holds N sequences and a state another number."""
    got, batch, which = said.number("got"), said.number("batch"), said["which"]
    kind = _cell_kind(said, which)
    name = "c" if which == "1" else "h"
    sentence = f"x_t holds {count(batch, 'sequence')} and {name} was made for {got:,};"
    s = said.setting
    if not kind:
        return Finding(
            title="A cell with a state for another batch",
            sentence=f"{sentence} a cell takes x_t (N, H_in) and a state of (N, H), h alone or,"
            " as nn.LSTMCell, the pair (h, c).",
            code=(
                "h = torch.zeros(x_t.size(0), H, device=x_t.device)",
                "h = cell(x_t, h)  # nn.LSTMCell: h, c = cell(x_t, (h, torch.zeros_like(h)))",
            ),
            also=(f"An nn.LSTMCell given h alone:{_h_alone(got)}",),
        )
    if kind != "LSTMCell":
        return Finding(
            title="A cell with a state for another batch",
            sentence=f"{sentence} a GRUCell or RNNCell takes x_t (N, H_in) and h (N, H).",
            code=("h = torch.zeros(x_t.size(0), H, device=x_t.device)", "h = cell(x_t, h)"),
        )
    sentence += " an LSTMCell takes x_t (N, H_in) and the pair (h, c), each (N, H_cell)."
    return Finding(
        title="nn.LSTMCell with a state for another batch, or with h alone",
        sentence=sentence + (_h_alone(got) if s is None or got == s.cell else ""),
        why="An LSTMCell's state is the pair (h, c), with one row for each sequence of x_t.",
        code=(
            "h, c = (torch.zeros(x_t.size(0), H, device=x_t.device) for _ in range(2))",
            "h, c = cell(x_t, (h, c))",
        ),
        mistake="cell-state-of-another-batch",
        told={"batch_size": batch},
    )


def _h_alone(got: int) -> str:
    return (
        f" If {got:,} is hidden_size, h was passed alone, without c: its first row was taken for"
        " the whole of h."
    )


def _cell_kind(said: Said, which: str) -> str:
    """Return which cell it is; empty if the text does not tell.

    nn.LSTMCell's own check writes ``hidden[0]``; the kernels' writes ``hidden0`` for all three.
    """
    kind = module_of(said)
    if kind.endswith("Cell"):
        return kind
    if "hidden[" in said.match[0]:
        return "LSTMCell"
    return "LSTMCell" if which == "1" else "" if which else "GRUCell"


@reading(
    r"(?P<what>input|hidden(?P<which>[01]?)) has inconsistent (?P<size>input_size|hidden_size):?"
    r" got (?P<got>\d+),? expected (?P<expected>\d+)"
)
def cell_sizes(said: Said) -> Finding | None:
    """x_t or a state has another width than the cell was built for."""
    got, expected = said.number("got"), said.number("expected")
    if said["size"].lower() == "input_size":
        return Finding(
            title="A step of another width than the cell's input_size",
            sentence=f"x_t holds {count(got, 'feature')} and the cell was built with"
            f" input_size={expected}. Change the one or the other.",
            code=(
                building(
                    module_of(said) or "LSTMCell",
                    f"{got}, H",
                    f"where {expected} was; of the kind that it is",
                ),
            ),
            told={"input_size": expected},
        )
    which = said["which"]
    name = "c" if which == "1" else "h"
    kind = _cell_kind(said, which)
    pair = kind == "LSTMCell"
    return Finding(
        title="A cell's state of another width than hidden_size",
        sentence=f"{name} is {got:,} wide and {in_words(kind) if kind else 'the cell'} was built"
        f" with hidden_size={expected}: a state is (N, hidden_size) = (N, {expected}).",
        why="Something joined or stacked states, or h of another layer, an encoder of both"
        " directions for instance, was passed on: a Linear brings it to hidden_size.",
        code=(
            f"bridge = nn.Linear({got}, {expected})",
            "h, c = cell(x_t, (bridge(h), bridge(c)))" if pair else "h = cell(x_t, bridge(h))",
            f"# or build the cell for it: nn.{kind or 'LSTMCell'}(H_in, {got})",
        ),
        told={"hidden_size": expected, "proj_size": 0} if pair else {},
    )


@reading(
    r"(?P<kind>lstm|gru|rnn_tanh|rnn_relu)_cell\(\): argument 'hx' \(position 2\) must be"
    r" (?P<needs>tuple of Tensors|Tensor), not (?P<got>\w+)"
)
def cell_alone(said: Said) -> Finding | None:
    """H alone for an LSTMCell, or the pair for another cell."""
    pair = said["needs"].lower().startswith("tuple")
    got = said["got"]
    if pair:
        return Finding(
            title="nn.LSTMCell given h without c",
            sentence=f"The state is a {got}. An LSTMCell takes and returns the pair (h, c); h alone"
            " is what nn.GRUCell takes.",
            code=("h, c = cell(x_t, (h, c))",),
            mistake="cell-state-alone",
        )
    return Finding(
        title="A pair of states given to a GRUCell or RNNCell",
        sentence=f"The state is a {got}; a GRUCell or RNNCell takes h alone: the pair (h, c) is"
        " nn.LSTMCell's.",
        code=("h = cell(x_t, h)",),
    )


@reading(
    r"Segmentation fault|SIGSEGV|exit(?:ed with)? (?:exit )?code -?(?:139|11)\b|exit code"
    r" -1073741819|0xC0000005"
    r"|segfault"
)
def crash(said: Said) -> Finding | None:
    """A crash says nothing of its cause; the frames say which call died."""
    if said.mentions(r"LSTMCell|lstm_?cell"):
        return Finding(
            title="nn.LSTMCell with a state that is no pair",
            sentence="The process died inside nn.LSTMCell, which does not check all it is given:"
            " its state must be the pair (h, c) of two tensors, each (N, H), or (H) for a single"
            " x_t of (H_in); one tensor is taken apart along its first axis.",
            code=("h, c = cell(x_t, (h, c))",),
            sure=Sure.LIKELY,
        )
    return Finding(
        title="Packed input with a c_0 of too few rows",
        sentence="A segmentation fault says nothing of its cause. One that nn.LSTM has: packed"
        " input with an h_0 or c_0 of the wrong sizes, which PyTorch does not check.",
        code=(
            "h_0 = torch.zeros(D * num_layers, N, H, device=x.device)",
            "c_0 = torch.zeros_like(h_0)",
            "packed_output, (h_n, c_n) = lstm(packed, (h_0, c_0))",
        ),
        sure=Sure.LIKELY if said.ran(r"\brnn\.py") else Sure.POSSIBLE,
        mistake="packed-state-rows",
        also=("python -X faulthandler script.py prints the call that died.",)
        if not said.stack
        else (),
    )


READINGS: Final[tuple[Reading, ...]] = (
    sequence_given,
    cell_state_axes,
    cell_batch,
    cell_sizes,
    cell_alone,
    crash,
)
