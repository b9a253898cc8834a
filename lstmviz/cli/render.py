"""The window or a figure of a run, drawn into a file without a display."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Final

from lstmviz.cli.calls import add_call
from lstmviz.cli.usage import DONE, UsageError, command_parser, out_file, session_of
from lstmviz.cli.window import draw_window
from lstmviz.core.asking.session import Session
from lstmviz.core.files.atomic_file import check_place
from lstmviz.core.leaving import one_file_is_all
from lstmviz.core.words.amounts import shown
from lstmviz.core.words.typed import parse_number, parse_numbers, said
from lstmviz.figures.spec import SCALES, FigureView, PictureKind

WINDOW: Final = "window"

_VIEWS: Final = (WINDOW, *(view.value for view in FigureView))

_ASKED: Final = ("width", "height", "font", "caption", "legend", "transparent", "times", "measure")
"""Options that only a figure has."""


def render_parser() -> argparse.ArgumentParser:
    """Return the parser of ``lstmviz render``."""
    parser = command_parser(
        "render",
        "Draw the window (PNG) or a figure of a run (PNG, SVG, PDF) into a file, without a"
        " display; as .html a page to scrub through, as .gif, .apng or .mp4 a moving picture.",
    )
    parser.add_argument(
        "-o", "--output", type=out_file, required=True, metavar="OUT.png|svg|pdf|html|gif|apng|mp4"
    )
    parser.add_argument(
        "--view",
        choices=_VIEWS,
        metavar="NAME",
        help=f"{', '.join(_VIEWS)}; a PNG shows the window and others the figure, if not given",
    )
    parser.add_argument("--size", type=_size, metavar="WxH", help="pixels; 1440x900 for the window")
    parser.add_argument("--scale", type=_scale, default=1.0, metavar="S", help="0.5 to 4, of a PNG")
    parser.add_argument(
        "--theme", choices=("light", "dark"), help="light if not given; a page follows its reader's"
    )
    parser.add_argument(
        "--session",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="let the file open again as the session that it shows",
    )
    add_call(parser)
    _add_figure(parser)
    _add_sight(parser)
    clip = parser.add_argument_group("moving pictures")
    clip.add_argument(
        "--steps", type=_steps, metavar="A:B[:C]", help="from step A to before B, every C"
    )
    clip.add_argument("--fps", type=_fps, default=None, metavar="F", help="steps a second: 8")
    return parser


def _add_figure(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("figures")
    group.add_argument("--width", metavar="LENGTH", help="84mm, 3.3in, 240pt or 960px, the default")
    group.add_argument("--height", metavar="LENGTH", help="as high as it wants to be if not given")
    group.add_argument("--font", metavar="SIZE", help="of its letters: 9pt, the default")
    group.add_argument("--transparent", action="store_true", default=None, help="no ground")
    for name, what in (("caption", "what was run and proven"), ("legend", "what rows hold")):
        group.add_argument(
            f"--{name}", action=argparse.BooleanOptionalAction, default=None, help=f"say {what}"
        )
    group.add_argument(
        "--times", action="store_true", default=None, help="say how long the forward took"
    )
    group.add_argument(
        "--measure",
        choices=("hidden", "cell", "forget", "change"),
        help="what colours the unrolled network",
    )


def _add_sight(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where to look")
    for name, what in (
        ("layer", "from 0"),
        ("direction", "0 forward, 1 reverse"),
        ("item", "of the batch, from 0"),
        ("step", "where the cursor stands, from 0"),
        ("unit", "of the cell that is looked at"),
    ):
        group.add_argument(f"--{name}", type=_index, metavar="N", help=what)
    group.add_argument("--units", type=_indices, metavar="2,5,11", help="drawn over time")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    size = parse_number(width, whole=True), parse_number(height, whole=True)
    if not isinstance(size[0], int) or not isinstance(size[1], int):
        raise argparse.ArgumentTypeError(f"a size is WxH, such as 1440x900, not {said(text)}")
    return size[0], size[1]


def _scale(text: str) -> float:
    scale = parse_number(text, whole=False)
    if isinstance(scale, str) or not SCALES[0] <= scale <= SCALES[1]:
        raise argparse.ArgumentTypeError(
            f"a scale is from {SCALES[0]:g} to {SCALES[1]:g}, not {said(text)}"
        )
    return scale


def _fps(text: str) -> float:
    rate = parse_number(text, whole=False)
    if isinstance(rate, str) or not 0.1 <= rate <= 60:
        raise argparse.ArgumentTypeError(f"steps a second are from 0.1 to 60, not {said(text)}")
    return rate


def _steps(text: str) -> tuple[int, int, int]:
    parts = text.split(":")
    numbers = [parse_number(part or "0", whole=True) for part in parts]
    whole = [number for number in numbers if isinstance(number, int) and number >= 0]
    if not 2 <= len(parts) == len(whole) <= 3:
        raise argparse.ArgumentTypeError(f"steps are A:B or A:B:C, such as 0:24, not {said(text)}")
    return whole[0], whole[1], max(1, whole[2]) if len(whole) > 2 else 1


def _index(text: str) -> int:
    number = parse_number(text, whole=True)
    if not isinstance(number, int) or number < 0:
        raise argparse.ArgumentTypeError(f"an index is a whole number from 0, not {said(text)}")
    return number


def _indices(text: str) -> tuple[int, ...]:
    numbers = parse_numbers(text)
    if not numbers or not all(isinstance(n, int) and n >= 0 for n in numbers):
        raise argparse.ArgumentTypeError(
            f"units are whole numbers between commas, not {said(text)}"
        )
    return tuple(n for n in numbers if isinstance(n, int))


def render_file(options: argparse.Namespace) -> int:
    """Draw the window, a figure, a page or a moving picture into a file."""
    session = _sighted(session_of(options) or Session(), options)
    path = Path(options.output)
    ending = path.suffix.lower().lstrip(".")
    if ending not in list(PictureKind):
        raise UsageError(
            f"{shown(path.name)} must end in .png, .svg or .pdf, or in .html, .gif, .apng or .mp4."
        )
    view = options.view or (WINDOW if ending == "png" else "figure")
    if view == WINDOW and ending == "png" and not _is_of_figures(options):
        size = _window_size(options.size or (1440, 900))
        draw_window(
            session,
            path,
            size=size,
            scale=options.scale,
            theme=options.theme or "light",
            has_session=options.session,
        )
        return DONE
    if options.view == WINDOW:
        raise UsageError(
            "the window is drawn in pixels, so its picture is a .png; the view called figure is"
            " what it shows, in every format."
        )
    # Now: nobody waits for a run and hears then that it has no place.
    check_place(path)
    one_file_is_all()
    view = "figure" if view == WINDOW else view
    from lstmviz.cli.figures import write_figure

    write_figure(options, session, path, ending, view)
    return DONE


def _is_of_figures(options: argparse.Namespace) -> bool:
    """Return whether something is asked for that only a figure has."""
    return options.view is None and any(getattr(options, name) is not None for name in _ASKED)


def _window_size(size: tuple[int, int]) -> tuple[int, int]:
    if not (880 <= size[0] <= 7680 and 560 <= size[1] <= 4320):
        raise UsageError("a size is from 880x560 to 7680x4320; see lstmviz --help.")
    return size


def _sighted(session: Session, options: argparse.Namespace) -> Session:
    """Return `session` that looks where it was told to."""
    names = ("layer", "direction", "item", "step", "unit", "units")
    given = {name: getattr(options, name) for name in names}
    given = {name: value for name, value in given.items() if value is not None}
    return replace(session, view=replace(session.view, **given)) if given else session
