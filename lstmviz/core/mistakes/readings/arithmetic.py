"""Products, sums and concatenations after an LSTM: axes that do not meet."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading

_STATE: Final = r"\bhidden|\bh_?[nt0]?\b|\bh_n\b|state|decoder_hidden|\bhn\b|query|last_hidden"
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
    base = f"Along axis {axis} one tensor is {a} long and the other {b}"
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
    if said.ran(r"\brnn\.py|_VF\."):
        return None
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


@reading(
    r"mat1 and mat2 shapes cannot be multiplied \((?P<rows>\d+)x(?P<width>\d+) and"
    r" (?P<expected>\d+)x(?P<columns>\d+)\)",
    r"mat1 dim 1 must match mat2 dim 0()",
    r"size mismatch, m1: \[(?P<rows>\d+) ?x ?(?P<width>\d+)\],"
    r" m2: \[(?P<expected>\d+) ?x ?(?P<columns>\d+)\]",
    r"mat1 and mat2 shapes cannot be multiplied \(" + r"(?P<rows>\d+)×(?P<width>\d+) and"
    r" (?P<expected>\d+)×(?P<columns>\d+)\)",
)
def product(said: Said) -> Finding | None:
    """A Linear, or the LSTM's own first product, was given another width."""
    if not said["width"]:
        return None
    width, expected, columns = said.number("width"), said.number("expected"), said.number("columns")
    s = said.setting
    linear = said.ran(r"\blinear\.py|F\.linear")
    inside = said.ran(r"\brnn\.py|_VF\.") and not linear
    if inside or (s is not None and columns == 4 * s.cell and not linear):
        return _own_product(said, width, expected, columns)
    sentence = f"The layer was built for {expected} features and was given {width}"
    also: tuple[str, ...] = ()
    if s is not None and width == s.directions * s.out:
        sentence += f": output is D·H_out = {s.directions}·{s.out} = {width} wide."
    elif width == 2 * expected:
        sentence += ", twice as many: a bidirectional LSTM's output is 2·H_out wide."
    elif expected == 2 * width:
        sentence += ", half as many: it was built for both directions, 2·H_out, and was given one."
    elif width % expected == 0 or expected % width == 0:
        times = max(width, expected) // max(1, min(width, expected))
        more = "given" if width > expected else "built for"
        sentence += (
            f"; it was {more} {times} times as many: {times} steps, layers or directions flattened"
            " into one row."
        )
    else:
        sentence += "; after an LSTM the width is D·H_out."
    if columns % 4 == 0 and expected > 1 and not linear and said.mentions(r"lstm|pack"):
        also = (
            (
                f"If {columns} is 4·hidden_size, hidden_size={columns // 4}, this is the LSTM's own"
                " first"
                f" product: packed input of {width} features for input_size={expected}."
            ),
        )
    told = (
        {"bidirectional": True, "hidden_size": expected, "proj_size": 0}
        if width == 2 * expected
        else {}
    )
    return Finding(
        title="The next layer built for another width",
        sentence=sentence,
        why="output is D·H_out wide: twice hidden_size when bidirectional, proj_size with a"
        " projection.",
        code=(f"layer = nn.Linear({width}, {columns})  # D·H_out features",),
        sure=_around(said, linear),
        mistake="layer-after-of-another-width",
        told=told,
        also=also,
    )


def _around(said: Said, linear: bool) -> Sure:
    if not said.mentions(r"lstm|gru|\brnn"):
        return Sure.POSSIBLE
    return Sure.CERTAIN if linear else Sure.LIKELY


def _own_product(said: Said, width: int, expected: int, columns: int) -> Finding:
    gates = (
        f"{columns} columns are the four gates"
        if columns % 4 == 0
        else f"{columns} columns are its gates"
    )
    return Finding(
        title="Packed features that do not match input_size",
        sentence=f"{gates}, so this is the LSTM's first layer: it reads {expected} features per"
        " step"
        f" and the packed input has {width}.",
        why="Packed input skips the check of input_size; the first matrix product fails instead.",
        code=(f"lstm = nn.LSTM({width}, {columns // 4 if columns % 4 == 0 else 'H'})",),
        sure=Sure.LIKELY,
        mistake="packed-input-of-another-width",
    )


@reading(
    r"Expected size for first two dimensions of batch2 tensor to be: \[(?P<n>\d+), (?P<k>\d+)\] but"
    r" got: \[(?P<gn>\d+), (?P<gk>\d+)\]",
    r"batch1 and batch2 must have same number of batches,? got (?P<n>\d+) and (?P<gn>\d+)",
    r"Expected tensor to have size (?P<k>\d+) at dimension 1, but got size (?P<gk>\d+) for"
    r" argument #2"
    r" 'batch2'",
    r"Expected batch2_sizes\[0\] == bs",
    r"batch[12] must be a 3D tensor(?:, got (?P<rank>\d)D)?",
    r"(?P<old>invalid argument 6: wrong matrix size)",
)
def batched_product(said: Said) -> Finding | None:
    """torch.bmm of attention weights and encoder output."""
    if said["gk"] and not said["n"]:
        told = f"the first has rows of {said['k']} and the second {said['gk']} rows"
    elif said["gk"]:
        told = (
            f"the first holds ({said['n']}, ·, {said['k']}) and the second ({said['gn']},"
            f" {said['gk']}, ·), where it must be ({said['n']}, {said['k']}, ·)"
        )
    elif said["gn"]:
        told = f"the first holds {said['n']} matrices and the second {said['gn']}"
    elif said["old"]:
        told = "the last axis of the first is not the second axis of the second"
    elif said["rank"] or "3D" in said.match[0]:
        told = "one of the two has not three axes"
    else:
        told = "the batch or the inner axes of the two are of another length"
    return Finding(
        title="A batched product whose axes do not meet",
        sentence=f"In torch.bmm {told}. Attention multiplies weights (N, 1, L) with the encoder's"
        " output (N, L, H), both batch first.",
        why="Without batch_first output is (L, N, H), and h_n is always (D·num_layers, N, H):"
        " transpose(0, 1) puts N first.",
        code=(
            "values = output  # (N, L, H); output.transpose(0, 1) without batch_first",
            "scores = torch.bmm(values, h_n[-1].unsqueeze(2))  # (N, L, 1)",
            "weights = scores.softmax(dim=1)  # over L",
            "context = torch.bmm(weights.transpose(1, 2), values)  # (N, 1, H)",
        ),
        sure=Sure.LIKELY,
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
    if not said.mentions(r"lstm|gru|\brnn|hidden|encoder|embed|context"):
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
    if not said["a"] or not said.mentions(r"lstm|gru|\brnn|hidden|encoder|embed|context"):
        return None
    return Finding(
        title="Tensors joined that have another number of axes",
        sentence=f"torch.cat was given one tensor with {said['a']} axes and one with {said['b']}: a"
        " state is (D·num_layers, N, H), one layer of it (N, H), an output or embedding (N, L, E).",
        code=("x = torch.cat((embedded, context.unsqueeze(1)), dim=-1)  # (N, 1, E + H)",),
        sure=Sure.LIKELY,
    )


READINGS: Final[tuple[Reading, ...]] = (
    sizes_apart,
    product,
    batched_product,
    concatenated,
    joined_axes,
)
