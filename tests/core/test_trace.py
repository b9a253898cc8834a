"""Traces round-trip through files, and no file can do harm or leave a half-true trace."""

from __future__ import annotations

import contextlib
import io
import json
import resource
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.cells import LSTM
from lstmviz.core.trace import NonFinite, Proof, ProofVerdict, Timing, Trace, TraceFileError


def make(layers=2, ways=2, steps=3, batch=2, h_cell=4, h_out=4, *, gates=True, lengths=None):
    rng = np.random.default_rng(0)

    def floats(*shape):
        return rng.normal(size=shape).astype(np.float32)

    rows = sum(lengths) if lengths else None
    packed = {"lengths": None, "batch_sizes": None, "sorted_indices": None}
    if lengths:
        counts = np.array(lengths, np.int64)
        packed = {
            "lengths": counts,
            "batch_sizes": (counts > np.arange(steps)[:, None]).sum(1).astype(np.int64),
            "sorted_indices": np.argsort(-counts, kind="stable"),
        }
    lead = (layers, ways, steps, batch)
    return Trace(
        output=floats(*((rows,) if rows else (steps, batch)), ways * h_out),
        final={
            "h_n": floats(layers * ways, batch, h_out),
            "c_n": floats(layers * ways, batch, h_cell),
        },
        input=floats(steps, batch, 5),
        initial={
            "h_0": floats(layers, ways, batch, h_out),
            "c_0": floats(layers, ways, batch, h_cell),
        },
        states={"hidden": floats(*lead, h_out), "cell": floats(*lead, h_cell)},
        gates={name: floats(*lead, h_cell) for name in LSTM.gate_names if gates},
        **packed,
        unsorted_indices=None,
        proof=Proof(
            output=1e-7,
            h_n=0.0,
            c_n=float("nan"),
            tolerance_h=1e-5,
            tolerance_c=1e-3,
            reason="because √2",
            exact=False,
        ),
        batch_first=False,
        batched=True,
        dtype="float32",
        device="cpu",
        forward_timing=Timing(seconds=0.5, calls=5, warm=True),
        trace_seconds=1.0,
        notes=("one", "two"),
        first_nonfinite=NonFinite(
            where="input", index=(1, 0, 2), value="nan", reached=(0, 0, 1, 0, 0)
        ),
    )


