"""Moving pictures: a figure step by step, as GIF, APNG or MP4."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, PngImagePlugin

from lstmviz.core.asking.session import View
from lstmviz.core.files.carried import session_token
from lstmviz.core.files.pngtext import SESSION_KEY
from lstmviz.figures.drawing import drawn
from lstmviz.figures.part import Tick
from lstmviz.figures.pictured import Pictured
from lstmviz.figures.spec import Clip, ClipFormat, FigureError, FigureSpec

Frame = npt.NDArray[np.uint8]

MOST_PIXELS: Final = 400_000_000
"""Of all frames of a GIF or an APNG, which Pillow holds until the last is there: 0.4 GB and 1.6 GB.

An MP4 is written frame by frame.
"""

_SAMPLED: Final = 5
"""Frames from which a GIF's colours are chosen."""


def moving(
    pictured: Pictured,
    spec: FigureSpec,
    clip: Clip,
    kind: ClipFormat,
    *,
    scale: float = 1.0,
    session: str = "",
    tick: Tick = lambda: None,
    told: Callable[[float], None] = lambda _share: None,
) -> bytes:
    """Return the moving picture of `spec` as a file's bytes.

    Every frame is the figure of its step, laid out alike: what is said beneath leaves the step out.

    Parameters
    ----------
    pictured : Pictured
    spec : FigureSpec
    clip : Clip
    kind : ClipFormat
    scale : float
        Pixels for each at 1x.
    session : str
        JSON that a GIF or an APNG opens as; empty for none. An MP4 carries none.
    tick : callable
        Called between small pieces of work; what it raises gives the picture up.
    told : callable
        Given the share that is done, 0 to 1.

    Raises
    ------
    FigureError
        It cannot be: too large, on no ground, or without the library that MP4 needs.
    """
    spec = replace(spec, has_step=False, has_times=False)
    if spec.is_transparent and kind is not ClipFormat.APNG:
        raise FigureError("Only an APNG can move on a transparent ground.")
    steps = clip.steps(pictured.plotted.seq_len)
    first = drawn(_at(pictured, steps[0]), spec, tick)
    width, height = first.pixels(scale)
    if kind is not ClipFormat.MP4 and width * height * len(steps) > MOST_PIXELS:
        raise FigureError(
            f"{len(steps):,} frames of {width:,} × {height:,} pixels are too much for one"
            f" {kind.value.upper()}: show fewer steps, make them smaller, or make it an MP4."
        )

    def frames() -> Iterator[Frame]:
        for place, step in enumerate(steps):
            tick()
            made = first if place == 0 else drawn(_at(pictured, step), spec, tick)
            yield made.dots(scale)
            told((place + 1) / len(steps))

    if kind is ClipFormat.MP4:
        return _as_mp4(frames(), clip.rate)
    images = [Image.fromarray(frame) for frame in frames()]
    write = _as_gif if kind is ClipFormat.GIF else _as_apng
    return write(images, round(1000 / clip.rate), session)


def _at(pictured: Pictured, step: int) -> Pictured:
    view: View = replace(pictured.view, step=step)
    return replace(pictured, plotted=replace(pictured.plotted, view=view))


def _as_gif(images: list[Image.Image], duration: int, session: str) -> bytes:
    """Return the frames in one palette, without the noise of dithering."""
    flat = [image.convert("RGB") for image in images]
    # Few enough dots that the window is not held up: choosing colours is one long step.
    sample = [np.asarray(image)[::2, ::2] for image in flat[:: max(1, len(flat) // _SAMPLED)]]
    joined = Image.fromarray(np.ascontiguousarray(np.concatenate(sample)))
    palette = joined.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    first, *others = (image.quantize(palette=palette, dither=Image.Dither.NONE) for image in flat)
    more: dict[str, Any] = {"comment": session_token(session).encode()} if session else {}
    held = io.BytesIO()
    first.save(
        held,
        "GIF",
        save_all=True,
        append_images=others,
        duration=duration,
        loop=0,
        optimize=False,
        **more,
    )
    return held.getvalue()


def _as_apng(images: list[Image.Image], duration: int, session: str) -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_text("Software", "lstmviz")
    if session:
        said.add_text(SESSION_KEY, session)
    held = io.BytesIO()
    images[0].save(
        held,
        "PNG",
        save_all=True,
        append_images=images[1:],
        duration=duration,
        loop=0,
        pnginfo=said,
    )
    return held.getvalue()


def _as_mp4(frames: Iterator[Frame], rate: float) -> bytes:
    try:
        import imageio_ffmpeg
    except ImportError:
        raise FigureError(
            "An MP4 needs one more package: python -m pip install 'lstmviz[video]'."
        ) from None
    first = _even(next(frames))
    height, width, _ = first.shape
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        writer = imageio_ffmpeg.write_frames(
            str(path),
            (width, height),
            fps=rate,
            codec="libx264",
            quality=None,
            macro_block_size=1,
            # Sharp letters need a low loss; yuv420p is what every player shows.
            output_params=["-crf", "16", "-preset", "medium", "-movflags", "+faststart"],
        )
        writer.send(None)
        try:
            writer.send(np.ascontiguousarray(first))
            for frame in frames:
                writer.send(np.ascontiguousarray(_even(frame)))
        finally:
            writer.close()
        return path.read_bytes()


def _even(frame: Frame) -> Frame:
    """Return `frame` with its last row or column twice where H.264 needs an even size."""
    height, width, _ = frame.shape
    padded: Frame = np.pad(frame[..., :3], ((0, height % 2), (0, width % 2), (0, 0)), "edge")
    return padded
