"""What a recurrent module returns, taken for something else: a tuple, a packed sequence."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.paste import MethodCall, assigned, method_call
from lstmviz.core.mistakes.readings.call.given_tuple import tuple_inside
from lstmviz.core.mistakes.readings.call.packing import PACKED
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading

RUN: Final = "output, (h_n, c_n) = lstm(x)"
_PAIR: Final = "nn.LSTM returns the pair (output, (h_n, c_n)), not a tensor"
_UNPACK: Final = "output, lengths = pad_packed_sequence(packed_output, batch_first=True)"
_SUMMARY: Final = (
    r"torchsummary|torchinfo|summary\.py|thop|ptflops|fvcore|torchstat|register_hook|hook"
)
RECURRENT: Final = r"lstm|gru|\brnn|nn\.RNN|hidden|h_n|encoder|output"


@reading(
    r"(?P<call>\w+)\(\):? argument '(?P<name>input|self|tensor|other|x)' \(position \d\) must be"
    r" Tensor,"
    r" not (?P<got>tuple|PackedSequence|list)"
)
def given_to_layer(said: Said) -> Finding | None:
    """A pair or packed sequence went into a layer or function."""
    call, got = said["call"], said["got"]
    if got == "PackedSequence":
        return _packed_on(f"{call} was given a PackedSequence")
    if got == "list" and not said.is_recurrent:
        return None
    sequential = said.ran(r"container\.py|Sequential")
    if sequential:
        return _through_sequential(f"{call} was given a {got}")
    loss = "loss" in call or "entropy" in call
    return Finding(
        title="The returned pair given to a layer",
        sentence=f"{call} was given a {got}: {_PAIR}; unpack it first.",
        code=(
            RUN,
            "loss = criterion(classify(output[:, -1]), target)  # the last step, batch first"
            if loss
            else f"y = layer(output)  # here {call}",
        ),
        sure=Sure.CERTAIN if said.is_recurrent else Sure.LIKELY,
        mistake="tuple-through-sequential",
    )


def _through_sequential(told: str) -> Finding:
    return Finding(
        title="nn.LSTM inside nn.Sequential",
        sentence=f"{told}: {_PAIR}, and nn.Sequential hands the whole pair to the next layer.",
        why="nn.GRU and nn.RNN return a pair too, (output, h_n).",
        code=(
            "class Output(nn.Module):  # between the two, in nn.Sequential",
            "    def forward(self, result):",
            "        return result[0]",
            f"# or outside of it: {RUN}; y = layer(output)",
        ),
        sure=Sure.LIKELY,
        mistake="tuple-through-sequential",
    )


def _packed_on(what: str) -> Finding:
    return Finding(
        title="The packed output given to another layer",
        sentence=f"{what}: packed input gives packed output; pad_packed_sequence makes a tensor of"
        " it again.",
        code=("packed_output, (h_n, c_n) = lstm(packed)", _UNPACK),
        mistake="packed-output-to-linear",
    )


@reading(r"'PackedSequence' object has no attribute '(?P<attribute>\w+)'")
def packed_attribute(said: Said) -> Finding | None:
    """A packed sequence asked for what a tensor has."""
    attribute = said["attribute"]
    sizes = attribute in {"size", "shape", "dim"}
    return Finding(
        title="A PackedSequence taken for a tensor",
        sentence=f"A PackedSequence has no {attribute}: it is a tuple of data, every step of every"
        " sequence in one list, and batch_sizes, how many sequences are alive at each step.",
        code=(
            "packed_output.data.shape, packed_output.batch_sizes  # what it has",
            _UNPACK + "  # a tensor again",
        )
        if sizes
        else ("packed_output, (h_n, c_n) = lstm(packed)", _UNPACK),
        mistake="packed-output-to-linear",
    )


@reading(r"'tuple' object has no attribute '(?P<attribute>\w+)'")
def tuple_attribute(said: Said) -> Finding | None:
    """A tuple asked for what a tensor has: a tool's hook, a state, a whole result, packed input."""
    attribute = said["attribute"]
    if attribute in {"batch_sizes", "sorted_indices", "unsorted_indices"}:
        return None
    if attribute not in _TENSOR:
        return None
    tool = next(
        (
            frame
            for frame in reversed(said.stack[-3:])
            if re.search(_SUMMARY, frame.file + frame.function) or "hook_result" in frame.code
        ),
        None,
    )
    if tool:
        own_hook = said.own is said.stack[-1]
        return _own_hook(attribute) if own_hook else _tool(said, attribute)
    if said.module_line:
        return tuple_inside(said)
    if said.ran(r"container\.py") and said.own is not said.stack[-1]:
        return _through_sequential(f"The next layer asked it for .{attribute}")
    asked = method_call(said.code, attribute)
    if asked and asked.name in {"F", "torch", "nn", "np", "nn.functional", "torch.nn.functional"}:
        asked = None
    shown = asked.asked if asked else _call(attribute)
    return _from_code(said, asked) or Finding(
        title="A tuple where a tensor is wanted",
        sentence=f"A tuple was asked for .{attribute}, which a tensor has. Around an LSTM it is"
        f" one of two: {_PAIR}; or the state, which is the pair (h_n, c_n).",
        code=(RUN, f"output.{shown}  # or h_n.{shown}, c_n.{shown}"),
        sure=Sure.CERTAIN if said.mentions(r"lstm") else Sure.LIKELY,
        mistake="tuple-indexed",
    )


