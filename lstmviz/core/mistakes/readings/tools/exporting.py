"""ONNX: what an exported LSTM keeps of the batch, and what cannot be exported."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading


@reading(
    r"Input (?P<which>initial_[hc]) must have shape"
    r" \{(?P<expected>[\d,]+)\}\. ?Actual: ?\{(?P<got>[\d,]+)\}",
    r"Got invalid dimensions for input:? '?(?P<name>\w+)'? for the following indices\s+index:"
    r" (?P<at>\d+) Got:"
    r" (?P<one>\d+) Expected: (?P<other>\d+)",
    r"Exporting a model to ONNX with a batch_size other than 1, with a variable length with"
    r" (?P<kind>LSTM|GRU|RNN)"
    r"\w* can cause an error",
)
def onnx(said: Said) -> Finding | None:
    """What an exported LSTM keeps of the batch it was exported with."""
    if said["which"]:
        expected, got = (tuple(map(int, said[n].split(","))) for n in ("expected", "got"))
        state = "h_0" if said["which"].endswith("h") else "c_0"
        sentence = (
            f"The input holds {expected[1]} sequences and the exported state {state} was made for"
            f" {got[1]}, {got}: the state is a constant of the file, baked in when the model was"
            " exported. Make the state an input of the exported model, or build it in forward from"
            " x.size(0)."
            if len(expected) == len(got) == 3
            else f"The state {state} is {got} and {expected} is needed: it is a constant of the"
            " file,"
            " baked in at export."
        )
    elif said["name"]:
        sentence = (
            f"{said['name']} is {said['one']} long on axis {said['at']} and the exported file was"
            " made"
            f" for {said['other']}: an axis is fixed at export unless it is named in dynamic_axes."
        )
    else:
        sentence = (
            "The file will hold the batch size that it was exported with: zero states that the"
            " module"
            " makes itself are constants of the graph. Export with a batch of 1, or pass the"
            " state as"
            " inputs, h_0 and c_0."
        )
    return Finding(
        title="An ONNX file made for one batch size",
        sentence=sentence,
        code=(
            "torch.onnx.export(model, (x, h_0, c_0), path, input_names=['x', 'h_0', 'c_0'],",
            "    dynamic_axes={'x': {0: 'N', 1: 'L'}, 'h_0': {1: 'N'}, 'c_0': {1: 'N'}})",
        ),
    )


@reading(
    r"(?:ONNX|onnx)[^\n]{0,120}(?:LSTM|GRU|RNN)s? with (?P<what>projections?|dropout)",
    r"Unsupported: ONNX export of operator (?P<what>[\w ,]+)",
)
def onnx_unsupported(said: Said) -> Finding | None:
    """What the exporter cannot write."""
    if not said.mentions("lstm|gru|rnn|pack"):
        return None
    return Finding(
        title="A part of the LSTM that ONNX export does not know",
        sentence=f"The exporter has no form for {said['what']}: ONNX's LSTM has no projection, and"
        " PackedSequence is exported as sequence_lens only where pack and unpack stand right"
        " around it.",
        code=("lstm = nn.LSTM(H_in, H, num_layers)  # without proj_size, for export",),
        sure=Sure.LIKELY,
    )


@reading(
    r"LSTM with projections is not supported|(?:projections?|proj_size)[^\n]{0,60}not"
    r" (?:supported|implemented)"
    r"|not (?:supported|implemented)[^\n]{0,60}projections?"
)
def no_projection(said: Said) -> Finding | None:
    """A backend without projections."""
    return Finding(
        title="A projection where there is no kernel for it",
        sentence="This backend or kernel cannot run an LSTM with proj_size: use proj_size=0 and a"
        " Linear"
        " after it, or run it on the CPU.",
        code=(
            "lstm = nn.LSTM(H_in, H)",
            "project = nn.Linear(H, P)  # h itself stays hidden_size wide",
        ),
        sure=Sure.LIKELY,
    )


@reading(r"No module named '(?P<name>onnx|onnxscript|onnxruntime)'")
def no_exporter(said: Said) -> Finding | None:
    """A package that export is done with is not installed."""
    name = said["name"]
    return Finding(
        title="A package that export needs is not installed",
        sentence=f"{name} is a package of its own, and PyTorch does not bring it.",
        code=(f"pip install {name}",),
        anywhere=True,
    )


READINGS: Final[tuple[Reading, ...]] = (
    onnx,
    onnx_unsupported,
    no_projection,
    no_exporter,
)
