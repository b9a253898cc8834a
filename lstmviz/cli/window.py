"""The window; without a display, the same job into a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import lstmviz
from lstmviz.cli.reports import shapes_text
from lstmviz.cli.terminal import say
from lstmviz.cli.usage import (
    DONE,
    Parser,
    UsageError,
    add_scenario,
    add_settings,
    session_of,
)
from lstmviz.core.asking.session import Session
from lstmviz.core.files.atomic_file import check_place
from lstmviz.core.leaving import one_file_is_all

_DEFAULT_PICTURE: Final = "lstmviz.png"

_EPILOG: Final = """commands:
  render    draw the window or a figure of a run into a file, without a display
  trace     save every number of a run
  shapes    print the shape contract
  facts     print what is true of a run, checked on its numbers
  code      print the PyTorch program that makes a run
  convert   take weights from Keras, TensorFlow, ONNX or haste, and check them
  explain   say what an error message means and what to change
  check     run a script and name the silent mistakes that its run shows
  scenarios list real uses of an LSTM
  each has its own --help"""


def window_parser() -> argparse.ArgumentParser:
    """Return the parser of plain ``lstmviz``."""
    parser = Parser(
        prog="lstmviz",
        description="See inside torch.nn.LSTM: every shape named, every step and state proven.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="a session or picture of ours")
    parser.add_argument("--version", action="version", version=f"lstmviz {lstmviz.__version__}")
    parser.add_argument("--timings", type=Path, metavar="FILE", help="write when things happened")
    add_scenario(parser)
    add_settings(parser)
    return parser


def window(options: argparse.Namespace) -> int:
    """Open the window; without a display do the same job into a file."""
    from lstmviz.gui.app.start import has_display, open_window, why_no_window

    session = session_of(options)
    if not has_display():
        return _without_display(session or Session(), why_no_window())
    from lstmviz.bridge.launch import launch

    return open_window(launch(), session, options.timings)


def _without_display(session: Session, why: str) -> int:
    draw_window(session, Path(_DEFAULT_PICTURE), size=(1440, 900), scale=2.0, theme="light")
    if session.choice is None:
        say(f"{shapes_text(session.spec.geometry)}\n")
    say(f"{why}, so the picture was drawn into {_DEFAULT_PICTURE} instead of a window.")
    return DONE


def draw_window(
    session: Session,
    path: Path,
    *,
    size: tuple[int, int],
    scale: float,
    theme: str,
    has_session: bool = True,
) -> None:
    """Draw the window with `session` into `path`, a PNG.

    Raises
    ------
    UsageError
        The run failed, or the picture cannot be saved.
    """
    # Now: nobody waits for a run and hears then that it has no place.
    check_place(path)
    one_file_is_all()
    from lstmviz.bridge.launch import launch

    engine = launch()
    from lstmviz.gui.app.start import RenderError, render
    from lstmviz.gui.export.picture import PictureError

    try:
        render(engine, session, path, size=size, scale=scale, theme=theme, has_session=has_session)
    except (RenderError, PictureError) as error:
        raise UsageError(str(error)) from error
