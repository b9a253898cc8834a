"""Building, loading and training an LSTM."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.mistake import Mistake, MistakeKind
from lstmviz.core.mistakes.setting import Lines, Setting, training
from lstmviz.core.mistakes.words import SIZES, message


def _halves(s: Setting, lead: str, tail: Lines, backward: str = "") -> Lines:
    half = max(1, s.steps // 2)
    return (
        "state = None",
        f"for chunk in x.split({half}, {s.time}):",
        *([f"    {lead}"] if lead else []),
        "    output, state = lstm(chunk, state)",
        *(f"    {line}" for line in tail),
        f"    output.sum().backward({backward})",
    )


_DETACH: Final = "state = state and tuple(s.detach() for s in state)"


def _stepped(s: Setting, lead: str, backward: str) -> Lines:
    return (
        "optimizer = torch.optim.SGD(lstm.parameters(), lr=0.1)",
        *_halves(s, lead, ("optimizer.zero_grad()",), backward),
        "    optimizer.step()",
    )


def _load(model: str, saved: str) -> Lines:
    return (f"saved = {saved}", f"model = {model}", "model.load_state_dict(saved.state_dict())")


_MISMATCH: Final = message(
    r"size mismatch for (?P<prefix>[\w.]*?)(?P<kind>weight|bias)_(?P<part>ih|hh|hr)_l(?P<layer>\d+)"
    r"(?P<reverse>_reverse)?: copying a param with shape "
    + SIZES.format("saved")
    + r" from checkpoint, the shape in current model is "
    + SIZES.format("model")
)


BUILDING: Final = (
    Mistake(
        name="proj-size-too-large",
        title="proj_size not below hidden_size",
        kind=MistakeKind.ERROR,
        why="A projection narrows h from hidden_size to proj_size numbers; 0 is none.",
        wrong=lambda s: (f"lstm = nn.LSTM({s.width}, {s.cell}, proj_size={s.cell})",),
        right=lambda s: (f"lstm = nn.LSTM({s.width}, {s.cell + 1}, proj_size={s.cell})",),
        messages=(message(r"proj_size has to be smaller than hidden_size"),),
    ),
    Mistake(
        name="size-not-whole",
        title="A size computed with / instead of //",
        kind=MistakeKind.ERROR,
        why="/ gives a float even where nothing is left over; // gives a whole number.",
        wrong=lambda s: (f"lstm = nn.LSTM({s.width}, {2 * s.cell} / 2)",),
        right=lambda s: (f"lstm = nn.LSTM({s.width}, {2 * s.cell} // 2)",),
        messages=(
            message(r"(?P<name>input_size|hidden_size) should be of type int, got: (?P<got>\w+)"),
            message(r"empty\(\).*?must be tuple of ints"),
        ),
    ),
    Mistake(
        name="dropout-as-percentage",
        title="dropout given in per cent",
        kind=MistakeKind.ERROR,
        why="dropout is a probability between 0 and 1.",
        wrong=lambda s: (f"lstm = {s.lstm(num_layers=2, dropout=0.5)}".replace("0.5", "50"),),
        right=lambda s: (f"lstm = {s.lstm(num_layers=2, dropout=0.5)}",),
        messages=(message(r"dropout should be a number in range \[0, 1\]"),),
    ),
    Mistake(
        name="options-by-position",
        title="Options of nn.LSTM given by position",
        kind=MistakeKind.ERROR,
        why="After num_layers come bias, batch_first, dropout and bidirectional; name them, and"
        " give True or False where a switch is meant.",
        wrong=lambda s: (f"lstm = nn.LSTM({s.width}, {s.cell}, {s.layers}, 1, 1)",),
        right=lambda s: (f"lstm = nn.LSTM({s.width}, {s.cell}, {s.layers}, batch_first=True)",),
        messages=(
            message(r"(?P<name>bias|batch_first) should be of type bool, got: (?P<got>\w+)"),
        ),
    ),
    Mistake(
        name="switch-as-number",
        title="bidirectional given as a number",
        kind=MistakeKind.ERROR,
        why="bidirectional is a switch, True or False; the module is built with a number too, but"
        " the call fails.",
        wrong=lambda s: (
            f"lstm = {s.lstm(bidirectional=True)}".replace("bidirectional=True", "bidirectional=1"),
            "output, (h_n, c_n) = lstm(x)",
        ),
        right=lambda s: (
            f"lstm = {s.lstm(bidirectional=True)}",
            "output, (h_n, c_n) = lstm(x)",
        ),
        messages=(message(r"lstm\(\):? received an invalid combination of arguments"),),
    ),
    Mistake(
        name="checkpoint-of-other-sizes",
        title="A checkpoint of an LSTM of other sizes",
        kind=MistakeKind.ERROR,
        why="A state_dict holds numbers, not sizes: build the model with the sizes it was saved"
        " with.",
        wrong=lambda s: _load(s.lstm(hidden_size=s.cell + 1), s.lstm(hidden_size=s.cell)),
        right=lambda s: _load(s.lstm(), s.lstm()),
        messages=(_MISMATCH,),
    ),
    Mistake(
        name="checkpoint-of-other-parts",
        title="A checkpoint with other layers, directions or names",
        kind=MistakeKind.ERROR,
        why="Parameters are matched by name: the same prefix, layers and directions are needed.",
        when=lambda s: s.directions == 2,
        needs="a bidirectional LSTM",
        example={"bidirectional": True},
        wrong=lambda s: _load(s.lstm(), s.lstm(bidirectional=False, num_layers=1, dropout=0.0)),
        right=lambda s: _load(s.lstm(), s.lstm()),
        messages=(
            message(
                r"(?P<how>Missing|Unexpected) key\(s\) in state_dict:"
                r" (?P<names>[^\n]*(?:weight|bias)_(?:ih|hh|hr)_l\d+[^\n]*)"
            ),
        ),
    ),
    Mistake(
        name="backward-through-old-chunks",
        title="The state carried into the next chunk with its history",
        kind=MistakeKind.ERROR,
        why="The carried state still leads back into the chunk before, whose graph backward has"
        " freed; detach it between chunks.",
        begin=training,
        when=lambda s: s.steps >= 2,
        needs="at least 2 steps",
        example={"seq_len": 24},
        wrong=lambda s: _halves(s, "", ()),
        right=lambda s: _halves(s, _DETACH, ()),
        messages=(message(r"Trying to backward through the graph a second time"),),
    ),
    Mistake(
        name="graph-retained-across-steps",
        title="retain_graph=True instead of detaching the state",
        kind=MistakeKind.ERROR,
        why="retain_graph keeps the old graph alive, but optimizer.step() has changed the weights"
        " it needs; detach the state instead.",
        begin=training,
        when=lambda s: s.steps >= 2,
        needs="at least 2 steps",
        example={"seq_len": 24},
        wrong=lambda s: _stepped(s, "", "retain_graph=True"),
        right=lambda s: _stepped(s, _DETACH, ""),
        messages=(
            message(
                r"variables needed for gradient computation has been modified by an inplace"
                r" operation"
            ),
        ),
    ),
    Mistake(
        name="backward-in-eval-mode",
        title="backward on the GPU in eval mode",
        kind=MistakeKind.ERROR,
        why="cuDNN keeps what backward needs in training mode only; set dropout to 0 and call"
        " train(), or turn cuDNN off for this call.",
        begin=training,
        when=lambda s: s.cuda,
        needs="a CUDA device",
        example={"device": "cuda:0"},
        wrong=lambda _: ("lstm.eval()", "output, _ = lstm(x)", "output.sum().backward()"),
        right=lambda _: ("lstm.train()", "output, _ = lstm(x)", "output.sum().backward()"),
        messages=(message(r"cudnn RNN backward can only be called in training mode"),),
    ),
)
