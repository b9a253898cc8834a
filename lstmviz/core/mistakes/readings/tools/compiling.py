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
    r"expected a value of type (?P<wanted>[\w\[\], ]+?) for argument '(?P<name>\w+)' but"
    r" (?:instead )?found(?: type)? (?P<got>[\w\[\]]+)",
)
def script_type(said: Said) -> Finding | None:
    """TorchScript's types."""
    name, wanted, got = said["name"], said["wanted"], said["got"]
    if (
        name
        not in {
            "hx",
            "input",
            "lengths",
            "batch_sizes",
            "state",
            "hidden",
        }
        and not said.is_recurrent
    ):
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


@reading(
    r"Batching rule (?:is )?not implemented for aten::(?P<op>\w*(?:lstm|gru|rnn|cudnn)\w*)",
    r"not yet implemented the batching rule for aten::(?P<op>\w*(?:lstm|gru|rnn)\w*)",
    r"We do not yet support calling (?P<op>lstm|gru|rnn)\w* .{0,40}vmap",
    r"vmap: .{0,200}(?P<op>lstm|gru|rnn)\w*",
    r"accessing `data` under vmap transform is not allowed",
)
def vmapped(said: Said) -> Finding | None:
    """Vmap has no rule for the fused kernel."""
    if "performance drop" in said.evidence.text:
        return Finding(
            title="nn.LSTM under vmap",
            sentence=f"vmap has no batching rule for {said['op']} and falls back to a loop: the"
            " numbers"
            " are right, and nothing is gained in speed.",
            code=("out = torch.stack([f(x) for x in xs])  # what it does",),
        )
    data = "data" in said.match[0]
    if data and not said.is_recurrent:
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


READINGS: Final[tuple[Reading, ...]] = (
    dynamo,
    script_type,
    traced,
    trace_types,
    vmapped,
)
