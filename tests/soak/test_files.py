"""Damaged files for every reader, and programs killed while they save.

Ten thousand files, a hundred kills: ``python -m pytest tests/soak/test_files.py --soak 25``.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from lstmviz.core.asking.session import Session, SessionError, read_session
from lstmviz.core.files.arrayfile import ArrayFileError, read_array_file, write_array_file
from lstmviz.core.files.atomic_file import write_whole
from lstmviz.core.files.foreignfile import UnreadableFileError
from lstmviz.core.files.pngtext import SESSION_KEY, read_text
from lstmviz.core.files.tracefile import TraceFileError
from lstmviz.core.trace import Trace
from lstmviz.engine.opening.trace import trace
from lstmviz.gui.app import preferences

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

_LONGEST_SECONDS = 20.0
"""Far above the two seconds that the readers allow themselves, on a machine that is busy."""


def a_session(path):
    path.write_text(Session().to_json(), encoding="utf-8")
    return read_session, (SessionError,)


def a_picture(path):
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text(SESSION_KEY, Session().to_json())
    Image.new("RGB", (30, 20)).save(path, pnginfo=text)
    return lambda path: read_text(path, SESSION_KEY), (SessionError, ValueError)


def a_trace(path):
    trace(torch.nn.LSTM(3, 4), torch.randn(5, 2, 3)).save(path)
    return Trace.load, (TraceFileError,)


def some_arrays(path):
    write_array_file(path, {"kernel": np.zeros((3, 16)), "recurrent_kernel": np.zeros((4, 16))})
    return read_array_file, (ArrayFileError,)


def kept_preferences(path):
    preferences.save(preferences.Preferences(), path)
    return preferences.load, ()


KINDS = {
    "session.json": a_session,
    "picture.png": a_picture,
    "trace.npz": a_trace,
    "arrays.npz": some_arrays,
    "arrays.safetensors": some_arrays,
    "preferences.json": kept_preferences,
}


def damaged(data, rng):
    """Return `data` with bytes changed, cut out, doubled or put in."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        at = rng.randrange(len(data) + 1)
        size = rng.choice((1, 2, 4, 64, 4096))
        match rng.randrange(5):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = data[at : at + size]
            case 3:
                data[at:at] = rng.randbytes(size)
            case 4:
                data[at : at + size] = b"\xff" * min(size, max(0, len(data) - at))
    return bytes(data)


def sentence(read, path, refusals):
    """Return why `path` is refused, or that it is not."""
    try:
        read(path)
    except (UnreadableFileError, *refusals) as refusal:
        return str(refusal)
    return "read"


@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_file_is_refused_in_a_sentence_or_read(name, soak, tally, tmp_path):
    path, seed = tmp_path / name, random.SystemRandom().randrange(2**32)
    read, refusals = KINDS[name](path)
    whole, rng = path.read_bytes(), random.Random(seed)  # noqa: S311 - a seed to go back to
    with tally(f"damaged {name}") as files:
        for number in range(soak(80)):
            path.write_bytes(damaged(whole, rng))
            with files.attempt():
                said = sentence(read, path, refusals)
                assert said, f"seed {seed}, file {number}"
                assert "\n" not in said, f"seed {seed}, file {number}"
        assert files.worst < _LONGEST_SECONDS, f"seed {seed}"


SAVES = """
import sys
from lstmviz.core.files.atomic_file import write_whole
print("ready", flush=True)
k = 0
while True:
    k += 1
    write_whole(sys.argv[1], bytes([k % 256]) * 300_000)
"""


def test_a_program_killed_in_mid_save_leaves_the_old_file_or_the_new_one(soak, tally, tmp_path):
    path, rng = tmp_path / "file", random.Random(9)  # noqa: S311 - repeatable
    with tally("killed in mid-save: the old file or the new one") as kills:
        for _ in range(soak(4)):
            with subprocess.Popen([sys.executable, "-c", SAVES, path], stdout=subprocess.PIPE) as p:
                try:
                    assert p.stdout.readline() == b"ready\n"
                    time.sleep(rng.random() * 0.2)
                finally:
                    p.send_signal(signal.SIGKILL)
            with kills.attempt():
                if path.exists():
                    assert path.stat().st_size == 300_000
                    assert len(set(path.read_bytes())) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files")
def test_a_disk_that_is_full_at_any_byte_keeps_the_old_file(soak, tally, tmp_path):
    import resource

    path, rng = tmp_path / "file", random.Random(13)  # noqa: S311 - repeatable
    write_whole(path, bytes([1]) * 1000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with tally("disk full at any byte: the old file, or the new one") as saves:
        for number in range(soak(40)):
            old, new = path.read_bytes(), bytes([number % 256]) * rng.randrange(300_000)
            resource.setrlimit(resource.RLIMIT_FSIZE, (rng.randrange(300_000), limits[1]))
            try:
                with saves.attempt():
                    write_whole(path, new)
                    assert path.read_bytes() == new
            except OSError:
                saves.failures -= 1
                assert path.read_bytes() == old
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
