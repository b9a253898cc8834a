"""Views, axes and sizes that a tensor does not have."""

from __future__ import annotations

import re
from math import prod
from typing import Final

from lstmviz.core.mistakes.paste import method_call
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading


@reading(
    r"view size is not compatible with input tensor's size and stride",
    r"input is not contiguous at .*THC?Tensor|view\(\): argument .* contiguous",
)
def viewed(said: Said) -> Finding | None:
    """View of a tensor whose numbers are not in order."""
    asked = method_call(said.code, "view")
    name = asked.name if asked else ""
    if re.search(r"(?:^|\.)h_?n\b|hidden|state|\bh$", name) or (not asked and said.is_recurrent):
        return _state_viewed()
    line = said.code.replace(".view(", ".reshape(") if ".view(" in said.code else "x.reshape(...)"
    return Finding(
        title="view after transpose",
        sentence=f"{name or 'The tensor'} is not in order in memory, as transpose, permute, expand"
        " and a slice leave it, and as output of a batch_first LSTM may be; view needs it in order,"
        " reshape copies when it must.",
        why="transpose changes strides and moves no number.",
        code=(line,),
        sure=Sure.CERTAIN,
        mistake="view-after-transpose",
    )


def _state_viewed() -> Finding:
    return Finding(
        title="view after transpose",
        sentence="transpose changes strides and moves no number, and view needs them in order;"
        " reshape copies when it must.",
        why="h_n is (D·num_layers, N, H): put the batch first with transpose, then flatten with"
        " reshape; a view of h_n itself would mix sequences.",
        code=("features = h_n.transpose(0, 1).reshape(h_n.size(1), -1)",),
        sure=Sure.LIKELY,
        mistake="view-after-transpose",
    )


_VIEWED: Final = r"\bh\.(?:view|reshape)|hidden|output|seq|embed|batch"


def _state_reshaped(said: Said) -> Finding:
    return Finding(
        title="A view into sizes that do not multiply up",
        sentence=f"{said.number('size'):,} numbers do not fill ({said['wanted']}). h_n and c_n are"
        " (D·num_layers, N, H): with num_layers layers and D directions they have as many rows as"
        " the two multiply to, and N is the size of the batch at hand.",
        code=(
            "h_n.view(num_layers, D, N, H)  # D = 2 if bidirectional; the numbers as they are",
            "print(h_n.shape)",
        ),
        sure=Sure.LIKELY,
    )


@reading(
    r"shape '"
    r"\[(?P<wanted>-?\d+(?:, -?\d+)*)\]"
    r"' is invalid for input of size (?P<size>\d+)",
    r"size '\[(?P<wanted>-?\d+(?: x -?\d+)*)\]' is invalid for input with (?P<size>\d+) elements",
)
def viewed_into_sizes(said: Said) -> Finding | None:
    """A view into sizes that do not multiply up."""
    if not said.is_recurrent and not re.search(_VIEWED, f"{said.code} {said.evidence.text}"):
        return None
    asked = method_call(said.code, "view") or method_call(said.code, "reshape")
    if asked and re.search(r"(?:^|\.)h_?n?$|hidden|state", asked.name):
        return _state_reshaped(said)
    wanted, size = [int(n) for n in re.findall(r"-?\d+", said["wanted"])], said.number("size")
    known = prod(n for n in wanted if n > 0)
    told = f"{size:,} numbers do not fill {', '.join(map(str, wanted))}"
    if known and -1 not in wanted:
        told += f", which is {known:,}"
        more = max(size, known) / max(1, min(size, known))
        if more == int(more):
            told += f", {int(more)} times {'fewer' if size > known else 'more'}"
    return Finding(
        title="A view into sizes that do not multiply up",
        sentence=f"{told}. A size written into view is another on this batch: the last batch of an"
        " epoch is often smaller, and a bidirectional LSTM's output is 2·H wide.",
        code=("features = output.reshape(x.size(0), -1)  # sizes from the tensor at hand",),
        sure=Sure.POSSIBLE,
    )


