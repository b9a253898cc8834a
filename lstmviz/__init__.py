"""See inside ``torch.nn.LSTM``: every shape named, every step, state and gate opened and proven.

Importing this package imports neither torch nor Qt; each function imports what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch.nn.utils.rnn import PackedSequence

    from lstmviz.core.trace import Trace

__all__ = ["trace"]
__version__ = "0.1.0"


def trace(
    lstm: torch.nn.LSTM | torch.nn.LSTMCell,
    input: torch.Tensor | PackedSequence,  # noqa: A002 - nn.LSTM's own name
    hx: tuple[torch.Tensor, torch.Tensor] | None = None,
    *,
    gates: bool = True,
    progress: Callable[[float], None] | None = None,
) -> Trace:
    """Run `lstm` forward once and open it; see `lstmviz.engine.trace.trace`."""
    from lstmviz.engine.trace import trace as open_trace

    return open_trace(lstm, input, hx, gates=gates, progress=progress)
