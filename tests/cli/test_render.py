"""Figures from the command line: every view, every format, and what cannot be."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from PIL import Image

from lstmviz.cli import run
from lstmviz.cli.render import _VIEWS, WINDOW
from lstmviz.figures.spec import FigureView

SMALL = ["--seq-len", "7", "--batch-size", "2", "--hidden-size", "3", "--input-size", "2"]


def drawn(path, *arguments):
    assert run(["render", "-o", str(path), *map(str, arguments)]) == 0
    return path.read_bytes()


def refusal(capsys, *arguments):
    assert run(["render", *map(str, arguments)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_the_command_line_knows_every_view():
    assert (WINDOW, *(view.value for view in FigureView)) == _VIEWS


@pytest.mark.parametrize("view", [v for v in FigureView if not v.needs_scenario])
def test_every_view_of_a_single_lstm_is_drawn(view, tmp_path):
    svg = drawn(tmp_path / "v.svg", "--view", view.value, *SMALL).decode()
    assert "nn.LSTM(2, 3, num_layers=2" in svg
    assert 'width="960"' in svg
    assert "<text" in svg


@pytest.mark.parametrize("view", ["pipeline", "results", "figure"])
def test_a_scenario_has_its_own_views(view, tmp_path, capsys):
    assert drawn(tmp_path / "v.pdf", "--view", view, "--scenario", "counter").startswith(b"%PDF-")
    if view != "figure":
        assert "Only a scenario has" in refusal(capsys, "-o", tmp_path / "x.svg", "--view", view)


def test_a_length_is_taken_in_its_unit(tmp_path):
    svg = drawn(tmp_path / "v.svg", "--width", "84mm", "--font", "8", *SMALL).decode()
    width = float(re.search(r'<svg[^>]*width="([\d.]+)"', svg)[1])
    assert width == pytest.approx(84 / 25.4 * 96, abs=0.01)
    # Letters of 8 points: those of names are as large as the figure's own.
    assert "8px" in svg
    drawn(tmp_path / "v.png", "--view", "diagram", "--size", "900x300", "--scale", "2", *SMALL)
    with Image.open(tmp_path / "v.png") as picture:
        assert picture.size == (1800, 600)


def test_what_stands_with_a_figure_can_be_left_out(tmp_path):
    told = drawn(tmp_path / "a.svg", "--view", "hidden", *SMALL).decode()
    plain = drawn(tmp_path / "b.svg", "--view", "hidden", "--no-caption", "--no-legend", *SMALL)
    assert "hidden state" in told
    assert "The trace is" in told
    assert "hidden state" not in plain.decode()
    assert "The trace is" not in plain.decode()
    assert "h_t" in plain.decode()
    assert "forward" not in re.sub("Layer 1, forward", "", told).replace("forward l", "")


def test_times_are_in_a_figure_only_where_asked_for(tmp_path):
    plain = drawn(tmp_path / "a.svg", "--view", "units", *SMALL).decode()
    timed = drawn(tmp_path / "b.svg", "--view", "units", "--times", *SMALL).decode()
    assert not re.search(r"\d (ms|µs)", plain)
    assert re.search(r"\d (ms|µs)", timed)


def test_a_transparent_figure_has_no_ground(tmp_path):
    drawn(tmp_path / "v.png", "--view", "diagram", "--transparent", *SMALL)
    with Image.open(tmp_path / "v.png") as picture:
        assert picture.convert("RGBA").getpixel((1, 1))[3] == 0
    drawn(tmp_path / "w.png", "--view", "diagram", *SMALL)
    with Image.open(tmp_path / "w.png") as picture:
        assert picture.convert("RGBA").getpixel((1, 1)) == (255, 255, 255, 255)


def test_one_looks_where_one_is_told_to(tmp_path):
    sight = ["--layer", "0", "--direction", "1", "--item", "1", "--step", "3", "--bidirectional"]
    svg = drawn(tmp_path / "v.svg", "--view", "cell", *sight, *SMALL).decode()
    assert "Layer 0, reverse, batch item 1, cursor at t = 3." in svg
    assert "at t = 3" in svg


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--layer", "2"], "there is no layer 2; they go from 0 to 1"),
        (["--step", "7"], "there is no step 7; they go from 0 to 6"),
        (["--units", "0,3"], "there is no unit 3"),
        (["--units", "0,x"], "whole numbers between commas"),
        (["--item", "-1"], "an index is a whole number from 0"),
        (["--width", "84 furlongs"], "A length is a number with mm, cm, in, pt or px"),
        (["--width", "nan"], "A length is a number"),
        (["--width", "10mm"], "A figure's width is from 35 mm"),
        (["--width", "40mm"], "Letters of 9 points need a figure at least 76 mm wide"),
        (["--font", "100"], "A figure's letters are from 4 to 72 points"),
        (["--height", "40mm"], "needs to be at least"),
        (["--view", "window"], "the window is drawn in pixels"),
        (["--view", "nothing"], "nothing"),
        (["--fps", "0"], "steps a second are from 0.1 to 60"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_is_one_sentence_and_no_file(arguments, said, tmp_path, capsys):
    assert said in refusal(capsys, "-o", tmp_path / "x.svg", *arguments, *SMALL)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["png", "svg", "pdf", "html"])
def test_the_same_figure_is_the_same_file_from_every_process(ending, tmp_path):
    made = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.{ending}"
        command = [sys.executable, "-m", "lstmviz", "render", "-o", str(path)]
        view = [] if ending == "html" else ["--view", "figure"]
        env = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([*command, *view, *SMALL], check=True, env=env, timeout=120)
        made.append(path.read_bytes())
    assert made[0] == made[1]
