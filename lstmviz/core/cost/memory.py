"""What a run will need, and the refusal of one that cannot fit."""

from __future__ import annotations

import errno
import re
from typing import Final

from lstmviz.core.contract import contract
from lstmviz.core.cost.footprint import Footprint
from lstmviz.core.spec import RunSpec, SpecError
from lstmviz.core.words.amounts import bytes_in_words


def needed(spec: RunSpec) -> int:
    """Return the bytes that a run of `spec`, and its facts after it, take at their worst moment.

    See `lstmviz.core.cost.footprint`, which says what lies in memory when.
    """
    return Footprint.of(spec).peak


def check_fits(spec: RunSpec, limit: int) -> None:
    """Refuse a run that needs more than `limit` bytes.

    Raises
    ------
    SpecError
        With the estimate, for the setting that weighs most.
    """
    total = needed(spec)
    if total <= limit:
        return
    shapes = contract(spec.geometry)
    heavy = "hidden_size" if shapes.parameter_bytes > shapes.trace_bytes else "seq_len"
    raise SpecError(
        heavy,
        f"This run needs about {bytes_in_words(total)} and {bytes_in_words(limit)} can be used;"
        " make seq_len, batch_size, hidden_size or num_layers smaller.",
    )


MEMORY_LIMIT: Final = "LSTMVIZ_MEMORY_LIMIT"
"""Environment variable by which a user says how much a run may take, in bytes or as ``4GiB``."""

NOT_ENOUGH: Final = (
    "There is not enough memory for this; make seq_len, batch_size, hidden_size or num_layers"
    " smaller, or close other programs."
)
"""What to say when memory runs out although a run was thought to fit."""

_WORDS: Final = (
    "allocate memory",
    "can't allocate",
    "out of memory",
    "not enough memory",
)
_PRIMITIVE: Final = re.compile(r"could not create a primitive(?! descriptor)")
"""oneDNN's words where no address space is left.

Of a *descriptor* they mean a call that it has no kernel for, such as a state of another dtype with
bfloat16 weights on a processor with AVX-512.
"""
_TYPES: Final = ("bad_alloc", "bad_array_new_length")


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether `error` says that memory ran out.

    Python, the system and PyTorch each say it in their own way: a MemoryError, an ``ENOMEM``, a
    RuntimeError with the allocator's words.
    """
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno == errno.ENOMEM
    text = str(error)
    return isinstance(error, RuntimeError) and (
        _PRIMITIVE.search(text) is not None
        or any(words in text.lower() for words in _WORDS)
        or any(name in text for name in _TYPES)
    )
