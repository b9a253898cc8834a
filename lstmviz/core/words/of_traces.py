"""Sentences about a trace: what its proof says, where a NaN came from, how it was timed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from lstmviz.core.proof import ProofVerdict
from lstmviz.core.words.amounts import time_in_words

if TYPE_CHECKING:
    from lstmviz.core.proof import Proof
    from lstmviz.core.timing import Timing
    from lstmviz.core.trace import NonFinite, Trace

_RELATIONS: Final = {
    ProofVerdict.EXACT: "=",
    ProofVerdict.WITHIN_ROUNDING: "≈",
    ProofVerdict.UNPROVEN: "?",
    ProofVerdict.FAILED: "≠",
}
_STATES: Final = {"hidden": "h_t", "cell": "c_t"}
_HALVES: Final = ("bfloat16", "float16")


def proof_relation(proof: Proof) -> str:
    """Return the sign that stands between a trace and its module: ``=`` where every bit agrees."""
    return _RELATIONS[proof.verdict]


def proof_in_short(proof: Proof) -> str:
    """Return what the proof comes to as a formula, with the difference nearest to its tolerance."""
    start = f"trace {proof_relation(proof)} nn.LSTM"
    if proof.verdict is ProofVerdict.EXACT:
        return f"{start}, exact"
    if proof.verdict is ProofVerdict.UNPROVEN:
        return "trace of nn.LSTM, not proven"
    pairs = (
        ("Δh", proof.difference_h, proof.tolerance_h),
        ("Δc", proof.c_n, proof.tolerance_c),
    )
    name, difference, tolerance = max(pairs, key=lambda pair: _share(pair[1], pair[2]))
    number = "NaN" if math.isnan(difference) else f"{difference:.1e}"
    sign = "≤" if difference <= tolerance else ">"
    return f"{start}, |{name}| {number} {sign} {tolerance:.1e}"


def _share(difference: float, tolerance: float) -> float:
    """Return how much of the tolerance is used up; all and more of it by NaN."""
    return math.inf if math.isnan(difference) or not tolerance else difference / tolerance


def proof_in_words(proof: Proof) -> str:
    """Return what the proof comes to, in one sentence, numbers included."""
    verdict = proof.verdict
    if verdict is ProofVerdict.EXACT:
        return "The trace is what nn.LSTM returned, bit for bit."
    if verdict is ProofVerdict.UNPROVEN:
        return f"The trace is not proven: {proof.unproven}"
    h = _beside("h", proof.difference_h, proof.tolerance_h)
    c = _beside("c", proof.c_n, proof.tolerance_c)
    if verdict is ProofVerdict.FAILED:
        return f"The trace is not what nn.LSTM returned: max |Δ| {h}; {c}."
    return f"The trace is what nn.LSTM returned, within rounding: max |Δ| {h}; {c}."


def _beside(name: str, difference: float, tolerance: float) -> str:
    number = "NaN" if math.isnan(difference) else f"{difference:.1e}" if difference else "0"
    return f"of {name} {number}, tolerance {tolerance:.1e}"


def nonfinite_in_words(found: NonFinite) -> str:
    """Return where the first NaN or infinity came from and what it reached, in one sentence."""
    value = {"nan": "NaN", "inf": "infinity", "-inf": "−infinity"}.get(found.value, found.value)
    if found.where in _STATES:
        return (
            f"The first {value} is {_STATES[found.where]} at {place_in_words(found.index)}; input,"
            " initial state and weights are finite, so a sum overflowed."
        )
    index = ", ".join(map(str, found.index))
    source = f"The first {value} comes from {found.where}[{index}]"
    if found.reached is None:
        return f"{source}; it saturates gates and reaches no state."
    return f"{source}; the earliest state it reaches is at {place_in_words(found.reached)}."


def nonfinite_in_short(found: NonFinite) -> str:
    """Return what the first NaN or infinity is and where, in a few words."""
    value = {"nan": "NaN", "inf": "∞", "-inf": "−∞"}.get(found.value, found.value)
    if found.where in _STATES:
        return f"{value} in {_STATES[found.where]} from t = {found.index[2]}"
    return f"{value} in {found.where}"


def place_in_words(index: tuple[int, ...]) -> str:
    """Return (layer, direction, step, item, unit) as ``layer 0, reverse, step 3, item 1, unit 2``.

    Items and units are counted as PyTorch does, from 0.
    """
    layer, direction, step, item, unit = index
    way = "reverse" if direction else "forward"
    return f"layer {layer}, {way}, step {step}, batch item {item}, unit {unit}"


def timing_in_words(timing: Timing) -> str:
    """Return how long a call took and how that was found out."""
    return f"{time_in_words(timing.seconds)} ({timing.how})"


def half_in_words(dtype: str) -> str:
    """Return that half-precision results are float32 arrays; empty for other dtypes."""
    if dtype not in _HALVES:
        return ""
    return f"The arrays are float32 and hold {dtype} values, the type that nn.LSTM computed in."


def remarks(trace: Trace) -> list[str]:
    """Return what is out of the ordinary about a trace, a sentence each; mostly nothing."""
    found = [nonfinite_in_words(trace.first_nonfinite)] if trace.first_nonfinite else []
    unproven = [proof_in_words(trace.proof)] if not trace.proof.ok else []
    return [*unproven, *found, *trace.notes]


def trace_in_words(trace: Trace) -> list[str]:
    """Return what is to be known of a trace, a sentence each: proof, NaN, time, notes."""
    lines = [proof_in_words(trace.proof)]
    if trace.first_nonfinite is not None:
        lines.append(nonfinite_in_words(trace.first_nonfinite))
    return [*lines, f"Forward {timing_in_words(trace.forward_timing)}.", *trace.notes]
