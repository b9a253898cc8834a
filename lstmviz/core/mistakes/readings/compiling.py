"""torch.compile, TorchScript, tracing, quantization, vmap."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading


@reading(
    r"Attempted to wrap RNN, GRU, or LSTM",
    r"Dynamo does not support RNN, GRU, or LSTM",
    r"TorchDynamo purposely graph breaks on (?:RNN|LSTM|GRU)\w*",
    r"(?:Unsupported|graph break|hit).{0,80}(?:nn\.LSTM|nn\.GRU|torch\.nn\.modules\.rnn|RNN, GRU)",
)
def dynamo(said: Said) -> Finding | None:
    """Dynamo leaves recurrent modules to eager PyTorch."""
    fatal = said.raised is not None and not said.raised.type.endswith("Warning")
    return Finding(
        title="An LSTM inside torch.compile",
        sentence="torch.compile leaves nn.LSTM, nn.GRU and nn.RNN out: with fullgraph=False, the"
        " default, the module runs eagerly, by its own fused kernel, between two compiled parts."
        + (" fullgraph=True makes that an error." if fatal else ""),
        why="Compiling gains little here: the kernel of an LSTM is fused already.",
        code=(
            "model = torch.compile(model)  # without fullgraph=True",
            "# or let it be traced, step by step: torch._dynamo.config.allow_rnn = True",
        ),
    )


@reading(
    r"Expected a value of type '(?P<wanted>[^']*)' for argument '(?P<name>\w+)' but instead found"
    r" type"
    r" '(?P<got>[^']*)'",
)
def script_type(said: Said) -> Finding | None:
    """TorchScript's types."""
    name, wanted, got = said["name"], said["wanted"], said["got"]
    if name not in {
        "hx",
        "input",
        "lengths",
        "batch_sizes",
        "state",
        "hidden",
    } and not said.mentions("lstm|gru|rnn"):
        return None
    lengths = name == "lengths"
    tip = (
        "in TorchScript lengths is a Tensor, not a list"
        if lengths
        else "write the types of forward out, the state's as Optional[Tuple[Tensor, Tensor]]"
    )
    return Finding(
        title=f"TorchScript takes {name} for another type",
        sentence=f"{name} must be {wanted} and is {got}: TorchScript types every argument; {tip}.",
        code=("lengths = torch.as_tensor(lengths)",)
        if lengths
        else (
            "def forward(self, x: Tensor, hx: Optional[Tuple[Tensor, Tensor]] = None):",
            "    output, hx = self.lstm(x, hx)",
        ),
        sure=Sure.LIKELY,
    )


@reading(
    r"Converting a tensor to a Python (?P<kind>boolean|integer|float|index|number) might cause"
    r" the trace"
    r" to be incorrect"
)
def traced(said: Said) -> Finding | None:
    """A value baked into a trace."""
    return Finding(
        title="A value baked into the trace",
        sentence="Tracing runs the model once and keeps what it saw: a size or a condition read"
        " from a"
        " tensor becomes a constant. In rnn.py these are the checks of sizes, which do no harm;"
        " in your"
        " own lines, a batch size or a length that stays as it was.",
        code=(
            "model = torch.jit.script(model)  # keeps conditions",
            "# or try the traced model on another batch size and length and compare",
        ),
        sure=Sure.LIKELY,
    )


@reading(
    r"Tracer cannot infer type of|Only tensors, lists, tuples of tensors, or dictionary of"
    r" tensors can be"
    r" output from traced functions|Only tuples, lists and Variables are supported as JIT"
    r" inputs/outputs"
)
def trace_types(said: Said) -> Finding | None:
    """A traced function's inputs and outputs."""
    return Finding(
        title="A traced model that takes or returns another type than tensors",
        sentence="Tracing takes and returns tensors and tuples of them: a PackedSequence, None or"
        " an"
        " object has to be made from tensors inside forward.",
        code=("def forward(self, x, lengths):  # pack and unpack inside", "    ..."),
        sure=Sure.LIKELY,
    )


_QUANTIZED: Final = r"quanti[sz]"


