"""Matrix products around an LSTM: a layer of another width, attention's batched products."""

from __future__ import annotations

import re
from math import gcd
from typing import Final

from lstmviz.core.mistakes.paste import arguments_of
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading


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
    where = _where(said.code)
    sentence = f"The layer was built for {expected} features and was given {width}"
    if where == "before":
        return _layer_before(said, sentence, width, columns)
    told = {"bidirectional": True, "hidden_size": expected, "proj_size": 0}
    doubled = width == 2 * expected and not re.search(r"reshape|flatten|view\(", said.code)
    return Finding(
        title="The next layer built for another width"
        if where == "after"
        else "A layer built for another width",
        sentence=sentence + _why_so_wide(said, width, expected),
        why="output is D·H_out wide: twice hidden_size when bidirectional, proj_size with a"
        " projection.",
        code=(f"layer = nn.Linear({width}, {columns})  # where {expected} was",),
        sure=_around(said, linear),
        mistake="layer-after-of-another-width",
        told=told if doubled else {},
        also=_packed_too(said, width, expected, columns, linear=linear),
    )


def _where(code: str) -> str:
    """Tell from the failing line whether the layer stands before or after the recurrent module."""
    inner = re.search(r"(?:lstm|gru|rnn)\w*\((?P<fed>.*\w\(.*)", code, re.IGNORECASE)
    if inner and not re.match(r"torch\.|randn|zeros", inner["fed"]):
        return "before"
    if re.search(r"\(.*(?:\bout|\bh_?n\b|hidden|\blast\b|\[:, ?-1|\[-1\]|context|\bh\.)", code):
        return "after"
    return ""


def _layer_before(said: Said, sentence: str, width: int, columns: int) -> Finding:
    return Finding(
        title="The layer before the LSTM built for another width",
        sentence=f"{sentence}: it stands before the recurrent module, so its in_features is the"
        " last axis of what is fed.",
        why="A Linear reads features on the last axis, as nn.LSTM does; the axes before it may be"
        " any.",
        code=(f"layer = nn.Linear({width}, {columns})  # {columns} is the LSTM's input_size",),
        sure=Sure.CERTAIN if said.is_recurrent else Sure.LIKELY,
    )


def _why_so_wide(said: Said, width: int, expected: int) -> str:
    """Return the end of the sentence: what the two widths have to do with each other."""
    s = said.setting
    if s is not None and width == s.directions * s.out:
        return f": output is D·H_out = {s.directions}·{s.out} = {width} wide."
    flattened = re.search(r"reshape|flatten|view\(", said.code)
    if width == 2 * expected and flattened:
        return ", twice as many: two layers, directions or steps are flattened into one row."
    if width == 2 * expected:
        return ", twice as many, as a bidirectional LSTM's output is: 2·H_out wide."
    if expected == 2 * width:
        return ", half as many, as when it is built for both directions, 2·H_out, and given one."
    if width % expected == 0 or expected % width == 0:
        times = max(width, expected) // max(1, min(width, expected))
        more = "given" if width > expected else "built for"
        return (
            f"; it was {more} {times} times as many: {times} steps, layers or directions flattened"
            " into one row."
        )
    shared = gcd(width, expected)
    if shared >= 4 and flattened:
        return (
            "; where the steps are flattened into one row, it is L·D·H_out wide, and L is another"
            f" here, in the ratio {width // shared} to {expected // shared}. Take the last step, or"
            " pad all to one length."
        )
    return "; right after an LSTM the width is D·H_out, and before one it is the data's own."


def _packed_too(
    said: Said, width: int, expected: int, columns: int, *, linear: bool
) -> tuple[str, ...]:
    if columns % 4 or expected <= 1 or linear or not said.mentions(r"lstm|pack"):
        return ()
    return (
        (
            f"If {columns} is 4·hidden_size, hidden_size={columns // 4}, this is the LSTM's own"
            f" first product: packed input of {width} features for input_size={expected}."
        ),
    )


def _around(said: Said, linear: bool) -> Sure:
    if not said.is_recurrent:
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
    r"(?P<flat>batch[12]) must be a 3D tensor(?:, got (?P<rank>\d)D)?",
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
    elif said["flat"]:
        return _flat_factor(said)
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


def _flat_factor(said: Said) -> Finding:
    first = said["flat"].endswith("1")
    asked = arguments_of(said.code, "torch.bmm").split(",")
    name = (
        asked[0 if first else -1].strip() if len(asked) == 2 else ("weights", "values")[not first]
    )
    given = f", and has {said['rank']}" if said["rank"] else ""
    return Finding(
        title="A batched product of tensors without three axes",
        sentence=f"torch.bmm multiplies (N, A, B) with (N, B, C), and {name} has not three"
        f" axes{given}. Attention weights of (N, L) are made (N, 1, L), one row for each sequence,"
        " and the result has an axis of 1 to squeeze.",
        code=("context = torch.bmm(weights.unsqueeze(1), values).squeeze(1)  # (N, H)",)
        if first
        else ("scores = torch.bmm(values, query.unsqueeze(2)).squeeze(2)  # (N, L)",),
        sure=Sure.LIKELY,
    )


READINGS: Final[tuple[Reading, ...]] = (product, batched_product)
