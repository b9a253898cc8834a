from __future__ import annotations

import gc
import mmap
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lstmviz.bridge.link import Link
from lstmviz.bridge.protocol import Finished
from lstmviz.bridge.shared import Arena, attach, read

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="descriptors are a POSIX matter")

_DTYPES = st.sampled_from(["<f4", "<f8", "<i8", "|u1"])


def received(arena: Arena) -> list[int]:
    """Return descriptors as the other process gets them: copies of the arena's."""
    return [os.dup(descriptor) for descriptor in arena.descriptors]


@given(
    st.lists(
        _DTYPES.flatmap(
            lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=5, min_side=0))
        ),
        max_size=6,
    ),
    st.integers(0, 4 << 20),
)
def test_arrays_made_in_an_arena_or_elsewhere_are_read_back_bit_by_bit(arrays, expected):
    arena = Arena(expected)
    try:
        places = []
        for index, array in enumerate(arrays):
            if index % 2:
                places.append(arena.place(array))
            else:
                made = arena.allocate("", array.shape, array.dtype)
                made[...] = array
                places.append(arena.place(made))
        maps = attach(arena.blocks, received(arena))
        for array, place in zip(arrays, places, strict=True):
            back = read(maps, place)
            assert back.dtype == array.dtype
            assert back.shape == array.shape
            assert back.tobytes() == array.tobytes()
    finally:
        arena.close()


def test_views_that_are_not_contiguous_are_copied_right():
    arena = Arena()
    whole = arena.allocate("", (4, 6), np.float32)
    whole[...] = np.arange(24).reshape(4, 6)
    views = [whole[:, ::2], whole.T, whole[1:3], whole[::-1], whole[0]]
    places = [arena.place(view) for view in views]
    maps = attach(arena.blocks, received(arena))
    for view, place in zip(views, places, strict=True):
        np.testing.assert_array_equal(read(maps, place), view)
    arena.close()


def test_more_than_was_expected_takes_further_blocks():
    arena = Arena(expected=1000)
    big = [arena.allocate("", (3 << 20,), np.uint8) for _ in range(3)]
    for number, array in enumerate(big, 1):
        array[...] = number
    assert len(arena.blocks) == 3
    places = [arena.place(array) for array in big]
    maps = attach(arena.blocks, received(arena))
    assert [int(read(maps, place)[-1]) for place in places] == [1, 2, 3]
    arena.close()


def test_an_array_elsewhere_is_never_taken_for_one_that_was_dropped():
    arena = Arena()
    size = 3 << 20
    for _ in range(3):
        arena.allocate("", (size,), np.uint8)
    gc.collect()
    # Memory that the system gives out a page at a time, as it gave the blocks.
    others = [np.frombuffer(mmap.mmap(-1, block["size"]), np.uint8) for block in arena.blocks * 4]
    for other in others:
        other[...] = 7
    places = [arena.place(other) for other in others]
    maps = attach(arena.blocks, received(arena))
    assert all(int(read(maps, place)[-1]) == 7 for place in places)
    arena.close()


def test_what_the_window_reads_cannot_be_written():
    arena = Arena()
    place = arena.place(np.arange(3.0))
    array = read(attach(arena.blocks, received(arena)), place)
    arena.close()
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_a_place_outside_its_block_is_refused_not_read():
    arena = Arena()
    place = arena.place(np.arange(3.0))
    maps = attach(arena.blocks, received(arena))
    arena.close()
    for wrong in ({"offset": 1 << 40}, {"shape": [1 << 40]}, {"dtype": "O"}):
        with pytest.raises((ValueError, OverflowError)):
            read(maps, {**place, **wrong})


_SENDER = """
import socket, sys, time
import numpy as np
from lstmviz.bridge.link import Link
from lstmviz.bridge.protocol import Finished
from lstmviz.bridge.shared import Arena
link = Link(socket.socket(fileno=int(sys.argv[1])))
arena = Arena(8 << 20)
array = arena.allocate("a", (1000, 1000), np.float64)
array[...] = np.arange(1e6).reshape(1000, 1000)
packed = {"array": arena.place(array), "more": arena.place(np.arange(2 << 20))}
link.send(Finished(1, packed, arena.blocks), arena.descriptors)
arena.close()
print("sent", flush=True)
time.sleep(60)
"""


@pytest.fixture
def sender():
    ours, theirs = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, "-c", _SENDER, str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stdout=subprocess.PIPE,
    )
    theirs.close()
    link = Link(ours)
    yield process, link
    process.kill()
    process.wait()
    process.stdout.close()
    link.close()


def test_numbers_outlive_the_process_that_made_them_and_go_with_their_last_reader(sender):
    process, link = sender
    (message,) = link.receive()
    assert isinstance(message, Finished)
    maps = attach(message.blocks, link.take_descriptors(len(message.blocks)))
    assert process.stdout.readline() == b"sent\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    array, more = read(maps, message.run["array"]), read(maps, message.run["more"])
    del maps
    gc.collect()
    np.testing.assert_array_equal(array.ravel(), np.arange(1e6))
    np.testing.assert_array_equal(more, np.arange(2 << 20))
    del array, more
    gc.collect()
    # That neither a map nor a descriptor stays is what every test is checked for afterwards.


def test_descriptors_nobody_took_are_closed_with_the_link(sender):
    _process, link = sender
    assert isinstance(link.receive()[0], Finished)
    held = list(link.descriptors)
    assert all("memfd:lstmviz" in str(Path(f"/proc/self/fd/{d}").readlink()) for d in held)
    link.close()
    assert link.descriptors == []
    assert not any(Path(f"/proc/self/fd/{d}").exists() for d in held)


def test_a_dead_reader_leaves_nothing_with_a_name():
    before = set(os.listdir("/dev/shm"))  # noqa: PTH208, S108 - names are all there is to see
    reader = """
import os, sys
from lstmviz.bridge.shared import Arena, attach
arena = Arena(); arena.allocate("", (1 << 22,), "u1")[...] = 1
attach(arena.blocks, [os.dup(d) for d in arena.descriptors])
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", reader], check=False)
    assert done.returncode == -signal.SIGKILL
    assert set(os.listdir("/dev/shm")) <= before  # noqa: PTH208, S108 - the same
