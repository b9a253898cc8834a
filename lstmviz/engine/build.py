"""From a spec to a seeded module with its input, by executing the recipe's own lines."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from lstmviz.core.recipe import Recipe, recipe, sunspots
from lstmviz.core.spec import InitialState, RunSpec, SpecError
from lstmviz.engine.freed import give_back_freed

State = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BuiltCall:
    """An LSTM and what it is called with.

    Attributes
    ----------
    lstm : nn.LSTM
        In eval mode, on the spec's device, in its dtype.
    input : Tensor or PackedSequence
        (N, L, H_in) if batch_first, (L, N, H_in) if not, (L, H_in) if unbatched.
    hx : (Tensor, Tensor) or None
        h_0 and c_0; None for zeros.
    notes : tuple of str
        Warnings PyTorch gave while it made them.
    """

    lstm: nn.LSTM
    input: torch.Tensor | PackedSequence
    hx: State | None
    notes: tuple[str, ...] = ()


def build(spec: RunSpec) -> BuiltCall:
    """Make the module, input and state that `spec` describes.

    The caller's random state is left as it was.

    Raises
    ------
    SpecError
        There is no such CUDA device.
    RuntimeError
        torch cannot allocate them, or has no device of that name.
    """
    lines, devices = recipe(spec), cuda_devices(spec.device)
    with (
        torch.random.fork_rng(devices=devices),
        torch.no_grad(),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        made = _execute(lines)
    x = made["packed"].data if lines.packing else made["x"]
    give_back_freed(x.numel(), 4)
    has_state = spec.input.initial_state is not InitialState.ZEROS
    return BuiltCall(
        lstm=made["lstm"],
        input=made["packed"] if lines.packing else made["x"],
        hx=(made["h_0"], made["c_0"]) if has_state else None,
        notes=tuple(str(warning.message) for warning in caught),
    )


def cuda_devices(name: str) -> list[torch.device]:
    """Return the CUDA device called `name` in a list, and an empty list for any other device.

    Raises
    ------
    SpecError
        There is no such CUDA device: without this, torch raises an AssertionError.
    """
    if not name.startswith("cuda"):
        return []
    device, count = torch.device(name), torch.cuda.device_count()
    if not count:
        raise SpecError("device", f"PyTorch finds no CUDA device here, so not {name} either.")
    if (device.index or 0) >= count:
        raise SpecError("device", f"There is no {name}; the last one is cuda:{count - 1}.")
    return [device]


def _execute(lines: Recipe) -> dict[str, Any]:
    names: dict[str, Any] = {
        "torch": torch,
        "nn": nn,
        "pack_padded_sequence": pack_padded_sequence,
        "sunspots": sunspots(),
    }
    making = (*lines.input, *lines.state, *lines.placement, *lines.packing)
    source = "\n".join((*lines.module, lines.evaluation, *making))
    # The lines are our own constants with numbers filled in, never a user's text.
    exec(compile(source, "<recipe>", "exec"), names)  # noqa: S102
    return names
