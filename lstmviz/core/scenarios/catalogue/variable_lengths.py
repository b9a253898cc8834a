"""A batch of sequences of different lengths, packed without sorting and unpacked again."""

from __future__ import annotations

from typing import Final

from lstmviz.core.scenarios.parts import (
    SEED,
    ClaimText,
    Option,
    Pointer,
    Scenario,
    Settings,
    Size,
    TourStep,
)
from lstmviz.core.spec import SpecError
from lstmviz.core.words.typed import parse_numbers, said

_MOST_SEQUENCES: Final = 256
_BOTH: Final = (("bidirectional", True),)


def read_lengths(text: str, seq_len: int) -> tuple[int, ...]:
    """Read lengths between commas or spaces.

    Raises
    ------
    SpecError
        One is no whole number, below 1 or above `seq_len`, or there are too many.
    """
    numbers = parse_numbers(text)
    lengths = [number for number in numbers if isinstance(number, int) and 1 <= number <= seq_len]
    for number in numbers:
        if number not in lengths:
            raise SpecError(
                "lengths",
                f"Each length must be a whole number between 1 and seq_len ({seq_len:,}),"
                f" not {said(number)}.",
            )
    if not 1 <= len(lengths) <= _MOST_SEQUENCES:
        raise SpecError(
            "lengths", f"Give between 1 and {_MOST_SEQUENCES} lengths, not {len(lengths):,}."
        )
    return tuple(lengths)


def check_lengths(settings: Settings) -> None:
    """Refuse lengths that cannot be; raises `SpecError` beside ``lengths``."""
    read_lengths(str(settings["lengths"]), int(settings["seq_len"]))


SCENARIO: Final = Scenario(
    name="variable-lengths",
    lesson=3,
    title="Variable lengths",
    summary="A padded batch packed and unpacked: packed rows, work saved, the true last step.",
    sizes=(
        Size(name="seq_len", title="Padded to", default=50, low=2, high=1000),
        Size(name="input_size", title="Width of a step", default=30, low=2),
        Size(name="hidden_size", title="Units", default=100, low=2),
        Size(name="outputs", title="Outputs", default=2, low=1, high=100),
        SEED,
    ),
    options=(
        Option(
            name="lengths",
            title="Length of each sequence",
            default="40, 30, 25, 50, 15, 45, 35, 20",
            longest=2000,
        ),
        Option(name="bidirectional", title="Bidirectional", default=False),
    ),
    largest=(("seq_len", "hidden_size"), ("seq_len", "input_size")),
    rules=(check_lengths,),
    claims=(
        ClaimText(
            name="rows-are-steps",
            sentence="Every packed row is one real step of the padded batch, and none is padding.",
            expressions=("packed.data[row]", "padded[item, step]"),
        ),
        ClaimText(
            name="batch-sizes-count",
            sentence="batch_sizes counts the sequences that still go on at each step.",
            expressions=("packed.batch_sizes[t]", "(lengths > t).sum()"),
        ),
        ClaimText(
            name="order-restored",
            sentence="unsorted_indices undoes sorted_indices: results come in the caller's order.",
            expressions=("lengths[sorted_indices][unsorted_indices]", "lengths"),
        ),
        ClaimText(
            name="last-is-true-last",
            sentence="h_n is each sequence's output at its own last step.",
            expressions=("h_n[0]", "output[n, lengths - 1, :hidden_size]"),
        ),
        ClaimText(
            name="same-as-alone",
            sentence="Every sequence gets the numbers it gets when it is run alone.",
            expressions=("output[n, :lengths[n]]", "lstm(padded[n, :lengths[n]])[0]"),
        ),
        ClaimText(
            name="total-length",
            sentence="total_length restores the padded length, else the longest sequence rules.",
            expressions=("pad_packed_sequence(packed_output, total_length=seq_len)[0].size(1)",),
        ),
        ClaimText(
            name="padding-is-zero",
            sentence="Past a sequence's end the unpacked output is zero.",
            expressions=("output[n, lengths[n]:]", "0"),
        ),
        ClaimText(
            name="unpacked-final-is-wrong",
            sentence="Unpacked, h_n of every shorter sequence has gone on through the padding.",
            expressions=("lstm(padded)[1][0][0]", "lstm(packed)[1][0][0]"),
        ),
        ClaimText(
            name="forward-survives",
            sentence="Unpacked, the forward direction is right up to each sequence's end.",
            expressions=("lstm(padded)[0][..., :hidden_size]", "output[..., :hidden_size]"),
        ),
        ClaimText(
            name="reverse-is-wrong",
            sentence="Unpacked, the reverse direction is wrong at the last step of every shorter"
            " sequence, and right in those of full length.",
            expressions=("lstm(padded)[0][..., hidden_size:]", "output[..., hidden_size:]"),
            needs=_BOTH,
        ),
    ),
    tour=(
        TourStep(
            text="Sequences of different lengths lie in one padded batch; what lies past"
            " their ends is waste.",
            at=Pointer(tensor="padded"),
        ),
        TourStep(
            text="Packing keeps the real steps only, time step by time step, longest sequence"
            " first.",
            at=Pointer(stage="lstm", tensor="input.data"),
            claim="rows-are-steps",
        ),
        TourStep(
            text="batch_sizes says how many rows belong to each step: it falls whenever a sequence"
            " ends.",
            at=Pointer(stage="lstm", tensor="input.batch_sizes"),
            claim="batch-sizes-count",
        ),
        TourStep(
            text="Nobody had to sort: enforce_sorted=False remembers the order and restores it.",
            at=Pointer(result="order"),
            claim="order-restored",
        ),
        TourStep(
            text="h_n is the true last step of each sequence, wherever that is.",
            at=Pointer(stage="lstm", tensor="h_n"),
            claim="last-is-true-last",
        ),
        TourStep(
            text="pad_packed_sequence gives back a padded batch, as long as the longest sequence."
            " Without one of full length, total_length is what makes it fit the rest again.",
            at=Pointer(result="returned_lengths"),
            changes={"lengths": "40, 30, 25, 48, 15, 45, 35, 20"},
            claim="total-length",
        ),
        TourStep(
            text="The same batch without packing: the forward direction is right as far as each"
            " sequence goes, but h_n is not.",
            at=Pointer(result="final_error"),
            changes={"lengths": "40, 30, 25, 50, 15, 45, 35, 20"},
            claim="unpacked-final-is-wrong",
        ),
        TourStep(
            text="A reverse direction meets the padding first. It is wrong from the last real step"
            " on, most where that step is near.",
            at=Pointer(result="reverse_error"),
            changes={"bidirectional": True},
            claim="reverse-is-wrong",
        ),
    ),
)
