"""The command line, as a user and as an adversary."""

from __future__ import annotations

import io
import itertools
import json
import logging
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import lstmviz
from lstmviz.cli import run
from lstmviz.core.asking.session import Session
from lstmviz.core.files.pngtext import read_text
from lstmviz.core.recipe import recipe
from lstmviz.core.spec import BOUNDS, RunSpec

SMALL = ["--seq-len", "5", "--batch-size", "2", "--hidden-size", "3", "--num-layers", "1"]


def started(*arguments, **options):
    """Run the program as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "lstmviz", *map(str, arguments)],
        check=False,
        timeout=120,
        text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def refused(capsys, *arguments):
    """Run in this process what must be refused; returns the sentence."""
    assert run([str(argument) for argument in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1, err
    assert err.startswith("lstmviz: ")
    assert err.rstrip().endswith(".")
    assert "Traceback" not in err
    return err


# Talk ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [[], ["render"], ["trace"], ["shapes"]], ids=" ".join)
def test_help_names_every_setting(capsys, command):
    with pytest.raises(SystemExit) as stop:
        run([*command, "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    for name in RunSpec().settings():
        assert f"--{name.replace('_', '-')}" in out
    for name in ("render", "trace", "shapes"):
        assert command or name in out


def test_version_is_the_package_s(capsys):
    with pytest.raises(SystemExit) as stop:
        run(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"lstmviz {lstmviz.__version__}\n"


# Shapes -------------------------------------------------------------------------------------------

UNIDIRECTIONAL = """\
tensor        axes                       shape      dtype    bytes
input         (L, N, H_in)               (5, 2, 8)  float64    640
h_0           (D·num_layers, N, H_out)   (1, 2, 2)  float64     32
c_0           (D·num_layers, N, H_cell)  (1, 2, 3)  float64     48
output        (L, N, H_out)              (5, 2, 2)  float64    160
h_n           (D·num_layers, N, H_out)   (1, 2, 2)  float64     32
c_n           (D·num_layers, N, H_cell)  (1, 2, 3)  float64     48
weight_ih_l0  (4·H_cell, H_in)           (12, 8)    float64    768
weight_hh_l0  (4·H_cell, H_out)          (12, 2)    float64    192
weight_hr_l0  (H_out, H_cell)            (2, 3)     float64     48
126 parameters
"""


def without_d(text):
    """One direction's output has no D·; the golden text says it either way."""
    return text.replace("D·H_out)", "H_out)  ")


def test_shapes_prints_the_contract(capsys):
    settings = ["--no-bidirectional", "--no-bias", "--proj-size", "2", "--dtype", "float64"]
    assert run(["shapes", *SMALL, *settings, "--no-batch-first"]) == 0
    assert without_d(capsys.readouterr().out) == UNIDIRECTIONAL


