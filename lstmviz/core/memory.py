"""What a run will need, and the refusal of one that cannot fit."""

from __future__ import annotations

from lstmviz.core.contract import contract
from lstmviz.core.spec import RunSpec, SpecError
from lstmviz.core.wording import bytes_in_words


def needed(spec: RunSpec) -> int:
    """Return the bytes a run of `spec` takes: parameters, trace and the module's own workspace.

    The workspace is the module's output and the next layer's input, at most one of each at a
    time, which is how far above the trace a run was seen to go.
    """
    shapes = contract(spec)
    joined = spec.lstm.num_directions * spec.lstm.output_size
    workspace = 2 * spec.input.steps * spec.input.columns * joined * spec.dtype.itemsize
    return shapes.parameter_bytes + shapes.trace_bytes + workspace


def check_fits(spec: RunSpec, limit: int) -> None:
    """Refuse a run that needs more than `limit` bytes.

    Raises
    ------
    SpecError
        With the estimate, for the setting that weighs most.
    """
    total = needed(spec)
    if total <= limit:
        return
    shapes = contract(spec)
    heavy = "hidden_size" if shapes.parameter_bytes > shapes.trace_bytes else "seq_len"
    raise SpecError(
        heavy,
        f"This run needs about {bytes_in_words(total)} and {bytes_in_words(limit)} can be used;"
        " make seq_len, batch_size, hidden_size or num_layers smaller.",
    )
