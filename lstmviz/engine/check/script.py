"""Runs a user's script with everything watched, and reports what its run shows."""

from __future__ import annotations

import runpy
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lstmviz.core.mistakes import mistake
from lstmviz.engine.check.facts import Suspicion
from lstmviz.engine.check.observer import Observer


@dataclass(frozen=True, slots=True)
class Report:
    """What a run showed.

    Attributes
    ----------
    found : tuple of (Suspicion, int)
        In the order of their lines, each with how often it was seen.
    raised : str
        The traceback that ended the run; empty if it ran through.
    exit_code : int
        As the script left it.
    trouble : str
        Why watching ended early; empty if it did not.
    """

    found: tuple[tuple[Suspicion, int], ...]
    raised: str
    exit_code: int
    trouble: str


def check_script(path: Path, arguments: Sequence[str]) -> Report:
    """Run the script at `path` as ``__main__``, watched.

    Parameters
    ----------
    path : Path
    arguments : sequence of str
        What the script finds behind its own name in ``sys.argv``.
    """
    observer = Observer()
    raised, code = "", 0
    before = sys.argv, sys.path[:]
    sys.argv = [str(path), *arguments]
    sys.path.insert(0, str(path.resolve().parent))
    try:
        with observer.watching():
            runpy.run_path(str(path), run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception as error:  # noqa: BLE001 - whatever the script raises is reported
        raised, code = _told(error, path), 1
    finally:
        sys.argv, sys.path[:] = before[0], before[1]
    found = sorted(
        ((one, observer.times[key]) for key, one in observer.found.items()),
        key=lambda pair: (pair[0].place.file, pair[0].place.line),
    )
    return Report(tuple(found), raised, code, observer.trouble)


def _told(error: BaseException, path: Path) -> str:
    """Return the traceback from the script's own first line on."""
    frames = traceback.TracebackException.from_exception(error)
    own = [n for n, frame in enumerate(frames.stack) if frame.filename == str(path)]
    if own:
        frames.stack = traceback.StackSummary.from_list(frames.stack[own[0] :])
    return "".join(frames.format())


def report_text(report: Report, name: str) -> str:
    """Return a report as it is printed."""
    blocks = []
    for suspicion, times in report.found:
        title = mistake(suspicion.mistake).title
        seen = f" Seen {times} times." if times > 1 else ""
        blocks.append(
            f"{suspicion.place}: {title}  [{suspicion.mistake}]\n"
            f"    {suspicion.place.code}\n"
            f"  {suspicion.sentence}{seen}\n"
            f"  Write: {suspicion.fix}"
        )
    if not blocks and not report.raised:
        blocks.append(f"{name}: no silent mistake with an LSTM showed in this run.")
    if report.trouble:
        blocks.append(f"Watching ended early, so there may be more: {report.trouble}")
    return "\n\n".join(blocks)
