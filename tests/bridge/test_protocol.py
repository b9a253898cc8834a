from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.bridge.protocol import (
    MAX_MESSAGE,
    Beat,
    CancelRequest,
    Decoder,
    DevicesFound,
    Failed,
    Finished,
    Progressed,
    ProtocolError,
    Ready,
    RunRequest,
    Started,
    Stopped,
    encode,
)

_NUMBER = st.integers(-(2**63), 2**63)
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBER | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_PLAIN = st.dictionaries(st.text(), _JSON, max_size=4)
_MESSAGES = st.one_of(
    st.builds(RunRequest, _NUMBER, _PLAIN),
    st.builds(CancelRequest, _NUMBER),
    st.builds(Ready, st.text(), _NUMBER),
    st.builds(DevicesFound, st.lists(_PLAIN, max_size=3)),
    st.just(Beat()),
    st.builds(Started, _NUMBER),
    st.builds(Progressed, _NUMBER, st.floats(0, 1)),
    st.builds(Finished, _NUMBER, _PLAIN, st.lists(_PLAIN, max_size=3)),
    st.builds(Stopped, _NUMBER),
    st.builds(Failed, _NUMBER, st.text(), st.text(), st.text()),
)


@given(st.lists(_MESSAGES, max_size=8), st.data())
def test_messages_survive_any_cuts(messages, data):
    stream = b"".join(encode(message) for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    decoder = Decoder()
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [m for piece in pieces for m in decoder.feed(piece)] == messages


def test_messages_survive_coming_byte_by_byte():
    messages = [Beat(), Failed(7, "Ungültig — 1 × 2", "seq_len", "…\n"), Started(2**40)]
    decoder = Decoder()
    stream = b"".join(map(encode, messages))
    assert [m for byte in stream for m in decoder.feed(bytes([byte]))] == messages


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"Beat"',
        b"{}",
        b'{"kind": "Message"}',
        b'{"kind": "os.system"}',
        b'{"kind": ["Beat"]}',
        b'{"kind": "Started"}',
        b'{"kind": "Started", "generation": 1, "more": 2}',
        b'{"kind": "Beat"} {"kind": "Beat"}',
        b"[" * 100_000,
    ],
    ids=lambda body: body[:24].decode("latin-1"),
)
def test_what_is_no_message_is_refused(body):
    with pytest.raises(ProtocolError):
        list(Decoder().feed(struct.pack("!I", len(body)) + body))


def test_a_length_beyond_the_limit_is_refused_before_it_is_waited_for():
    with pytest.raises(ProtocolError, match=str(MAX_MESSAGE + 1)):
        list(Decoder().feed(struct.pack("!I", MAX_MESSAGE + 1)))


def test_messages_before_a_bad_one_still_arrive():
    seen = []
    with pytest.raises(ProtocolError):
        seen.extend(Decoder().feed(encode(Started(1)) + struct.pack("!I", 2) + b"{}"))
    assert seen == [Started(1)]
