"""One sequence read, another written: state handed over, and what the writer is fed."""

from __future__ import annotations

from typing import Final

from lstmviz.core.scenarios.parts import SEED, ClaimText, Option, Pointer, Scenario, Size, TourStep

TEACHER: Final = "teacher forcing"
FREE: Final = "free running"

ONE_WAY: Final = "one direction"
JOINED: Final = "both directions, joined"
RESHAPED: Final = "both directions, reshaped"
LAST_OUTPUT: Final = "both directions, last output"

_WRITTEN: Final = Pointer(stage="decoder", tensor="output")
_STATE: Final = Pointer(stage="decoder", tensor="h_0")

SCENARIO: Final = Scenario(
    name="encoder-decoder",
    lesson=2,
    title="Encoder and decoder",
    summary="One LSTM reads, its final state starts another that writes, taught or on its own.",
    sizes=(
        Size(name="seq_len", title="Steps to read and to write", default=30, low=2, high=300),
        Size(name="batch_size", title="Sequences", default=16, low=2, high=256),
        Size(name="input_size", title="Width of a step", default=50, low=2),
        Size(name="hidden_size", title="Units of the encoder", default=64, low=2),
        SEED,
    ),
    options=(
        Option(
            name="feeding",
            title="What the decoder is fed",
            default=TEACHER,
            choices=(TEACHER, FREE),
        ),
        Option(
            name="bridge",
            title="How the state is handed over",
            default=ONE_WAY,
            choices=(ONE_WAY, JOINED, RESHAPED, LAST_OUTPUT),
        ),
    ),
    largest=(
        ("batch_size", "seq_len", "hidden_size"),
        ("batch_size", "seq_len", "input_size"),
    ),
    claims=(
        ClaimText(
            name="handover",
            sentence="The decoder starts from the very state in which the encoder ended.",
            expressions=("decoder h_0, c_0", "encoder h_n, c_n"),
            needs=(("bridge", ONE_WAY),),
        ),
        ClaimText(
            name="equal-first",
            sentence="Taught and free, the first step is the same: both are fed the start.",
            expressions=("forced[:, 0]", "free[:, 0]"),
        ),
        ClaimText(
            name="part-next",
            sentence="They part at the second step, the first that is fed something else.",
            expressions=("forced[:, 1]", "free[:, 1]"),
        ),
        ClaimText(
            name="free-is-forced-on-itself",
            sentence="Taught with what it wrote itself, it writes the same again, in one call.",
            expressions=("model(source, teacher=free)", "free"),
        ),
        ClaimText(
            name="bridge-keeps-items",
            sentence="Joined, row n starts from both final states of sequence n.",
            expressions=("h_0[0]", "torch.cat([h_n[0], h_n[1]], dim=1)"),
            needs=(("bridge", JOINED),),
        ),
        ClaimText(
            name="reshape-mixes-items",
            sentence="Reshaped, the first sequence starts from forward states of the first two.",
            expressions=("h_n.reshape(1, N, -1)[0, 0]", "torch.cat([h_n[0, 0], h_n[0, 1]])"),
            needs=(("bridge", RESHAPED),),
        ),
        ClaimText(
            name="last-output-forgets",
            sentence="The last output's reverse half has read a single step.",
            expressions=(
                "h_0[0, :, hidden_size:]",
                "encoder(source[:, -1:])[0][:, 0, hidden_size:]",
            ),
            needs=(("bridge", LAST_OUTPUT),),
        ),
    ),
    tour=(
        TourStep(
            text="The encoder reads the source. Only its final h and c go on.",
            at=Pointer(stage="encoder", tensor="h_n"),
        ),
        TourStep(
            text="They are the decoder's h_0 and c_0, number by number.",
            at=_STATE,
            claim="handover",
        ),
        TourStep(
            text="With teacher forcing the decoder is fed the true sequence, one step late, so all"
            " of it runs in one call.",
            at=Pointer(stage="decoder", tensor="input"),
            claim="equal-first",
        ),
        TourStep(
            text="Free running, it is fed what it wrote itself, call after call. From the second"
            " step on it reads other input and goes its own way.",
            at=Pointer(result="parting"),
            changes={"feeding": FREE},
            claim="part-next",
        ),
        TourStep(
            text="Nothing else differs: taught with its own words, it repeats them.",
            at=_WRITTEN,
            claim="free-is-forced-on-itself",
        ),
        TourStep(
            text="A bidirectional encoder ends twice. Joined along the features, each sequence"
            " keeps its own two final states.",
            at=_STATE,
            changes={"feeding": TEACHER, "bridge": JOINED},
            claim="bridge-keeps-items",
        ),
        TourStep(
            text="reshape(1, N, -1) has the right shape and the wrong numbers: it walks through"
            " h_n row by row and mixes the sequences of the batch.",
            at=Pointer(stage="decoder", tensor="h_0", index=(0, 0)),
            changes={"bridge": RESHAPED},
            claim="reshape-mixes-items",
        ),
        TourStep(
            text="output[:, -1] fits too, but there the reverse direction has only just begun.",
            at=Pointer(
                stage="decoder", tensor="h_0", index=(0, (None, None), ("hidden_size", None))
            ),
            changes={"bridge": LAST_OUTPUT},
            claim="last-output-forgets",
        ),
    ),
)
