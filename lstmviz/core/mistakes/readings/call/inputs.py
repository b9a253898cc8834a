"""What is fed: its width, its axes, its type."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.module_kind import building, calling, in_words, module_of
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.words import count

_EMBEDDED: Final = "x = embedding(torch.tensor([numbers[letter] for letter in text]))"
_RUN: Final = "output, (h_n, c_n) = lstm(x)"


@reading(
    r"input\.size\(-1\) must be equal to input_size[.,]? Expected (?P<expected>\d+), got"
    r" (?P<got>\d+)(?!\d|[ ]?[x,])"
)
def width(said: Said) -> Finding | None:
    """The last axis is not input_size long."""
    expected, got = said.number("expected"), said.number("got")
    if expected == got:
        return None
    s = said.setting
    if expected == 1:
        return _series(got)
    if s is not None and s.batched and got == s.steps != s.width:
        return _not_last(expected, got)
    also = (
        (
            f"If {got} is your sequence length, time was left last, as nn.Conv1d has it:"
            " lstm(x.transpose(1, 2))."
        ),
    )
    kind = module_of(said)
    twice = (
        f" {got} is twice {expected}, as wide as the output of a bidirectional module of"
        f" hidden_size={expected} is."
        if got == 2 * expected and expected > 1
        else ""
    )
    return Finding(
        title="Features that do not match input_size",
        sentence=f"The input's last axis holds {count(got, 'feature')} per step;"
        f" {in_words(kind)} was built with input_size={expected}. Change the one or the other."
        f"{twice}",
        why="input_size is the length of the input's last axis.",
        code=(
            building(kind, f"{got}, H", f"where {expected} was"),
            f"# or a layer before it: x = nn.Linear({got}, {expected})(x)",
            *((f"# or, where {got} counts the steps: x = x.transpose(1, 2)",) if got > 1 else ()),
            calling(kind),
        ),
        mistake="input-of-another-width" if kind in {"", "LSTM"} else "",
        told={"input_size": expected} if kind in {"", "LSTM"} else {},
        also=also if got > 1 else (),
    )


def _series(got: int) -> Finding:
    return Finding(
        title="A plain series without the feature axis",
        sentence=f"A plain (N, L) series is read as one unbatched sequence with {got} features per"
        " step; add the feature axis with x.unsqueeze(-1), which makes it (N, L, 1).",
        why="Two axes mean one unbatched sequence, so a (N, L) series is read as N steps of L"
        " features.",
        code=("output, (h_n, c_n) = lstm(x.unsqueeze(-1))",),
        sure=Sure.LIKELY,
        mistake="series-without-feature-axis",
        told={"input_size": 1},
        also=(
            (
                f"The input's last axis does hold {count(got, 'feature')} per step: this LSTM was"
                f" built with input_size=1, so build it with input_size={got}."
            ),
        ),
    )


def _not_last(expected: int, got: int) -> Finding:
    return Finding(
        title="The time axis left last, as nn.Conv1d has it",
        sentence=f"The input's last axis is {got} long ({got} is seq_len here), but the LSTM reads"
        f" features there, {expected} per step: the time axis was left last, as nn.Conv1d has it.",
        why="nn.LSTM reads features on the last axis; convolutions keep them before time.",
        code=("output, (h_n, c_n) = lstm(x.transpose(1, 2))",),
        sure=Sure.LIKELY,
        mistake="features-not-last",
        told={"input_size": expected, "seq_len": got},
        also=(
            (
                f"The input's last axis holds {count(got, 'feature')} per step; this LSTM was built"
                f" with input_size={expected}."
            ),
        ),
    )


@reading(
    r"(?P<kind>LSTM|GRU|RNN): Expected input to be 2-?D or 3-?D,? (?:but )?(?:got|received)"
    r" (?P<got>\d)",
    r"input must have (?P<needs>\d) dimensions?,? got (?P<got>\d)",
)
def axes(said: Said) -> Finding | None:
    """Too many axes or too few."""
    got, needs = said.number("got"), int(said["needs"] or 3)
    kind = f"nn.{said['kind'].upper()}" if said["kind"] else "the module"
    s = said.setting
    layout = "(N, L, H_in)" if s is None or s.first else "(L, N, H_in)"
    if needs == 2:
        return _packed_axes(got)
    if got < 3:
        more = "unsqueeze(0)" if got == 2 else "unsqueeze"
        sentence = f"The input has {count(got, 'axis', 'axes')}; a batch needs 3, {layout}. Add"
        sentence += f" the missing {'ones' if got < 2 else 'one'} with unsqueeze."
        code = {
            0: ("x = x.reshape(1, 1, 1)  # one sequence, one step, one feature",),
            1: (
                "x = x.reshape(1, -1, 1)  # one sequence of len(x) steps of 1 feature",
                "# or x.reshape(1, 1, -1): one step of len(x) features",
            ),
        }.get(
            got, (f"x = x.{more}  # a batch of one; unsqueeze(-1) where the features are missing",)
        )
    else:
        sentence = (
            f"The input has {got} axes and {kind} takes 3, {layout}, or 2, (L, H_in): join what is"
            " not time or batch into the features."
        )
        code = ("x = x.flatten(2)  # (N, L, everything else), if time is on axis 1",)
    return Finding(
        title="Input with too many or too few axes",
        sentence=sentence,
        why="nn.LSTM, nn.GRU and nn.RNN take three axes, or two for a single sequence; an image or"
        " a list of windows has more.",
        code=(*code, calling(said["kind"].upper() or module_of(said))),
        mistake="input-of-another-rank",
    )


def _packed_axes(got: int) -> Finding:
    return Finding(
        title="Packed data with too many or too few axes",
        sentence=f"Packed input is read as (steps of all sequences, H_in), 2 axes, and its data has"
        f" {got}: what was packed was not (N, L, H_in).",
        code=(
            "print(x.shape)  # before packing: (N, L, H_in)",
            "packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)",
        ),
        mistake="input-of-another-rank",
    )


@reading(
    r"'(?P<got>numpy\.ndarray|ndarray|list|DataFrame|Series|str|int|float|NoneType|dict)' object"
    r" has"
    r" no attribute '(?P<attribute>dim|is_cuda|new_zeros|is_nested)'",
)
def not_a_tensor(said: Said) -> Finding | None:
    """rnn.py asked something that is no tensor for its axes."""
    if said.stack and not said.ran(r"\brnn\.py|lstm|gru|\brnn"):
        return None
    got = said["got"]
    what = _what_was_asked(said)
    if what == "state":
        return _state_not_a_tensor(said, got)
    nothing = got == "NoneType"
    return Finding(
        title="A NumPy array or a list passed as input" if not nothing else "None passed as input",
        sentence="The input is None: something before the module returned nothing."
        if nothing
        else f"The input is a {got}; {_TO_TENSOR.get(got, _MADE)[0]}.",
        why="nn.LSTM, nn.GRU and nn.RNN take a tensor or a PackedSequence.",
        code=(_TO_TENSOR.get(got, _MADE)[1], calling(module_of(said)))
        if not nothing
        else ("assert x is not None  # does what makes x return it?",),
        sure=Sure.CERTAIN if what == "input" else Sure.LIKELY,
        mistake="" if nothing else "input-not-a-tensor",
    )


_MADE: Final = (
    "make it a tensor with torch.as_tensor or torch.stack",
    "x = torch.as_tensor(x, dtype=torch.float32)",
)
_TO_TENSOR: Final = {
    "list": (
        (
            "a loader's batch is a list of its tensors, of which one is meant; a list of sequences"
            " of one length is made a tensor with torch.stack, and numbers with torch.as_tensor"
        ),
        "x = x[0]  # of a loader's batch; of a list of sequences: torch.stack(x)",
    ),
    "dict": (
        "the tensor is under one of its keys",
        'x = batch["x"]  # the key of the sequences',
    ),
    "DataFrame": (
        "make it a tensor with torch.as_tensor",
        "x = torch.as_tensor(x.to_numpy(), dtype=torch.float32)",
    ),
    "str": ("turn its letters or words into numbers, and those into vectors", _EMBEDDED),
}
"""What becomes a tensor, and how, by the type that was passed."""


def _what_was_asked(said: Said) -> str:
    """Return whether the module's own line asks its input or its state; empty if not shown."""
    line = said.module_line
    if re.search(r"\bhx\b|\bvalue\.dim", line):
        return "state"
    return "input" if re.search(r"\binput\b|\borig_input\b", line) else ""


