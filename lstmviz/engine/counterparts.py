"""Call a run's LSTM in the other ways that facts compare it with."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from lstmviz.core.cost.kernels import call_seconds, is_fused
from lstmviz.core.facts import Counterparts, Returned
from lstmviz.core.facts.counterparts import are_affordable, calls
from lstmviz.core.spec import RunSpec
from lstmviz.engine.build import BuiltCall, build, cuda_devices
from lstmviz.engine.dispatch import Polled
from lstmviz.engine.freed import give_back_freed
from lstmviz.engine.opening.destinations import as_array
from lstmviz.engine.progress import Pace

if TYPE_CHECKING:
    from collections.abc import Callable


def counterparts(
    spec: RunSpec,
    call: BuiltCall | None = None,
    *,
    progress: Callable[[float], None] | None = None,
) -> Counterparts:
    """Call the LSTM of `spec` in the other ways that its facts need.

    Up to four forward calls, with neither gates nor states of inner steps. A run too large to be
    repeated has none.

    Parameters
    ----------
    spec : RunSpec
    call : BuiltCall, optional
        What ``build(spec)`` returned, where the caller has it. Left as it was.
    progress : callable, optional
        Told the fraction done between the calls and amid them; raises to stop.

    Raises
    ------
    SpecError, RuntimeError
        As `build` raises them; or torch cannot allocate what it takes.
    """
    if not are_affordable(spec):
        return Counterparts()
    pace = Pace(progress)
    pace.tell(0.0)
    caller = _Caller(spec, call or build(spec), pace)
    packed, dropout = bool(spec.input.lengths), bool(spec.lstm.dropout)
    with torch.no_grad(), warnings.catch_warnings():
        # The run itself was given the same warnings, and notes them.
        warnings.simplefilter("ignore")
        return Counterparts(
            moved=caller.moved(),
            padded=caller.returned(caller.call) if packed else None,
            unpacked=caller.returned(caller.unpacked()) if packed else None,
            training=caller.trained() if dropout else None,
            seed=spec.seed,
        )


class _Caller:
    """Calls one LSTM in several ways and gives the caller a word meanwhile."""

    def __init__(self, spec: RunSpec, call: BuiltCall, pace: Pace) -> None:
        self.spec, self.call = spec, call
        self._pace, self._share = pace, 1 / calls(spec)

    def returned(self, call: BuiltCall) -> Returned:
        output, (h_n, c_n) = self._called(call)
        if isinstance(output, PackedSequence):
            output = _padded(self.spec, output, batch_first=call.lstm.batch_first)
        returned = Returned(output=as_array(output), h_n=as_array(h_n), c_n=as_array(c_n))
        give_back_freed(8 * output.numel(), output.element_size())
        return returned

    def _called(self, call: BuiltCall) -> Any:
        """Call the LSTM so that it can be stopped.

        One kernel is left to a thread. A call of many operations is stopped between two of them,
        and so goes on computing for nobody, or drawing masks, no longer than one takes.
        """
        pace, seconds = self._pace, call_seconds(self.spec)
        if not pace.listening or (is_fused(self.spec) and not call.lstm.training):
            return pace.call(lambda: call.lstm(call.input, call.hx), seconds, self._share)
        with Polled(pace, seconds, self._share):
            result = call.lstm(call.input, call.hx)
        pace.advance(self._share)
        return result

    def moved(self) -> Returned:
        spec, call = self.spec, self.call
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
            return self.returned(replace(call, input=moved_input))
        finally:
            call.lstm.batch_first = not first

    def unpacked(self) -> BuiltCall:
        packed = cast(PackedSequence, self.call.input)
        padded = _padded(self.spec, packed, batch_first=self.spec.lstm.batch_first)
        return replace(self.call, input=padded)

    def trained(self) -> Returned:
        with torch.random.fork_rng(devices=cuda_devices(self.spec.device)):
            torch.manual_seed(self.spec.seed)
            self.call.lstm.train()
            try:
                return self.returned(self.call)
            finally:
                self.call.lstm.eval()


def _padded(spec: RunSpec, packed: PackedSequence, *, batch_first: bool) -> torch.Tensor:
    padded, _lengths = pad_packed_sequence(
        packed, batch_first=batch_first, total_length=spec.input.seq_len
    )
    return padded
