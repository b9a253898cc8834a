"""Scores and targets whose shapes a loss cannot match, or matches wrongly."""

from __future__ import annotations

from math import gcd
from typing import Final

from lstmviz.core.mistakes.readings.call.packing import PACKED
from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.setting import Lines
from lstmviz.core.mistakes.words import SIZES, as_size

_LAST: Final = "output[:, -1]"


@reading(r"Expected target size " + SIZES.format("expected") + r", got " + SIZES.format("got"))
def classes_last(said: Said) -> Finding | None:
    """CrossEntropyLoss read another axis as the classes."""
    expected, got = said.sizes("expected"), said.sizes("got")
    if len(expected) > 2 or len(got) > 2:
        return _grid(expected, got)
    if len(got) == 1 or got[-1:] == (1,):
        return _one_label(expected, got)
    return Finding(
        title="Scores per step given to the loss with the classes last",
        sentence=f"The loss read axis 1 as the classes and so wants targets of {as_size(expected)};"
        f" yours are {as_size(got)}. Move the classes to axis 1 with scores.transpose(1, 2).",
        why="CrossEntropyLoss wants the classes on axis 1: (N, C, L) against targets (N, L).",
        code=(
            "loss = criterion(scores.transpose(1, 2), targets)  # (N, C, L) against (N, L)",
            "# or every step a row of its own:",
            "loss = criterion(scores.flatten(0, 1), targets.flatten())",
        ),
        sure=Sure.LIKELY,
        mistake="classes-not-second",
    )


def _one_label(expected: tuple[int, ...], got: tuple[int, ...]) -> Finding:
    target = "targets.squeeze(1)" if len(got) == 2 else "targets"
    return Finding(
        title="Scores of every step given to the loss for one label a sequence",
        sentence=f"The scores have three axes, and the loss read axis 1, their steps, as the"
        f" classes: it wants targets of {as_size(expected)}. Yours are {as_size(got)}, one for each"
        " sequence, so give the loss the last step only. (Where axis 1 does hold the classes, each"
        " step needs a target of its own.)",
        why="CrossEntropyLoss compares (N, C) with (N,), and (N, C, L) with (N, L).",
        code=(f"loss = criterion(scores[:, -1], {target})  # (N, C) against (N,), batch first",),
        sure=Sure.LIKELY,
        mistake="classes-not-second",
    )


def _grid(expected: tuple[int, ...], got: tuple[int, ...]) -> Finding:
    """Scores of more than three axes: no sequence of single steps."""
    channel = got[:1] + got[2:] == expected and got[1:2] == (1,)
    return Finding(
        title="Targets of another shape than the scores leave",
        sentence=f"The loss reads axis 1 of the scores as the classes and wants targets of the"
        f" other axes, {as_size(expected)}; yours are {as_size(got)}"
        + (": axis 1 is one too many." if channel else "."),
        code=("loss = criterion(scores, targets.squeeze(1))",)
        if channel
        else ("print(scores.shape, targets.shape)",),
        anywhere=True,
    )


@reading(
    r"Expected input batch_size \((?P<input>\d+)\) to match target batch_size \((?P<target>\d+)\)"
)
def rows(said: Said) -> Finding | None:
    """Another number of rows of scores than of targets."""
    scores, targets = said.number("input"), said.number("target")
    if scores == targets:
        return None
    big, small = max(scores, targets), max(1, min(scores, targets))
    steps = big // small if big % small == 0 else 0
    code: Lines
    if steps and scores > targets:
        reason = (
            f" That is {steps} rows for each target: the scores of every step were flattened, and"
            f" there is one target for each sequence. Use the last step, {_LAST} or h_n[-1]."
        )
        code = (f"scores = classify({_LAST})  # ({small}, C)", "loss = criterion(scores, targets)")
    elif steps:
        reason = (
            f" That is {steps} targets for each row: there is one target for each step, and"
            " scores of one step only, or of another batch axis."
        )
        code = (
            "scores = classify(output)  # (N, L, C)",
            "loss = criterion(scores.flatten(0, 1), targets.flatten())",
        )
    elif (shared := gcd(scores, targets)) >= 8 and abs(scores - targets) == shared:
        reason = (
            f" {scores:,} is {shared}·{scores // shared} and {targets:,} is"
            f" {shared}·{targets // shared}:"
            " one step more or less for each sequence, as when the first or last token is cut off"
            " one"
            " of the two."
        )
        code = ("loss = criterion(scores[:, :-1].flatten(0, 1), targets[:, 1:].flatten())",)
    else:
        reason = (
            " Neither is a multiple of the other: they come from different batches, lengths or"
            " axes."
        )
        code = ("print(scores.shape, targets.shape)",)
    if said.mentions(PACKED):
        reason += (
            " Packed data holds the real steps of all sequences only; pack the targets too, or"
            " unpack."
        )
    return Finding(
        title="Scores and targets of another number of rows",
        sentence=f"The loss was given {scores:,} rows of scores and {targets:,} targets.{reason}",
        why="With batch_first forgotten, output[-1] or h_n is laid out by steps, and N and L change"
        " places.",
        code=code,
        sure=Sure.LIKELY,
        also=(
            (
                f"If {scores:,} is your sequence length, batch and time are mixed up:"
                " batch_first=True."
            ),
        ),
    )


