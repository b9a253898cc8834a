from __future__ import annotations

import io
import os
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lstmviz.core.files.pngtext import read_text


def png(info=None):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def chunk(kind, body, size=None):
    head = struct.pack(">I", len(body) if size is None else size) + kind
    return head + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(made):
    whole = png()
    end = whole.index(b"IEND") - 4
    return whole[:end] + made + whole[end:]


@pytest.fixture
def file(tmp_path):
    def write(data):
        path = tmp_path / "picture.png"
        path.write_bytes(data)
        return path

    return write


TEXTS = ["plain", "", "ümlaut é", "L × N · ✓ 日本", "x" * 300_000, '{"a": [1, 2]}\n']


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:8])
@pytest.mark.parametrize("compressed", [False, True])
def test_text_that_pillow_wrote_is_read(file, text, compressed):
    info = PngInfo()
    info.add_text("Software", "not this")
    info.add_itxt("lstmviz", text, zip=compressed)
    assert read_text(file(png(info)), "lstmviz") == text


@pytest.mark.parametrize("compressed", [False, True])
def test_latin_text_that_pillow_wrote_is_read(file, compressed):
    info = PngInfo()
    info.add_text("lstmviz", "Größe", zip=compressed)
    assert read_text(file(png(info)), "lstmviz") == "Größe"


def test_text_that_qt_wrote_is_read(tmp_path, qapp):  # noqa: ARG001 - images need it
    from PySide6.QtGui import QImage

    for number, text in enumerate(TEXTS):
        image = QImage(4, 4, QImage.Format.Format_RGB32)
        image.fill(0)
        image.setText("lstmviz", text)
        path = tmp_path / f"{number}.png"
        assert image.save(str(path))
        # Qt folds white space at the ends.
        assert read_text(path, "lstmviz").strip() == text.strip()


def test_another_key_is_another_text(file):
    info = PngInfo()
    info.add_text("lstmviz2", "no")
    assert read_text(file(png(info)), "lstmviz") == ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        os.urandom(5000),
        png()[:40],
        with_chunk(chunk(b"tEXt", b"lstmviz\0text", size=2**31 - 1)),
        with_chunk(chunk(b"iTXt", b"lstmviz\0\x01\0\0\0not zlib")),
        with_chunk(chunk(b"iTXt", b"lstmviz\0\0\0\0\0\xff\xfe")),
        with_chunk(chunk(b"zTXt", b"lstmviz\0")),
        with_chunk(chunk(b"iTXt", b"lstmviz")),
        with_chunk(chunk(b"zTXt", b"lstmviz\0\0" + zlib.compress(bytes(64 << 20)))),
    ],
    ids=[
        "empty", "signature", "gif", "noise", "cut", "size lies", "no zlib", "no utf-8",
        "no body", "no value", "bomb",
    ],
)  # fmt: skip
def test_a_damaged_or_hostile_file_has_no_text(file, data):
    assert read_text(file(data), "lstmviz") == ""


def test_a_file_cut_within_the_text_gives_no_more_than_what_is_there(file):
    info = PngInfo()
    info.add_text("lstmviz", "whole text of a session")
    data = png(info)
    cut = data[: data.index(b"whole") + 5]
    assert read_text(file(cut), "lstmviz") in ("", "whole")


@given(st.binary(max_size=400))
def test_any_bytes_after_the_signature_are_survived(tmp_path_factory, junk):
    path = tmp_path_factory.getbasetemp() / "junk.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + junk)
    assert isinstance(read_text(path, "lstmviz"), str)
