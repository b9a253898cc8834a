"""Every call of a recurrent module, by whatever name the module goes, with its shapes."""

from __future__ import annotations

import functools
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from lstmviz.engine.check.places import SourcePlace, here

LAYERS: Final = (nn.LSTM, nn.GRU, nn.RNN)
CELL_KINDS: Final = (nn.LSTMCell, nn.GRUCell, nn.RNNCell)
KEPT: Final = 8
"""Calls that are remembered for an explanation."""


@dataclass(slots=True, eq=False)
class UserCall:
    """One call of a recurrent module.

    Attributes
    ----------
    module : weak reference to nn.Module
    kind : str
        ``LSTM``, ``GRUCell`` and so on.
    place : SourcePlace
    shape : tuple of int
        Of the input, or of a packed input's data.
    dtype, device : str
    states : tuple of tuple of int
        Sizes of the states that were passed; empty if none were.
    lengths : tuple of int or None
        Of a packed input.
    returned : tuple of int or None
        Sizes of output; None while the call runs, and if it failed.
    """

    module: weakref.ref[nn.Module]
    kind: str
    place: SourcePlace
    shape: tuple[int, ...]
    dtype: str
    device: str
    states: tuple[tuple[int, ...], ...]
    lengths: tuple[int, ...] | None = None
    returned: tuple[int, ...] | None = None
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def batch_first(self) -> bool:
        """Whether the module reads (N, L, H_in)."""
        return bool(self.options.get("batch_first"))

    @property
    def directions(self) -> int:
        """D."""
        return 2 if self.options.get("bidirectional") else 1

    @property
    def out(self) -> int:
        """H_out."""
        return int(self.options.get("proj_size") or self.options.get("hidden_size") or 0)

    @property
    def layers(self) -> int:
        """num_layers."""
        return int(self.options.get("num_layers", 1))

    @property
    def batched(self) -> bool:
        """Whether the input has a batch axis."""
        return self.lengths is not None or len(self.shape) == 3

    @property
    def steps(self) -> int:
        """L, as the module reads it."""
        if self.lengths is not None:
            return max(self.lengths)
        return self.shape[1] if self.batched and self.batch_first else self.shape[0]

    @property
    def batch(self) -> int:
        """N, as the module reads it."""
        if self.lengths is not None:
            return len(self.lengths)
        return self.shape[0 if self.batch_first else 1] if self.batched else 1

    def told(self) -> str:
        """Return the call in one line, e.g. ``model.py:9  LSTM(8, 16) on (4, 24, 8) float32``."""
        options = ", ".join(
            [
                f"{self.options.get('input_size')}, {self.options.get('hidden_size')}",
                *(f"{n}={v}" for n, v in self.options.items() if n in _SHOWN and v != _PLAIN[n]),
            ]
        )
        states = f", state {', '.join(map(str, self.states))}" if self.states else ""
        packed = f" packed, lengths {list(self.lengths)[:8]}" if self.lengths else ""
        end = f" -> {self.returned}" if self.returned else " raised"
        return (
            f"{self.place}: nn.{self.kind}({options}) on {self.shape}{packed} {self.dtype}"
            f" {self.device}{states}{end}"
        )


_PLAIN: Final[dict[str, Any]] = {
    "num_layers": 1,
    "batch_first": False,
    "bidirectional": False,
    "proj_size": 0,
}
_SHOWN: Final = frozenset(_PLAIN)


class Listener(Protocol):
    """What hears of calls."""

    def called(self, call: UserCall, given: Any, state: Any) -> None:
        """Hear of a call before it runs."""

    def returned(self, call: UserCall, result: Any) -> None:
        """Hear of a call that has run."""

    def left(self, call: UserCall) -> None:
        """Hear that a call has ended, by a result or by an exception; before `returned`."""


class Remembered:
    """Keeps the last calls; a `Listener`.

    Attributes
    ----------
    calls : deque of Call
        The last `KEPT`, oldest first.
    """

    def __init__(self) -> None:
        self.calls: deque[UserCall] = deque(maxlen=KEPT)

    def called(self, call: UserCall, given: Any, state: Any) -> None:  # noqa: ARG002 - a Listener
        """Keep the call."""
        self.calls.append(call)

    def returned(self, call: UserCall, result: Any) -> None:
        """Keep nothing more."""

    def left(self, call: UserCall) -> None:
        """Keep nothing more."""


@contextmanager
def listening_to_calls(listener: Listener) -> Iterator[None]:
    """Tell `listener` of every call of a recurrent module inside the block.

    Calls of eager modules are seen; scripted ones have no Python call, and ``lstm.forward(x)`` goes
    round it.
    """
    # Not forward: TorchScript compiles that from its source, in its own module's names.
    bases = (nn.RNNBase, nn.RNNCellBase)
    for base in bases:
        base.__call__ = _heard(base.__call__, listener)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for base in bases:
            del base.__call__


def _heard(call_module: Callable[..., Any], listener: Listener) -> Callable[..., Any]:
    @functools.wraps(call_module)
    def heard(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        given = args[0] if args else kwargs.get("input")
        state = args[1] if len(args) > 1 else kwargs.get("hx")
        call = _described(module, given, state)
        if call is None:
            return call_module(module, *args, **kwargs)
        listener.called(call, given, state)
        try:
            result = call_module(module, *args, **kwargs)
        finally:
            listener.left(call)
        output = result[0] if isinstance(result, tuple) and len(result) == 2 else result
        data = output.data if isinstance(output, PackedSequence) else output
        call.returned = tuple(data.shape) if isinstance(data, torch.Tensor) else None
        listener.returned(call, result)
        return result

    return heard


def _described(module: nn.Module, given: Any, state: Any) -> UserCall | None:
    data = given.data if isinstance(given, PackedSequence) else given
    if not isinstance(data, torch.Tensor):
        return None
    names = ("input_size", "hidden_size", *_SHOWN)
    states = state if isinstance(state, tuple | list) else () if state is None else (state,)
    return UserCall(
        module=weakref.ref(module),
        kind=next(c.__name__ for c in (*LAYERS, *CELL_KINDS) if isinstance(module, c)),
        place=here(),
        shape=tuple(data.shape),
        dtype=str(data.dtype).removeprefix("torch."),
        device=str(data.device),
        states=tuple(tuple(s.shape) for s in states if isinstance(s, torch.Tensor)),
        lengths=lengths_of(given) if isinstance(given, PackedSequence) else None,
        options={name: getattr(module, name) for name in names if hasattr(module, name)},
    )


def lengths_of(packed: PackedSequence) -> tuple[int, ...]:
    """Return the lengths that a packed batch was made with, longest first."""
    sizes = packed.batch_sizes.tolist()
    return tuple(sum(size > n for size in sizes) for n in range(sizes[0] if sizes else 0))