def _state_not_a_tensor(said: Said, got: str) -> Finding:
    kind = module_of(said)
    pair = re.search(r"hx\[|value", said.module_line)
    none = got == "NoneType"
    whose = "h_0 or c_0, one of the pair passed as state," if pair else "The state"
    return Finding(
        title="None inside the pair of states" if none and pair else "A state that is no tensor",
        sentence=f"{whose} is {'None' if none else f'a {got}'}: "
        + (
            "a pair of Nones is not the same as no state. Pass no state at all, or None for the"
            " whole of it, and the module starts from zeros."
            if none
            else "make it a tensor of the input's dtype and device."
        ),
        code=(calling(kind) + "  # starts from zeros",)
        if none
        else (
            "h_0, c_0 = (torch.as_tensor(s, dtype=x.dtype, device=x.device) for s in (h_0, c_0))"
            if pair
            else "h_0 = torch.as_tensor(h_0, dtype=x.dtype, device=x.device)",
            calling(kind, "x, (h_0, c_0)" if pair else "x, h_0"),
        ),
    )


@reading(r"Expected sequence length to be larger than 0 in RNN")
def no_steps(said: Said) -> Finding | None:
    """No step at all."""
    return Finding(
        title="An empty sequence",
        sentence="Without a step there is no state to return: a window or a mask has left nothing.",
        code=("assert x.numel() > 0", _RUN),
        mistake="input-without-steps",
    )


