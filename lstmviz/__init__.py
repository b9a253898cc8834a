"""See inside ``torch.nn.LSTM``: every shape named, every step, state and gate opened and proven.

Importing this package imports neither torch nor Qt; each function imports what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import TextIO

    import torch
    from torch.nn.utils.rnn import PackedSequence

    from lstmviz.core.mistakes import Explanation
    from lstmviz.core.trace import Trace
    from lstmviz.engine.model.capture import Watched

__all__ = ["explain", "explain_uncaught", "explaining", "trace", "watch"]
__version__ = "0.1.0"


def trace(
    lstm: torch.nn.LSTM | torch.nn.LSTMCell,
    input: torch.Tensor | PackedSequence,  # noqa: A002 - nn.LSTM's own name
    hx: tuple[torch.Tensor, torch.Tensor] | None = None,
    *,
    gates: bool = True,
    progress: Callable[[float], None] | None = None,
) -> Trace:
    """Run `lstm` forward once and open it; see `lstmviz.engine.opening.trace.trace`.

    ``forward_seconds`` of what is returned is that one call's, its preparation included.
    """
    from lstmviz.engine.opening.trace import trace as open_trace

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
    lstmviz.engine.model.capture.CaptureError
        An LSTM cannot be opened; from the model's own call.
    """
    from lstmviz.engine.model.capture import watch as record

    return record(model)


def explain(exception: BaseException | str) -> Explanation:
    """Say what an exception, a message or a whole pasted log means and what to change.

    Parameters
    ----------
    exception : BaseException or str

    Returns
    -------
    Explanation
        Prints as text; ``title`` is empty where the message is not one that is known.
    """
    from lstmviz.core.mistakes import explain as read
    from lstmviz.core.mistakes.raised import text_of

    return read(exception if isinstance(exception, str) else text_of(exception))


def explaining(file: TextIO | None = None) -> AbstractContextManager[None]:
    """Explain an exception that leaves the ``with`` block, with the LSTM calls before it.

    The exception goes on as it would have. What is not understood is left to Python's traceback.

    Parameters
    ----------
    file : text stream, optional
        Where the explanation goes; standard error if None.
    """
    from lstmviz.engine.check.live import explaining as explain_live

    return explain_live(file)


def explain_uncaught() -> None:
    """Explain, from now on, each exception that ends the program, after Python's own traceback."""
    from lstmviz.engine.check.live import explain_uncaught as install

    install()
