"""Packing and unpacking: lengths, layouts, and what came back packed."""

from __future__ import annotations

import re
from typing import Final

from lstmviz.core.mistakes.readings.reading import Finding, Reading, Said, Sure, reading
from lstmviz.core.mistakes.words import count

_PACK: Final = (
    "packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)"
)
_RUN: Final = "packed_output, (h_n, c_n) = lstm(packed)"
_UNPACK: Final = "output, lengths = pad_packed_sequence(packed_output, batch_first=True)"
PACKED: Final = r"pack_padded|pack_sequence|PackedSequence|pad_packed|\bpacked"


@reading(
    r"(?:[`']?lengths[`']? array (?:must be|has to be) sorted|sequences must be sorted"
    r"|lengths? (?:must|should) be (?:sorted )?in(?: a)?) (?:in )?(?:the )?(?:order of"
    r" )?decreasing",
)
def unsorted(said: Said) -> Finding | None:
    """Lengths in another order."""
    return Finding(
        title="Lengths not in decreasing order",
        sentence="enforce_sorted is True by default; with False, PyTorch sorts the batch and puts"
        " every result back in your order.",
        code=(_PACK, _RUN),
        mistake="lengths-unsorted",
        also=("Under DataParallel a part of the batch is sorted anew: pack inside forward.",)
        if said.mentions("data_?parallel")
        else (),
    )


@reading(
    r"'?lengths'? argument should be a 1D CPU int64 tensor, but got (?P<rank>\d+)D"
    r" (?P<device>[\w:]+) (?P<type>\w+) tensor"
)
def lengths_form(said: Said) -> Finding | None:
    """Lengths on the GPU, of another dtype or with an axis too many."""
    rank, device, kind = said.number("rank"), said["device"], said["type"]
    if device.lower() == "meta":
        return _meta_lengths()
    on_gpu = "cpu" not in device.lower()
    steps = "lengths"
    steps += ".squeeze(1)" if rank == 2 else ".reshape(-1)" if rank != 1 else ""
    steps += ".cpu()" if on_gpu else ""
    steps += ".long()" if kind.lower() != "long" else ""
    return Finding(
        title="Lengths on the GPU" if on_gpu else "Lengths of another form",
        sentence=f"lengths is {rank}D {device} {kind}; it must be a list,"
        " or a 1D int64 tensor on the CPU, whatever the device of the batch.",
        code=(f"lengths = {steps}", _PACK),
        mistake="lengths-on-gpu" if on_gpu else "lengths-with-two-axes" if rank != 1 else "",
    )


def _meta_lengths() -> Finding:
    return Finding(
        title="Lengths that hold no numbers",
        sentence="lengths is on the device meta, whose tensors have a shape and no numbers: it was"
        " made under torch.device('meta') or a fake mode. Packing reads the numbers themselves.",
        code=("lengths = torch.tensor(true_lengths, device='cpu')", _PACK),
    )


@reading(r"length of all samples has to be greater than 0")
def empty(said: Said) -> Finding | None:
    """A length of 0."""
    return Finding(
        title="A sequence of length 0",
        sentence="An empty sequence has no last step; leave it out, or clamp its length to 1 and"
        " mask"
        " the result.",
        code=("lengths = lengths.clamp(min=1)", _PACK),
        mistake="length-of-zero",
    )


@reading(
    r"start \((?P<start>\d+)\) \+ length \(\d+\) exceeds dimension size \((?P<size>\d+)\)",
    r"Expected (?P<start>\d+) <= (?P<size>\d+) to be true",
)
def beyond(said: Said) -> Finding | None:
    """The kernel ran out of packed rows."""
    if not said.ran(r"\brnn\.py|lstm|gru|pack") and not said.mentions(r"lstm|\brnn|pack"):
        return Finding(
            title="A slice beyond the end of a tensor",
            sentence=f"Row {said.number('start'):,} and more were asked of an axis of"
            f" {said.number('size'):,}. Around an LSTM it means packed lengths beyond the padded"
            " batch.",
            code=("assert lengths.max() <= x.size(1)",),
            sure=Sure.POSSIBLE,
            mistake="length-beyond-padding",
        )
    return Finding(
        title="A length larger than the padded batch",
        sentence=f"The kernel asked for row {said.number('start'):,} of"
        f" {count(said.number('size'), 'packed row')}: a length is larger than the padded batch, or"
        " the state has too few rows.",
        why="pack_padded_sequence does not compare lengths with L; the LSTM fails later.",
        code=("lengths = lengths.clamp(max=x.size(1))  # x.size(0) without batch_first", _PACK),
        sure=Sure.CERTAIN if said.ran(r"\brnn\.py|lstm|gru") else Sure.LIKELY,
        mistake="length-beyond-padding",
    )


