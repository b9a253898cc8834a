"""Sessions carried by pictures and pages, and by what only looks like one."""

from __future__ import annotations

import base64
import io
import os

import pytest
from PIL import Image, PngImagePlugin

from lstmviz.core.asking.looks import Looks
from lstmviz.core.asking.session import Session, SessionError, View, read_session
from lstmviz.core.files.carried import session_text, session_token
from lstmviz.core.spec import RunSpec

SESSION = Session(
    spec=RunSpec.from_settings(RunSpec().settings() | {"seq_len": 7, "hidden_size": 9}),
    view=View(layer=1, step=3, units=(1, 2)),
    looks=Looks(plots="unrolled", panel="facts", scheme="dark", measure="forget"),
)
TEXT = SESSION.to_json()
TOKEN = session_token(TEXT)
MARK = "lstmviz-session:"


def png() -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_text("lstmviz", TEXT)
    held = io.BytesIO()
    Image.new("RGB", (3, 2)).save(held, "PNG", pnginfo=said)
    return held.getvalue()


def gif(comment: bytes) -> bytes:
    held = io.BytesIO()
    Image.new("P", (3, 2)).save(held, "GIF", comment=comment)
    return held.getvalue()


def pdf(keywords: str) -> bytes:
    return b"%PDF-1.4\n1 0 obj\n<< /Keywords (" + keywords.encode() + b") >>\nendobj\n%%EOF\n"


CARRIERS = {
    "picture.png": png(),
    "moving.apng": png(),
    "figure.svg": f"<?xml version='1.0'?><svg><metadata>{TOKEN}</metadata></svg>".encode(),
    "run.html": f'<!doctype html><meta name="lstmviz-session" content="{TOKEN}">'.encode(),
    "figure.pdf": pdf(TOKEN),
    "broken over lines.pdf": pdf("\\\n".join(TOKEN[i : i + 60] for i in range(0, len(TOKEN), 60))),
    "moving.gif": gif(TOKEN.encode()),
    "without a suffix": f"<svg>{TOKEN}</svg>".encode(),
}


@pytest.mark.parametrize("name", CARRIERS)
def test_every_kind_of_picture_opens_as_its_session(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(CARRIERS[name])
    assert session_text(path) == TEXT
    assert read_session(path) == SESSION


@pytest.mark.parametrize("before", [(1 << 20) - 7, (1 << 20) - 1, 1 << 20, (3 << 20) - 40])
def test_a_token_is_found_wherever_it_lies(before, tmp_path):
    path = tmp_path / "large.svg"
    path.write_bytes(b"<svg>" + b" " * (before - 5) + TOKEN.encode() + b"<" + b"x" * 5_000_000)
    assert session_text(path) == TEXT


@pytest.mark.parametrize(
    "data",
    [
        b"<svg></svg>",
        b"<svg>" + MARK.encode() + b"</svg>",
        b"<svg>" + MARK.encode() + b"####</svg>",
        b"<svg>" + MARK.encode() + b"abc</svg>",
        b"<svg>" + MARK.encode() + base64.b64encode(b"\xff\xfe") + b"</svg>",
        b"%PDF-1.4",
        b"GIF89a",
        gif(b"lstmviz-session:"),
        gif(TOKEN.encode())[:60],
        b"<!doctype html>" + os.urandom(3000),
    ],
    ids=range(10),
)
def test_a_picture_without_a_session_says_so(data, tmp_path):
    path = tmp_path / "picture.svg"
    path.write_bytes(data)
    with pytest.raises(SessionError, match="is no picture with a session of lstmviz in it"):
        read_session(path)


def test_what_is_carried_is_held_to_what_a_session_is(tmp_path):
    path = tmp_path / "picture.svg"
    for text in ("[]", "{}", "[" * 100_000, TEXT.replace('"lstmviz": 1', '"lstmviz": 99')):
        path.write_text(f"<svg>{session_token(text)}</svg>")
        with pytest.raises(SessionError):
            read_session(path)


def test_a_token_that_is_cut_gives_way_to_a_whole_one(tmp_path):
    path = tmp_path / "picture.svg"
    path.write_text(f"<svg>{MARK}abc<metadata>{TOKEN}</metadata></svg>")
    assert session_text(path) == TEXT
