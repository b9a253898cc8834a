"""The fused layers of one forward call: each as a Direction, and what it keeps of its run.

There are two ways to them. While a small call records gradients, PyTorch's own graph of it holds
all that went into and out of each kernel. The kernels of a large call are met as they run, handed
memory to keep their gates in, and opened at once, so that no two of them hold any.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from lstmviz.engine.opening.call import LayerWeights
from lstmviz.engine.opening.direction import Direction
from lstmviz.engine.opening.onednn import Workspace, kept_in, run_layer, run_layer_in
from lstmviz.engine.opening.preserve import drops_out
from lstmviz.engine.opening.saved_gates import open_kept
from lstmviz.engine.progress import FORWARD_SHARE
from lstmviz.engine.torch_internals import DRAW_MASK, FUSED_LAYER, Watch, saved_kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from lstmviz.core.trace import Array
    from lstmviz.engine.opening.call import PendingCall
    from lstmviz.engine.opening.compared import Compared
    from lstmviz.engine.opening.destinations import Destinations
    from lstmviz.engine.progress import Pace

_HAS_BIASES = 12
"""Which of the kernel's arguments it is."""


@dataclass(slots=True, eq=False)
class FusedLayer:
    """One direction of one layer, as its kernel ran it.

    Attributes
    ----------
    direction : Direction
    workspace : Tensor of uint8, or None
        What the kernel kept, where it has not been read yet.
    opened : Compared or None
        What the equations say to it; None where it is still to be opened.
    """

    direction: Direction
    workspace: Tensor | None = None
    opened: Compared | None = None

    def open(
        self,
        destinations: list[Array],
        pace: Pace,
        share: float,
        forget: Callable[[int, int], None] | None = None,
    ) -> Compared | None:
        """Open the layer into `destinations` from what the kernel kept; None where that fails."""
        steps, batch, cells = self.direction.h.shape
        expected = destinations[0].shape == (steps * batch, cells)
        if expected and self.opened is None and self.workspace is not None:
            width = self.direction.x.shape[2]
            kept = kept_in(self.workspace, steps, batch, width, cells)
            if kept is not None:
                if forget is not None:
                    forget(*kept.between())
                self.opened = open_kept(self.direction, kept, destinations, pace, share, forget)
        if forget is not None and self.workspace is not None:
            forget(0, self.workspace.numel())
        self.workspace = None
        return self.opened


def saved_layers(output: Tensor, layers: int, directions: int) -> list[FusedLayer]:
    """Return what PyTorch saved of each kernel for the backward pass of `output`, in order.

    Parameters
    ----------
    output : Tensor
        As a plain module returned it.
    layers, directions : int
        num_layers and D.

    Returns
    -------
    list of FusedLayer
        Empty where a layer records no gradients.
    """
    found: list[FusedLayer] = []
    node = output.grad_fn
    for _ in range(layers):
        saved, node = saved_kernels(node, directions)
        if not saved:
            return []
        found[:0] = [FusedLayer(_direction(s.args, s.result), s.workspace) for s in saved]
    return found


class FusedLayers(Watch):
    """Run each fused kernel where it can be waited for, and open what it keeps.

    Dropout masks are drawn from a copy of the global generator: the same masks, whatever a caller
    who is told of the progress draws in between.

    Parameters
    ----------
    call : PendingCall
    pace : Pace
    seconds : float
        Roughly what it takes.
    destinations : Destinations, or None
        Where to put what the kernels keep, which they do where PyTorch records gradients.

    Attributes
    ----------
    seen : list of FusedLayer
        In the order in which they ran.
    opening_seconds : float
        Spent on opening them.
    """

    def __init__(
        self, call: PendingCall, pace: Pace, seconds: float, *, destinations: Destinations | None
    ) -> None:
        super().__init__()
        self._pace, self._seconds, self._destinations = pace, seconds, destinations
        self._count = call.sizes.num_layers * call.directions
        self._workspace = Workspace.take(call)
        self._generator: torch.Generator | None = None
        if drops_out(call.module):
            self._generator = torch.Generator("cpu").set_state(torch.get_rng_state())
        self.seen: list[FusedLayer] = []
        self.opening_seconds = 0.0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is DRAW_MASK and self._generator is not None:
            return func(*args, generator=self._generator)
        if func is not FUSED_LAYER or self.complete:
            return func(*args, **kwargs) if kwargs else func(*args)
        kept, grad = False, torch.is_grad_enabled()

        def work() -> tuple[Tensor, ...]:
            nonlocal kept
            if self._destinations is None:
                return run_layer(args, grad=grad)
            output = self._destinations.output(len(self.seen))
            result, kept = run_layer_in(self._workspace, output, args)
            return result

        result = self._pace.call(work, self._seconds / self._count, FORWARD_SHARE / self._count)
        direction = _direction((*args[:8], args[_HAS_BIASES]), result)
        layer = FusedLayer(direction, self._workspace.taken if kept else None)
        started = time.perf_counter()
        if self._destinations is not None:
            last = len(self.seen) == self._count - 1
            # Only then do all arrays and a workspace take their memory at once.
            forget = self._workspace.forget if last else None
            share = (1 - FORWARD_SHARE) / self._count
            layer.open(self._destinations.of(len(self.seen)), self._pace, share, forget)
        self.opening_seconds += time.perf_counter() - started
        self.seen.append(layer)
        return result

    @property
    def complete(self) -> bool:
        """Whether every layer ran as a fused kernel."""
        return len(self.seen) == self._count

    def end(self) -> None:
        """Say that no kernel runs any more."""
        self._workspace.put_back()


def _direction(args: tuple[Any, ...], result: tuple[Tensor, ...]) -> Direction:
    """Return what one kernel ran, from the first of its arguments, in order, and its results."""
    x, w_ih, w_hh, b_ih, b_hh, h_0, c_0, reverse, has_biases = args
    # What numpy is to read must hold its own signs.
    x, w_ih, w_hh, h_0, c_0 = (given.resolve_neg() for given in (x, w_ih, w_hh, h_0, c_0))
    h, h_n, c_n = (state.detach() for state in result[:3])
    b_ih, b_hh = (b_ih.resolve_neg(), b_hh.resolve_neg()) if has_biases else (None, None)
    weights = LayerWeights(w_ih, w_hh, b_ih, b_hh, None)
    return Direction(weights, x, h, h_0, c_0, h_n, c_n, reverse, None, None, stepwise=False)