_TENSOR: Final = frozenset(
    [
        "shape",
        "size",
        "dim",
        "ndim",
        "view",
        "reshape",
        "squeeze",
        "unsqueeze",
        "detach",
        "detach_",
        "cpu",
        "cuda",
        "to",
        "numpy",
        "clone",
        "float",
        "double",
        "half",
        "long",
        "softmax",
        "log_softmax",
        "sigmoid",
        "tanh",
        "relu",
        "permute",
        "transpose",
        "contiguous",
        "data",
        "item",
        "mean",
        "sum",
        "max",
        "min",
        "backward",
        "requires_grad",
        "dtype",
        "device",
        "new",
        "new_zeros",
        "new_ones",
        "expand",
        "repeat",
        "flatten",
        "t",
        "argmax",
        "topk",
        "chunk",
        "split",
        "index_select",
        "gather",
        "masked_fill",
        "norm",
        "abs",
        "is_cuda",
        "type",
        "numel",
        "is_contiguous",
        "bmm",
        "matmul",
        "grad",
        "grad_fn",
        "zero_",
        "fill_",
        "copy_",
        "tolist",
        "eq",
        "log",
        "exp",
    ]
)


def _own_hook(attribute: str) -> Finding:
    return Finding(
        title="A hook that takes an LSTM's result for one tensor",
        sentence=f"The hook asked a module's output for .{attribute}, and nn.LSTM's is the tuple"
        " (output, (h_n, c_n)): ask its first part, or hook modules that return one tensor.",
        code=(f"lstm.register_forward_hook(lambda m, args, out: print(out[0].{attribute}))",),
        sure=Sure.LIKELY,
    )


def _tool(said: Said, attribute: str) -> Finding:
    name = next(
        (n for n in ("torchsummary", "torchinfo", "ptflops", "thop", "fvcore") if said.mentions(n)),
        "a hook",
    )
    other = (
        ("from torchinfo import summary  # reads tuples", "summary(model, input_size=(N, L, H_in))")
        if name == "torchsummary"
        else ("handle = lstm.register_forward_hook(lambda m, args, out: print(out[0].shape))",)
    )
    return Finding(
        title="A summary tool that cannot read an LSTM's result",
        sentence=f"The line that failed is not yours: {name} takes every module's output for one"
        " tensor"
        f" and asked a tuple for .{attribute}, and nn.LSTM returns (output, (h_n, c_n)). The model"
        " itself is not at fault.",
        code=other,
    )


