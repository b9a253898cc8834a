"""``lstmviz check script.py``: run a script and name the silent mistakes that its run shows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from lstmviz.cli.terminal import say
from lstmviz.cli.usage import DONE, Parser, UsageError

NAMED: Final = 3
"""Exit code where the run showed a mistake, or ended in an exception."""


def check_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz check``."""
    parser = Parser(
        prog="lstmviz check",
        description="Run a script and name the silent mistakes with LSTMs that its run shows, each"
        " with its line and the numbers. Exit code 3 if there are any.",
        allow_abbrev=False,
    )
    parser.add_argument("script", type=Path, metavar="SCRIPT.py")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the script")
    return parser


def check(options: argparse.Namespace) -> int:
    """Run the script, then print what its run showed."""
    script: Path = options.script
    if not script.is_file():
        raise UsageError(f"there is no file {script}")
    from lstmviz.core.mistakes import explain, format_explanation
    from lstmviz.engine.check.script import check_script, report_text

    report = check_script(script, options.arguments)
    sys.stdout.flush()
    if report.raised:
        print(report.raised, file=sys.stderr)
        say(format_explanation(explain(report.raised)))
    text = report_text(report, script.name)
    if text:
        say(text)
    return NAMED if report.found or report.raised else DONE
