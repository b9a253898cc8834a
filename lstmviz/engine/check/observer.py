"""Watches every operation of a program, and asks the rules about what it sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import torch
from torch.nn.utils.rnn import PackedSequence
from torch.overrides import TorchFunctionMode

from lstmviz.engine.check import rules
from lstmviz.engine.check.calls import CELL_KINDS, UserCall, lengths_of, listening_to_calls
from lstmviz.engine.check.facts import (
    Batch,
    Ledger,
    Output,
    PackedOutput,
    Pending,
    State,
    Suspicion,
)
from lstmviz.engine.check.lineage import is_computed_with, passed_on, tensors_of
from lstmviz.engine.check.loaders import Loaders
from lstmviz.engine.check.places import here

_CELLS: Final = frozenset(cell.__name__ for cell in CELL_KINDS)


class Observer(TorchFunctionMode):
    """Notes where tensors come from, and the suspicions that arise.

    Attributes
    ----------
    found : Counter of Suspicion
        By mistake and line the first one seen, and how often.
    trouble : str
        Why watching ended early; empty if it did not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[tuple[str, str], Suspicion] = {}
        self.times: Counter[tuple[str, str]] = Counter()
        self.trouble = ""
        self._ledger = Ledger()
        self._loaders = Loaders(self._ledger)
        self._backwards = 0
        self._inside = 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch what runs inside the block."""
        with ExitStack() as stack:
            stack.enter_context(listening_to_calls(self))
            stack.enter_context(self._loaders.listening())
            stack.enter_context(self)
            yield

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Run an operation, and look at what went in and came out."""
        result = func(*args, **(kwargs or {}))
        if not self.trouble and not self._inside:
            self._guarded(self._seen, func, args, kwargs or {}, result)
        return result

    def called(self, call: UserCall, given: Any, state: Any) -> None:
        """Hear of a recurrent module's call before it runs."""
        self._inside += 1
        if not self.trouble:
            self._guarded(self._judge_call, call, given, state)

    def left(self, call: UserCall) -> None:  # noqa: ARG002 - a Listener
        """Hear of its end."""
        self._inside -= 1

    def returned(self, call: UserCall, result: Any) -> None:
        """Hear of its result."""
        if not self.trouble:
            self._guarded(self._note_result, call, result)

    def _guarded(self, act: Callable[..., None], *args: Any) -> None:
        """Do `act`; our own failure ends the watching and never the user's program."""
        self._inside += 1
        try:
            with torch.no_grad():
                act(*args)
        except Exception as error:  # noqa: BLE001 - told once, in the report
            self.trouble = f"{type(error).__name__}: {error}"
        finally:
            self._inside -= 1

    def _suspect(self, suspicion: Suspicion | None) -> None:
        if suspicion is None:
            return
        key = (suspicion.mistake, str(suspicion.place))
        self.found.setdefault(key, suspicion)
        self.times[key] += 1

    def _judge_call(self, call: UserCall, given: Any, state: Any) -> None:
        if isinstance(given, torch.Tensor) and call.kind not in _CELLS:
            for batch in self._ledger.of(given, Batch):
                self._suspect(rules.wrong_layout(call, batch))
                self._suspect(rules.padding_read(call, batch))
        for tensor in tensors_of((state,)):
            for pending in self._ledger.of(tensor, Pending):
                self._suspect(pending.suspicion)
            for known in self._ledger.of(tensor, State):
                grad = tensor.requires_grad
                self._suspect(rules.carried(known, call, self._backwards, requires_grad=grad))
                loaders = self._loaders
                self._suspect(rules.kept(known, call, loaders.batch, shuffled=loaders.is_shuffled))
        call.options["padded"] = next(
            (b for b in self._ledger.of(given, Batch) if rules.uneven(b.lengths)), None
        )

    def _note_result(self, call: UserCall, result: Any) -> None:
        if not isinstance(result, tuple) or len(result) != 2:
            self._note_state(call, result, "h")
            return
        output, final = result
        padded: Batch | None = call.options.pop("padded", None)
        if call.kind in _CELLS:
            for tensor, name in zip(result, ("h", "c"), strict=True):
                self._note_state(call, tensor, name)
            return
        if isinstance(output, PackedSequence):
            self._ledger.add(output.data, PackedOutput(call))
        elif call.batched:
            lengths = padded.lengths if padded else None
            self._ledger.add(output, Output(call, call.batch_first, lengths))
        states = final if isinstance(final, tuple) else (final,)
        for tensor, name in zip(states, ("h_n", "c_n"), strict=False):
            self._note_state(call, tensor, name)
            if padded and (pending := rules.padded_state(call, padded, name)):
                self._ledger.add(tensor, pending)

    def _note_state(self, call: UserCall, tensor: Any, name: str) -> None:
        state = State(
            call,
            name,
            is_whole=True,
            detached=False,
            backwards=self._backwards,
            batch=self._loaders.batch,
        )
        self._ledger.add(tensor, state)

    def _seen(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        result: Any,
    ) -> None:
        name = getattr(func, "__name__", "")
        if name == "backward":
            self._backwards += 1
            return
        if name == "embedding":
            self._note_padding(args, kwargs, result)
        elif name == "pad_sequence":
            self._loaders.note_padded(args, kwargs, result)
        elif name == "_pack_padded_sequence":
            return
        elif name == "_pad_packed_sequence":
            self._note_unpacked(args, result)
            return
        given = tensors_of(args) if any(self._ledger.known(t) for t in tensors_of(args)) else []
        if not given:
            return
        self._select(name, args, given[0], result)
        passed_on(self._ledger, name, (*args, *kwargs.values()), result)
        if is_computed_with(name, result):
            for tensor in given:
                for pending in self._ledger.of(tensor, Pending):
                    self._suspect(pending.suspicion)

    def _select(self, name: str, args: tuple[Any, ...], tensor: torch.Tensor, result: Any) -> None:
        if not isinstance(result, torch.Tensor):
            return
        if name == "__getitem__" or (name == "select" and len(args) == 3):
            index = args[1]
            if name == "select":
                index = (*[slice(None)] * (int(args[1]) % tensor.dim()), args[2])
            for output in self._ledger.of(tensor, Output):
                for pending in rules.last_step(output, tensor, index, here()):
                    self._ledger.add(result, pending)
        elif name in {"view", "reshape"}:
            for state in self._ledger.of(tensor, State):
                self._suspect(rules.flattened_state(state, tensor, result, here()))

    def _note_padding(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """Read off the tokens which sequences end early, where padding_idx says what padding is."""
        tokens = args[0] if args else kwargs.get("input")
        padding = args[2] if len(args) > 2 else kwargs.get("padding_idx")
        if not isinstance(tokens, torch.Tensor) or tokens.dim() != 2 or padding is None:
            return
        known = self._ledger.of(tokens, Batch)
        axis = known[0].axis if known else 0
        if known and known[0].lengths:
            return
        real = (tokens if axis == 0 else tokens.t()) != padding
        lengths = real.sum(1)
        steps = torch.arange(real.shape[1], device=real.device)
        if not bool((real == (steps < lengths[:, None])).all()) or not known:
            return
        told = tuple(int(length) for length in lengths)
        if rules.uneven(told) and min(told) > 0:
            self._ledger.add(result, Batch(axis, told, known[0].source))

    def _note_unpacked(self, args: tuple[Any, ...], result: Any) -> None:
        data, sizes, first = args[0], args[1], bool(args[2])
        for packed in self._ledger.of(data, PackedOutput):
            lengths = lengths_of(PackedSequence(data, sizes))
            self._ledger.add(result[0], Output(packed.call, first, lengths))
