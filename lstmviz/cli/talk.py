"""Commands that only talk: explanations and the list of scenarios."""

from __future__ import annotations

import argparse
from pathlib import Path

from lstmviz.cli.terminal import MOST_INPUT, listen, say
from lstmviz.cli.usage import DONE, Parser, UsageError
from lstmviz.core.files.foreignfile import read_foreign


def explain_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz explain``."""
    parser = Parser(
        prog="lstmviz explain",
        description="Say what an error message means and what to change.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "text", nargs="?", help="a message, or a file with one; - or nothing reads it"
    )
    return parser


def print_explanation(options: argparse.Namespace) -> int:
    """Explain a message given as an argument, in a file or on standard input."""
    from lstmviz.core.mistakes import explain, format_explanation

    text = _message(options.text)
    if not text.strip():
        raise UsageError("there is no message to explain.")
    say(format_explanation(explain(text)))
    return DONE


def _message(given: str | None) -> str:
    if given in (None, "-"):
        return listen()
    try:
        is_file = Path(given).exists()
    except (OSError, ValueError):
        is_file = False  # Too long for a name, or of several lines: a message.
    if not is_file:
        return given
    return read_foreign(given, MOST_INPUT).decode(errors="replace")


def scenarios_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz scenarios``."""
    return Parser(
        prog="lstmviz scenarios", description="List real uses of an LSTM.", allow_abbrev=False
    )


def print_scenarios(_options: argparse.Namespace) -> int:
    """Print every scenario's name and summary."""
    from lstmviz.core.scenario import scenario_listing

    say(scenario_listing())
    return DONE