@reading(
    r"Dimension out of range \(expected to be in range of \[(?P<low>-?\d+), (?P<high>-?\d+)\],"
    r" but got"
    r" (?P<got>-?\d+)\)"
)
def axis_out_of_range(said: Said) -> Finding | None:
    """An axis that the tensor does not have."""
    high, got = said.number("high"), said.number("got")
    rank = high + 1
    base = f"The tensor has {rank} {'axis' if rank == 1 else 'axes'} and axis {got} was asked for"
    packed = said.evidence.mentions(
        r"pack_padded_sequence\([^\n]*\)\s*\[0\]|\.data\b[^\n]*pack|pack[^\n]*\.data\b"
    )
    if packed and rank == 2:
        return Finding(
            title="The data of a PackedSequence taken for a padded batch",
            sentence=f"{base}: packed data has two axes, (all steps of all sequences, features),"
            " and no"
            " time axis any more. Its last axis is dim=1; or unpack it with pad_packed_sequence.",
            code=("_, preds = scores.max(dim=-1)  # dim=1 on packed data", _PADDED),
            sure=Sure.CERTAIN,
        )
    if said.ran(r"\bloss\.py|cross_entropy|nll_loss|log_softmax") and rank == 1:
        return Finding(
            title="Scores without a batch axis given to a loss",
            sentence=f"{base}: the scores of one sequence lost their batch axis; the loss reads"
            " axis 1"
            " as the classes.",
            code=("loss = criterion(scores.unsqueeze(0), target.reshape(1))",),
            sure=Sure.LIKELY,
        )
    if said.ran(r"\brnn\.py") or said.is_recurrent:
        return Finding(
            title="A tensor with fewer axes than were asked for",
            sentence=f"{base}: a single sequence without its batch axis, packed data, or one step"
            " of"
            " output has an axis less than the batch of sequences it is taken for.",
            code=(
                "print(x.shape)  # before the failing line",
                "x = x.unsqueeze(0)  # a batch of one",
            ),
            sure=Sure.POSSIBLE,
        )
    return None


_PADDED: Final = "padded, lengths = pad_packed_sequence(packed, batch_first=True)"


@reading(r"Implicit dimension choice for (?P<name>\w+) has been deprecated")
def which_axis(said: Said) -> Finding | None:
    """Softmax without dim."""
    return Finding(
        title=f"{said['name']} without an axis",
        sentence=f"{said['name']} was given no dim and takes axis 1 for tensors of 2 axes and"
        " axis 0 for"
        " 3: over the batch, where attention weights should sum to one over time.",
        code=("weights = scores.softmax(dim=1)  # (N, L): over L", "weights.sum(1)  # all ones"),
    )


@reading(
    r"inconsistent tensor size, expected (?:r_|tensor) \[(?P<a>\d+(?: x \d+)*)\].{0,40}?and src"
    r" \[(?P<b>\d+(?: x \d+)*)\]",
    r"inconsistent tensor sizes? at",
    r"matrices expected, got (?P<left>\d)D, (?P<right>\d)D tensors",
)
def old_sizes(said: Said) -> Finding | None:
    """Before torch 0.4 the module checked nothing and the first operation failed."""
    if not said.mentions(r"lstm|gru|\brnn|hidden|state"):
        return None
    if said["left"]:
        told = (
            f"a product was given tensors of {said['left']} and {said['right']} axes: the"
            " input needs 3"
        )
    elif said["a"]:
        told = f"({said['a'].replace(' x ', ', ')}) met ({said['b'].replace(' x ', ', ')})"
    else:
        told = "two sizes do not agree"
    return Finding(
        title="Sizes that do not agree inside an RNN",
        sentence=f"In this old version the module does not check what it is given, and {told}."
        " Usually"
        " the state was made for another batch or laid out batch first: h_0 is (D·num_layers, N,"
        " H),"
        " whatever batch_first says.",
        code=("h_0 = torch.zeros(D * num_layers, x.size(0), H)  # x.size(1) without batch_first",),
        sure=Sure.LIKELY,
    )


READINGS: Final[tuple[Reading, ...]] = (
    viewed,
    viewed_into_sizes,
    axis_out_of_range,
    which_axis,
    old_sizes,
)
