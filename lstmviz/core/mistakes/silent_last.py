"""Silent: the wrong numbers taken for the summary of a sequence."""

from __future__ import annotations

from typing import Any, Final

from lstmviz.core.mistakes.mistake import Mistake, MistakeKind
from lstmviz.core.mistakes.setting import Lines, Setting, packed_setup, shortest_first

_RUN: Final = "output, (h_n, c_n) = lstm(x)"
_BATCH: Final[dict[str, Any]] = {
    "unbatched": False,
    "batch_size": 4,
    "seq_len": 24,
    "lengths": None,
}


def _summary(s: Setting, state: str = "h_n") -> str:
    if s.directions == 1:
        return f"{state}[-1]"
    return f"torch.cat(({state}[-2], {state}[-1]), -1)"


def _each_alone(s: Setting, expression: str) -> Lines:
    return (
        "alone = []",
        "for n, length in enumerate(lengths.tolist()):",
        f"    output, (h_n, c_n) = lstm({s.one(steps=':length')})",
        f"    alone.append({expression})",
    )


def _ends(s: Setting) -> str:
    forward = s.at("-1", features=f":{s.out}")
    return f"torch.cat(({forward}, {s.at('0', features=f'{s.out}:')}), -1)"


def _final_state(s: Setting) -> str:
    if s.directions == 1:
        return s.at("-1")
    return s.at("0", features=f"{s.out}:")


def _unpacked(s: Setting) -> Lines:
    return (
        "packed_output, (h_n, c_n) = lstm(packed)",
        f"output, _ = pad_packed_sequence(packed_output{s.packing})",
    )


def _shared_out(s: Setting) -> str:
    lengths = "lengths[:, None]" + (f".to({s.spec.device!r})" if s.cuda else "")
    return f"average = output.sum({s.time}) / {lengths}"


def _sorted_by_hand(s: Setting) -> Lines:
    batch = "x[order]" if s.first else "x[:, order]"
    return (
        "decreasing, order = lengths.sort(descending=True)",
        f"packed = pack_padded_sequence({batch}, decreasing{s.packing})",
        "_, (h_n, c_n) = lstm(packed)",
    )


SILENT_LAST: Final = (
    Mistake(
        name="last-step-of-both-directions",
        title="The last step of output as the summary of a bidirectional LSTM",
        kind=MistakeKind.SILENT,
        why="At the last step the reverse direction has read one step only; its summary is at the"
        " first.",
        when=lambda s: s.directions == 2 and s.steps >= 2,
        needs="a bidirectional LSTM and at least 2 steps",
        example={"bidirectional": True, "seq_len": 24},
        wrong=lambda s: (_RUN, f"summary = {s.at('-1')}"),
        right=lambda s: (_RUN, f"summary = {_summary(s)}"),
        result="summary",
        proof=lambda s: (f"summary = {_ends(s)}",),
    ),
    Mistake(
        name="last-step-is-padding",
        title="The last step of a padded batch as the summary",
        kind=MistakeKind.SILENT,
        why="Shorter sequences have ended before the last step, so what stands there was computed"
        " from padding.",
        begin=packed_setup,
        when=lambda s: s.uneven,
        needs="a padded batch",
        example=_BATCH,
        wrong=lambda s: (_RUN, f"summary = {s.at('-1')}"),
        right=lambda s: ("_, (h_n, c_n) = lstm(packed)", f"summary = {_summary(s)}"),
        result="summary",
        proof=lambda s: (*_each_alone(s, _summary(s)), "summary = torch.stack(alone)"),
    ),
    Mistake(
        name="padding-read-backwards",
        title="A padded batch not packed for a bidirectional LSTM",
        kind=MistakeKind.SILENT,
        why="The reverse direction starts in the padding and carries what it found there into every"
        " real step.",
        begin=packed_setup,
        when=lambda s: s.uneven and s.directions == 2,
        needs="a padded batch and a bidirectional LSTM",
        example={**_BATCH, "bidirectional": True},
        wrong=lambda s: (_RUN, f"start = {s.at('0')}"),
        right=lambda s: (*_unpacked(s), f"start = {s.at('0')}"),
        result="start",
        proof=lambda s: (*_each_alone(s, "output[0]"), "start = torch.stack(alone)"),
    ),
    Mistake(
        name="average-over-padding",
        title="The average over padded steps",
        kind=MistakeKind.SILENT,
        why="mean divides by the longest length; divide each sum by its own.",
        begin=packed_setup,
        when=lambda s: s.batched and min(s.lengths) < max(s.lengths),
        needs="a batch with more than one length",
        example=_BATCH,
        wrong=lambda s: (*_unpacked(s), f"average = output.mean({s.time})"),
        right=lambda s: (*_unpacked(s), _shared_out(s)),
        result="average",
        proof=lambda s: (*_each_alone(s, "output.mean(0)"), "average = torch.stack(alone)"),
    ),
    Mistake(
        name="order-not-restored",
        title="A batch sorted by hand and not put back",
        kind=MistakeKind.SILENT,
        why="After sorting, row n of h_n is no longer sequence n, while the labels still are;"
        " enforce_sorted=False sorts and restores by itself.",
        begin=shortest_first,
        when=lambda s: s.batched and min(s.lengths) < max(s.lengths),
        needs="a batch with more than one length",
        example=_BATCH,
        wrong=lambda s: (*_sorted_by_hand(s), "summary = h_n[-1]"),
        right=lambda s: (*_sorted_by_hand(s), "summary = h_n[-1][order.argsort()]"),
        result="summary",
        proof=lambda s: (*_each_alone(s, "h_n[-1]"), "summary = torch.stack(alone)"),
    ),
    Mistake(
        name="last-row-is-reverse",
        title="h_n[-1] taken for the forward state",
        kind=MistakeKind.SILENT,
        why="In h_n the two directions of a layer follow each other, so the last row is the reverse"
        " direction of the last layer.",
        when=lambda s: s.directions == 2,
        needs="a bidirectional LSTM",
        example={"bidirectional": True},
        wrong=lambda _: (_RUN, "forward = h_n[-1]"),
        right=lambda _: (_RUN, "forward = h_n[-2]"),
        result="forward",
        proof=lambda s: (f"forward = {s.at('-1', features=f':{s.out}')}",),
    ),
    Mistake(
        name="states-swapped",
        title="h_n and c_n unpacked the wrong way round",
        kind=MistakeKind.SILENT,
        why="The pair is (h_n, c_n), and without a projection both have the same shape, so nothing"
        " complains.",
        when=lambda s: s.out == s.cell,
        needs="no projection",
        example={"proj_size": 0},
        wrong=lambda _: ("output, (c_n, h_n) = lstm(x)", "summary = h_n[-1]"),
        right=lambda _: (_RUN, "summary = h_n[-1]"),
        result="summary",
        proof=lambda s: (f"summary = {_final_state(s)}",),
    ),
)
