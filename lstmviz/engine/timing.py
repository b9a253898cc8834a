"""How long a module's forward takes once it is warm.

The first call of a kind prepares its kernels, which takes up to 70 times as long as the call
itself, and every change of shape makes a call of another kind.
"""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Any, Final

import torch

from lstmviz.core.timing import Timing
from lstmviz.engine.build import build
from lstmviz.engine.threads import operations_of, small_runs_on_one_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from lstmviz.core.spec import RunSpec

_CALLS: Final = 5
_BUDGET_SECONDS: Final = 0.03
"""For all calls together; five of the first example's take 6 ms."""
_LONG_SECONDS: Final = 0.1
_LONG_OPERATIONS: Final = 1e9
"""About as long on one slow core. A call of both hides what its preparation took, and whoever waits
for the next run would feel it a second time; a short one may take as long when it is the first."""


def time_forward(
    spec: RunSpec, first: Timing, overtaken: Callable[[], bool] | None = None
) -> Timing:
    """Time the forward of what `spec` describes, in the grad mode that is set.

    Module and input are built again, so that nothing of the run that was shown is touched.

    Parameters
    ----------
    spec : RunSpec
        Has been run in this process, so that its kernels are prepared.
    first : Timing
        How long its call took then.
    overtaken : callable, optional
        Asked between two calls; true to make do with what was measured.

    Returns
    -------
    Timing
        The median of up to five warm calls; `first` where repeating it would take too long.
    """
    if first.seconds > _LONG_SECONDS and operations_of(spec) > _LONG_OPERATIONS:
        return first
    with small_runs_on_one_thread(spec):
        call = build(spec)
        return repeated(lambda: call.lstm(call.input, call.hx), first, spec.device, overtaken)


def repeated(
    forward: Callable[[], Any],
    first: Timing,
    device: str,
    overtaken: Callable[[], bool] | None = None,
) -> Timing:
    """Call `forward` to warm it, then time it; `first` where something newer came meanwhile."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # The call that was shown has told them.
        forward()
        return median_of(forward, device, overtaken) or first


def median_of(
    forward: Callable[[], Any], device: str, overtaken: Callable[[], bool] | None = None
) -> Timing | None:
    """Call a warm `forward` a few times; None where something newer came before the first."""
    taken: list[float] = []
    while len(taken) < _CALLS and sum(taken) < _BUDGET_SECONDS:
        if overtaken is not None and overtaken():
            break
        taken.append(_seconds(forward, device))
    if not taken:
        return None
    low, high = sorted(taken)[(len(taken) - 1) // 2], sorted(taken)[len(taken) // 2]
    return Timing(seconds=(low + high) / 2, calls=len(taken), warm=True)


def _seconds(forward: Callable[[], Any], device: str) -> float:
    wait = _waiting_for(device)
    wait()
    started = time.perf_counter()
    forward()
    wait()
    return time.perf_counter() - started


def _waiting_for(device: str) -> Callable[[], None]:
    """Return what waits until `device` has done all that it was given."""
    if device.startswith("cuda"):
        return lambda: torch.cuda.synchronize(device)
    return torch.mps.synchronize if device.startswith("mps") else lambda: None
