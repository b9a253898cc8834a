from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from lstmviz.bridge.link import Link, LinkClosedError
from lstmviz.bridge.protocol import Beat, Finished, Progressed, ProtocolError, Started


@pytest.fixture
def ends():
    one, other = socket.socketpair()
    links = Link(one), Link(other)
    yield links
    for link in links:
        link.close()


def receive(link, count):
    messages = []
    while len(messages) < count:
        assert link.waiting(5), f"only {len(messages)} of {count} came"
        messages += link.receive()
    return messages


def test_messages_arrive_in_order_with_their_descriptors(ends, tmp_path):
    here, there = ends
    files = [(tmp_path / name).open("w+b") for name in "abc"]
    here.send(Finished(1, {}, []), [files[0].fileno(), files[1].fileno()])
    here.send(Beat())
    here.send(Finished(2, {}, []), [files[2].fileno()])
    assert [type(m).__name__ for m in receive(there, 3)] == ["Finished", "Beat", "Finished"]
    first, second = there.take_descriptors(2), there.take_descriptors(1)
    names = [str(Path(f"/proc/self/fd/{d}").readlink()) for d in [*first, *second]]
    assert names == [file.name for file in files]
    for descriptor in (*first, *second):
        os.close(descriptor)
    for file in files:
        file.close()


def test_a_message_larger_than_the_socket_arrives_whole(ends):
    here, there = ends
    message = Finished(1, {"text": "x" * (3 << 20)}, [])
    sender = threading.Thread(target=here.send, args=(message,))
    sender.start()
    assert receive(there, 1) == [message]
    sender.join()


def test_threads_sending_at_once_do_not_cut_each_other(ends):
    here, there = ends

    def send(number):
        for step in range(200):
            here.send(Progressed(number, step / 200))

    senders = [threading.Thread(target=send, args=(number,)) for number in range(3)]
    for sender in senders:
        sender.start()
    messages = receive(there, 600)
    for sender in senders:
        sender.join()
    for number in range(3):
        mine = [m.fraction for m in messages if m.generation == number]
        assert mine == [step / 200 for step in range(200)]


def test_the_other_side_gone_is_said_both_ways(ends):
    here, there = ends
    there.close()
    with pytest.raises(LinkClosedError):
        here.receive()
    with pytest.raises(LinkClosedError):
        here.send(Started(1))


def test_a_closed_link_is_said_not_crashed(ends):
    here, _ = ends
    here.close()
    here.close()
    with pytest.raises(LinkClosedError):
        here.send(Started(1))
    with pytest.raises(LinkClosedError):
        here.receive()


def test_noise_on_the_line_is_no_message():
    one, other = socket.socketpair()
    link = Link(one)
    other.sendall(b"Segmentation fault\n")
    with pytest.raises(ProtocolError):
        link.receive()
    other.close()
    link.close()
