"""Sums and concatenations after an LSTM: tensors whose axes do not meet."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.module_kind import calling, module_of
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading

_STATE: Final = r"\bhidden|\bh_?[nt0]?\b|\bh_n\b|state|decoder_hidden|\bhn\b|query|last_hidden"
_JOINED: Final = r"cat\(\W*(?:o|out|output|h|x),\s*\w+"
_ENCODER: Final = r"encoder_?(?:out|states)|enc_out|outputs?\b|values|keys|memory"


@reading(
    r"The size of tensor a \((?P<a>\d+)\) must match the size of tensor b \((?P<b>\d+)\) at"
    r" non-singleton dimension (?P<axis>\d+)"
)
def sizes_apart(said: Said) -> Finding | None:
    """Two tensors were added, multiplied or compared."""
    a, b, axis = said.number("a"), said.number("b"), said.number("axis")
    if a == b:
        return None
    if said.stack and re.search(r"utils/rnn\.py", said.stack[-1].file):
        return _padded_apart(a, b, axis)
    base = f"Along axis {axis} one tensor is {a} long and the other {b}"
    if said.module_line:
        return _packed_state(said, a, b)
    if axis > 0 and re.search("mask", said.code):
        return _short_mask(base)
    if said.ran(r"\bloss\.py|_loss\b|criterion|loss ?="):
        return Finding(
            title="Output and target that cannot be broadcast",
            sentence=f"{base}, output against target in a loss.",
            why="The loss compares number with number: the two must have one shape. Take the last"
            " step, or targets for every step.",
            code=("print(output.shape, target.shape)", "loss = criterion(output[:, -1], target)"),
            sure=Sure.LIKELY,
        )
    code = said.code
    attention = re.search(_STATE, code) and re.search(_ENCODER, code)
    if attention or (said.mentions("attention|attn") and re.search(_STATE + "|" + _ENCODER, code)):
        return Finding(
            title="A state and the encoder's output added without a time axis",
            sentence=f"{base}: a state, (N, H) for one layer or (D·num_layers, N, H) for all,"
            " meets an"
            " output, (N, L, D·H) with batch_first, and their axes do not line up. Take one layer,"
            " h_n[-1], and give it a time axis with unsqueeze(1).",
            why="Broadcasting lines axes up from the last one; a missing time axis puts N against"
            " L.",
            code=(
                "query = h_n[-1].unsqueeze(1)  # (N, 1, H); unsqueeze(0) without batch_first",
                "scores = torch.tanh(W_h(query) + W_e(encoder_output))  # (N, L, A)",
                "weights = scores_to_one(scores).softmax(dim=1)  # over L, the time axis",
            ),
            sure=Sure.LIKELY,
        )
    if not said.mentions(r"lstm|gru|\brnn|hidden|encoder"):
        return None
    return Finding(
        title="Two tensors whose axes do not line up",
        sentence=f"{base}. The message does not say which two; around an LSTM it is often a state,"
        " (D·num_layers, N, H), against an output, (N, L, D·H), or L against another L.",
        why="Broadcasting lines axes up from the last one, and only a length of 1 stretches.",
        code=(
            "print(a.shape, b.shape)  # the two of the failing line",
            "query = h_n[-1].unsqueeze(1)",
        ),
        sure=Sure.POSSIBLE,
    )


def _padded_apart(a: int, b: int, axis: int) -> Finding:
    return Finding(
        title="Sequences that differ in more than their length",
        sentence=f"pad_sequence pads axis 0 only, and the items differ in axis {axis} too: {a}"
        f" against {b}. Each item is (L, H_in), with one H_in for all.",
        code=("print({s.shape[1:] for s in sequences})  # must be one",),
    )


def _packed_state(said: Said, a: int, b: int) -> Finding:
    """Packed input skips the check of the state's sizes; the kernel's own sum fails instead."""
    kind = module_of(said)
    cell = kind.endswith("Cell")
    pair = "(h_0, c_0)" if kind in {"", "LSTM", "LSTMCell"} else "h_0"
    made = "h_0 = torch.zeros(D * num_layers, len(lengths), H)"
    return Finding(
        title="A state made for a batch of another size",
        sentence=f"Inside the module a tensor of {a} rows met one of {b}: the state was made for"
        f" another number of sequences than {'x_t' if cell else 'the packed batch'} holds. Packed"
        " input skips the check of the state's sizes, so its own sum fails instead.",
        code=("h = torch.zeros(x_t.size(0), H)", calling(kind, "x_t, (h, c)"))
        if cell
        else (
            made,
            calling(kind, f"packed, {pair}"),
        ),
        sure=Sure.LIKELY,
        mistake="" if cell else "state-of-another-batch",
    )


def _short_mask(base: str) -> Finding:
    return Finding(
        title="A mask longer than what was unpacked",
        sentence=f"{base}: pad_packed_sequence pads to the longest sequence of this batch, which"
        " may be shorter than the x that was packed, and a mask made from x is as long as x.",
        code=(
            "output, lengths = pad_packed_sequence(",
            "    packed_output, batch_first=True, total_length=x.size(1)",
            ")",
        ),
        sure=Sure.LIKELY,
        mistake="total-length-too-short",
    )


@reading(
    r"Sizes of tensors must match except in dimension (?P<axis>\d+)\.?(?: Got (?P<a>\d+) and"
    r" (?P<b>\d+)"
    r" (?:in dimension (?P<where>\d+)|\(The offending index is \d+\)))?"
    r"(?: Expected size (?P<e>\d+) but got size (?P<g>\d+) for tensor number (?P<n>\d+) in the"
    r" list)?",
)
def concatenated(said: Said) -> Finding | None:
    """torch.cat, or torch.stack of unequal sequences in old versions."""
    if said.mentions(r"collate|DataLoader"):
        return None
    one, other = said["e"] or said["a"], said["g"] or said["b"]
    sizes_told = f": {one} and {other}" if one else ""
    if not said.is_recurrent and not said.mentions(rf"hidden|encoder|embed|context|{_JOINED}"):
        return None
    return Finding(
        title="Tensors joined that differ in another axis",
        sentence=f"torch.cat joins along axis {said['axis']}, and the tensors differ in another"
        " axis"
        f"{sizes_told}. Around an LSTM it is often a state or context of (N, H) or (D·num_layers,"
        " N, H)"
        " joined to an output or embedding of (N, L, E).",
        code=(
            "query = h_n[-1].unsqueeze(1).expand(-1, x.size(1), -1)  # (N, L, H)",
            "x = torch.cat((x, query), dim=-1)",
        ),
        sure=Sure.POSSIBLE,
    )


@reading(
    r"Tensors must have same number of dimensions: got (?P<a>\d+) and (?P<b>\d+)",
    r"tensors used as indices must be",
)
def joined_axes(said: Said) -> Finding | None:
    """torch.cat of a state and a sequence."""
    around = rf"hidden|encoder|embed|context|{_JOINED}"
    if not said["a"] or not (said.is_recurrent or said.mentions(around)):
        return None
    return Finding(
        title="Tensors joined that have another number of axes",
        sentence=f"torch.cat was given one tensor with {said['a']} axes and one with {said['b']}: a"
        " state is (D·num_layers, N, H), one layer of it (N, H), an output or embedding (N, L, E).",
        code=("x = torch.cat((embedded, context.unsqueeze(1)), dim=-1)  # (N, 1, E + H)",),
        sure=Sure.LIKELY,
    )


READINGS: Final[tuple[Reading, ...]] = (sizes_apart, concatenated, joined_axes)
