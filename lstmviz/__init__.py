"""See inside ``torch.nn.LSTM``: every shape named, every step, state and gate opened and proven.

Importing this package imports neither torch nor Qt; each function imports what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    import torch
    from torch.nn.utils.rnn import PackedSequence

    from lstmviz.core.trace import Trace
    from lstmviz.engine.capture import Watched

__all__ = ["trace", "watch"]
__version__ = "0.1.0"


def trace(
    lstm: torch.nn.LSTM | torch.nn.LSTMCell,
    input: torch.Tensor | PackedSequence,  # noqa: A002 - nn.LSTM's own name
    hx: tuple[torch.Tensor, torch.Tensor] | None = None,
    *,
    gates: bool = True,
    progress: Callable[[float], None] | None = None,
) -> Trace:
    """Run `lstm` forward once and open it; see `lstmviz.engine.trace.trace`.

    ``forward_seconds`` of what is returned is that one call's, its preparation included.
    """
    from lstmviz.engine.trace import trace as open_trace

    return open_trace(lstm, input, hx, gates=gates, progress=progress)


def watch(model: torch.nn.Module) -> AbstractContextManager[Watched]:
    """Record every call of `model` inside a ``with`` block and open each LSTM in it.

    Parameters
    ----------
    model : nn.Module
        Any module that holds ``nn.LSTM`` or ``nn.LSTMCell`` modules.

    Returns
    -------
    context manager
        Gives an object whose ``runs`` are the recorded runs, oldest first.

    Raises
    ------
    lstmviz.engine.capture.CaptureError
        An LSTM cannot be opened; from the model's own call.
    """
    from lstmviz.engine.capture import watch as record

    return record(model)