def test_shapes_json_is_the_promised_schema(capsys):
    assert run(["shapes", "--json", "--lengths", "12,9,7"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data.keys() == {"tensors", "parameters"}
    assert all(t.keys() == {"name", "axes", "shape", "dtype", "bytes"} for t in data["tensors"])
    tensors = {t["name"]: t for t in data["tensors"]}
    assert tensors["input"] == {
        "name": "input",
        "axes": ["N", "L", "H_in"],
        "shape": [3, 24, 8],
        "dtype": "float32",
        "bytes": 3 * 24 * 8 * 4,
    }
    assert tensors["packed.data"]["shape"] == [28, 8]
    assert tensors["packed.batch_sizes"] == {
        "name": "packed.batch_sizes",
        "axes": ["max(lengths)"],
        "shape": [12],
        "dtype": "int64",
        "bytes": 96,
    }
    assert data["parameters"] == 9728


def test_shapes_agree_with_a_module_over_its_settings(capsys):
    import torch

    for bidirectional, layers, proj, bias in itertools.product(
        (False, True), (1, 3), (0, 5), (False, True)
    ):
        flags = [
            "--bidirectional" if bidirectional else "--no-bidirectional",
            "--bias" if bias else "--no-bias",
        ]
        sizes = ["--num-layers", str(layers), "--proj-size", str(proj), "--hidden-size", "7"]
        assert run(["shapes", "--json", *flags, *sizes, "--no-batch-first"]) == 0
        data = json.loads(capsys.readouterr().out)
        lstm = torch.nn.LSTM(8, 7, layers, bias=bias, bidirectional=bidirectional, proj_size=proj)
        parameters = {name: list(p.shape) for name, p in lstm.named_parameters()}
        said = {t["name"]: t["shape"] for t in data["tensors"]}
        assert {name: said[name] for name in parameters} == parameters
        assert [n for n in said if n in parameters] == list(parameters)
        output, (h_n, c_n) = lstm(torch.zeros(24, 4, 8))
        assert said["output"] == list(output.shape)
        assert said["h_n"] == list(h_n.shape)
        assert said["c_n"] == list(c_n.shape)


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_failure():
    for arguments in (["shapes"], ["shapes", "--num-layers", "64"]):
        read, write = os.pipe()
        os.close(read)
        done = started(*arguments, stdout=write)
        os.close(write)
        assert done.returncode == 0
        assert done.stderr == ""


@pytest.mark.slow
def test_a_full_disk_behind_the_output_is_said():
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = started("shapes", stdout=full)
    assert done.returncode == 2
    assert done.stderr == "lstmviz: No space left on device.\n"


@pytest.mark.slow
def test_a_terminal_without_our_letters_still_gets_the_table():
    done = started("shapes", "--lengths", "3,2", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stderr == ""
    assert "(D*num_layers, N, H_cell)" in done.stdout


# Numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"batch_first": False, "bidirectional": False, "proj_size": 5, "values": "sunspots"},
        {"unbatched": True, "initial_state": "random", "dtype": "float64", "values": "normal"},
        {"lengths": (24, 7, 7, 1), "values": "ramp", "num_layers": 1, "bias": False},
    ],
    ids=["default", "projected", "unbatched", "packed"],
)
def test_trace_saves_the_numbers_of_a_fresh_module(tmp_path, capsys, settings):
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_padded_sequence

    from lstmviz.core.recipe import sunspots

    spec = RunSpec.from_settings(settings)
    session = tmp_path / "session.json"
    session.write_text(Session(spec=spec).to_json(), encoding="utf-8")
    out = tmp_path / "run.npz"
    assert run(["trace", str(session), "-o", str(out)]) == 0
    assert "what nn.LSTM returned" in capsys.readouterr().out

    made = recipe(spec)
    lines = [*made.module, *made.input, *made.state, *made.placement, *made.packing, made.call]
    names = {"torch": torch, "nn": nn, "pack_padded_sequence": pack_padded_sequence}
    names["sunspots"] = sunspots()
    with torch.no_grad():
        exec("\n".join(lines), names)  # noqa: S102 - our own lines, as the code panel shows them
    output = names["packed_output"].data if spec.input.lengths else names["output"]
    with np.load(out, allow_pickle=False) as saved:
        arrays = {name: saved[name] for name in saved.files}
    np.testing.assert_array_equal(arrays["output"], output.numpy())
    np.testing.assert_array_equal(arrays["h_n"], names["h_n"].numpy())
    np.testing.assert_array_equal(arrays["c_n"], names["c_n"].numpy())
    expected = {"output", "h_n", "c_n", "input", "h_0", "c_0", "hidden", "cell"}
    expected |= {"input_gate", "forget_gate", "cell_gate", "output_gate"}
    assert expected <= arrays.keys()
    lstm, n = spec.lstm, spec.input.columns
    rows = (lstm.num_layers, lstm.num_directions, 24, n)
    assert arrays["hidden"].shape == (*rows, lstm.output_size)
    assert arrays["cell"].shape == arrays["forget_gate"].shape == (*rows, lstm.hidden_size)
    assert (arrays["hidden"].dtype == np.float64) == (spec.dtype == "float64")
    if spec.input.lengths:
        assert arrays["lengths"].tolist() == [24, 7, 7, 1]
        assert np.isnan(arrays["cell"][:, :, 7:, 1]).all()
        assert np.isfinite(arrays["cell"][:, :, :7, 1]).all()
    else:
        last = arrays["c_n"].reshape(lstm.num_layers, lstm.num_directions, n, lstm.hidden_size)
        np.testing.assert_allclose(arrays["cell"][:, 0, -1], last[:, 0], atol=1e-6)
        f, i, g = (arrays[f"{name}_gate"] for name in ("forget", "input", "cell"))
        stepped = f[:, 0, 1:] * arrays["cell"][:, 0, :-1] + i[:, 0, 1:] * g[:, 0, 1:]
        np.testing.assert_allclose(arrays["cell"][:, 0, 1:], stepped, atol=1e-6)


@pytest.fixture
def nan_in_the_input(monkeypatch):
    """Have every run made with a NaN in its input, as numbers of one's own may have."""
    import lstmviz.engine.run as engine

    def build(spec):
        call = made(spec)
        call.input[1, 2, 3] = float("nan")
        return call

    made = engine.build
    monkeypatch.setattr(engine, "build", build)


@pytest.mark.usefixtures("nan_in_the_input")
def test_trace_and_facts_say_where_the_first_nan_comes_from(tmp_path, capsys):
    told = (
        "The first NaN comes from input[1, 2, 3]; the earliest state it reaches is at layer 0,"
        " reverse, step 0, batch item 1, unit 0."
    )
    spec = [*SMALL, "--seq-len", "4"]
    assert run(["trace", "-o", str(tmp_path / "x.npz"), *spec]) == 0
    assert f"\n{told}\n" in capsys.readouterr().out
    assert run(["facts", *spec]) == 0
    assert capsys.readouterr().out.startswith(f"! {told}\n")
    assert run(["facts", "--json", *spec]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)
    assert "The first NaN comes from input[1, 2, 3]" in printed.err


def test_trace_says_how_the_forward_was_timed_and_that_halves_are_shown_as_float32(
    tmp_path, capsys
):
    assert run(["trace", "-o", str(tmp_path / "x.npz"), "--dtype", "bfloat16", *SMALL]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"Forward .+ \((median of \d warm calls|one warm call)\)\.", lines[2])
    assert lines[3] == (
        "The arrays are float32 and hold bfloat16 values, the type that nn.LSTM computed in."
    )


def test_trace_that_cannot_be_proven_says_what_happened(tmp_path, capsys, monkeypatch):
    import torch

    import lstmviz.engine.run as engine

    class Replacing(torch.nn.LSTM):
        def forward(self, x, hx=None):
            output, state = super().forward(x, hx)
            output = output.clone()
            output[0, 2, 1] = float("inf")
            return output, state

    def build(spec):
        call = made(spec)
        call.lstm.__class__ = Replacing
        return call

    made = engine.build
    monkeypatch.setattr(engine, "build", build)
    spec = [*SMALL, "--seq-len", "3", "--num-layers", "1"]
    assert run(["trace", "-o", str(tmp_path / "x.npz"), *spec]) == 0
    assert (
        "The trace is not proven: PyTorch's kernel has infinity in h_t at layer 0, forward,"
        " step 2, batch item 0, unit 1, where the equations give"
    ) in capsys.readouterr().out
    assert run(["facts", *spec]) == 0
    assert capsys.readouterr().out.startswith("! The trace is not proven: PyTorch's kernel has")


@pytest.mark.slow
def test_trace_runs_without_qt(tmp_path):
    program = (
        "import sys\nfrom lstmviz.cli import run\n"
        "assert run(['trace', '-o', sys.argv[1], *sys.argv[2:]]) == 0\n"
        "assert 'PySide6' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "x.npz"), *SMALL],
        check=True,
        capture_output=True,
        timeout=120,
    )


# Pictures -----------------------------------------------------------------------------------------


def opened(path):
    with Image.open(path) as image:
        return image.convert("RGB")


def share_of(image, color, tolerance=6):
    """Return the share of pixels that are nearly `color`."""
    wanted = np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)])
    return float((np.abs(np.asarray(image, int) - wanted).max(axis=2) <= tolerance).mean())


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """Both themes, drawn once; the dark one from a session file."""
    folder = tmp_path_factory.mktemp("pictures")
    light, dark, session = folder / "light.png", folder / "dark.png", folder / "session.json"
    spec = RunSpec.from_settings({"hidden_size": 11, "lengths": (24, 9, 3), "batch_size": 3})
    session.write_text(Session(spec=spec).to_json(), encoding="utf-8")
    for arguments in (
        ["-o", light, "--size", "1280x720", "--hidden-size", 13],
        [session, "-o", dark, "--size", "880x560", "--scale", "2", "--theme", "dark"],
    ):
        done = started("render", *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return light, dark, spec


def test_a_picture_has_the_size_times_the_scale(rendered):
    light, dark, _ = rendered
    assert opened(light).size == (1280, 720)
    assert opened(dark).size == (1760, 1120)


def test_a_picture_shows_its_theme_and_the_plots(rendered):
    from lstmviz.core.scenes.colors import DARK, LIGHT

    for path, theme in zip(rendered[:2], (LIGHT, DARK), strict=True):
        image = opened(path)
        assert share_of(image, theme.card) > 0.08
        assert share_of(image, theme.panel) > 0.05
        # The heatmap's two halves of the diverging map, and the accent of the play button.
        assert share_of(image, theme.accent) > 0.001
        pixels = np.asarray(image, int)
        red, blue = pixels[..., 0], pixels[..., 2]
        assert ((blue - red) > 60).mean() > 0.01
        assert ((red - blue) > 40).mean() > 0.002
        assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 500


def test_a_picture_opens_again_as_the_session_it_shows(rendered, capsys):
    light, dark, spec = rendered
    assert Session.from_json(read_text(light, "lstmviz")).spec == RunSpec().changed(hidden_size=13)
    assert Session.from_json(read_text(dark, "lstmviz")).spec == spec
    assert run(["shapes", "--json", str(dark)]) == 0
    from_picture = json.loads(capsys.readouterr().out)
    assert from_picture["tensors"][0]["shape"] == [3, 24, 8]
    # Flags go on from the file: a shorter sequence shortens the packed lengths too.
    assert run(["shapes", "--json", str(dark), "--seq-len", "10"]) == 0
    shapes = {t["name"]: t["shape"] for t in json.loads(capsys.readouterr().out)["tensors"]}
    assert shapes["input"] == [3, 10, 8]
    assert shapes["packed.data"] == [10 + 9 + 3, 8]


def test_no_path_of_this_machine_is_in_a_picture(rendered):
    for path in rendered[:2]:
        data = path.read_bytes()
        assert str(path.parent).encode() not in data
        assert str(Path.home()).encode() not in data


@pytest.mark.slow
def test_svg_and_pdf_hold_the_figure_of_what_the_window_shows(tmp_path):
    for name in ("w.svg", "w.PDF"):
        done = started("render", "-o", tmp_path / name, "--size", "900x700", *SMALL)
        assert (done.returncode, done.stderr) == (0, "")
    svg = (tmp_path / "w.svg").read_text(encoding="utf-8")
    for said in ("h_n", "H_cell = 3", "t, the step along axis L"):
        assert f">{said}</text>" in svg
    assert svg.rstrip().endswith("</svg>")
    assert 'width="900" height="700"' in svg
    pdf = (tmp_path / "w.PDF").read_bytes()
    assert pdf.startswith(b"%PDF-")
    assert b"%%EOF" in pdf[-32:]
    # 900 x 700 pixels at three quarters of a point.
    assert b"/MediaBox [ 0 0 675 525 ]" in pdf


@pytest.mark.slow
def test_without_a_display_the_main_job_is_done_anyway(tmp_path):
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR")
    plain = {name: value for name, value in os.environ.items() if name not in hidden}
    done = started(cwd=tmp_path, env=plain, stdin=subprocess.DEVNULL)
    assert done.returncode == 0
    assert done.stderr == ""
    table, _, sentence = done.stdout.rpartition("\n\n")
    assert table.splitlines()[0].split() == ["tensor", "axes", "shape", "dtype", "bytes"]
    assert "output                (N, L, D·H_cell)" in table
    assert sentence == (
        "There is no display, so the picture was drawn into lstmviz.png instead of a window.\n"
    )
    assert [p.name for p in tmp_path.iterdir()] == ["lstmviz.png"]
    assert opened(tmp_path / "lstmviz.png").size == (2880, 1800)


@pytest.mark.slow
def test_a_display_that_does_not_answer_is_none(tmp_path):
    hidden = ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    plain = {name: value for name, value in os.environ.items() if name not in hidden}
    done = started(*SMALL, cwd=tmp_path, env={**plain, "DISPLAY": ":4711"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "The display :4711 does not answer, so the picture was drawn" in done.stdout
    assert (tmp_path / "lstmviz.png").is_file()


# Refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (["--nonsense"], "--nonsense"),
        (["shapes", "--hidden", "3"], "--hidden"),
        (["--hidden-size", "many"], "many"),
        (["--hidden-size", "3.5"], "3.5"),
        (["--hidden-size"], "--hidden-size"),
        (["shapes", "--hidden-size", "0"], "hidden_size must be between 1 and 8,192"),
        (["shapes", "--hidden-size", "1" + "0" * 60], "hidden_size must be between"),
        (["shapes", "--seq-len", "100001"], "seq_len must be between 1 and 100,000"),
        (["shapes", "--proj-size", "16"], "proj_size must be smaller than hidden_size (16)"),
        (["shapes", "--hidden-size", "4", "--proj-size", "9"], "proj_size must be smaller"),
        (["shapes", "--dropout", "nan"], "dropout must be between"),
        (["shapes", "--dropout", "-0.1"], "dropout must be between"),
        (["shapes", "--dropout", "inf"], "dropout must be between"),
        (["shapes", "--seed", "-1"], "seed must be between"),
        (["shapes", "--lengths", "3,two"], "lengths are whole numbers"),
        (["shapes", "--lengths", ""], "lengths are whole numbers"),
        (["shapes", "--lengths", "3,0"], "Each length must be between 1 and seq_len (24)"),
        (["shapes", "--lengths", "25"], "Each length must be between 1 and seq_len (24)"),
        (["shapes", "--lengths", "3,2", "--batch-size", "3"], "one number per sequence: 3, not 2"),
        (["shapes", "--lengths", "3", "--unbatched"], "cannot be packed"),
        (["shapes", "--values", "gaussian"], "gaussian"),
        (["shapes", "--dtype", "int8"], "int8"),
        (["shapes", "--device", "; rm -rf"], "is not a device"),
        (["shapes", "/no/such/file.json"], "there is no file /no/such/file.json"),
        (["shapes", "/"], "/ cannot be read: it is a folder."),
        (["shapes", ""], "there is no file"),
        (["/dev/null"], "/dev/null cannot be read: it is a device."),
        (["render"], "-o"),
        (["render", "-o", "picture.jpeg"], "must end in .png, .svg or .pdf"),
        (["render", "-o", "picture"], "must end in .png, .svg or .pdf"),
        (["render", "-o", "/no/such/folder/x.png"], "there is no folder /no/such/folder"),
        (["render", "-o", "x.png", "--size", "big"], "a size is WxH"),
        (["render", "-o", "x.png", "--size", "100x100"], "from 880x560 to 7680x4320"),
        (["render", "-o", "x.png", "--size", "1440x99999"], "from 880x560 to 7680x4320"),
        (["render", "-o", "x.png", "--size", "-1440x900"], "size"),
        (["render", "-o", "x.png", "--size", "1440x9²0"], "a size is WxH"),
        (["render", "-o", "x.png", "--scale", "5"], "a scale is from 0.5 to 4"),
        (["render", "-o", "x.png", "--scale", "nan"], "a scale is from 0.5 to 4"),
        (["render", "-o", "x.png", "--theme", "blue"], "blue"),
        (["trace"], "-o"),
        (["trace", "-o", "/no/such/folder/x.npz"], "there is no folder /no/such/folder"),
        (["trace", "-o", "/", *SMALL], "/"),
        (["trace", "-o", "x.npz", "--device", "cuda:7"], "PyTorch finds no CUDA device here"),
        (["trace", "-o", "x.npz", "--device", "meta"], "PyTorch refused this run"),
        (["trace", "-o", "x.npz", "--device", "gpu"], "PyTorch refused this run"),
        (
            ["trace", "-o", "x.npz", "--seq-len", "100000", "--batch-size", "60000"],
            "This run needs about",
        ),
        (["trace", "-o", "/dev/full", *SMALL], "it is a device"),
        (["trace", "-o", "t.npz/"], "'t.npz/' names a folder"),
        (["render", "-o", "p.png/"], "'p.png/' names a folder"),
        (["trace", "-o", "n" * 300], "File name too long"),
        (["trace", "-o", ""], "names a folder"),
        (["shapes", "\x1b[31m"], "there is no file \\x1b[31m"),
        (["shapes", "--dtype", "\x1b]0;x\x07"], "\\x1b]0;x\\x07"),
        (["shapes", "--call", "7"], "there is no LSTM call '7'; there is 0."),
        (["trace", "--scenario", "no", "-o", "x.npz"], "There is no scenario called 'no'"),
        (
            ["facts", "--scenario", "counter", "--hidden-size", "3"],
            "has no setting called hidden_size",
        ),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, list) else "",
)
def test_what_cannot_be_is_one_sentence_and_exit_code_2(
    capsys, tmp_path, monkeypatch, arguments, about
):
    monkeypatch.chdir(tmp_path)
    assert about in refused(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


def session_with(**parts):
    return json.dumps({**json.loads(Session().to_json()), **parts}).encode()


@pytest.mark.parametrize(
    ("name", "data", "about"),
    [
        ("a.json", b"", "not a session"),
        ("a.json", b"{}", "not a session"),
        ("a.json", b"[" * 200_000, "not a session"),
        ("a.json", bytes(range(256)) * 40, "not a session"),
        ("a.json", session_with(lstmviz=99), "format 99"),
        ("a.json", session_with(settings={"hidden_size": -1}), "hidden_size must be between"),
        ("a.json", session_with(settings={"os": "rm"}), "There is no setting called os"),
        ("a.json", session_with(view={"step": 10**30}), "not a session"),
        ("a.json", session_with(view={"units": "all"}), "not a session"),
        ("a", b"\x80\x02}q\x00.", "not a session"),
        ("a.pt", b"PK\x03\x04" + bytes(100), "not a session"),
        ("a.png", b"", "no picture with a session"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\xff" * 50, "no picture with a session"),
        ("a.PNG", b"JFIF", "no picture with a session"),
    ],
)
def test_a_bad_file_is_one_sentence_and_exit_code_2(capsys, tmp_path, name, data, about):
    path = tmp_path / name
    path.write_bytes(data)
    for command in ([], ["shapes"], ["render", "-o", tmp_path / "x.png"]):
        assert about in refused(capsys, *command, path)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_picture_cut_in_its_text_is_refused(capsys, tmp_path, rendered):
    data = rendered[0].read_bytes()
    place = data.index(b"lstmviz\0")
    cut = tmp_path / "cut.png"
    cut.write_bytes(data[: place + 60])
    assert "session" in refused(capsys, "shapes", cut)


def test_a_picture_of_somebody_else_is_refused(capsys, tmp_path):
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, "PNG")
    path = tmp_path / "cat.png"
    path.write_bytes(buffer.getvalue())
    assert "no picture with a session" in refused(capsys, path)


def test_a_file_larger_than_any_session_is_not_even_read(capsys, tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    assert "too large" in refused(capsys, "shapes", path)


def test_two_files_are_one_too_many(capsys, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(Session().to_json(), encoding="utf-8")
    assert "one file" in refused(capsys, "shapes", path, path)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_what_may_not_be_read_or_written_is_said(capsys, tmp_path):
    secret = tmp_path / "a.json"
    secret.write_text("{}", encoding="utf-8")
    secret.chmod(0)
    assert "Permission denied" in refused(capsys, "shapes", secret)
    tmp_path.chmod(0o500)
    assert "Permission denied" in refused(capsys, "trace", "-o", tmp_path / "x.npz", *SMALL)


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (["--seq-len", "100000", "--batch-size", "60000", "-o", "x.png"], "This run needs about"),
        (["--device", "cuda:7", "-o", "x.png", *SMALL], "PyTorch finds no CUDA device here"),
        (["-o", "/proc/x.png", *SMALL], "/proc/x.png"),
    ],
    ids=["too large", "no such device", "unwritable"],
)
@pytest.mark.slow
def test_render_says_what_only_the_run_or_the_disk_can_say(tmp_path, arguments, about):
    done = started("render", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert about in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_settings_at_the_ends_of_their_range_are_taken(capsys):
    for name, bound in BOUNDS.items():
        for value in (bound.low, bound.high):
            extra = ["--hidden-size", "8192"] if name == "proj_size" else []
            assert run(["shapes", f"--{name.replace('_', '-')}", f"{value}", *extra]) == 0
    capsys.readouterr()


def test_an_interrupted_render_leaves_no_process_and_no_file(tmp_path):
    import psutil

    process = psutil.Popen(
        [sys.executable, "-m", "lstmviz", "render", "-o", "x.png"],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )
    engines = []
    while not engines and process.is_running():
        engines = process.children()
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    _, alive = psutil.wait_procs(engines, timeout=5)
    assert not alive
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_of_our_own_is_said_in_one_sentence_and_logged(monkeypatch, capsys, tmp_path):
    def break_down(_options):
        raise KeyError("lost")

    parser = lstmviz.cli.COMMANDS["shapes"][0]
    monkeypatch.setitem(lstmviz.cli.COMMANDS, "shapes", (parser, break_down))
    monkeypatch.setattr("lstmviz.gui.app.logfile.log_path", lambda: tmp_path / "lstmviz.log")
    logger = logging.getLogger("lstmviz")
    handlers = list(logger.handlers)
    logger.handlers.clear()
    try:
        assert run(["shapes"]) == 1
    finally:
        for handler in logger.handlers:
            handler.close()
        logger.handlers[:] = handlers
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "KeyError 'lost'" in err
    assert str(tmp_path / "lstmviz.log") in err
    assert "break_down" in (tmp_path / "lstmviz.log").read_text()
