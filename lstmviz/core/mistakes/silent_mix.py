"""Silent: numbers of one sequence, layer, step or gate mixed with those of another."""

from __future__ import annotations

from typing import Any, Final

from lstmviz.core.mistakes.mistake import Mistake, MistakeKind
from lstmviz.core.mistakes.setting import Lines, Setting, ordinary, training
from lstmviz.core.mistakes.words import message

_RUN: Final = "output, (h_n, c_n) = lstm(x)"
_BATCH: Final[dict[str, Any]] = {"unbatched": False, "batch_size": 4, "seq_len": 24}


def _seeded(s: Setting, module: str, **changes: Any) -> Lines:
    return (f"torch.manual_seed({s.spec.seed})", f"{module} = {s.lstm(**changes)}")


def _alone(s: Setting, of: str = "x") -> Lines:
    axis = 0 if s.first else 1
    return (
        f"alone = [lstm({s.one(of)})[0] for n in range({s.batch})]",
        f"output = torch.stack(alone, {axis})",
    )


def _both_layouts(s: Setting) -> Lines:
    made = f"x = torch.randn({s.batch}, {s.steps}, {s.width}{s.like})"
    return (f"torch.manual_seed({s.spec.seed})", made)


def _forgetful(s: Setting, *, first: bool) -> Lines:
    return (*_seeded(s, "lstm", batch_first=first, dropout=0.0), "output, _ = lstm(x)")


def _other_layout(s: Setting) -> Lines:
    return (*ordinary(s), "data = x.transpose(0, 1).contiguous()")


def _second_batch(s: Setting) -> Lines:
    return (*ordinary(s), "y = torch.randn_like(x)")


def _chunked(s: Setting, *, carry: bool) -> Lines:
    half = (s.steps + 1) // 2
    return (
        "state = None",
        "parts = []",
        f"for chunk in x.split({half}, {s.time}):",
        f"    part, state = lstm(chunk, {'state' if carry else 'None'})",
        "    parts.append(part)",
        f"output = torch.cat(parts, {s.time})",
    )


def _one_layer(s: Setting) -> Lines:
    shape = s.shape(s.batch, s.steps, s.width)
    plain = {"num_layers": 1, "bidirectional": False, "dropout": 0.0}
    return (*_seeded(s, "lstm", **plain), f"x = torch.randn({shape}{s.like})")


def _by_hand(s: Setting, order: str, *, both: bool = True) -> Lines:
    biases = " + lstm.bias_ih_l0" if s.spec.lstm.bias else ""
    biases += " + lstm.bias_hh_l0" if s.spec.lstm.bias and both else ""
    return (
        f"gates = {s.at('0', of='x')} @ lstm.weight_ih_l0.T{biases}",
        f"{order} = gates.chunk(4, -1)",
        "c = i.sigmoid() * g.tanh()",
        "h = o.sigmoid() * c.tanh()",
        *(["h = h @ lstm.weight_hr_l0.T"] if s.out != s.cell else []),
    )


def _with_dropout(p: float) -> Lines:
    return ("output, _ = lstm(x)", f"output = nn.Dropout({p})(output)")


def _zero_start(s: Setting) -> Lines:
    return (
        f"start = ({s.state(s.rows, s.out)}, {s.state(s.rows, s.cell)})",
        "output, _ = lstm(y, start)",
    )


def _layer_rows(s: Setting) -> str:
    return (
        f"layers = h_n.view({s.layers}, 2, {s.batch}, {s.out})"
        f".transpose(1, 2).reshape({s.layers}, {s.batch}, {2 * s.out})"
    )


