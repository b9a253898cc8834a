"""Leave a module as it was: its attributes, buffers and the random numbers it draws."""

from __future__ import annotations

from contextlib import contextmanager
from operator import is_
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from lstmviz.engine.torch_internals import flat_weights, may_have_buffers, pre_hooks

if TYPE_CHECKING:
    from collections.abc import Iterator

_WEIGHT_HOOKS = "torch.nn.utils."


@contextmanager
def preserved(module: nn.LSTM | nn.LSTMCell, device: torch.device) -> Iterator[None]:
    """Undo whatever a forward pass changes in `module` and in the random number generators.

    A plain ``nn.LSTM`` changes nothing but the generators, and those only where it drops out. One
    whose weights are computed renews its list of them, and spectral norm its buffers.
    """
    attributes = module.__dict__.copy()
    flat: list[Any] = flat_weights(module)
    weights = list(flat)
    has_buffers = may_have_buffers(module)
    buffers = [(b, b.clone()) for b in module.buffers()] if has_buffers else []
    states = random_states(device) if draws(module) else None
    try:
        yield
    finally:
        _restore_attributes(module, attributes)
        if any(a is not b for a, b in zip(flat, weights, strict=False)):
            flat[:] = weights
        for buffer, before in buffers:
            if not torch.equal(buffer, before):
                buffer.copy_(before)
        if states is not None:
            set_random_states(states, device)


def draws(module: nn.Module) -> bool:
    """Return whether a forward pass may draw random numbers."""
    plain = type(module) in (nn.LSTM, nn.LSTMCell)
    return not plain or drops_out(module) or bool(pre_hooks(module))


def drops_out(module: nn.Module) -> bool:
    """Return whether dropout works between the module's layers."""
    return bool(module.training and getattr(module, "dropout", 0) and module.num_layers != 1)


def compute_weights(module: nn.Module, inputs: tuple[Any, ...]) -> None:
    """Run the pre-hooks by which ``torch.nn.utils`` computes weights (weight norm, pruning).

    They belong to the module's arithmetic. Other hooks are the user's, watch calls that the user
    makes, and are not run.
    """
    for hook in pre_hooks(module):
        if type(hook).__module__.startswith(_WEIGHT_HOOKS):
            hook(module, inputs)


def _restore_attributes(module: nn.Module, before: dict[str, Any]) -> None:
    now = module.__dict__
    if len(now) == len(before) and all(map(is_, now.values(), before.values())):
        return
    for name in [name for name in now if name not in before]:
        del now[name]
    for name, value in before.items():
        if now.get(name, module) is not value:
            now[name] = value


def random_states(device: torch.device) -> list[torch.Tensor]:
    """Return the states of the generators that a module on `device` draws from."""
    states = [torch.get_rng_state()]
    if device.type == "cuda":
        states.append(torch.cuda.get_rng_state(device))
    elif device.type == "mps":
        states.append(torch.mps.get_rng_state())
    return states


def set_random_states(states: list[torch.Tensor], device: torch.device) -> None:
    """Set what `random_states` returned."""
    torch.set_rng_state(states[0])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states[1], device)
    elif device.type == "mps":
        torch.mps.set_rng_state(states[1])
