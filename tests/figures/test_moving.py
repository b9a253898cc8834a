"""Moving pictures hold the figure of every step, and nothing else."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lstmviz.core.asking.session import Session
from lstmviz.core.files.carried import session_token
from lstmviz.core.spec import RunSpec
from lstmviz.engine.run import run
from lstmviz.figures.drawing import drawn
from lstmviz.figures.moving import moving
from lstmviz.figures.pictured import pictured
from lstmviz.figures.spec import Clip, ClipFormat, FigureError, FigureSpec, FigureView

SPEC = FigureSpec(view=FigureView.HIDDEN, width=300)


@pytest.fixture(scope="module")
def seen():
    session = Session(spec=RunSpec.from_settings(RunSpec().settings() | {"seq_len": 6}))
    return pictured(run(session.spec), session)


def still(seen, step, spec=SPEC):
    """Return the pixels of the figure at `step`, as a still picture has them."""
    view = replace(seen.view, step=step)
    there = replace(seen, plotted=replace(seen.plotted, view=view))
    return drawn(there, replace(spec, has_step=False)).dots()


def frames(data):
    with Image.open(io.BytesIO(data)) as picture:
        for number in range(picture.n_frames):
            picture.seek(number)
            yield np.asarray(picture.convert("RGBA")), picture.info


def test_every_frame_of_an_apng_is_the_figure_of_its_step(seen):
    data = moving(seen, SPEC, Clip(first=1, last=6, every=2, rate=4), ClipFormat.APNG)
    found = list(frames(data))
    assert len(found) == 3
    for step, (frame, info) in zip((1, 3, 5), found, strict=True):
        assert np.array_equal(frame, still(seen, step))
        assert info["duration"] == 250
    assert found[0][1]["loop"] == 0


def test_a_gif_differs_from_its_figures_by_its_palette_only(seen):
    found = list(frames(moving(seen, SPEC, Clip(), ClipFormat.GIF)))
    assert len(found) == 6
    for step, (frame, info) in enumerate(found):
        apart = np.abs(frame[..., :3].astype(int) - still(seen, step)[..., :3]).max(axis=2)
        assert apart.mean() < 3
        assert (apart > 40).mean() < 0.005
        assert info["loop"] == 0
        assert 100 <= info["duration"] <= 130


def test_the_session_is_in_the_file_or_left_out(seen):
    text = seen.session.to_json()
    gif = moving(seen, SPEC, Clip(last=2), ClipFormat.GIF, session=text)
    assert next(frames(gif))[1]["comment"] == session_token(text).encode()
    apng = moving(seen, SPEC, Clip(last=2), ClipFormat.APNG, session=text)
    assert next(frames(apng))[1]["lstmviz"] == text
    for kind in (ClipFormat.GIF, ClipFormat.APNG):
        assert b"lstmviz-session" not in moving(seen, SPEC, Clip(last=2), kind)


def test_the_same_picture_is_the_same_file(seen):
    for kind in (ClipFormat.GIF, ClipFormat.APNG):
        made = [moving(seen, SPEC, Clip(last=3), kind) for _ in range(2)]
        assert made[0] == made[1]


def test_only_an_apng_moves_on_a_transparent_ground(seen):
    clear = replace(SPEC, is_transparent=True)
    frame, _ = next(frames(moving(seen, clear, Clip(last=2), ClipFormat.APNG)))
    assert frame[0, 0, 3] == 0
    with pytest.raises(FigureError, match="Only an APNG"):
        moving(seen, clear, Clip(last=2), ClipFormat.GIF)


def test_what_is_too_large_is_refused_before_a_frame_is_drawn(seen, monkeypatch):
    monkeypatch.setattr("lstmviz.figures.moving.MOST_PIXELS", 300 * 100)
    drawn_steps = []
    with pytest.raises(FigureError, match=r"6 frames of 400 × [\d,]+ pixels are too much"):
        moving(seen, SPEC, Clip(), ClipFormat.GIF, told=drawn_steps.append)
    assert not drawn_steps


def test_there_must_be_a_step(seen):
    with pytest.raises(FigureError, match="they go from 0 to 5"):
        moving(seen, SPEC, Clip(first=6), ClipFormat.GIF)
    with pytest.raises(FigureError, match="at most 2,000 frames"):
        Clip().steps(10_000)


def test_it_can_be_given_up_on_the_way(seen):
    class GivenUpError(Exception):
        pass

    shares = []

    def tick():
        if len(shares) == 2:
            raise GivenUpError

    with pytest.raises(GivenUpError):
        moving(seen, SPEC, Clip(), ClipFormat.APNG, tick=tick, told=shares.append)
    assert shares == [pytest.approx(1 / 6), pytest.approx(2 / 6)]


def test_an_mp4_has_every_step_at_an_even_size(seen, tmp_path):
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    odd = replace(SPEC, width=301.5)
    path = tmp_path / "clip.mp4"
    path.write_bytes(moving(seen, odd, Clip(rate=5), ClipFormat.MP4))
    mine = [still(seen, step, odd)[..., :3].astype(int) for step in range(6)]
    height, width = (side + side % 2 for side in mine[0].shape[:2])
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run([ffmpeg, "-i", str(path), *raw], check=True, capture_output=True)
    assert f"{width}x{height}" in done.stderr.decode()
    assert "5 fps" in done.stderr.decode()
    shown = np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)
    assert len(shown) == 6
    for figure, frame in zip(mine, shown, strict=True):
        there = frame[: figure.shape[0], : figure.shape[1]]
        assert np.abs(figure - there).mean() < 4