_STATE_NAME: Final = re.compile(
    r"h|hidden\w*|state\w*|hx|h_?[0tn]|prev_?(?:state|hidden)|hc|memory"
)
_OF_TENSORS: Final = re.compile(
    r"(?:detach_?|cpu|cuda|to|clone|float|double|half|contiguous|view|reshape|(?:un)?squeeze"
    r"|permute|transpose|expand|repeat|data|new_zeros)\b"
)
"""Of what a tensor can be asked, what returns a tensor again."""


def _from_code(said: Said, asked: MethodCall | None) -> Finding | None:
    """Read in the failing line which variable was the tuple, and what was asked of it."""
    name = asked.name if asked else ""
    if not asked or not _STATE_NAME.fullmatch(name.split(".")[-1]):
        return None
    pair = f"h_n, c_n = {name}"
    each = (
        f"{assigned(said.code) or name} = tuple(s.{asked.asked} for s in {name})"
        if _OF_TENSORS.match(asked.attribute)
        else f"h_n.{asked.asked}  # c_n.{asked.asked}"
    )
    return Finding(
        title="The state's pair taken for a tensor",
        sentence=f"{name} is a tuple: an LSTM's state is the pair (h_n, c_n), where nn.GRU's"
        f" is one tensor; ask each of the two for .{asked.attribute}.",
        code=(each,) if _OF_TENSORS.match(asked.attribute) else (pair, each),
        sure=Sure.LIKELY,
        mistake="tuple-indexed",
    )


def _call(attribute: str) -> str:
    plain = {"shape", "dtype", "device", "ndim", "data", "grad", "requires_grad", "is_cuda"}
    return attribute if attribute in plain else f"{attribute}()"


@reading(r"tuple indices must be integers(?: or slices)?, not tuple")
def tuple_indexed(said: Said) -> Finding | None:
    """The pair, or a packed sequence, indexed along several axes."""
    packed = said.mentions(PACKED)
    pair = Finding(
        title="The returned pair indexed as if it were output",
        sentence=f"{_PAIR}; unpack it first.",
        code=(RUN, "last = output[:, -1]  # output[-1] without batch_first"),
        sure=Sure.CERTAIN if said.is_recurrent and not packed else Sure.LIKELY,
        mistake="tuple-indexed",
        also=("A packed output indexed as if it were padded: pad_packed_sequence first.",),
    )
    if not packed:
        return pair
    return Finding(
        title="A packed output indexed as if it were padded",
        sentence="A PackedSequence is a tuple of data and batch_sizes; unpack it, or use h_n, which"
        " already holds each sequence's true last step. If nothing was packed here, it is the pair"
        " (output, (h_n, c_n)) that was indexed.",
        code=("packed_output, (h_n, c_n) = lstm(packed)", _UNPACK, "last = h_n[-1]"),
        sure=Sure.LIKELY,
        mistake="packed-output-indexed",
        also=("The returned pair indexed as if it were output.",),
    )


@reading(r"'(?P<kind>LSTM|GRU|RNN)' object has no attribute '(?P<attribute>\w+)'")
def module_attribute(said: Said) -> Finding | None:
    """A method of the reader's own that lives in a wrapper, or of a tensor."""
    attribute, kind = said["attribute"], said["kind"].upper()
    if attribute in {"weight", "bias", "weight_ih", "weight_hh", "weights"}:
        return Finding(
            title="A parameter under another name",
            sentence=f"nn.{kind} has no {attribute}: it holds four tensors for each layer and"
            " direction, weight_ih_l0, weight_hh_l0, bias_ih_l0 and bias_hh_l0 for the first.",
            code=("for name, p in lstm.named_parameters():", "    print(name, tuple(p.shape))"),
        )
    if attribute in _TENSOR:
        return Finding(
            title="The module asked for what its result has",
            sentence=f"nn.{said['kind']} itself was asked for .{attribute}; its result has it:"
            " call the"
            " module first.",
            code=(RUN, f"output.{attribute}"),
            sure=Sure.LIKELY,
        )
    return None


READINGS: Final[tuple[Reading, ...]] = (
    given_to_layer,
    packed_attribute,
    tuple_attribute,
    tuple_indexed,
    module_attribute,
)
