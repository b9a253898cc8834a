"""The numbers of a page: every array once, as base64 of its own bits."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from lstmviz.core.places import output_of_item, steps_of_item
from lstmviz.core.trace import Array, Trace
from lstmviz.core.words.amounts import bytes_in_words

MOST_BYTES: Final = 64 << 20
"""Of numbers in a page; base64 makes a third more of them."""


class PageTooLargeError(ValueError):
    """A run with more numbers than a page holds; the message is the sentence to show."""


class Numbers:
    """The arrays that a page holds, by what is in them: the same numbers are written once."""

    def __init__(self) -> None:
        self._texts: dict[bytes, tuple[int, bytes]] = {}

    def add(self, array: Array) -> dict[str, Any]:
        """Take `array` in and return how the page finds it: which block, and of which type."""
        is_double = array.dtype.itemsize > 4
        data = np.ascontiguousarray(array, dtype="<f8" if is_double else "<f4").tobytes()
        key = hashlib.sha256(data).digest()
        if key not in self._texts:
            self._texts[key] = (len(self._texts), base64.b64encode(data))
        return {"block": self._texts[key][0], "double": is_double}

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield each block's number and its base64."""
        yield from self._texts.values()


def page_arrays(trace: Trace) -> dict[str, Array]:
    """Return what a page shows of `trace`, by name.

    ``output`` is left out where the last layer's h_t holds its very bits.
    """
    shown = {"input": trace.input, **trace.states, **trace.gates}
    return shown if is_output_hidden(trace) else {"output": trace.output, **shown}


def is_output_hidden(trace: Trace) -> bool:
    """Return whether every bit of ``output`` stands in the last layer's h_t as well."""
    return all(_is_hidden(trace, item) for item in range(trace.batch_size))


def _is_hidden(trace: Trace, item: int) -> bool:
    steps = steps_of_item(trace, item)
    hidden = trace.hidden[-1, :, :steps, item].transpose(1, 0, 2)
    return bool(output_of_item(trace, item).tobytes() == hidden.tobytes())


def check_size(traces: list[Trace]) -> None:
    """Refuse what is too much for a page.

    Raises
    ------
    PageTooLargeError
        With what is possible instead.
    """
    count = sum(
        array.nbytes
        for trace in traces
        for array in (trace.input, *trace.states.values(), *trace.gates.values())
    )
    if count > MOST_BYTES:
        raise PageTooLargeError(
            f"This run has {bytes_in_words(count)} of numbers, and a page holds"
            f" {bytes_in_words(MOST_BYTES)}: save it as .npz, or show fewer steps, batch items or"
            " units."
        )
