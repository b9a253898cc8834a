"""The command line: parse, and hand on. Imports neither torch nor Qt until something needs them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

from lstmviz.cli import check, reports, window
from lstmviz.cli.usage import BAD_USAGE, DONE, UsageError
from lstmviz.core.session import SessionError
from lstmviz.core.spec import SpecError

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
    except (UsageError, SpecError, SessionError) as error:
        print(f"lstmviz: {str(error).rstrip('.')}.", file=sys.stderr)
        return BAD_USAGE
    except BrokenPipeError:
        # The reader has seen enough, as in `lstmviz shapes | head`; nor must Python complain when
        # it writes what is left on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        what = f"{error.strerror or error}"
        place = f" {error.filename}" if error.filename else ""
        print(f"lstmviz:{place}: {what}.".replace("::", ":"), file=sys.stderr)
        return BAD_USAGE


def _dispatch(arguments: list[str]) -> int:
    if arguments and arguments[0] in COMMANDS:
        make_parser, act = COMMANDS[arguments[0]]
        code = act(make_parser().parse_args(arguments[1:]))
    else:
        code = window.window(window.window_parser().parse_args(arguments))
    # Now, where a full disk or a reader that is gone can still be answered.
    print(end="", flush=True)
    return code


COMMANDS: Final[
    dict[
        str,
        tuple[Callable[[], argparse.ArgumentParser], Callable[[argparse.Namespace], int]],
    ]
] = {
    "render": (window.render_parser, window.render_file),
    "trace": (reports.trace_parser, reports.save_trace),
    "shapes": (reports.shapes_parser, reports.print_shapes),
    "facts": (reports.facts_parser, reports.print_facts),
    "code": (reports.code_parser, reports.print_code),
    "check": (check.check_parser, check.check),
    "explain": (reports.explain_parser, reports.print_explanation),
    "scenarios": (reports.scenarios_parser, reports.print_scenarios),
}
"""How each subcommand is parsed and done; anything else is the window."""