@reading(
    r"Using a target size \("
    + SIZES.format("target")
    + r"\) that is different to the input size \("
    + SIZES.format("input")
    + r"\)",
    r"Target size \("
    + SIZES.format("target")
    + r"\) must be the same as input size \("
    + SIZES.format("input")
    + r"\)",
)
def target_size(said: Said) -> Finding | None:
    """A target that is broadcast against the scores, or would be."""
    target, scores = said.sizes("target"), said.sizes("input")
    if target == scores:
        return None
    warns = "likely lead" in said.whole or (said.raised and said.raised.type.endswith("Warning"))
    sentence = f"The output is {as_size(scores)} and the target is {as_size(target)}"
    reason, code = _fit(scores, target)
    also: tuple[str, ...] = ()
    if len(scores) == len(target) and sorted(scores) == sorted(target):
        also = ("Batch and time may have changed places: transpose one of the two.",)
    return Finding(
        title="A target that is broadcast against the output"
        if warns
        else "A target of another shape than the output",
        sentence=f"{sentence}: {reason}.",
        why="Broadcasting compares every output with every target: the loss is a number all the"
        " same, and a wrong one."
        if warns
        else "These losses compare number with number, so the two must have one shape.",
        code=code,
        also=also,
    )


def _fit(scores: tuple[int, ...], target: tuple[int, ...]) -> tuple[str, tuple[str, ...]]:
    if scores and scores[:-1] == target and scores[-1] == 1:
        return (
            "the output has a last axis of 1 that the target lacks",
            ("loss = criterion(output.squeeze(-1), target)",),
        )
    if target and target[:-1] == scores and target[-1] == 1:
        return (
            "the target has a last axis of 1 that the output lacks",
            ("loss = criterion(output, target.squeeze(-1))",),
        )
    if len(scores) == 3 and len(target) == 2 and (scores[0], scores[2]) == target:
        return (
            (
                f"the output holds all {scores[1]} steps and the target one for each sequence; take"
                f" the last step, {_LAST}"
            ),
            (f"loss = criterion({_LAST}, target)",),
        )
    if len(scores) == 3 and len(target) < 3:
        return (
            (
                f"the output has a step axis too many; take the last step, {_LAST}, or squeeze the"
                " axis of 1"
            ),
            (f"loss = criterion(classify({_LAST}), target)",),
        )
    if len(scores) == 2 and len(target) == 1 and scores[0] == target[0]:
        return (
            (
                f"there are {scores[1]} numbers for each target; take the last step or one unit,"
                " output[:, -1], or squeeze the axis"
            ),
            ("loss = criterion(output[:, -1], target)  # if axis 1 is time",),
        )
    if len(scores) == len(target):
        axes = [
            n for n, (one, other) in enumerate(zip(scores, target, strict=True)) if one != other
        ]
        words = " and ".join(f"axis {n} is {scores[n]} against {target[n]}" for n in axes)
        return (
            f"{words}; squeeze, unsqueeze or take the last step until both have one shape",
            ("print(output.shape, target.shape)",),
        )
    return (
        f"they have another number of axes; squeeze the axis of 1, or take the last step, {_LAST}",
        ("loss = criterion(output.squeeze(-1), target)",),
    )


