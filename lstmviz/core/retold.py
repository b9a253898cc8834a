"""The settings of an LSTM call, read off its trace."""

from __future__ import annotations

from lstmviz.core.spec import DType, InitialState, InputSpec, LstmSpec, RunSpec, Values
from lstmviz.core.trace import Trace


def spec_of(trace: Trace, *, bias: bool = True) -> RunSpec:
    """Return a spec with the sizes and the layout of the call that `trace` is of.

    Its shapes are the call's own. Its numbers are not: a model's parameters, input and initial
    state come from the model, and no seed makes them again.

    Parameters
    ----------
    trace : Trace
    bias : bool
        Whether the module has biases, which no array of a trace shows.

    Raises
    ------
    SpecError
        The call is larger than a spec may be.
    """
    has_state = bool(trace.h_0.any() or trace.c_0.any())
    lengths = None if trace.lengths is None else tuple(int(n) for n in trace.lengths)
    return RunSpec(
        lstm=LstmSpec(
            input_size=int(trace.input.shape[-1]),
            hidden_size=trace.hidden_size,
            num_layers=trace.num_layers,
            bias=bias,
            batch_first=trace.batch_first,
            bidirectional=trace.num_directions > 1,
            proj_size=trace.output_size if trace.output_size != trace.hidden_size else 0,
        ),
        input=InputSpec(
            seq_len=trace.seq_len,
            batch_size=trace.batch_size,
            unbatched=not trace.batched,
            lengths=lengths,
            values=Values.NORMAL,
            initial_state=InitialState.RANDOM if has_state else InitialState.ZEROS,
        ),
        dtype=DType(trace.dtype),
        device=trace.device,
    )
