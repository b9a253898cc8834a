"""What came out of running a mistake, as plain data."""

from __future__ import annotations

from enum import StrEnum
from typing import TypedDict

from lstmviz.core.mistakes.mistake import Mistake, MistakeKind


class Numbers(TypedDict):
    """The result of one program, or as much of it as fits on a screen.

    `values` are the first of the flattened numbers.
    """

    shape: list[int]
    values: list[float]


class Outcome(TypedDict):
    """How one program ended.

    `exception` and `message` are empty if it ran through. `signal` names what killed the process,
    e.g. ``"SIGSEGV"``, and is empty if it lived. `timed_out` tells that we killed it.
    """

    exception: str
    message: str
    signal: str
    timed_out: bool
    warnings: list[str]
    numbers: Numbers | None
    seconds: float


class Difference(TypedDict):
    """How far apart two results are.

    `max_abs` is None where the shapes differ; `index` is where it was found.
    """

    max_abs: float | None
    index: list[int]


class Experiment(TypedDict):
    """One mistake, run: its wrong program, its right one, and for silent ones the proof.

    `torch` is the version it ran on, empty if the process never started.
    """

    name: str
    torch: str
    code: Outcome
    fix: Outcome
    truth: Outcome | None
    wrong_right: Difference | None
    right_truth: Difference | None
    verdict: str


class Verdict(StrEnum):
    """Whether the mistake still shows."""

    RAISED = "raised"
    OTHER_MESSAGE = "raised another message"
    CRASHED = "crashed"
    DIFFERS = "differs"
    GONE = "does not reproduce"
    TIMED_OUT = "timed out"


def nothing_yet(seconds: float) -> Outcome:
    """Return the outcome of a program of which nothing is known but its time."""
    return Outcome(
        exception="",
        message="",
        signal="",
        timed_out=False,
        warnings=[],
        numbers=None,
        seconds=seconds,
    )


def verdict(mistake: Mistake, code: Outcome, difference: Difference | None) -> Verdict:
    """Return whether the wrong program of `mistake` still goes wrong, and as described.

    Parameters
    ----------
    mistake : Mistake
    code : Outcome
        Of the wrong program.
    difference : Difference or None
        Between its result and the right program's, for silent mistakes.
    """
    if code["timed_out"]:
        return Verdict.TIMED_OUT
    if code["signal"]:
        return Verdict.CRASHED
    if code["exception"]:
        known = mistake.kind is MistakeKind.ERROR and mistake.match(code["message"])
        return Verdict.RAISED if known else Verdict.OTHER_MESSAGE
    if difference is None:
        return Verdict.GONE
    return Verdict.GONE if difference["max_abs"] == 0 else Verdict.DIFFERS


def ended(outcome: Outcome) -> str:
    """Return how a program ended, in one sentence to show."""
    if outcome["timed_out"]:
        return f"It was stopped after {outcome['seconds']:.0f} s."
    if outcome["signal"] == "SIGSEGV":
        return "Segmentation fault: the process died (SIGSEGV) without a message."
    if outcome["signal"]:
        return f"The process died ({outcome['signal']}) without a message."
    if outcome["exception"]:
        return f"{outcome['exception']}: {outcome['message']}"
    return "It ran through."
