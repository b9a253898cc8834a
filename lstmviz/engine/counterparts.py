"""Call a run's LSTM in the other ways that facts compare it with."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import cast

import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from lstmviz.core.facts import Counterparts, Returned
from lstmviz.core.facts.counterparts import are_affordable
from lstmviz.core.spec import RunSpec
from lstmviz.core.trace import Array
from lstmviz.engine.build import Call, build, cuda_devices


def counterparts(spec: RunSpec, call: Call | None = None) -> Counterparts:
    """Call the LSTM of `spec` in the other ways that its facts need.

    Up to four forward calls, with neither gates nor states of inner steps. A run too large to be
    repeated has none.

    Parameters
    ----------
    spec : RunSpec
    call : Call, optional
        What ``build(spec)`` returned, where the caller has it. Left as it was.

    Raises
    ------
    SpecError, RuntimeError
        As `build` raises them; or torch cannot allocate what it takes.
    """
    if not are_affordable(spec):
        return Counterparts()
    call = call or build(spec)
    with torch.no_grad(), warnings.catch_warnings():
        # The run itself was given the same warnings, and notes them.
        warnings.simplefilter("ignore")
        return Counterparts(
            moved=_moved(spec, call),
            padded=_returned(spec, call) if spec.input.lengths else None,
            unpacked=_returned(spec, _unpacked(spec, call)) if spec.input.lengths else None,
            training=_trained(spec, call) if spec.lstm.dropout else None,
        )


def _returned(spec: RunSpec, call: Call) -> Returned:
    output, (h_n, c_n) = call.lstm(call.input, call.hx)
    if isinstance(output, PackedSequence):
        output = _padded(spec, output, batch_first=call.lstm.batch_first)
    return Returned(output=_plain(output), h_n=_plain(h_n), c_n=_plain(c_n))


def _padded(spec: RunSpec, packed: PackedSequence, *, batch_first: bool) -> torch.Tensor:
    padded, _lengths = pad_packed_sequence(
        packed, batch_first=batch_first, total_length=spec.input.seq_len
    )
    return padded


def _plain(tensor: torch.Tensor) -> Array:
    half = tensor.dtype in (torch.float16, torch.bfloat16)
    array: Array = (tensor.float() if half else tensor).cpu().numpy()
    return array


def _moved(spec: RunSpec, call: Call) -> Returned:
    first = not spec.lstm.batch_first
    if isinstance(call.input, PackedSequence):
        moved = _padded(spec, call.input, batch_first=first)
        lengths = torch.tensor(spec.input.lengths)
        moved_input: torch.Tensor | PackedSequence = pack_padded_sequence(
            moved, lengths, batch_first=first, enforce_sorted=False
        )
    else:
        moved_input = call.input if spec.input.unbatched else call.input.transpose(0, 1)
    call.lstm.batch_first = first
    try:
        return _returned(spec, replace(call, input=moved_input))
    finally:
        call.lstm.batch_first = not first


def _unpacked(spec: RunSpec, call: Call) -> Call:
    packed = cast(PackedSequence, call.input)
    return replace(call, input=_padded(spec, packed, batch_first=spec.lstm.batch_first))


def _trained(spec: RunSpec, call: Call) -> Returned:
    with torch.random.fork_rng(devices=cuda_devices(spec.device)):
        torch.manual_seed(spec.seed)
        call.lstm.train()
        try:
            return _returned(spec, call)
        finally:
            call.lstm.eval()