@reading(
    r"index out of range in self",
    r"index out of range: Tried to access index (?P<got>\d+) out"
    r" of table with (?P<last>\d+) rows",
    r"srcIndex < srcSelectDimSize|index_select.*out of range|vectorized_gather_kernel",
)
def beyond_vocabulary(said: Said) -> Finding | None:
    """A token number that the table does not hold."""
    known = (
        said["got"] and f" Token {said['got']} was asked of a table that ends at {said['last']}."
    )
    cuda = "src" in said.match[0].lower()
    return Finding(
        title="A token number outside the vocabulary",
        sentence="An index is not in the table that it looks up, an nn.Embedding's: it is negative"
        " or beyond the end. Rows run from 0 to num_embeddings - 1, so num_embeddings is the"
        " largest token number plus one, padding and unknown included."
        f"{known or ''}"
        + (" On the GPU it surfaces later, at whatever call comes next." if cuda else ""),
        code=(
            "print(tokens.min(), tokens.max(), embedding.num_embeddings)",
            "embedding = nn.Embedding(int(tokens.max()) + 1, H_in)  # where max is too large",
            "# where min is negative, as -1 or -100 for padding, give padding a row of its own",
        ),
        sure=Sure.CERTAIN if said.ran(r"\bsparse\.py|embedding") or said["got"] else Sure.LIKELY,
        mistake="token-beyond-vocabulary",
        anywhere=said.ran(r"\bsparse\.py"),
    )


@reading(r"(?:global )?name 'fn' is not defined")
def unworded(said: Said) -> Finding | None:
    """In torch 0.3.1 the check of the width fails while it words its message."""
    if not said.ran(r"check_forward_args|rnn\.py"):
        return None
    return Finding(
        title="Features that do not match input_size",
        sentence="torch 0.3.1 found that the input's last axis is not input_size long and failed to"
        " say so: its message names fn, which is not there.",
        why="input_size is the length of the input's last axis.",
        code=("print(x.size(-1), lstm.input_size)  # must be the same",),
    )


READINGS: Final[tuple[Reading, ...]] = (
    unworded,
    width,
    axes,
    not_a_tensor,
    no_steps,
    beyond_vocabulary,
)