@reading(
    r"Expected `?len\(lengths\)`? to be equal to batch_size, but got (?P<given>\d+)"
    r" \(batch_size=(?P<read>\d+)\)"
)
def lengths_count(said: Said) -> Finding | None:
    """Another number of lengths than sequences."""
    given, read = said.number("given"), said.number("read")
    s = said.setting
    where = " (seq_len here)" if s and read == s.steps != s.batch else ""
    if _is_batch_first(said):
        return _kept_lengths(given, read)
    replicas = given // read if read and given % read == 0 else 0
    if replicas in range(2, 17) and not where:
        return _uncut(given, read, replicas)
    return Finding(
        title="batch_first given to the LSTM but not to the packing",
        sentence=f"You passed {count(given, 'length')} for what was read as {read:,}"
        f" sequences{where}: pack_padded_sequence needs the same batch_first as the LSTM.",
        why="pack_padded_sequence has a batch_first of its own and reads (L, N, H_in) by default.",
        code=(_PACK, _RUN),
        sure=Sure.LIKELY,
        mistake="packing-without-batch-first",
        told={"batch_first": True, "batch_size": given, "seq_len": read},
        also=(
            (
                f"With batch_first already there, the batch does hold {read:,} sequences and"
                f" {given:,} lengths were kept."
            ),
        ),
    )


def _is_batch_first(said: Said) -> bool:
    """Tell whether the failing line itself gives batch_first=True to the packing."""
    call = re.search(r"batch_first\s*=\s*True|,\s*True\b", said.code)
    return bool(call) and bool(re.search(r"pack|\bpp\(", said.code))


def _kept_lengths(given: int, read: int) -> Finding:
    return Finding(
        title="Another number of lengths than sequences",
        sentence=f"The batch holds {count(read, 'sequence')}, read batch first, and there are"
        f" {count(given, 'length')}: one is needed for each sequence of this very batch.",
        why="Lengths kept from another batch, or taken before sequences were dropped or repeated,"
        " do not count these. If x is (L, N, H_in), batch_first=True is the mistake.",
        code=("lengths = (x != 0).any(-1).sum(1)  # of this batch, if padding is zeros", _PACK),
        sure=Sure.LIKELY,
    )


def _uncut(given: int, read: int, replicas: int) -> Finding:
    return Finding(
        title="All the lengths for a part of the batch",
        sentence=f"You passed {count(given, 'length')} for what was read as"
        f" {count(read, 'sequence')},"
        f" {replicas} times as many. Under DataParallel each replica gets its part of the batch"
        " and the"
        " whole list of lengths, for a list is not cut: pass lengths as a tensor. On one device"
        " batch_first was given to the LSTM but not to pack_padded_sequence.",
        why="pack_padded_sequence has a batch_first of its own and reads (L, N, H_in) by default.",
        code=(
            "output = model(x, torch.as_tensor(lengths))  # a tensor is cut with the batch",
            _PACK + "  # in forward",
        ),
        sure=Sure.LIKELY,
        mistake="packing-without-batch-first",
    )


@reading(r"lengths array has incorrect size")
def lengths_incorrect(said: Said) -> Finding | None:
    """The same, as older versions say it, without the numbers."""
    return Finding(
        title="Another number of lengths than sequences",
        sentence="There is not one length for each sequence of what was packed: under"
        " DataParallel the"
        " list of lengths is not cut with the batch, and without batch_first=True the batch is"
        " read on"
        " axis 1.",
        code=("output = model(x, torch.as_tensor(lengths))", _PACK + "  # in forward"),
        sure=Sure.LIKELY,
        mistake="packing-without-batch-first",
    )


@reading(
    r"Expected total_length to be at least the length of the longest sequence in input,"
    r" but got total_length=(?P<total>\d+) and max sequence length being (?P<longest>\d+)"
)
def total(said: Said) -> Finding | None:
    """total_length shorter than the longest."""
    total, longest = said.number("total"), said.number("longest")
    return Finding(
        title="total_length below the longest sequence",
        sentence=f"total_length={total} is shorter than the longest sequence, {longest};"
        " pass the L of the batch before packing.",
        why="pad_packed_sequence can pad further than the longest sequence but not cut it.",
        code=(
            "total = x.size(1)  # before packing",
            _UNPACK.replace("=True)", "=True, total_length=total)"),
        ),
        mistake="total-length-too-short",
    )


@reading(
    r"'(?P<got>Tensor|tuple|list|Variable)' object has no attribute"
    r" '(?P<attribute>batch_sizes|sorted_indices|unsorted_indices)'"
)
def not_packed(said: Said) -> Finding | None:
    """pad_packed_sequence was given something that is not packed."""
    got = said["got"]
    pair = got == "tuple"
    return Finding(
        title="pad_packed_sequence given what is not packed",
        sentence=f"A {got} was given where a PackedSequence is read: "
        + (
            "the whole result of the LSTM, (output, (h_n, c_n)), of which only output is packed."
            if pair
            else "the LSTM's input was not packed, so its output is an ordinary tensor."
        ),
        code=(_PACK, _RUN, _UNPACK),
        sure=Sure.LIKELY,
    )


@reading(
    r"batch_sizes should always be on CPU",
    r"Instances of PackedSequence should never be created manually",
)
def moved_packed(said: Said) -> Finding | None:
    """A PackedSequence whose batch_sizes went to the GPU."""
    return Finding(
        title="batch_sizes on the GPU",
        sentence="batch_sizes counts how many sequences are alive at each step and stays on the"
        " CPU; something moved or rebuilt every part of the PackedSequence.",
        code=("packed = packed.to(device)  # moves data only, and returns a new one",),
    )


READINGS: Final[tuple[Reading, ...]] = (
    unsorted,
    lengths_form,
    empty,
    beyond,
    lengths_count,
    lengths_incorrect,
    total,
    not_packed,
    moved_packed,
)
