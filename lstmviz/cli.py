"""The command line: parse, and hand on. Imports neither torch nor Qt until something needs them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import lstmviz
from lstmviz.core.session import Session, SessionError, read_session
from lstmviz.core.spec import BOUNDS, DType, InitialState, RunSpec, SpecError, Values

_DONE, _FAILED, _BAD_USAGE = 0, 1, 2
_DEFAULT_PICTURE: Final = "lstmviz.png"


class UsageError(Exception):
    """What was asked cannot be; the message is the sentence to print."""


class _Parser(argparse.ArgumentParser):
    """Bad usage is one sentence and exit code 2."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see lstmviz --help.")


def run(arguments: Sequence[str]) -> int:
    """Do what `arguments` ask; returns the exit code.

    Returns
    -------
    int
        0 done; 2 bad usage or a bad file, said in one sentence on standard error; 1 our failure.
    """
    try:
        return _dispatch(list(arguments))
    except (UsageError, SpecError, SessionError) as error:
        print(f"lstmviz: {str(error).rstrip('.')}.", file=sys.stderr)
        return _BAD_USAGE
    except BrokenPipeError:
        # The reader has seen enough, as in `lstmviz shapes | head`; nor must Python complain when
        # it writes what is left on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _DONE
    except OSError as error:
        what = f"{error.strerror or error}"
        place = f" {error.filename}" if error.filename else ""
        print(f"lstmviz:{place}: {what}.".replace("::", ":"), file=sys.stderr)
        return _BAD_USAGE


def _dispatch(arguments: list[str]) -> int:
    if arguments and arguments[0] in _COMMANDS:
        make_parser, act = _COMMANDS[arguments[0]]
        code = act(make_parser().parse_args(arguments[1:]))
    else:
        code = _window(_window_parser().parse_args(arguments))
    # Now, where a full disk or a reader that is gone can still be answered.
    print(end="", flush=True)
    return code


# Settings -----------------------------------------------------------------------------------------


def _add_settings(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("settings", "named as in nn.LSTM; what is left out keeps")
    for name in ("input_size", "hidden_size", "num_layers", "proj_size", "seq_len", "batch_size"):
        low, high = BOUNDS[name].low, BOUNDS[name].high
        group.add_argument(_flag(name), type=int, metavar="N", help=f"{low} to {high:,}")
    group.add_argument("--dropout", type=float, metavar="P", help="0 to 1")
    for name in ("bias", "batch_first", "bidirectional", "unbatched"):
        group.add_argument(_flag(name), action=argparse.BooleanOptionalAction, default=None)
    group.add_argument("--lengths", type=_lengths, metavar="12,9,7", help="pack the batch")
    group.add_argument("--values", choices=[v.value for v in Values], help="the input's numbers")
    group.add_argument("--initial-state", choices=[s.value for s in InitialState])
    group.add_argument("--seed", type=int, metavar="N")
    group.add_argument("--dtype", choices=[d.value for d in DType])
    group.add_argument("--device", metavar="NAME", help="cpu, cuda:0, mps")


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _lengths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in text.split(","))
    except ValueError:
        message = f"lengths are whole numbers between commas, not {text!r}"
        raise argparse.ArgumentTypeError(message) from None


_SETTING_FLAGS: Final = (
    "input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional",
    "proj_size", "seq_len", "batch_size", "unbatched", "lengths", "values", "initial_state",
    "seed", "dtype", "device",
)  # fmt: skip


def _session(options: argparse.Namespace) -> Session | None:
    """Return the session that files and settings describe; None where nothing was said."""
    given = {name: getattr(options, name) for name in _SETTING_FLAGS}
    given = {name: value for name, value in given.items() if value is not None}
    files: list[str] = options.files
    if not files and not given:
        return None
    if files and not Path(files[0]).is_file():
        raise UsageError(f"there is no file {files[0]}.")
    session = read_session(Path(files[0])) if files else Session()
    if len(files) > 1:
        raise UsageError("one file at a time, please.")
    settings = {**session.spec.settings(), **given}
    if "lengths" not in given and {"batch_size", "seq_len", "unbatched"} & given.keys():
        from lstmviz.core.adapt import followed

        settings = {**settings, **followed(session.spec, given)}
    if given.get("lengths") and "batch_size" not in given:
        settings["batch_size"] = len(given["lengths"])
    return Session(spec=RunSpec.from_settings(settings), view=session.view)


# The window ---------------------------------------------------------------------------------------

_EPILOG: Final = """commands:
  render    draw the window into a file, without a display
  trace     save every number of a run
  shapes    print the shape contract
  each has its own --help"""


def _window_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lstmviz",
        description="See inside torch.nn.LSTM: every shape named, every step and state proven.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="a session or picture of ours")
    parser.add_argument("--version", action="version", version=f"lstmviz {lstmviz.__version__}")
    parser.add_argument("--timings", type=Path, metavar="FILE", help="write when things happened")
    _add_settings(parser)
    return parser


def _window(options: argparse.Namespace) -> int:
    from lstmviz.gui.start import has_display, open_window, why_no_window

    session = _session(options)
    if not has_display():
        return _without_display(session or Session(), why_no_window())
    from lstmviz.bridge.launch import launch

    return open_window(launch(), session, options.timings)