def members(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def rewrite(path, parts, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in parts.items():
            file.writestr(name, data)


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize(
    "shape",
    [{}, {"gates": False}, {"h_out": 2}, {"ways": 1}, {"lengths": [1, 3]}, {"batch": 0}],
)
def test_trace_round_trips_bit_for_bit(tmp_path, shape):
    trace, path = make(**shape), tmp_path / "a.npz"
    trace.save(path)
    loaded = Trace.load(path)
    assert list(loaded.arrays()) == list(trace.arrays())
    for name, array in trace.arrays().items():
        assert getattr(loaded, name).dtype == array.dtype
        np.testing.assert_array_equal(getattr(loaded, name), array)
    assert json.dumps(loaded.plain()) == json.dumps(trace.plain())
    assert loaded.first_nonfinite == trace.first_nonfinite
    assert loaded.notes == ("one", "two")
    assert path.stat().st_size < trace.nbytes + 10_000


def test_trace_is_readable_by_numpy_alone(tmp_path):
    trace, path = make(), tmp_path / "a.npz"
    trace.save(path)
    with np.load(path, allow_pickle=False) as file:
        np.testing.assert_array_equal(file["cell"], trace.cell)


@given(st.data())
def test_trace_cut_or_flipped_anywhere_is_refused_or_whole(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("t") / "a.npz"
    trace = make()
    trace.save(path)
    raw = bytearray(path.read_bytes())
    where = data.draw(st.integers(0, len(raw) - 1))
    if data.draw(st.booleans()):
        raw = raw[:where]
    else:
        raw[where] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    with contextlib.suppress(TraceFileError):
        loaded = Trace.load(path)
        for name, array in trace.arrays().items():
            np.testing.assert_array_equal(getattr(loaded, name), array)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("cell", np.zeros((2, 2, 3, 2, 5), np.float32)),
        ("hidden", np.zeros((2, 2, 3, 9, 4), np.float32)),
        ("hidden", np.zeros(3, np.float32)),
        ("input_gate", np.zeros((1, 1, 1, 1, 1), np.float32)),
        ("h_n", np.zeros((4, 3, 4), np.float32)),
        ("c_0", np.zeros((2, 2, 2, 5), np.float32)),
        ("output", np.zeros((3, 2, 9), np.float32)),
        ("output", np.zeros((3, 2, 8), np.float64)),
        ("input", np.zeros((9, 2, 5), np.float32)),
        ("lengths", np.array([3, 3])),
        ("cell", np.array(["text"])),
        ("cell", np.zeros((2, 2, 3, 2, 4), ">f4")),
        ("cell", np.asfortranarray(np.zeros((2, 2, 3, 2, 4), np.float32))),
        ("extra", np.zeros(1, np.float32)),
    ],
)
def test_trace_whose_arrays_do_not_fit_is_refused(tmp_path, name, array):
    path = tmp_path / "a.npz"
    make().save(path)
    rewrite(path, {**members(path), f"{name}.npy": npy(array)})
    with pytest.raises(TraceFileError, match=r"^a\.npz is"):
        Trace.load(path)


@pytest.mark.parametrize("missing", ["cell", "lstmviz", "input_gate", "h_0"])
def test_trace_with_a_missing_array_is_refused(tmp_path, missing):
    path = tmp_path / "a.npz"
    make().save(path)
    parts = members(path)
    del parts[f"{missing}.npy"]
    rewrite(path, parts)
    with pytest.raises(TraceFileError):
        Trace.load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"batched": 1},
        {"dtype": None},
        {"notes": [1]},
        {"proof": {}},
        {"unknown": 1},
        {"first_nonfinite": {"where": "input"}},
        {"first_nonfinite": [1]},
        {"forward_seconds": 1.0},
        {"forward_timing": {"seconds": 1.0}},
    ],
)
def test_trace_with_wrong_facts_is_refused(tmp_path, change):
    path, trace = tmp_path / "a.npz", make()
    trace.save(path)
    facts = json.dumps({"format": 3, **trace.plain(), **change})
    rewrite(path, {**members(path), "lstmviz.npy": npy(np.array(facts))})
    with pytest.raises(TraceFileError, match="does not fit together"):
        Trace.load(path)


def test_trace_of_format_1_is_read_with_its_one_tolerance_and_its_one_call(tmp_path):
    path, trace = tmp_path / "a.npz", make()
    trace.save(path)
    plain = trace.plain()
    proof = {**plain.pop("proof"), "tolerance": 1e-4, "ok": True, "c_n": 2e-5}
    del proof["tolerance_h"], proof["tolerance_c"], plain["forward_timing"], plain["kind"]
    old = {"format": 1, **plain, "proof": proof, "forward_seconds": 0.5}
    rewrite(path, {**members(path), "lstmviz.npy": npy(np.array(json.dumps(old)))})
    loaded = Trace.load(path)
    assert (loaded.proof.tolerance_h, loaded.proof.tolerance_c) == (1e-4, 1e-4)
    assert loaded.proof.verdict is ProofVerdict.WITHIN_ROUNDING
    assert loaded.forward_timing == Timing(seconds=0.5, calls=1, warm=False)
    for damage in ({"proof": {}}, {"proof": None}, {"forward_seconds": None}):
        rewrite(
            path, {**members(path), "lstmviz.npy": npy(np.array(json.dumps({**old, **damage})))}
        )
        with pytest.raises(TraceFileError, match="does not fit together"):
            Trace.load(path)


