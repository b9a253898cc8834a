"""An exception as the text that a terminal would show."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

import lstmviz

_OURS: Final = str(Path(lstmviz.__file__).parent)


def text_of(error: BaseException) -> str:
    """Return the whole traceback of `error`, with what it was caused by, without our own frames."""
    told = traceback.TracebackException.from_exception(error)
    one: traceback.TracebackException | None = told
    while one is not None:
        kept = [frame for frame in one.stack if not frame.filename.startswith(_OURS)]
        one.stack = traceback.StackSummary.from_list(kept)
        one = one.__cause__ or one.__context__
    return "".join(told.format())