@reading(r"assert batch_sizes is None", r"'?NoneType'? .*batch_sizes()")
def quantized_packed(said: Said) -> Finding | None:
    """Dynamically quantized LSTMs of older versions take no packed input."""
    if not said.mentions(_QUANTIZED):
        return None
    return Finding(
        title="Packed input given to a quantized LSTM",
        sentence="This version's quantized LSTM cannot take packed input: its forward asserts that"
        " there are no batch_sizes. Feed the padded batch, or leave the LSTM out of quantization.",
        why="For one direction the output at valid steps is the same without packing; the reverse"
        " direction and h_n are not.",
        code=(
            "output, _ = quantized.lstm(x)  # padded; read row n at step lengths[n] - 1",
            "model = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, torch.qint8)",
        ),
    )


@reading(r"number of rows in the packB should be equal to K: (?P<k>\d+)")
def quantized_projection(said: Said) -> Finding | None:
    """Quantized kernels multiply h of hidden_size, where a projection made it narrower."""
    return Finding(
        title="A quantized LSTM with a projection or of another width",
        sentence=f"A quantized product was given {said['k']} features and its weight holds another"
        " number. The quantized LSTM does not know proj_size: with a projection, quantized"
        " weights for"
        " h do not fit. Without one, the input is not input_size wide.",
        code=(
            "# leave the LSTM in float, and quantize the rest",
            "model = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, torch.qint8)",
        ),
        sure=Sure.CERTAIN if said.mentions("lstm") else Sure.LIKELY,
    )


@reading(
    r"Didn't find engine for operation quantized::(?P<op>\w+)",
    r"Could not run '(?:quantized|aten)::(?P<op>\w*(?:lstm|gru|rnn|quantize)\w*)[\w.]*' with"
    r" arguments from the"
    r" '(?P<backend>\w+)' backend",
)
def quantized_backend(said: Said) -> Finding | None:
    """No quantized kernel here."""
    backend = said["backend"]
    if backend and "cpu" not in backend.lower() and "quant" not in said.match[0].lower():
        return Finding(
            title=f"No kernel for this on {backend}",
            sentence=f"There is no {said['op']} for {backend} in this PyTorch: run the LSTM on"
            " the CPU.",
            code=("model.cpu()(x.cpu())",),
        )
    return Finding(
        title="A quantized LSTM without a kernel for this machine",
        sentence=f"There is no kernel for {said['op']} here"
        + (f" with {backend} tensors" if backend else "")
        + ": dynamic quantization runs on the CPU, with an engine that the build holds, fbgemm or"
        " qnnpack.",
        code=(
            "print(torch.backends.quantized.supported_engines)",
            'torch.backends.quantized.engine = "qnnpack"  # one of them',
            "quantized = quantized.cpu()",
        ),
        sure=Sure.LIKELY,
    )


@reading(
    r"Batching rule not implemented for aten::(?P<op>\w*(?:lstm|gru|rnn|cudnn|mkldnn_rnn)\w*)",
    r"We do not yet support calling (?P<op>lstm|gru|rnn)\w* .{0,40}vmap",
    r"vmap: .{0,200}(?P<op>lstm|gru|rnn)\w*",
    r"accessing `data` under vmap transform is not allowed",
)
def vmapped(said: Said) -> Finding | None:
    """Vmap has no rule for the fused kernel."""
    data = "data" in said.match[0]
    if data and not said.mentions("lstm|gru|rnn"):
        return None
    return Finding(
        title="nn.LSTM under vmap",
        sentence="vmap has no batching rule for the fused recurrent kernel"
        + (", and the module's own flatten_parameters reads .data" if data else "")
        + ": write the steps with nn.LSTMCell's equations, or loop over the models.",
        code=(
            "gates = x_t @ w_ih.T + h @ w_hh.T + b_ih + b_hh  # vmap can batch these",
            "i, f, g, o = gates.chunk(4, -1)",
            "c = f.sigmoid() * c + i.sigmoid() * g.tanh()",
            "h = o.sigmoid() * c.tanh()",
        ),
        sure=Sure.LIKELY,
    )


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


READINGS: Final[tuple[Reading, ...]] = (
    dynamo,
    script_type,
    traced,
    trace_types,
    quantized_packed,
    quantized_projection,
    quantized_backend,
    vmapped,
    onnx,
    onnx_unsupported,
    no_projection,
)