SILENT_MIX: Final = (
    Mistake(
        name="batch-first-forgotten",
        title="batch_first forgotten",
        kind=MistakeKind.SILENT,
        why="nn.LSTM reads (L, N, H_in) unless told otherwise: it takes the sequences for steps and"
        " carries the state from one sequence to the next.",
        begin=_both_layouts,
        when=lambda s: s.batched and s.batch * s.steps > 1,
        needs="a batch of more than one number",
        example=_BATCH,
        wrong=lambda s: _forgetful(s, first=False),
        right=lambda s: _forgetful(s, first=True),
        result="output",
        proof=lambda s: (f"output = torch.stack([lstm(x[n])[0] for n in range({s.batch})])",),
    ),
    Mistake(
        name="reshape-for-transpose",
        title="reshape used to swap batch and time",
        kind=MistakeKind.SILENT,
        why="reshape and view keep the numbers in their order and cut them anew, so steps of"
        " different sequences end up in one; transpose swaps the axes.",
        begin=_other_layout,
        when=lambda s: s.batched and s.batch >= 2 and s.steps >= 2,
        needs="a batch of at least 2 with at least 2 steps",
        example=_BATCH,
        wrong=lambda s: (f"output, _ = lstm(data.reshape({s.shape(s.batch, s.steps, s.width)}))",),
        right=lambda _: ("output, _ = lstm(data.transpose(0, 1))",),
        result="output",
        proof=_alone,
    ),
    Mistake(
        name="state-flattened-across-sequences",
        title="h_n.view(N, -1)",
        kind=MistakeKind.SILENT,
        why="h_n is (D·num_layers, N, H_out): viewed as (N, -1), a row holds several sequences; put"
        " the batch axis first with transpose, then flatten.",
        when=lambda s: s.batched and s.batch >= 2 and s.rows >= 2,
        needs="a batch of at least 2, and 2 layers or directions",
        example={**_BATCH, "num_layers": 2},
        wrong=lambda s: (_RUN, f"features = h_n.view({s.batch}, -1)"),
        right=lambda s: (_RUN, f"features = h_n.transpose(0, 1).reshape({s.batch}, -1)"),
        result="features",
        proof=lambda s: (
            f"features = torch.stack([h_n[:, n].flatten() for n in range({s.batch})])",
        ),
    ),
    Mistake(
        name="directions-joined-by-view",
        title="h_n.view(num_layers, N, 2·H)",
        kind=MistakeKind.SILENT,
        why="The two directions of a layer are N·H_out numbers apart, not side by side; view joins"
        " neighbouring sequences instead.",
        when=lambda s: s.batched and s.batch >= 2 and s.directions == 2,
        needs="a batch of at least 2 and a bidirectional LSTM",
        example={**_BATCH, "bidirectional": True},
        wrong=lambda s: (_RUN, f"layers = h_n.view({s.layers}, {s.batch}, {2 * s.out})"),
        right=lambda s: (_RUN, _layer_rows(s)),
        result="layers",
        proof=lambda s: (
            f"pairs = [(h_n[2 * k], h_n[2 * k + 1]) for k in range({s.layers})]",
            "layers = torch.stack([torch.cat(pair, -1) for pair in pairs])",
        ),
    ),
    Mistake(
        name="state-kept-between-batches",
        title="The state of one batch given to the next",
        kind=MistakeKind.SILENT,
        why="The final state belongs to the sequences that made it; unrelated sequences start from"
        " zeros.",
        begin=_second_batch,
        wrong=lambda _: ("_, state = lstm(x)", "output, _ = lstm(y, state)"),
        right=lambda _: ("output, _ = lstm(y)",),
        result="output",
        proof=_zero_start,
    ),
    Mistake(
        name="state-lost-between-chunks",
        title="A long sequence in chunks, each from zeros",
        kind=MistakeKind.SILENT,
        why="Without the state, every chunk starts with no memory of the one before.",
        when=lambda s: s.directions == 1 and s.steps >= 2,
        needs="one direction and at least 2 steps",
        example={"bidirectional": False, "seq_len": 24},
        wrong=lambda s: _chunked(s, carry=False),
        right=lambda s: _chunked(s, carry=True),
        result="output",
        proof=lambda _: ("output, _ = lstm(x)",),
    ),
    Mistake(
        name="chunks-in-both-directions",
        title="A bidirectional LSTM fed in chunks",
        kind=MistakeKind.SILENT,
        why="The reverse direction has to start at the very end, which the first chunk does not"
        " hold: carry the state all you like, the numbers differ.",
        when=lambda s: s.batched and s.directions == 2 and s.steps >= 2,
        needs="a batch, a bidirectional LSTM and at least 2 steps",
        example={**_BATCH, "bidirectional": True},
        wrong=lambda s: _chunked(s, carry=True),
        right=lambda _: ("output, _ = lstm(x)",),
        result="output",
        proof=_alone,
    ),
    Mistake(
        name="gates-in-another-order",
        title="The gates taken in another library's order",
        kind=MistakeKind.SILENT,
        why="PyTorch stacks i, f, g, o; ONNX stacks i, o, f, c, and the shapes are the same.",
        begin=_one_layer,
        wrong=lambda s: _by_hand(s, "i, o, f, g"),
        right=lambda s: _by_hand(s, "i, f, g, o"),
        result="h",
        proof=lambda s: ("output, _ = lstm(x)", f"h = {s.at('0')}"),
    ),
    Mistake(
        name="one-of-two-biases",
        title="bias_hh left out of the equations",
        kind=MistakeKind.SILENT,
        why="nn.LSTM has two biases for each gate, bias_ih and bias_hh, and adds both.",
        begin=_one_layer,
        when=lambda s: s.spec.lstm.bias,
        needs="biases",
        example={"bias": True},
        wrong=lambda s: _by_hand(s, "i, f, g, o", both=False),
        right=lambda s: _by_hand(s, "i, f, g, o"),
        result="h",
        proof=lambda s: ("output, _ = lstm(x)", f"h = {s.at('0')}"),
    ),
    Mistake(
        name="training-mode-at-inference",
        title="eval() forgotten",
        kind=MistakeKind.SILENT,
        why="In training mode the dropout between layers throws numbers away at random, at"
        " inference too.",
        begin=training,
        when=lambda s: s.spec.lstm.dropout > 0 and s.layers > 1,
        needs="dropout and at least 2 layers",
        example={"dropout": 0.5, "num_layers": 2},
        wrong=lambda _: ("output, _ = lstm(x)",),
        right=lambda _: ("lstm.eval()", "output, _ = lstm(x)"),
        result="output",
        proof=lambda s: (*_seeded(s, "lstm", dropout=0.0), "output, _ = lstm(x)"),
    ),
    Mistake(
        name="dropout-on-one-layer",
        title="dropout on an LSTM of one layer",
        kind=MistakeKind.SILENT,
        why="nn.LSTM drops between layers only, never after the last: with one layer even"
        " dropout=1.0 drops nothing.",
        begin=training,
        when=lambda s: s.layers == 1,
        needs="one layer",
        example={"num_layers": 1},
        wrong=lambda s: (f"lstm = {s.lstm(dropout=1.0)}", "output, _ = lstm(x)"),
        right=lambda _: _with_dropout(1.0),
        messages=(
            message(
                r"dropout option adds dropout after all but last recurrent layer,?"
                r" so non-zero dropout expects num_layers greater than 1"
            ),
        ),
        result="output",
        proof=lambda _: ("output = torch.zeros_like(output)",),
    ),
)
