from __future__ import annotations

import base64
import io
import json
import tracemalloc

import pytest
from PIL import Image

from lstmviz.core.asking.looks import Looks
from lstmviz.core.asking.session import Session, SessionError, View, read_session
from lstmviz.core.files.carried import session_token
from lstmviz.core.spec import RunSpec

SESSION = Session(
    spec=RunSpec().changed(hidden_size=21, lengths=(9, 7, 2, 1)),
    view=View(step=3),
    looks=Looks(plots="gates", panel="facts", scheme="dark"),
)
TOKEN = session_token(SESSION.to_json()).encode()
NONE = "is no picture with a session of lstmviz in it."


def svg(token, fill=b""):
    return (
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><metadata>'
        + fill
        + token
        + b"</metadata></svg>"
    )


def html(token, fill=b""):
    return (
        b"\xef\xbb\xbf\n<!DOCTYPE html>"
        + fill
        + b'<meta name="lstmviz-session" content="'
        + token
        + b'">'
    )


def pdf(token, fill=b""):
    lines = b"\\\n".join(token[at : at + 70] for at in range(0, len(token), 70))
    return b"%PDF-1.7\n" + fill + b"<< /Keywords (LSTM \\(opened\\), " + lines + b"\\)) >>\n%%EOF"


def gif(token, fill=b""):
    buffer = io.BytesIO()
    pictures = [Image.new("RGB", (90, 70), color) for color in ("navy", "white")]
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=40)
    text = fill + token
    pieces = [text[at : at + 255] for at in range(0, len(text), 255)]
    comment = b"\x21\xfe" + b"".join(bytes([len(p)]) + p for p in pieces) + b"\0"
    return buffer.getvalue()[:-1] + comment + b"\x3b"


MAKERS = {".svg": svg, ".html": html, ".pdf": pdf, ".gif": gif}


@pytest.fixture(params=MAKERS)
def kind(request):
    return request.param


@pytest.fixture
def read(tmp_path):
    def act(data, suffix=".bin"):
        path = tmp_path / f"picture{suffix}"
        path.write_bytes(data)
        return read_session(path)

    return act


def test_every_kind_of_file_is_read_by_what_it_holds(read, kind):
    data = MAKERS[kind](TOKEN)
    assert read(data, kind) == SESSION
    assert read(data, ".json") == SESSION
    assert read(data, "") == SESSION
    assert read(SESSION.to_json().encode(), kind) == SESSION


def test_a_token_may_cross_the_border_of_a_block_anywhere(read, kind):
    border = 64 << 10
    before = MAKERS[kind](TOKEN).index(b"lstmviz-session:")
    for inside in (0, 1, 8, 15, 16, 17, 84, 85, 86, 87, 88, 200, len(TOKEN) - 1, len(TOKEN)):
        assert read(MAKERS[kind](TOKEN, b" " * (border - before - inside)), kind) == SESSION


def token(data):
    return b"lstmviz-session:" + base64.b64encode(data)


DEEP = b"[" * 200_000
BROKEN = {
    "none": b"",
    "empty": b"lstmviz-session:",
    "no base64": b"lstmviz-session:abc=def",
    "no length of base64": TOKEN[:-1] if TOKEN.endswith(b"=") else TOKEN + b"A",
    "cut": TOKEN[: len(TOKEN) // 8 * 4],
    "no UTF-8": token(b"{\xff}"),
    "no JSON": token(b"{hello"),
    "no object": token(b"[1]"),
    "deep": token(b'{"lstmviz": ' + DEEP),
    "endless": b"lstmviz-session:" + b"A" * (5 << 20),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_no_session_is_a_sentence_and_does_not_hide_a_good_one(read, kind, broken):
    with pytest.raises(SessionError) as caught:
        read(MAKERS[kind](broken), kind)
    assert str(caught.value) == f"picture{kind} {NONE}"
    if broken != BROKEN["endless"]:
        assert read(MAKERS[kind](broken + b" " + TOKEN + b" " + TOKEN), kind) == SESSION


def test_a_session_that_cannot_be_says_why(read, kind):
    data = json.loads(SESSION.to_json())
    newer = session_token(json.dumps({**data, "lstmviz": 2})).encode()
    with pytest.raises(SessionError, match=r"has format 2; this lstmviz reads 1\."):
        read(MAKERS[kind](newer), kind)
    data["settings"]["hidden_size"] = 0
    with pytest.raises(SessionError, match="hidden_size must be"):
        read(MAKERS[kind](session_token(json.dumps(data)).encode()), kind)


def test_a_file_cut_anywhere_is_read_or_refused_in_a_sentence(read, kind):
    whole = MAKERS[kind](TOKEN)
    for size in range(0, len(whole), 97):
        found = sentence = None
        try:
            found = read(whole[:size], kind)
        except SessionError as error:
            sentence = str(error)
        assert (found, sentence) in ((SESSION, None), (None, f"picture{kind} {NONE}"))


def test_a_large_picture_is_read_a_block_at_a_time(tmp_path):
    path = tmp_path / "large.svg"
    with path.open("wb") as file:
        file.write(b"<svg>")
        file.seek(80 << 20)
        file.write(TOKEN)
    tracemalloc.start()
    try:
        assert read_session(path) == SESSION
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
    with path.open("r+b") as file:
        file.truncate((512 << 20) + 1)
    with pytest.raises(SessionError, match=r"large\.svg is too large: more than 512 MiB\."):
        read_session(path)
