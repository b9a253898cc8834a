"""Every number of a run, in a file."""

from __future__ import annotations

import argparse

from lstmviz.cli.calls import add_call, calls_of
from lstmviz.cli.terminal import say
from lstmviz.cli.usage import DONE, FAILED, command_parser, out_file, session_of
from lstmviz.core.asking.session import Session
from lstmviz.core.files.atomic_file import check_place
from lstmviz.core.leaving import one_file_is_all
from lstmviz.core.proof import ProofVerdict
from lstmviz.core.words.amounts import shown
from lstmviz.core.words.of_traces import trace_in_words


def trace_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz trace``."""
    parser = command_parser("trace", "Save every number of a run.")
    add_call(parser)
    parser.add_argument("-o", "--output", type=out_file, required=True, metavar="OUT.npz")
    return parser


def save_trace(options: argparse.Namespace) -> int:
    """Run, and save every array of the trace; of several LSTM calls under their names."""
    session = session_of(options) or Session()
    path: str = options.output
    # Now: nobody waits minutes for a run and hears then that it has no place.
    check_place(path)
    one_file_is_all()
    calls, _claims = calls_of(session, options.call)
    if len(calls) == 1:
        calls[0].trace.save(path)
        count, of_whom = len(calls[0].trace.arrays()), ""
    else:
        from lstmviz.core.trace import save_all

        save_all({call.name: call.trace for call in calls}, path)
        count = sum(len(call.trace.arrays()) for call in calls)
        of_whom = f" of {len(calls)} LSTM calls, named {calls[0].name}.hidden and so on"
    told = [f"{shown(path)}: {count} arrays{of_whom}."]
    for call in calls:
        head = f"{call.name}: " if len(calls) > 1 else ""
        told += [f"{head}{line}" for line in trace_in_words(call.trace)]
    say("\n".join(told))
    is_failed = any(call.trace.proof.verdict is ProofVerdict.FAILED for call in calls)
    return FAILED if is_failed else DONE
