"""Explains an exception where it is raised, with the calls of recurrent modules before it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TextIO

from lstmviz.core.mistakes import explain, format_explanation
from lstmviz.core.mistakes.raised import text_of
from lstmviz.core.spec import DType, RunSpec, SpecError
from lstmviz.engine.check.calls import Remembered, UserCall, listening_to_calls


@contextmanager
def explaining(file: TextIO | None = None) -> Iterator[None]:
    """Explain an exception that leaves the block, and let it go on.

    Parameters
    ----------
    file : text stream, optional
        Where to; standard error if None. Nothing is written about what is not understood.
    """
    heard = Remembered()
    with listening_to_calls(heard):
        try:
            yield
        except Exception as error:
            _write(error, list(heard.calls), file or sys.stderr)
            raise


def explain_uncaught() -> None:
    """Explain, from now on, every exception that ends the program, after Python's own traceback."""
    heard = Remembered()
    forever = listening_to_calls(heard)
    forever.__enter__()
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)
        # Held by the hook, so that listening goes on as long as the program.
        _ = forever
        if isinstance(error, Exception):
            _write(error, list(heard.calls), sys.stderr)

    sys.excepthook = hook


def _write(error: Exception, calls: list[UserCall], file: TextIO) -> None:
    failed = next((call for call in reversed(calls) if call.returned is None), None)
    explanation = explain(text_of(error), spec_of(failed) if failed else None)
    if not explanation.title:
        return
    file.write("\n" + format_explanation(explanation))
    if failed and (hint := _misplaced(failed)):
        file.write(f"\n{hint}\n")
    if calls:
        lines = "\n".join(f"    {call.told()}" for call in calls)
        file.write(f"\nThe last calls before it:\n{lines}\n")
    file.flush()


def _misplaced(call: UserCall) -> str:
    """Say where the live input has input_size, if not on its last axis."""
    width = call.options.get("input_size")
    if not call.batched or call.lengths is not None or call.shape[-1] == width:
        return ""
    axes = [axis for axis, size in enumerate(call.shape[:-1]) if size == width]
    if len(axes) != 1:
        return ""
    return (
        f"The input was {call.shape}: its axis {axes[0]} is {width} long, which is input_size, so"
        f" x.transpose({axes[0]}, {len(call.shape) - 1}) puts the features last."
    )


def spec_of(call: UserCall) -> RunSpec | None:
    """Return the setting of a call, as far as the window's settings can hold it; else None."""
    if call.kind != "LSTM":
        return None
    names = ("input_size", "hidden_size", "num_layers", "batch_first", "bidirectional", "proj_size")
    settings: dict[str, Any] = {name: call.options[name] for name in names}
    if len(call.shape) in {2, 3} and call.lengths is None:
        settings |= {"unbatched": not call.batched, "seq_len": call.steps, "batch_size": call.batch}
    if call.dtype in set(DType):
        settings["dtype"] = DType(call.dtype)
    try:
        return RunSpec().changed(**settings)
    except SpecError:
        return None
