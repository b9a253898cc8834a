"""The user's own line, seen from inside PyTorch."""

from __future__ import annotations

import linecache
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch

import lstmviz

_OURS: Final = (str(Path(torch.__file__).parent), str(Path(lstmviz.__file__).parent))


@dataclass(frozen=True, slots=True)
class SourcePlace:
    """A line of the user's program."""

    file: str
    line: int
    code: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def here() -> SourcePlace:
    """Return the innermost line that is neither PyTorch's nor ours."""
    frame = sys._getframe(1)  # noqa: SLF001 - there is no public way to one frame
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    file, line = frame.f_code.co_filename, frame.f_lineno
    return SourcePlace(file, line, linecache.getline(file, line).strip())