@reading(
    r"(?:0D or 1D target tensor expected, )?multi-target not supported",
    r"1D target tensor expected",
)
def several_targets(said: Said) -> Finding | None:
    """Targets with an axis too many for scores of (N, C)."""
    return Finding(
        title="Targets with an axis too many",
        sentence="The scores are (rows, C) and the targets have two axes: the loss wants one class"
        " number for each row. A last axis of 1 goes with squeeze; targets for every step are"
        " flattened as the scores are. One-hot targets, as wide as the scores, become class numbers"
        " with argmax(-1).",
        code=(
            "loss = criterion(scores, targets.squeeze(-1))  # (N, 1) to (N,)",
            "# or, one target for each step:",
            "loss = criterion(scores.flatten(0, -2), targets.flatten())",
        ),
        sure=Sure.LIKELY,
    )


@reading(r"Target (?P<got>-?\d+) is out of bounds")
def out_of_bounds(said: Said) -> Finding | None:
    """A class number that the scores have no column for."""
    got = int(said["got"])
    need = f"scores need at least {got + 1} columns" if got >= 0 else "padding needs ignore_index"
    return Finding(
        title="A target outside the classes",
        sentence=f"A target is {got}, and classes run from 0 to C - 1: {need}.",
        why="The width of the last layer is the number of classes, not hidden_size; labels that"
        " start at 1 need one taken off.",
        code=(
            f"classify = nn.Linear(width, {got + 1})  # or more"
            if got >= 0
            else f"criterion = nn.CrossEntropyLoss(ignore_index={got})",
        ),
    )


@reading(
    r"all elements of (?:input|target) should be between 0 and 1",
    r"Assertion `(?:x|input_val) >= 0\. && (?:x|input_val) <= 1\.?' failed",
)
def not_probabilities(said: Said) -> Finding | None:
    """BCELoss given scores."""
    return Finding(
        title="Probabilities outside 0 to 1",
        sentence="BCELoss was given numbers outside 0 to 1, or NaN: an LSTM's output is between -1"
        " and 1, and a Linear's anything. Give scores to BCEWithLogitsLoss.",
        code=("loss = nn.BCEWithLogitsLoss()(scores, targets.float())",),
    )


@reading(
    r"expected target dtype to be (?P<wanted>[\w ]+?),? but got (?P<got>\w+)",
    r"expected scalar type (?P<wanted>Long) but found (?P<got>\w+)",
)
def class_numbers(said: Said) -> Finding | None:
    """Class numbers that are no whole numbers."""
    if said["wanted"] == "Long" and not said.ran(r"\bloss\.py|cross_entropy|nll_loss"):
        return None
    return Finding(
        title="Class numbers that are not whole numbers",
        sentence=f"CrossEntropyLoss takes one class number for each row, {said['wanted']}, and was"
        f" given {said['got']}: cast them, or take a loss that compares numbers, as MSELoss does,"
        " where the targets are measurements.",
        code=(
            "loss = nn.CrossEntropyLoss()(scores, targets.long())  # class numbers",
            "# measurements: loss = nn.MSELoss()(output.squeeze(-1), targets)",
        ),
        anywhere=True,
    )


@reading(
    r"Expected floating point type for target with class probabilities, got (?P<got>\w+)",
    r"result type (?P<first>\w+) can't be cast to the desired output type (?P<got>\w+)",
)
def target_type(said: Said) -> Finding | None:
    """Targets of a dtype that this shape does not allow."""
    if said["first"]:
        return Finding(
            title="Targets of another dtype than the scores",
            sentence=f"The loss wants floats for its targets and was given {said['got']}.",
            code=("loss = criterion(scores, targets.float())",),
            sure=Sure.LIKELY,
        )
    return Finding(
        title="Targets of the scores' shape, but whole numbers",
        sentence="Scores and targets have one shape, so the loss takes the targets for"
        " probabilities,"
        f" and they are {said['got']}. Class numbers have one axis less: without a last axis of 1,"
        " or without the class axis.",
        code=("loss = criterion(scores, targets.squeeze(-1))  # class numbers, (N,)",),
        sure=Sure.LIKELY,
    )


READINGS: Final[tuple[Reading, ...]] = (
    classes_last,
    rows,
    target_size,
    several_targets,
    class_numbers,
    out_of_bounds,
    not_probabilities,
    target_type,
)
