"""What loaders and pad_sequence say of a batch: where its axis is, how long its sequences are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
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
            return _Drawn(self, loader, before(loader))

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

    def note_padded(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """Note what pad_sequence made; padding on the left leaves the last step real."""
        given = (*args, *kwargs.values())
        sequences = given[0] if given else ()
        first = bool(kwargs.get("batch_first", args[1] if len(args) > 1 else False))
        side = kwargs.get("padding_side", args[3] if len(args) > 3 else "right")
        if side == "right" and isinstance(sequences, list | tuple):
            lengths = tuple(len(sequence) for sequence in sequences)
            self._ledger.add(result, Batch(0 if first else 1, lengths, "pad_sequence"))


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
