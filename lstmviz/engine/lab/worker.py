"""The laboratory's child process, from inside: runs one program and says how it ended."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
import warnings
from queue import SimpleQueue
from typing import Any, BinaryIO, Final

import torch

from lstmviz.core.cost.memory import NOT_ENOUGH, is_out_of_memory
from lstmviz.core.mistakes.catalogue import mistake as named
from lstmviz.core.mistakes.experiment import Difference, Numbers, Outcome, nothing_yet
from lstmviz.core.mistakes.mistake import Mistake, SetupPart
from lstmviz.core.spec import RunSpec

SHOWN_NUMBERS: Final = 64
"""Numbers of a result that are sent along."""
LONGEST_MESSAGE: Final = 4000
"""Characters of an exception's message that are sent along."""

Results = dict[str, torch.Tensor]


def serve() -> int:
    """Answer requests until standard input ends; return the exit code."""
    _die_quietly()
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    requests: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    _send(replies, {"torch": torch.__version__})
    while True:
        request = json.loads(requests.get())
        mistake, spec = named(request["name"]), RunSpec.from_settings(request["settings"])
        results: Results = {}
        for part in request["parts"]:
            _send(replies, answer(mistake, spec, SetupPart(part), results))


def answer(mistake: Mistake, spec: RunSpec, part: SetupPart, results: Results) -> dict[str, Any]:
    """Run one program of `mistake` and compare its result with the one before.

    Parameters
    ----------
    mistake : Mistake
    spec : RunSpec
    part : SetupPart
    results : dict of str to Tensor
        Results of the parts run so far; this one's is added.

    Returns
    -------
    dict
        ``outcome``, and ``difference`` to the wrong program for the right one, to the right one
        for the proof, None if there is nothing to compare.
    """
    outcome, result = trial("\n".join(mistake.program(spec, part)), mistake.result)
    before = results.get(
        {SetupPart.FIX: SetupPart.CODE, SetupPart.TRUTH: SetupPart.FIX}.get(part, "")
    )
    if result is not None:
        results[part] = result
    compared = None if result is None or before is None else difference(before, result)
    return {"outcome": outcome, "difference": compared}


def trial(source: str, result: str = "") -> tuple[Outcome, torch.Tensor | None]:
    """Run a program of the catalogue, and return how it ended and the variable called `result`."""
    names: dict[str, Any] = {"__name__": "mistake"}
    outcome = nothing_yet(0.0)
    began = time.perf_counter()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            # Only programs of our own catalogue come here, with numbers filled in.
            exec(compile(source, "<mistake>", "exec"), names)  # noqa: S102
        except Exception as error:  # noqa: BLE001  # whatever it raises is what was asked for
            if is_out_of_memory(error):  # This machine's fault, not the mistake's.
                error = MemoryError(NOT_ENOUGH)
            outcome["exception"] = type(error).__name__
            outcome["message"] = str(error)[:LONGEST_MESSAGE]
    outcome["seconds"] = time.perf_counter() - began
    outcome["warnings"] = [str(warning.message) for warning in heard]
    if outcome["exception"] or not result:
        return outcome, None
    tensor = names[result].detach().double().cpu()
    outcome["numbers"] = Numbers(
        shape=list(tensor.shape), values=tensor.flatten()[:SHOWN_NUMBERS].tolist()
    )
    return outcome, tensor


def difference(one: torch.Tensor, other: torch.Tensor) -> Difference:
    """Return the largest absolute difference of two results and where it is."""
    if one.shape != other.shape:
        return Difference(max_abs=None, index=[])
    apart = (one - other).abs()
    place = torch.unravel_index(apart.argmax(), apart.shape)
    return Difference(max_abs=float(apart.max()), index=[int(axis) for axis in place])


def _listen(requests: SimpleQueue[bytes]) -> None:
    """Queue requests; when the parent has gone, go too, whatever is running."""
    for line in sys.stdin.buffer:
        requests.put(line)
    os._exit(0)


def _send(replies: BinaryIO, reply: dict[str, Any]) -> None:
    replies.write(json.dumps(reply).encode() + b"\n")


def _die_quietly() -> None:
    """Leave no core file and open no dialog when a program kills the process."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(3)
    else:
        import resource

        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
