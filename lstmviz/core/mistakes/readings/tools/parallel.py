"""DataParallel: what it cuts, and what it cannot put together again."""

from __future__ import annotations

from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.words import SIZES, as_size, sizes

_BY: Final = r"\d+(?:x\d+)+"


@reading(
    r"gather got an input of invalid size: got (?P<got>"
    + _BY
    + r"), but expected (?P<expected>"
    + _BY
    + r")",
    r"gather got an input of invalid size: got "
    + SIZES.format("got")
    + r", but expected "
    + SIZES.format("expected"),
    r"Input tensor at index (?P<at>\d+) has invalid shape "
    + SIZES.format("got")
    + r",? but expected "
    + SIZES.format("expected"),
)
def gathered(said: Said) -> Finding | None:
    """The replicas' outputs differ in an axis other than the one they are joined along."""
    got, expected = sizes(said["got"]), sizes(said["expected"])
    if len(got) != len(expected) or got == expected:
        return None
    axes = [n for n, (a, b) in enumerate(zip(got, expected, strict=True)) if a != b]
    axis = axes[-1]
    return Finding(
        title="Replicas whose outputs are of unequal length",
        sentence=f"One replica returned {as_size(got)} and another {as_size(expected)}: axis"
        f" {axis}, {got[axis]} against {expected[axis]}, is time. Each replica unpacks to the"
        " longest sequence of its own part; total_length pads all to the length of the whole"
        " batch.",
        why="DataParallel joins the parts along axis 0, and every other axis must agree.",
        code=(
            "total = x.size(1)  # before packing, in forward; x.size(0) without batch_first",
            "output, _ = pad_packed_sequence(packed_output, batch_first=True, total_length=total)",
        ),
        sure=Sure.LIKELY,
    )


@reading(
    r"(?:dimension|chunk|scatter).*(?:PackedSequence)|PackedSequence.*(?:scatter|DataParallel)"
)
def scattered(said: Said) -> Finding | None:
    """A PackedSequence cannot be cut."""
    if not said.mentions("scatter"):
        return None
    return Finding(
        title="A PackedSequence given to DataParallel",
        sentence="DataParallel cuts every tensor along axis 0, and a PackedSequence's axis 0 is no"
        " batch: give it the padded batch and the lengths, and pack inside forward.",
        code=(
            "def forward(self, x, lengths):",
            (
                "    packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True,"
                " enforce_sorted=False)"
            ),
        ),
        sure=Sure.LIKELY,
    )


@reading(
    r"'(?P<kind>DataParallel|DistributedDataParallel)' object has no attribute '(?P<attribute>\w+)'"
)
def wrapped(said: Said) -> Finding | None:
    """A method of the model asked of what wraps it."""
    name = said["attribute"]
    return Finding(
        title="A method of the model asked of what wraps it",
        sentence=f"{said['kind']} has no {name}: the model that has it is its .module.",
        why="A state from init_hidden is made for the whole batch and for one device; inside"
        " forward it"
        " fits each replica.",
        code=(f"model.module.{name}",),
    )


READINGS: Final[tuple[Reading, ...]] = (gathered, scattered, wrapped)