def _without_display(session: Session, why: str) -> int:
    _render_to(session, Path(_DEFAULT_PICTURE), size=(1440, 900), scale=2.0, theme="light")
    print(shapes_text(session.spec))
    print(f"\n{why}, so the picture was drawn into {_DEFAULT_PICTURE} instead of a window.")
    return _DONE


# Commands -----------------------------------------------------------------------------------------


def _command_parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = _Parser(prog=f"lstmviz {name}", description=description, allow_abbrev=False)
    parser.add_argument("files", nargs="*", metavar="FILE", help="a session or picture of ours")
    _add_settings(parser)
    return parser


def _render_parser() -> argparse.ArgumentParser:
    parser = _command_parser("render", "Draw the window into a file, without a display.")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.png|svg|pdf")
    parser.add_argument("--size", type=_size, default=(1440, 900), metavar="WxH")
    parser.add_argument("--scale", type=_scale, default=1.0, metavar="S", help="0.5 to 4")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    return parser


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (text.isascii() and width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"a size is WxH, such as 1440x900, not {text!r}")
    size = int(width), int(height)
    if not (880 <= size[0] <= 7680 and 560 <= size[1] <= 4320):
        raise argparse.ArgumentTypeError("a size is from 880x560 to 7680x4320")
    return size


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0.5 <= scale <= 4:
        raise argparse.ArgumentTypeError(f"a scale is from 0.5 to 4, not {text!r}")
    return scale


def _render(options: argparse.Namespace) -> int:
    session = _session(options) or Session()
    path: Path = options.output
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise UsageError(f"{path.name} must end in .png, .svg or .pdf.")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}.")
    _render_to(session, path, size=options.size, scale=options.scale, theme=options.theme)
    return _DONE


def _render_to(
    session: Session, path: Path, *, size: tuple[int, int], scale: float, theme: str
) -> None:
    from lstmviz.bridge.launch import launch

    engine = launch()
    from lstmviz.gui.export.picture import PictureError
    from lstmviz.gui.start import RenderError, render

    try:
        render(engine, session, path, size=size, scale=scale, theme=theme)
    except (RenderError, PictureError) as error:
        raise UsageError(str(error)) from error


def _trace_parser() -> argparse.ArgumentParser:
    parser = _command_parser("trace", "Save every number of a run.")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.npz")
    return parser


def _trace(options: argparse.Namespace) -> int:
    spec = (_session(options) or Session()).spec
    path: Path = options.output
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}.")
    from lstmviz.engine.run import run as run_spec

    try:
        trace = run_spec(spec).traces[0]
    except SpecError:
        raise
    except (RuntimeError, AssertionError, TypeError, ValueError) as error:
        # A device this machine has not is each of these, depending on which it is.
        text = str(error).splitlines() or [type(error).__name__]
        raise UsageError(f"PyTorch refused this run: {text[0]}") from error
    trace.save(path)
    proof = trace.proof
    verdict = "exact" if proof.exact else f"max |difference| {proof.max_abs_difference:.2g}"
    print(f"{path}: {len(trace.arrays())} arrays; trace against nn.LSTM: {verdict}")
    return _DONE if proof.ok else _FAILED


def _shapes_parser() -> argparse.ArgumentParser:
    parser = _command_parser("shapes", "Print every tensor's name, axes, shape, dtype and bytes.")
    parser.add_argument("--json", action="store_true", help="as data")
    return parser


def _shapes(options: argparse.Namespace) -> int:
    spec = (_session(options) or Session()).spec
    print(json.dumps(shapes_data(spec), indent=2) if options.json else shapes_text(spec))
    return _DONE


def shapes_data(spec: RunSpec) -> dict[str, Any]:
    """Return the contract as ``lstmviz shapes --json`` prints it."""
    from lstmviz.core.contract import contract

    shapes = contract(spec)
    return {
        "tensors": [
            {
                "name": tensor.name,
                "axes": [axis.symbol for axis in tensor.axes],
                "shape": list(tensor.shape),
                "dtype": tensor.dtype,
                "bytes": tensor.bytes,
            }
            for tensor in shapes.tensors
        ],
        "parameters": shapes.parameters,
    }


def shapes_text(spec: RunSpec) -> str:
    """Return the contract as an aligned table."""
    from lstmviz.core.contract import contract

    shapes = contract(spec)
    rows = [("tensor", "axes", "shape", "dtype", "bytes")]
    for tensor in shapes.tensors:
        axes = ", ".join(axis.symbol for axis in tensor.axes)
        rows.append(
            (tensor.name, f"({axes})", str(tensor.shape), tensor.dtype, f"{tensor.bytes:,}")
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    wide = max(len(row[4]) for row in rows)
    lines = [
        "  ".join(
            [*(cell.ljust(w) for cell, w in zip(row[:4], widths, strict=True)), row[4].rjust(wide)]
        )
        for row in rows
    ]
    return "\n".join([*lines, f"{shapes.parameters:,} parameters"])


_COMMANDS: Final[
    dict[
        str,
        tuple[Callable[[], argparse.ArgumentParser], Callable[[argparse.Namespace], int]],
    ]
] = {
    "render": (_render_parser, _render),
    "trace": (_trace_parser, _trace),
    "shapes": (_shapes_parser, _shapes),
}
