"""``python -m lstmviz`` and the console script."""

from __future__ import annotations

import signal
import sys

# Until the program can leave in good order, let the system end it: nothing is there to be lost,
# and Python would print where in its imports it was.
if __name__ == "__main__" and sys.platform != "win32":
    for _number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(_number) is not signal.SIG_IGN:
            signal.signal(_number, signal.SIG_DFL)


def main() -> None:
    """Run the command line and exit with its code."""
    from lstmviz.core.leaving import stay_if_told_to_leave, watch_for_signals

    watch_for_signals()
    from lstmviz.cli import terminal

    terminal.prepare()
    from lstmviz.cli import run

    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    finally:
        stay_if_told_to_leave()
        terminal.let_go()
    sys.exit(code)


if __name__ == "__main__":
    main()
