"""What the command line takes: its parser, its settings and the session they make."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final, NoReturn

from lstmviz.core.session import Session, read_session
from lstmviz.core.spec import BOUNDS, DType, InitialState, RunSpec, Values
from lstmviz.core.typed import endless, parse_number, parse_numbers, said

DONE, FAILED, BAD_USAGE = 0, 1, 2
"""Exit codes: done; our own failure; bad usage or a bad file."""


class UsageError(Exception):
    """What was asked cannot be; the message is the sentence to print."""


class Parser(argparse.ArgumentParser):
    """Bad usage is one sentence and exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError` instead of printing and leaving."""
        raise UsageError(f"{message}; see lstmviz --help.")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take every setting, named as in nn.LSTM."""
    group = parser.add_argument_group("settings", "named as in nn.LSTM; what is left out keeps")
    for name in ("input_size", "hidden_size", "num_layers", "proj_size", "seq_len", "batch_size"):
        low, high = BOUNDS[name].low, BOUNDS[name].high
        group.add_argument(_flag(name), type=_whole, metavar="N", help=f"{low} to {high:,}")
    group.add_argument("--dropout", type=_real, metavar="P", help="0 to 1")
    for name in ("bias", "batch_first", "bidirectional", "unbatched"):
        group.add_argument(_flag(name), action=argparse.BooleanOptionalAction, default=None)
    group.add_argument("--lengths", type=_lengths, metavar="12,9,7", help="pack the batch")
    group.add_argument("--values", choices=[v.value for v in Values], help="the input's numbers")
    group.add_argument("--initial-state", choices=[s.value for s in InitialState])
    group.add_argument("--seed", type=_whole, metavar="N")
    group.add_argument("--dtype", choices=[d.value for d in DType])
    group.add_argument("--device", metavar="NAME", help="cpu, cuda:0, mps")


def add_scenario(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take a scenario, whose sizes the settings then are."""
    parser.add_argument(
        "--scenario", metavar="NAME", help="show a scenario; lstmviz scenarios lists them"
    )


def _whole(text: str) -> float | str:
    # What is no number is refused by the spec, with the sentence that the window shows.
    return parse_number(text, whole=True)


def _real(text: str) -> float | str:
    return parse_number(text, whole=False)


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _lengths(text: str) -> tuple[int | str, ...]:
    numbers = parse_numbers(text)
    words = [word for word in numbers if isinstance(word, str) and not endless(word)]
    if words or not numbers:
        message = (
            f"lengths are whole numbers between commas, not {said(words[0] if words else text)}"
        )
        raise argparse.ArgumentTypeError(message)
    return numbers


_SETTING_FLAGS: Final = (
    "input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional",
    "proj_size", "seq_len", "batch_size", "unbatched", "lengths", "values", "initial_state",
    "seed", "dtype", "device",
)  # fmt: skip


def session_of(options: argparse.Namespace) -> Session | None:
    """Return the session that files and settings describe; None where nothing was said."""
    given = {name: getattr(options, name) for name in _SETTING_FLAGS}
    given = {name: value for name, value in given.items() if value is not None}
    files: list[str] = options.files
    name: str | None = getattr(options, "scenario", None)
    if name is not None:
        return _scenario_session(name, given, files)
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


def _scenario_session(name: str, given: dict[str, Any], files: list[str]) -> Session:
    if files:
        raise UsageError("a scenario has its own input; give either it or a file.")
    from lstmviz.core.scenarios.choice import Choice

    settings = dict(given)
    if settings.get("lengths"):
        # A scenario takes them as they are typed.
        settings["lengths"] = ", ".join(map(str, settings["lengths"]))
    return Session(choice=Choice(name, settings))


def command_parser(name: str, description: str) -> argparse.ArgumentParser:
    """Return a parser for ``lstmviz NAME`` that takes files and settings."""
    parser = Parser(prog=f"lstmviz {name}", description=description, allow_abbrev=False)
    parser.add_argument("files", nargs="*", metavar="FILE", help="a session or picture of ours")
    add_settings(parser)
    return parser
