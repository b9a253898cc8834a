"""Settings that follow when another changes, as a user would set them by hand."""

from __future__ import annotations

from typing import Any

from lstmviz.core.spec import RunSpec


def followed(spec: RunSpec, changes: dict[str, Any]) -> dict[str, Any]:
    """Return `changes` with what follows from them.

    Packed lengths keep to the batch and to the sequence: a new batch item gets the full length,
    a shorter sequence shortens them, and an unbatched input has none. Settings named in `changes`
    are never altered.
    """
    lengths = spec.input.lengths
    if lengths is None or "lengths" in changes:
        return changes
    if changes.get("unbatched", spec.input.unbatched):
        return {**changes, "lengths": None}
    seq_len = changes.get("seq_len", spec.input.seq_len)
    batch_size = changes.get("batch_size", spec.input.batch_size)
    if not _are_sizes(seq_len, batch_size):
        return changes
    was_full = max(lengths) == spec.input.seq_len
    kept = [min(length, seq_len) for length in lengths[:batch_size]]
    kept += [seq_len] * (batch_size - len(kept))
    if was_full and max(kept) < seq_len:
        # The longest sequence fills the batch; it goes on doing so.
        kept[kept.index(max(kept))] = seq_len
    return {**changes, "lengths": tuple(kept)}


def _are_sizes(*values: object) -> bool:
    return all(isinstance(v, int) and not isinstance(v, bool) and v >= 1 for v in values)