def test_trace_of_another_format_says_so(tmp_path):
    path, trace = tmp_path / "a.npz", make()
    trace.save(path)
    facts = json.dumps({**trace.plain(), "format": 9})
    rewrite(path, {**members(path), "lstmviz.npy": npy(np.array(facts))})
    with pytest.raises(TraceFileError, match="trace format 9; this lstmviz reads up to format 3"):
        Trace.load(path)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"PK\x05\x06" + b"\0" * 18, b"\x93NUMPY\x01\x00"]
)
def test_trace_from_any_other_file_is_refused(tmp_path, content):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(TraceFileError, match=r"a\.npz is not a trace that lstmviz saved\."):
        Trace.load(path)


def test_trace_from_no_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        Trace.load(tmp_path / "none.npz")


def test_trace_with_pickles_deep_json_or_compression_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    make().save(path)
    parts = members(path)
    pickled = io.BytesIO()
    np.save(pickled, np.array([{}], object), allow_pickle=True)
    for name, data in (
        ("cell.npy", pickled.getvalue()),
        ("lstmviz.npy", npy(np.array("[" * 100_000))),
        ("lstmviz.npy", npy(np.array("[1]"))),
    ):
        rewrite(path, {**parts, name: data})
        with pytest.raises(TraceFileError):
            Trace.load(path)
    rewrite(path, parts, zipfile.ZIP_DEFLATED)
    with pytest.raises(TraceFileError):
        Trace.load(path)


def test_trace_that_declares_more_than_it_has_allocates_nothing(tmp_path):
    path = tmp_path / "a.npz"
    make().save(path)
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 3, 2, 90000000000), }"
    header = header.ljust(117) + b"\n"
    bomb = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    rewrite(path, {**members(path), "cell.npy": bomb + b"\0" * 64})
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31));"
        "from lstmviz.core.trace import Trace, TraceFileError\n"
        "try: Trace.load(sys.argv[1])\nexcept TraceFileError: sys.exit(7)"
    )
    assert subprocess.run([sys.executable, "-c", program, path], check=False).returncode == 7
    assert resource.getrlimit(resource.RLIMIT_AS)


def test_trace_describes_its_own_shape():
    trace = make(layers=3, ways=1, steps=5, batch=2, h_cell=4, h_out=2, gates=False)
    assert (trace.num_layers, trace.num_directions, trace.seq_len, trace.batch_size) == (3, 1, 5, 2)
    assert (trace.hidden_size, trace.output_size) == (4, 2)
    assert trace.nbytes == sum(array.nbytes for array in trace.arrays().values())
    assert np.isnan(trace.proof.max_abs_difference)


# Files made to do harm ----------------------------------------------------------------------------

MEASURED = """
import resource, sys, time
from lstmviz.core.trace import Trace, TraceFileError
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before, start = peak(), time.process_time()
try:
    Trace.load(sys.argv[1])
    print("loaded", end=" ")
except TraceFileError as error:
    assert str(error).count("\\n") == 0 and len(str(error)) < 300, str(error)
    print("refused", end=" ")
print(peak() - before, time.process_time() - start)
"""


def header_of(shape, descr="<f4", rest=""):
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, {rest}}}"
    text = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def with_lengths_and_no_width():
    """Zero-width arrays of many steps, which take no room, with lengths that speak of them."""
    steps, batch = 60_000, 1000
    parts = {
        f"{n}.npy": header_of((1, 1, steps, batch, 0)) for n in ("hidden", "cell", *LSTM.gate_names)
    }
    parts |= {f"{n}.npy": header_of((1, batch, 0)) for n in ("h_n", "c_n")}
    parts |= {f"{n}.npy": header_of((1, 1, batch, 0)) for n in ("h_0", "c_0")}
    parts["output.npy"] = header_of((steps * batch, 0))
    parts["input.npy"] = header_of((steps, batch, 0))
    lengths = np.full(batch, steps)
    parts |= {"lengths.npy": npy(lengths), "batch_sizes.npy": npy(np.full(steps, batch))}
    facts = {"format": 1, **make().plain()}
    return parts | {"lstmviz.npy": npy(np.array(json.dumps(facts)))}


