"""A figure, a page or a moving picture of a run, as the command line asks for it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmviz.cli.calls import answered
from lstmviz.cli.usage import UsageError
from lstmviz.core.asking.session import Session
from lstmviz.core.files.atomic_file import UnwritableFileError, write_whole

if TYPE_CHECKING:
    from lstmviz.figures.pictured import Pictured
    from lstmviz.figures.spec import Clip, FigureSpec


def write_figure(
    options: argparse.Namespace, session: Session, path: Path, ending: str, view: str
) -> None:
    """Run what `session` asks for, and write what is to be seen of it to `path`.

    Parameters
    ----------
    options : argparse.Namespace
        Of `cli.render.render_parser`.
    session : Session
    path : Path
    ending : str
        Of its name: ``png``, ``svg``, ``pdf``, ``html``, ``gif``, ``apng`` or ``mp4``.
    view : str
        A `figures.spec.FigureView`.

    Raises
    ------
    UsageError
        It cannot be; with the sentence.
    """
    from lstmviz.core.files.htmlpage import PageTooLargeError
    from lstmviz.figures.files import file_bytes
    from lstmviz.figures.pictured import pictured
    from lstmviz.figures.spec import FigureError, PictureKind

    try:
        spec = _spec(options, view)
        run, findings, call = answered(session, options.call)
        made = pictured(run, session, findings=findings, shown=call)
        _check_sight(options, made)
        if options.times:
            made = _timed(made, session)
        data = file_bytes(
            made,
            spec,
            PictureKind(ending),
            scale=options.scale,
            session=session.to_json() if options.session else "",
            clip=_clip(options),
            theme=options.theme or "system",
            only_shown=options.call is not None,
        )
        write_whole(path, data)
    except (FigureError, PageTooLargeError, UnwritableFileError) as error:
        raise UsageError(str(error)) from error


def _spec(options: argparse.Namespace, view: str) -> FigureSpec:
    """Return the figure that is asked for.

    Raises
    ------
    FigureError
        It cannot be.
    """
    from lstmviz.figures.spec import POINTS_PER_PIXEL, FigureSpec, FigureView, points

    asked: dict[str, Any] = {}
    if options.size:
        width, height = options.size
        asked |= {"width": width * POINTS_PER_PIXEL, "height": height * POINTS_PER_PIXEL}
    for name in ("width", "height"):
        if getattr(options, name) is not None:
            asked[name] = points(getattr(options, name))
    if options.font is not None:
        asked["font"] = points(options.font, unit="pt")
    for name, flag in (
        ("is_transparent", options.transparent),
        ("has_caption", options.caption),
        ("has_legend", options.legend),
        ("has_times", options.times),
        ("measure", options.measure),
    ):
        if flag is not None:
            asked[name] = flag
    return FigureSpec(view=FigureView(view), is_dark=options.theme == "dark", **asked)


def _check_sight(options: argparse.Namespace, made: Pictured) -> None:
    """Refuse to look at what the run does not have: the picture would be of something else."""
    trace = made.plotted.trace
    sizes = {
        "layer": trace.num_layers,
        "direction": trace.num_directions,
        "item": trace.batch_size,
        "step": trace.seq_len,
        "unit": trace.hidden_size,
    }
    for name, size in sizes.items():
        asked = getattr(options, name)
        if asked is not None and asked >= size:
            raise UsageError(f"there is no {name} {asked:,}; they go from 0 to {size - 1:,}.")
    for unit in options.units or ():
        if unit >= trace.hidden_size:
            raise UsageError(
                f"there is no unit {unit:,}; they go from 0 to {trace.hidden_size - 1:,}."
            )


def _timed(made: Pictured, session: Session) -> Pictured:
    """Return what is pictured with its forward timed warm, where that can be done alone."""
    if session.choice is not None:
        return made
    from lstmviz.engine.run import timed

    return replace(made, timing=timed(made.run, session.spec).traces[0].forward_timing)


def _clip(options: argparse.Namespace) -> Clip:
    from lstmviz.figures.spec import Clip

    first, last, every = options.steps or (0, 0, 1)
    return Clip(first=first, last=last, every=every, rate=options.fps or Clip().rate)
