"""Coverage-guided fuzzing of everything that reads foreign files and texts.

    python -m pip install -e '.[fuzz]'
    python tests/fuzz/fuzz_parsers.py [TARGET ...] [--seconds 60] [--found FOLDER]

Each target runs in a process of its own, from whole files to damaged ones, and fails where a reader
raises anything but its own refusal, says more than one line, or takes more than two seconds or
2 GiB. What it failed on is kept in FOLDER. Not a test: pytest does not collect it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import atheris
import numpy as np

_ROOT = Path(__file__).resolve().parents[2]
_MOST_SECONDS, _MOST_MIB = 2, 2048

sys.path.insert(0, str(_ROOT))
# It tells of every module that it instruments.
with (
    contextlib.redirect_stderr(io.StringIO()),
    atheris.instrument_imports(include=["lstmviz.core"]),
):
    from lstmviz.core.asking.session import Session, SessionError, read_session
    from lstmviz.core.files.arrayfile import ArrayFileError, read_array_file, write_array_file
    from lstmviz.core.files.foreignfile import UnreadableFileError
    from lstmviz.core.files.pngtext import SESSION_KEY, read_text
    from lstmviz.core.mistakes import explain, format_explanation
    from lstmviz.core.spec import SpecError
    from lstmviz.core.trace import Trace, TraceFileError
    from lstmviz.core.words.typed import parse_numbers

Read = Callable[[bytes], object]


def of_file(suffix: str, read: Callable[[Path], object]) -> Read:
    """Return what has `read` read a file that holds given bytes."""
    path = Path(tempfile.gettempdir()) / f"file{suffix}"

    def act(data: bytes) -> object:
        path.write_bytes(data)
        return read(path)

    return act


def text(data: bytes) -> str:
    return data.decode(errors="replace")


def saved_arrays(suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"whole{suffix}"
        write_array_file(path, {"kernel": np.zeros((3, 16)), "bias": np.ones(16, np.float32)})
        return path.read_bytes()


def an_npz() -> bytes:
    """Return an archive of small arrays under a trace's names."""
    arrays = {name: np.zeros((1, 1, 2, 1, 3), np.float32) for name in ("hidden", "cell")}
    arrays |= {name: np.zeros((2, 1, 3), np.float32) for name in ("input", "output")}
    arrays |= {name: np.zeros((1, 1, 3), np.float32) for name in ("h_n", "c_n")}
    buffer = io.BytesIO()
    np.savez(buffer, facts=np.array(json.dumps({"format": 1})), **arrays)
    return buffer.getvalue()


def a_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("hidden.npy", b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'shape': (9,)}\n")
    return buffer.getvalue()


def a_picture() -> bytes:
    """Return the shortest PNG with a session in it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))
        )

    told = Session().to_json().encode()
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack("!IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
            chunk(b"tEXt", SESSION_KEY.encode() + b"\0" + told),
            chunk(b"zTXt", SESSION_KEY.encode() + b"\0\0" + zlib.compress(told)),
            chunk(b"iTXt", SESSION_KEY.encode() + b"\0\1\0\0\0" + zlib.compress(told)),
            chunk(b"IDAT", zlib.compress(b"\0\0")),
            chunk(b"IEND", b""),
        )
    )


MESSAGES = (
    b"""Traceback (most recent call last):
  File "a.py", line 3, in <module>
    out, h = lstm(x)
RuntimeError: Expected hidden[0] size (2, 4, 16), got [4, 2, 16]""",
    b"input must have 3 dimensions, got 2",
    b'Error(s) in loading state_dict for LSTM:\n\tMissing key(s) in state_dict: "weight_ih_l1".',
)

PICTURE, SESSION = a_picture(), Session().to_json().encode()
TARGETS: dict[str, tuple[Read, type[Exception], tuple[bytes, ...]]] = {
    "session": (of_file(".json", read_session), SessionError, (SESSION,)),
    "picture": (of_file(".png", read_session), SessionError, (PICTURE,)),
    "png-text": (
        of_file(".png", lambda path: read_text(path, SESSION_KEY)),
        ValueError,
        (PICTURE,),
    ),
    "trace": (of_file(".npz", Trace.load), TraceFileError, (an_npz(), a_zip())),
    "arrays": (of_file(".npz", read_array_file), ArrayFileError, (saved_arrays(".npz"), a_zip())),
    "safetensors": (
        of_file(".safetensors", read_array_file),
        ArrayFileError,
        (saved_arrays(".safetensors"),),
    ),
    "numbers": (lambda data: parse_numbers(text(data)), SpecError, (b"9, 7, 4", b"1e3 -2;x")),
    "message": (lambda data: format_explanation(explain(text(data))), SpecError, MESSAGES),
}
"""What reads bytes, how it may refuse them, and whole ones to begin with."""


def fuzz(name: str, seconds: int, found: Path) -> None:
    """Fuzz one target in this process, and end it."""
    read, refusal_of, seeds = TARGETS[name]
    corpus = Path(tempfile.mkdtemp())
    for number, seed in enumerate(seeds):
        (corpus / str(number)).write_bytes(seed)

    def once(data: bytes) -> None:
        started = time.monotonic()
        try:
            read(data)
        except (UnreadableFileError, refusal_of) as refusal:
            said = str(refusal)
            if not said or "\n" in said or len(said) > 2000:
                raise AssertionError(f"no sentence: {said[:200]!r}") from refusal
        if time.monotonic() - started > _MOST_SECONDS:
            raise AssertionError(f"{time.monotonic() - started:.1f} s")

    options = [
        f"-max_total_time={seconds}",
        f"-rss_limit_mb={_MOST_MIB}",
        "-max_len=65536",
        "-print_final_stats=1",
        f"-artifact_prefix={found}/{name}-",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], once)
    atheris.Fuzz()


def main() -> int:
    """Fuzz the targets asked for, one after the other; return how many failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--found", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    if options.here:
        fuzz(names[0], options.seconds, options.found)
    failed = 0
    for name in names:
        command = [sys.executable, __file__, name, "--here", f"--seconds={options.seconds}"]
        # A folder that goes with it: a fuzzer ends its process at once.
        with tempfile.TemporaryDirectory(prefix="lstmviz-fuzz-") as scratch:
            done = subprocess.run(
                [*command, f"--found={options.found.resolve()}"],
                check=False,
                capture_output=True,
                text=True,
                env={**os.environ, "TMPDIR": scratch},
            )
        runs = [line for line in done.stderr.splitlines() if "number_of_executed_units" in line]
        count = runs[0].split()[-1] if runs else "?"
        held = "failed" if done.returncode else "held"
        print(f"{name:12} {count:>10} inputs  {held}", flush=True)
        if done.returncode:
            failed += 1
            print(done.stdout[-2000:], done.stderr[-3000:], sep="\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
