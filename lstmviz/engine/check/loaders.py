"""What loaders and pad_sequence say of a batch: where its axis is, how long its sequences are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils.data import DataLoader, RandomSampler, default_collate

from lstmviz.engine.check.facts import Batch, Ledger


class Loaders:
    """Follows every DataLoader of the program.

    Attributes
    ----------
    batch : int
        How many batches were drawn so far, from all loaders; 0 before the first.
    is_shuffled : bool
        Whether the last one came from a loader that shuffles.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.batch = 0
        self.is_shuffled = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Follow the loaders that are iterated inside the block."""
        before = DataLoader.__iter__

        def iterate(loader: DataLoader[Any]) -> Any:
            with _telling_workers(loader):
                batches = before(loader)
            return _Drawn(self, loader, batches)

        DataLoader.__iter__ = iterate  # type: ignore[method-assign]
        try:
            yield
        finally:
            DataLoader.__iter__ = before  # type: ignore[method-assign]

    def drawn(self, loader: DataLoader[Any], batch: Any) -> None:
        """Note a batch that a loader gave out."""
        self.batch += 1
        self.is_shuffled = isinstance(loader.sampler, RandomSampler)
        if loader.collate_fn is default_collate and loader.batch_size is not None:
            for tensor in _tensors(batch):
                if tensor.dim() > 1:
                    self._ledger.add(tensor, Batch(0, None, "the DataLoader"))

    def collated(self, told: Collated) -> None:
        """Note what a worker padded."""
        tensors = list(_tensors(told.batch))
        for place, padded in told.padded:
            self._ledger.add(tensors[place], padded)

    def note_padded(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """Note what pad_sequence made."""
        padded = padded_batch(args, kwargs)
        if padded is not None:
            self._ledger.add(result, padded)


def padded_batch(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Batch | None:
    """Return what a call of pad_sequence says of its result.

    None where it is padded on the left, which leaves the last step real.
    """
    given = (*args, *kwargs.values())
    sequences = given[0] if given else ()
    first = bool(kwargs.get("batch_first", args[1] if len(args) > 1 else False))
    side = kwargs.get("padding_side", args[3] if len(args) > 3 else "right")
    if side != "right" or not isinstance(sequences, list | tuple):
        return None
    return Batch(0 if first else 1, tuple(map(len, sequences)), "pad_sequence")


@dataclass(frozen=True, slots=True)
class Collated:
    """A batch as a worker sends it, with what was padded in it.

    Attributes
    ----------
    batch : object
    padded : tuple of (int, Batch)
        Places among the batch's tensors, in their order.
    """

    batch: Any
    padded: tuple[tuple[int, Batch], ...]


class _Telling:
    """A program's collate function, run in a worker, which tells what it padded."""

    def __init__(self, collate: Callable[[Any], Any]) -> None:
        self._collate = collate

    def __call__(self, samples: Any) -> Any:
        with _Padding() as padding:
            batch = self._collate(samples)
        places = {id(tensor): place for place, tensor in enumerate(_tensors(batch))}
        padded = [(places[id(r)], told) for r, told in padding.made if id(r) in places]
        return Collated(batch, tuple(padded))


class _Padding(TorchFunctionMode):
    """Keeps what pad_sequence makes."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[tuple[torch.Tensor, Batch]] = []

    def __torch_function__(
        self, func: Any, _types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if getattr(func, "__name__", "") == "pad_sequence":
            told = padded_batch(args, kwargs or {})
            if told is not None:
                self.made.append((result, told))
        return result


@contextmanager
def _telling_workers(loader: DataLoader[Any]) -> Iterator[None]:
    """Have the workers that are started inside the block tell what they pad.

    Workers that outlive their epoch are left alone, since they may outlive the check; so are
    batches that are pinned, since pinning knows only the program's own types.
    """
    own = loader.collate_fn
    plain = own is default_collate or loader.persistent_workers or loader.pin_memory
    if not loader.num_workers or plain:
        yield
        return
    loader.collate_fn = _Telling(own)
    try:
        yield
    finally:
        loader.collate_fn = own


class _Drawn:
    """A loader's iterator that tells of each batch."""

    def __init__(self, loaders: Loaders, loader: DataLoader[Any], batches: Any) -> None:
        self._loaders, self._loader, self._batches = loaders, loader, batches

    def __iter__(self) -> _Drawn:
        return self

    def __len__(self) -> int:
        return len(self._batches)

    def __next__(self) -> Any:
        batch = next(self._batches)
        if isinstance(batch, Collated):
            self._loaders.collated(batch)
            batch = batch.batch
        self._loaders.drawn(self._loader, batch)
        return batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batches, name)


def _tensors(batch: Any) -> Iterator[torch.Tensor]:
    if isinstance(batch, torch.Tensor):
        yield batch
    elif isinstance(batch, dict):
        for value in batch.values():
            yield from _tensors(value)
    elif isinstance(batch, list | tuple):
        for value in batch:
            yield from _tensors(value)
