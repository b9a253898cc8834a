"""What a saved trace says beside its arrays, checked before a word of it is used."""

from __future__ import annotations

import math
from typing import Any, Final

from lstmviz.core.cells import CELLS, LSTM
from lstmviz.core.spec import DType

_PLAIN: Final[dict[str, type]] = {
    "kind": str,
    "batch_first": bool,
    "batched": bool,
    "dtype": str,
    "device": str,
    "forward_timing": dict,
    "trace_seconds": float,
    "notes": list,
    "proof": dict,
}
_PROOF: Final[dict[str, type]] = {
    "output": float,
    "h_n": float,
    "c_n": float,
    "tolerance_h": float,
    "tolerance_c": float,
    "reason": str,
    "exact": bool,
    "unproven": str,
}
_TIMING: Final[dict[str, type]] = {"seconds": float, "calls": int, "warm": bool}
_LONGEST_NAME: Final = 200
_MOST_AXES: Final = 5


def is_known(plain: dict[str, Any]) -> bool:
    """Return whether the facts are those of a trace, each of its type."""
    place = plain.get("first_nonfinite")
    return (
        set(plain) == {*_PLAIN, "first_nonfinite"}
        and all(isinstance(plain[name], kind) for name, kind in _PLAIN.items())
        and all(isinstance(note, str) for note in plain["notes"])
        and _is_of(plain["proof"], _PROOF)
        and _is_of(plain["forward_timing"], _TIMING)
        and plain["forward_timing"]["calls"] >= 1
        and plain["kind"] in CELLS
        and plain["dtype"] in list(DType)
        and len(plain["device"]) <= _LONGEST_NAME
        and _is_duration(plain["forward_timing"]["seconds"])
        and _is_duration(plain["trace_seconds"])
        and (place is None or _is_place(place))
    )


def from_format_2(plain: dict[str, Any]) -> dict[str, Any]:
    """Return what a file of format 2 says in the words of today: it held LSTMs only."""
    return {**plain, "kind": LSTM.name}


def from_format_1(plain: dict[str, Any]) -> dict[str, Any]:
    """Return what a file of format 1 says in the words of format 2; damage stays damage."""
    proof, seconds = plain.get("proof"), plain.pop("forward_seconds", None)
    plain["forward_timing"] = {"seconds": seconds, "calls": 1, "warm": False}
    if isinstance(proof, dict) and isinstance(proof.pop("ok", None), bool):
        proof["tolerance_h"] = proof["tolerance_c"] = proof.pop("tolerance", None)
    return plain


def _is_of(told: dict[str, Any], kinds: dict[str, type]) -> bool:
    """Return whether `told` has these names and no others, each of its type."""
    return set(told) == set(kinds) and all(isinstance(told[n], kind) for n, kind in kinds.items())


def _is_duration(seconds: float) -> bool:
    return math.isfinite(seconds) and seconds >= 0


def _is_place(place: object) -> bool:
    if not isinstance(place, dict) or set(place) != {"where", "index", "value", "reached"}:
        return False
    indices = (place["index"], place["reached"] if place["reached"] is not None else [])
    return all(
        isinstance(place[name], str) and len(place[name]) <= _LONGEST_NAME
        for name in ("where", "value")
    ) and all(
        isinstance(index, list) and len(index) <= _MOST_AXES and all(type(k) is int for k in index)
        for index in indices
    )
