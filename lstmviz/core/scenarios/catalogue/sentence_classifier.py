"""One label for a whole sentence, and which numbers sum it up."""

from __future__ import annotations

from typing import Final

from lstmviz.core.scenarios.parts import SEED, ClaimText, Option, Pointer, Scenario, Size, TourStep

LAST_STEP: Final = "last step"
FINAL_STATES: Final = "final states"

_LAST_REVERSE: Final = Pointer(
    stage="lstm", tensor="output", index=((None, None), -1, ("hidden_size", None))
)

SCENARIO: Final = Scenario(
    name="sentence-classifier",
    lesson=1,
    title="Sentence classifier",
    summary="Word vectors, an LSTM, one label: which numbers of its result sum up a sentence.",
    sizes=(
        Size(name="seq_len", title="Words", default=20, low=2, high=500),
        Size(name="batch_size", title="Sentences", default=32, low=1, high=512),
        Size(name="input_size", title="Width of a word vector", default=100, low=2),
        Size(name="hidden_size", title="Units", default=128, low=2),
        Size(name="classes", title="Classes", default=2, low=2, high=100),
        SEED,
    ),
    options=(
        Option(name="bidirectional", title="Bidirectional", default=False),
        Option(name="padded", title="Sentences of different lengths, padded", default=False),
        Option(
            name="summary",
            title="Summary of a sentence",
            default=LAST_STEP,
            choices=(LAST_STEP, FINAL_STATES),
        ),
    ),
    largest=(
        ("batch_size", "seq_len", "hidden_size"),
        ("batch_size", "seq_len", "input_size"),
    ),
    claims=(
        ClaimText(
            name="last-is-final",
            sentence="One direction, no padding: the last step of output is h_n.",
            expressions=("output[:, -1]", "h_n[-1]"),
            needs=(("bidirectional", False), ("padded", False)),
        ),
        ClaimText(
            name="reverse-saw-one-word",
            sentence="In the last step of output the reverse direction has read one word.",
            expressions=(
                "output[:, -1, hidden_size:]",
                "lstm(words[:, -1:])[0][:, 0, hidden_size:]",
            ),
            needs=(("bidirectional", True), ("padded", False)),
        ),
        ClaimText(
            name="reverse-ends-at-first",
            sentence="The reverse direction has read the whole sentence at its first step.",
            expressions=("output[:, 0, hidden_size:]", "h_n[-1]"),
            needs=(("bidirectional", True), ("padded", False)),
        ),
        ClaimText(
            name="summaries-differ",
            sentence="The last step and the final states give different logits.",
            expressions=(
                "linear(output[:, -1])",
                "linear(torch.cat([h_n[-2], h_n[-1]], dim=1))",
            ),
            needs=(("bidirectional", True), ("padded", False)),
        ),
        ClaimText(
            name="last-is-padding",
            sentence="The last step of a shorter sentence has read padding since its last word.",
            expressions=(
                "output[:, -1, :hidden_size]",
                "output[n, lengths - 1, :hidden_size]",
            ),
            needs=(("padded", True),),
        ),
        ClaimText(
            name="final-at-length",
            sentence="Packed, h_n is the forward state at each sentence's own last word.",
            expressions=("h_n[0]", "output[n, lengths - 1, :hidden_size]"),
            needs=(("padded", True),),
        ),
        ClaimText(
            name="packed-is-alone",
            sentence="Packed, every sentence gets the logits it gets when it is run alone.",
            expressions=("model(words, lengths)[n]", "model(words[n, :lengths[n]])"),
            needs=(("padded", True), ("bidirectional", False)),
        ),
        ClaimText(
            name="packed-is-alone-both-ways",
            sentence="Packed, every sentence gets the logits it gets when run alone, both ways.",
            expressions=("model(words, lengths)[n]", "model(words[n, :lengths[n]])"),
            needs=(("padded", True), ("bidirectional", True)),
        ),
        ClaimText(
            name="reverse-read-padding",
            sentence="Unpacked, the reverse direction comes to the last word out of the padding.",
            expressions=(
                "output[n, lengths - 1, hidden_size:]",
                "lstm(words[:, lengths[n] - 1])[0][0, hidden_size:]",
            ),
            needs=(("padded", True), ("bidirectional", True)),
        ),
    ),
    tour=(
        TourStep(
            text="A batch of sentences goes through the LSTM. output has one vector per word.",
            at=Pointer(stage="lstm", tensor="output"),
        ),
        TourStep(
            text="The linear layer takes the last step of it. It is the final hidden state, h_n.",
            at=Pointer(stage="lstm", tensor="output", index=((None, None), -1)),
            claim="last-is-final",
        ),
        TourStep(
            text="Made bidirectional, output doubles. The last step still holds the forward"
            " direction's final state, but only the first step of the reverse direction.",
            at=_LAST_REVERSE,
            changes={"bidirectional": True},
            claim="reverse-saw-one-word",
        ),
        TourStep(
            text="The reverse direction's final state is at the first word, and in h_n.",
            at=Pointer(
                stage="lstm", tensor="output", index=((None, None), 0, ("hidden_size", None))
            ),
            claim="reverse-ends-at-first",
        ),
        TourStep(
            text="The right summary joins both rows of h_n. Nothing fails with the wrong one, and"
            " the logits are other numbers.",
            at=Pointer(stage="linear"),
            changes={"summary": FINAL_STATES},
            claim="summaries-differ",
        ),
        TourStep(
            text="Real sentences differ in length and are padded with zeros. The LSTM goes on"
            " through them: the last step is no longer about the last word.",
            at=Pointer(stage="lstm", tensor="output", index=((None, None), -1)),
            changes={"bidirectional": False, "padded": True, "summary": LAST_STEP},
            claim="last-is-padding",
        ),
        TourStep(
            text="Packed, the LSTM stops at each sentence's own end, and h_n is what it says.",
            at=Pointer(stage="lstm", tensor="h_n"),
            changes={"summary": FINAL_STATES},
            claim="final-at-length",
        ),
        TourStep(
            text="Both at once: unpacked, the reverse direction begins in the padding, and every"
            " shorter sentence's last word is read with it in mind.",
            at=Pointer(
                stage="lstm",
                tensor="output",
                index=((None, None), (None, None), ("hidden_size", None)),
            ),
            changes={"bidirectional": True, "summary": LAST_STEP},
            claim="reverse-read-padding",
        ),
    ),
)
