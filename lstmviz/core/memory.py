"""What a run will need, and the refusal of one that cannot fit."""

from __future__ import annotations

from typing import Final

from lstmviz.core.contract import contract
from lstmviz.core.spec import RunSpec, SpecError

_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def in_words(count: float) -> str:
    """Return `count` bytes for people: ``71 KiB``, ``1.5 GiB``."""
    power = 0
    while count >= 1024 and power < len(_UNITS) - 1:
        count /= 1024
        power += 1
    digits = 1 if power and count < 10 else 0
    return f"{count:,.{digits}f} {_UNITS[power]}"


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
        f"This run needs about {in_words(total)} and {in_words(limit)} can be used;"
        " make seq_len, batch_size, hidden_size or num_layers smaller.",
    )