def many_members(path):
    """Return a zip of hundreds of thousands of empty members."""
    with zipfile.ZipFile(path, "w") as file:
        for k in range(60_000):
            file.writestr(f"{k}{'n' * 150}.npy", b"")


HOSTILE = {
    "deep": lambda: {"cell.npy": header_of("(" * 900 + "1," + ")" * 900)},
    "unclosed": lambda: {"cell.npy": header_of("(1, [")},
    "endless": lambda: {"cell.npy": header_of("(" + "9" * 900 + ",)")},
    "sum": lambda: {"cell.npy": header_of("(1+" * 300 + "1")},
    "long header": lambda: {
        "cell.npy": b"\x93NUMPY\x01\x00\xff\xff" + b"{" * 65_535,
    },
    "version 2": lambda: {"cell.npy": b"\x93NUMPY\x02\x00" + struct.pack("<I", 1 << 31)},
    "huge empty": lambda: {"cell.npy": header_of((2, 2, 10**17, 0, 4))},
    "minus": lambda: {"cell.npy": header_of((2, 2, -3, 2, 4))},
    "no layers": lambda: {
        name: header_of((0, *shape))
        for name, shape in {
            "hidden.npy": (2, 3, 2, 4),
            "cell.npy": (2, 3, 2, 4),
            "h_n.npy": (2, 4),
            "c_n.npy": (2, 4),
            "h_0.npy": (2, 2, 4),
            "c_0.npy": (2, 2, 4),
            **{f"{gate}.npy": (2, 3, 2, 4) for gate in LSTM.gate_names},
        }.items()
    },
    "deep facts": lambda: {"lstmviz.npy": npy(np.array("[" * 500_000))},
    "long number": lambda: {"lstmviz.npy": npy(np.array("7" * 900_000))},
    "no width": with_lengths_and_no_width,
}


@pytest.mark.parametrize("name", [*HOSTILE, "directory"])
def test_a_file_made_to_do_harm_is_refused_in_the_room_of_a_few_of_it(tmp_path, name):
    path = tmp_path / "a.npz"
    if name == "directory":
        many_members(path)
    else:
        make().save(path)
        rewrite(path, {**members(path), **HOSTILE[name]()})
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, path], check=True, capture_output=True, text=True
    )
    verdict, memory, seconds = done.stdout.split()
    assert verdict == "refused"
    assert int(memory) < 4 * path.stat().st_size + (24 << 20)
    assert float(seconds) < 20  # of this processor alone; hours, or all memory, without the limits


_TOKENS = st.sampled_from(
    [b"(", b")", b",", b"'", b"0", b"9" * 20, b"-1", b"<f4", b"<f8", b"|O", b"\0", b"PK\x05\x06",
     b"PK\x06\x06", b"PK\x06\x07", b"PK\x01\x02", b"\xff\xff\xff\xff", b"\xff\xff", b"{", b"["]
)  # fmt: skip


@given(st.lists(st.tuples(st.floats(0, 1), _TOKENS | st.binary(max_size=9)), max_size=6))
def test_any_change_to_a_file_is_refused_in_a_sentence_or_harmless(tmp_path_factory, changes):
    path = tmp_path_factory.getbasetemp() / "changed.npz"
    make(steps=2, h_cell=2, h_out=2).save(path)
    raw = bytearray(path.read_bytes())
    for where, what in changes:
        place = int(where * len(raw))
        raw[place : place + len(what)] = what
    path.write_bytes(raw)
    with contextlib.suppress(TraceFileError):
        trace = Trace.load(path)
        assert trace.num_layers >= 1
        assert trace.hidden.shape[:4] == trace.cell.shape[:4]
