"""``python -m lstmviz`` and the console script."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from lstmviz.cli import run

    for stream in (sys.stdout, sys.stderr):
        # We speak in · and Σ; a terminal or a pipe that cannot shows "?" and not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
