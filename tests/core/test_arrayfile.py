"""Files of arrays: what others write is read, and nothing that a file declares is believed."""

from __future__ import annotations

import json
import struct
import zipfile

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lstmviz.core.files import arrayfile
from lstmviz.core.files.arrayfile import ArrayFileError, read_array_file, write_array_file

ARRAYS = {
    "kernel": np.arange(6, dtype="f4").reshape(2, 3),
    "deep/bias:0": np.array([0.1, -2.5]),
    "half": np.array([[1.5]], "f2"),
}


def same(found, expected):
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array), name


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_saves_is_read(save, tmp_path):
    save(tmp_path / "x.npz", **ARRAYS, turned=np.asfortranarray(ARRAYS["kernel"]))

    same(read_array_file(tmp_path / "x.npz"), {**ARRAYS, "turned": ARRAYS["kernel"]})


def test_what_safetensors_saves_is_read(tmp_path):
    save_file(ARRAYS, tmp_path / "x.safetensors", metadata={"format": "pt"})

    same(read_array_file(tmp_path / "x.safetensors"), ARRAYS)


def test_bfloat16_is_read_as_float32(tmp_path):
    import torch
    from safetensors.torch import save_file as save_tensors

    numbers = torch.randn(3, 2, dtype=torch.bfloat16)
    save_tensors({"x": numbers}, tmp_path / "x.safetensors")

    assert np.array_equal(read_array_file(tmp_path / "x.safetensors")["x"], numbers.float().numpy())


def test_what_we_write_others_read(tmp_path):
    write_array_file(tmp_path / "x.safetensors", ARRAYS)
    write_array_file(tmp_path / "x.npz", ARRAYS)

    same(load_file(tmp_path / "x.safetensors"), ARRAYS)
    with np.load(tmp_path / "x.npz", allow_pickle=False) as found:
        same(dict(found), ARRAYS)


def header(shape, dtype="F32", offsets=(0, 8), length=None):
    entry = {"x": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}
    text = json.dumps(entry).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + b"\0" * 8


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\3\4",
        b"not a file of arrays",
        header([3]),
        header([2], offsets=(0, 80)),
        header([2], offsets=(8, 0)),
        header([-2], offsets=(0, 8)),
        header([2], dtype="Q8"),
        header([10**9, 10**9]),
        header([2], length=2**60),
        header("ab"),
    ],
)
def test_damaged_files_are_refused_in_a_sentence(data, tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(data)

    with pytest.raises(ArrayFileError, match=r"x\.bin is no \.npz or \.safetensors"):
        read_array_file(path)


def test_tensors_that_share_their_bytes_are_refused(tmp_path):
    one = {"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]}
    text = json.dumps({f"x{n}": one for n in range(1000)}).encode()
    (tmp_path / "x.bin").write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * 8)

    with pytest.raises(ArrayFileError, match=r"x\.bin is no \.npz"):
        read_array_file(tmp_path / "x.bin")


def test_an_npz_with_objects_or_lies_is_refused(tmp_path):
    np.savez(tmp_path / "objects.npz", x=np.array([{}], object))
    np.savez(tmp_path / "words.npz", x=np.array(["word"]))
    np.savez(tmp_path / "pairs.npz", x=np.array([1j]))
    np.savez(tmp_path / "long.npz", x=np.zeros(2, np.longdouble))
    with zipfile.ZipFile(tmp_path / "lies.npz", "w") as archive, archive.open("x.npy", "w") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
        )

    for name in ("objects", "words", "pairs", "long", "lies"):
        with pytest.raises(ArrayFileError, match=r"is no \.npz"):
            read_array_file(tmp_path / f"{name}.npz")


def test_what_unpacks_to_more_than_may_be_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(arrayfile, "MOST_BYTES", 1 << 16)
    np.savez_compressed(tmp_path / "x.npz", x=np.zeros(1 << 14))

    with pytest.raises(ArrayFileError, match=r"x\.npz take more than 64 KiB"):
        read_array_file(tmp_path / "x.npz")


def an_npz(path, header, method=zipfile.ZIP_STORED):
    start = b"\x93NUMPY\1\0" + struct.pack("<H", len(header))
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("x.npy", start + header + b"\0" * 4)
    return path


ONE = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n"


@pytest.mark.parametrize(
    "header",
    [
        ONE + b"(" * 3000,
        b"(" * 9000,
        b"'" * 3,
        b"{'descr': '<f4',",
        b"-" * 9000 + b"1",
        ONE.replace(b"(1,)", b"(-1,)"),
        ONE.replace(b"<f4", b"|O"),
        ONE.replace(b"<f4", b"<f1"),
        ONE.replace(b"(1,)", b"(9**9**9,)"),
        ONE + b" " * 20_000,
    ],
    ids=range(10),
)
def test_a_header_that_numpy_would_evaluate_is_refused_in_a_sentence(header, tmp_path):
    with pytest.raises(ArrayFileError, match=r"x\.npz is no \.npz or \.safetensors file"):
        read_array_file(an_npz(tmp_path / "x.npz", header))


@pytest.mark.parametrize(
    "header",
    [ONE, ONE.replace(b" ", b""), ONE.replace(b"1,", b"1L,"), ONE.replace(b"'", b'"')],
    ids=range(4),
)
def test_headers_as_others_than_numpy_write_them_are_read(header, tmp_path):
    found = read_array_file(an_npz(tmp_path / "x.npz", header))
    same(found, {"x": np.zeros(1, "f4")})


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_only_numpys_own_compression_is_read(method, tmp_path):
    with pytest.raises(ArrayFileError):
        read_array_file(an_npz(tmp_path / "x.npz", ONE, method))


def test_a_small_file_cannot_take_much_memory(tmp_path):
    np.savez_compressed(tmp_path / "small.npz", x=np.zeros(8 << 20, "f4"))
    assert read_array_file(tmp_path / "small.npz")["x"].nbytes == 32 << 20
    np.savez_compressed(tmp_path / "bomb.npz", x=np.zeros(32 << 20, "f4"))
    with pytest.raises(ArrayFileError, match=r"the arrays of bomb\.npz take more than 64 MiB"):
        read_array_file(tmp_path / "bomb.npz")


def test_more_tensors_than_any_lstm_has_are_refused_at_once(tmp_path):
    save_file({f"x{k}": np.zeros(1, "f4") for k in range(5000)}, tmp_path / "x.safetensors")
    with pytest.raises(ArrayFileError):
        read_array_file(tmp_path / "x.safetensors")


def test_a_header_in_another_encoding_is_damage(tmp_path):
    header = "{}".encode("utf-16")
    (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(ArrayFileError):
        read_array_file(tmp_path / "x.safetensors")


def test_an_empty_array_of_any_length_takes_nothing(tmp_path):
    header = ONE.replace(b"(1,)", b"(0, 999999999999999999)")
    start = b"\x93NUMPY\1\0" + struct.pack("<H", len(header))
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", start + header)
    found = read_array_file(tmp_path / "x.npz")
    assert found["x"].nbytes == 0
