"""What PyTorch's own operators are seen through while they run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import torch

from lstmviz.engine.progress import POLL_SECONDS
from lstmviz.engine.torch_internals import Watch

if TYPE_CHECKING:
    from lstmviz.engine.progress import Pace

HALVES: Final = (torch.bfloat16, torch.float16)
"""What some processors run as fused kernels too, and some not."""


class Polled(Watch):
    """Give the caller a word between any two operations, where no thread can run them alone.

    Parameters
    ----------
    pace : Pace
    seconds : float
        Roughly what they take.
    share : float
        Part of the whole that they are.
    """

    def __init__(self, pace: Pace, seconds: float, share: float) -> None:
        super().__init__()
        self._pace, self._seconds, self._share = pace, seconds, share
        self._begun = self._last = time.monotonic()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        now = time.monotonic()
        if now - self._last > POLL_SECONDS:
            self._last = now
            self._pace.waited(now - self._begun, self._seconds, self._share)
        return func(*args, **kwargs) if kwargs else func(*args)
