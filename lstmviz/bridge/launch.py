"""Start an engine process. Imports neither Qt nor torch: it runs before anything else."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import lstmviz
from lstmviz.bridge.link import Link

_WINDOWS: Final = sys.platform == "win32"
_LAST_WORDS: Final = 4096

living: Final[set[int]] = set()
"""Process ids of the engines that run now; whoever ends this program at once ends them too."""

# This very package, whatever another of its name is on the path; and the working folder nowhere,
# since a user's random.py there must not be imported in place of Python's.
_PROGRAM: Final = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("lstmviz", {package!r})
sys.modules["lstmviz"] = package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
from lstmviz.bridge.loop import main
main({end!r})
"""


@dataclass(frozen=True)
class EngineProcess:
    """A running engine and our end of the socket to it.

    Attributes
    ----------
    process : subprocess.Popen
    link : Link
    log : file
        The engine's standard output and error; it has no name and goes when closed.
    """

    process: subprocess.Popen[bytes]
    link: Link
    log: IO[bytes]

    def kill(self) -> None:
        """End the process now, wait for its end and close what we hold of it."""
        with contextlib.suppress(OSError):
            self.process.kill()
        self.process.wait()
        living.discard(self.process.pid)
        self.link.close()
        self.log.close()

    def last_words(self) -> str:
        """Return the end of what the engine printed, for the log; empty when it was silent."""
        size = self.log.seek(0, 2)
        self.log.seek(max(0, size - _LAST_WORDS))
        return self.log.read().decode(errors="replace").strip()


def launch() -> EngineProcess:
    """Start an engine and return at once, while it is still loading torch.

    Raises
    ------
    OSError
        The system can start no process.
    """
    ours, theirs = socket.socketpair()
    package = str(Path(lstmviz.__file__).resolve())
    log = tempfile.TemporaryFile()  # noqa: SIM115 - the EngineProcess closes it
    end = -1 if _WINDOWS else theirs.fileno()
    options: dict[str, Any] = {} if _WINDOWS else {"pass_fds": [end]}
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _PROGRAM.format(package=package, end=end)],
        stdin=subprocess.PIPE if _WINDOWS else subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        **options,
    )
    living.add(process.pid)
    if sys.platform == "win32" and process.stdin:
        process.stdin.write(theirs.share(process.pid))
        process.stdin.close()
    theirs.close()
    return EngineProcess(process=process, link=Link(ours), log=log)
