"""Commands that only talk: explanations and the list of scenarios."""

from __future__ import annotations

import argparse

from lstmviz.cli.terminal import listen, say
from lstmviz.cli.usage import DONE, Parser, UsageError


def explain_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz explain``."""
    parser = Parser(
        prog="lstmviz explain",
        description="Say what an error message means and what to change.",
        allow_abbrev=False,
    )
    parser.add_argument("text", nargs="?", help="a message or traceback; - or nothing reads it")
    return parser


def print_explanation(options: argparse.Namespace) -> int:
    """Explain a message given as an argument or on standard input."""
    from lstmviz.core.mistakes import explain, format_explanation

    given = options.text
    text = listen() if given in (None, "-") else given
    if not text.strip():
        raise UsageError("there is no message to explain.")
    say(format_explanation(explain(text)))
    return DONE


def scenarios_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz scenarios``."""
    return Parser(
        prog="lstmviz scenarios", description="List real uses of an LSTM.", allow_abbrev=False
    )


def print_scenarios(_options: argparse.Namespace) -> int:
    """Print every scenario's name and summary."""
    from lstmviz.core.scenario import listing

    say(listing())
    return DONE
