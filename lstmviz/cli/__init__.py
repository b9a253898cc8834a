"""The command line: parse, and hand on. Imports neither torch nor Qt until something needs them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Final

from lstmviz.cli import check, convert, numbers, render, reports, talk, window
from lstmviz.cli.terminal import complain
from lstmviz.cli.usage import BAD_USAGE, DONE, FAILED, UsageError
from lstmviz.core.asking.session import SessionError
from lstmviz.core.cost.memory import NOT_ENOUGH, is_out_of_memory
from lstmviz.core.files.atomic_file import UnwritableFileError
from lstmviz.core.files.foreignfile import UnreadableFileError
from lstmviz.core.spec import SpecError
from lstmviz.core.words.amounts import reason, shown

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Do what `arguments` ask; returns the exit code.

    Returns
    -------
    int
        0 done; 2 bad usage or a bad file, said in one sentence on standard error; 1 our failure.
    """
    try:
        return _dispatch(list(arguments))
    except (UsageError, SpecError, SessionError, UnreadableFileError, UnwritableFileError) as error:
        complain(f"lstmviz: {str(error).rstrip('.')}.")
        return BAD_USAGE
    except BrokenPipeError:
        # The reader has seen enough, as in `lstmviz shapes | head`.
        return DONE
    except (MemoryError, OSError) as error:
        if isinstance(error, MemoryError) or is_out_of_memory(error):
            complain(f"lstmviz: {NOT_ENOUGH}")
            return BAD_USAGE
        place = f"{shown(error.filename)}: " if error.filename else ""
        complain(f"lstmviz: {place}{reason(error)}.")
        return BAD_USAGE
    except Exception as error:  # noqa: BLE001 - no user is shown a traceback
        return _own_up(error)


def _own_up(error: Exception) -> int:
    """Say that this program made a mistake, and leave the details in the log."""
    import logging

    from lstmviz.core.crashes import crash_of
    from lstmviz.gui.app.logfile import keep_log, log_path

    crash, path = crash_of(error), log_path()
    keep_log(path)
    logging.getLogger("lstmviz").error("%s", crash.details)
    complain(f"lstmviz: {crash.sentence} The details are in {path}.")
    return FAILED


def _dispatch(arguments: list[str]) -> int:
    if arguments and arguments[0] in COMMANDS:
        make_parser, act = COMMANDS[arguments[0]]
        return act(make_parser().parse_args(arguments[1:]))
    return window.window(window.window_parser().parse_args(arguments))


COMMANDS: Final[
    dict[
        str,
        tuple[Callable[[], argparse.ArgumentParser], Callable[[argparse.Namespace], int]],
    ]
] = {
    "render": (render.render_parser, render.render_file),
    "trace": (numbers.trace_parser, numbers.save_trace),
    "shapes": (reports.shapes_parser, reports.print_shapes),
    "facts": (reports.facts_parser, reports.print_facts),
    "code": (reports.code_parser, reports.print_code),
    "check": (check.check_parser, check.check),
    "convert": (convert.convert_parser, convert.convert),
    "explain": (talk.explain_parser, talk.print_explanation),
    "scenarios": (talk.scenarios_parser, talk.print_scenarios),
}
"""How each subcommand is parsed and done; anything else is the window."""
