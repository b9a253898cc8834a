"""A sequence too long for one call, cut into chunks."""

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

DETACHED: Final = "carried and detached"
CARRIED: Final = "carried"
RESET: Final = "reset"
WHOLE: Final = "whole sequence at once"

_MOST_CHUNKS: Final = 200
"""Calls that are shown one by one."""


def check_chunks(settings: Settings) -> None:
    """Refuse chunks that do not cut the sequence, or cut it into too many.

    Raises
    ------
    SpecError
        Beside ``chunk``.
    """
    seq_len, chunk = int(settings["seq_len"]), int(settings["chunk"])
    if chunk >= seq_len:
        raise SpecError("chunk", f"A chunk must be shorter than the sequence ({seq_len:,}).")
    if -(-seq_len // chunk) > _MOST_CHUNKS:
        raise SpecError("chunk", f"Make chunks longer: at most {_MOST_CHUNKS} are shown.")


SCENARIO: Final = Scenario(
    name="chunks",
    lesson=4,
    title="Long sequences in chunks",
    summary="State carried, detached or reset between chunks, against the whole sequence at once.",
    sizes=(
        Size(name="seq_len", title="Steps", default=200, low=2, high=5000),
        Size(name="chunk", title="Steps of a chunk", default=25, low=1, high=1000),
        Size(name="batch_size", title="Sequences", default=4, low=1, high=128),
        Size(name="input_size", title="Width of a step", default=8, low=2, high=512),
        Size(name="hidden_size", title="Units", default=32, low=2, high=512),
        SEED,
    ),
    options=(
        Option(
            name="state",
            title="State between chunks",
            default=DETACHED,
            choices=(DETACHED, CARRIED, RESET, WHOLE),
        ),
    ),
    largest=(("batch_size", "seq_len", "hidden_size"),),
    rules=(check_chunks,),
    claims=(
        ClaimText(
            name="carried-is-whole",
            sentence="With the state carried, chunks give what the whole sequence gives.",
            expressions=("torch.cat(chunks, dim=1)", "lstm(x)[0]"),
        ),
        ClaimText(
            name="detach-changes-no-number",
            sentence="Detaching the state changes no number of the forward pass.",
            expressions=("chunks, state detached", "chunks, state carried"),
        ),
        ClaimText(
            name="reset-forgets",
            sentence="With the state reset, the first chunk is right and the next starts wrong.",
            expressions=("chunks, state reset", "lstm(x)[0]"),
        ),
        ClaimText(
            name="detach-cuts-gradient",
            sentence="Detached, no gradient of the last step reaches a step before the last chunk.",
            expressions=("x.grad[:, :last_chunk]", "0"),
        ),
        ClaimText(
            name="carried-gradient-is-whole",
            sentence="Carried without detaching, the gradient is that of the whole sequence.",
            expressions=("x.grad, state carried", "x.grad, whole sequence"),
        ),
        ClaimText(
            name="second-backward-fails",
            sentence="A backward pass per chunk fails at the second chunk unless the state is"
            " detached.",
            expressions=("loss.backward()",),
        ),
    ),
    tour=(
        TourStep(
            text="The sequence is cut into chunks; each call starts from the state that the one"
            " before returned. All calls together are one sequence.",
            at=Pointer(stage="lstm", tensor="hidden"),
            claim="carried-is-whole",
        ),
        TourStep(
            text="Without the state, every chunk starts from zeros: right in the first, wrong from"
            " the first boundary on, and slowly better while the past fades.",
            at=Pointer(result="difference_reset"),
            changes={"state": RESET},
            claim="reset-forgets",
        ),
        TourStep(
            text="detach() keeps the numbers and drops how they came about.",
            at=Pointer(result="difference_detached"),
            changes={"state": DETACHED},
            claim="detach-changes-no-number",
        ),
        TourStep(
            text="So the gradient of the last step ends where the last chunk begins. That is what"
            " keeps memory bounded, and what the model cannot learn across.",
            at=Pointer(result="gradient_detached"),
            claim="detach-cuts-gradient",
        ),
        TourStep(
            text="Not detached, the second backward pass would run through the first chunk's graph"
            " again, and that is gone.",
            at=Pointer(stage="lstm"),
            changes={"state": CARRIED},
            claim="second-backward-fails",
        ),
    ),
)
