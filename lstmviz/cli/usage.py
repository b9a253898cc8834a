"""What the command line takes: its parser, its settings and the session they make."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lstmviz.cli.terminal import say
from lstmviz.core.asking.session import Session, read_session
from lstmviz.core.cost.memory import MEMORY_LIMIT
from lstmviz.core.settings import BY_NAME, TABLE, SettingEntry, SettingKind
from lstmviz.core.spec import RunSpec
from lstmviz.core.words.amounts import bytes_from_words, quoted, shown
from lstmviz.core.words.typed import endless, parse_number, parse_numbers, said

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    from lstmviz.core.scenarios.choice import Choice

DONE, FAILED, BAD_USAGE = 0, 1, 2
"""Exit codes: done; our own failure; bad usage or a bad file."""


class UsageError(Exception):
    """What was asked cannot be; the message is the sentence to print."""


class Parser(argparse.ArgumentParser):
    """Bad usage is one sentence and exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError` instead of printing and leaving."""
        raise UsageError(f"{shown(message)}; see lstmviz --help.")

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        # Where all streams are closed, all of them are None.
        if message and (file is None or file is not sys.stderr):
            say(message, end="")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take every setting, named as in nn.LSTM."""
    group = parser.add_argument_group("settings", "named as in nn.LSTM; what is left out keeps")
    for setting in TABLE:
        group.add_argument(setting.flag, **_option(setting))
    parser.add_argument(
        "--memory-limit",
        type=_memory_size,
        metavar="SIZE",
        help=f"what a run may take, such as 4GiB; also {MEMORY_LIMIT}; 70 %% of what is free",
    )


def _option(setting: SettingEntry) -> dict[str, Any]:
    """Return what argparse is told of a setting's flag."""
    told: dict[str, Any] = {"help": setting.flag_help or None}
    match setting.kind:
        case SettingKind.SWITCH:
            return {"action": argparse.BooleanOptionalAction, "default": None}
        case SettingKind.NUMBER:
            parse = _whole if setting.is_whole else _real
            return {"type": parse, "metavar": setting.metavar, "help": setting.range_in_words}
        case SettingKind.PLAIN_NUMBER:
            return {**told, "type": _whole, "metavar": setting.metavar}
        case SettingKind.LENGTHS:
            return {**told, "type": _lengths, "metavar": setting.metavar}
        case SettingKind.CHOICE if setting.is_open:
            return {**told, "metavar": setting.metavar}
    return {**told, "choices": [choice.value for choice in setting.choices]}


def add_scenario(parser: argparse.ArgumentParser) -> None:
    """Let `parser` take a scenario, whose sizes the settings then are."""
    parser.add_argument(
        "--scenario", metavar="NAME", help="a scenario; lstmviz scenarios lists them"
    )


def _whole(text: str) -> float | str:
    # What is no number is refused by the spec, with the sentence that the window shows.
    return parse_number(text, whole=True)


def _real(text: str) -> float | str:
    return parse_number(text, whole=False)


def _memory_size(text: str) -> int:
    try:
        return bytes_from_words(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _lengths(text: str) -> tuple[int | str, ...]:
    numbers = parse_numbers(text)
    words = [word for word in numbers if isinstance(word, str) and not endless(word)]
    if words or not numbers:
        message = (
            f"lengths are whole numbers between commas, not {said(words[0] if words else text)}"
        )
        raise argparse.ArgumentTypeError(message)
    return numbers


def out_file(text: str) -> str:
    """Return the path of a file to write; refuse one that can only be a folder."""
    if text.endswith(("/", os.sep)) or not text:
        raise argparse.ArgumentTypeError(f"{quoted(text)} names a folder, not a file")
    return text


def session_of(options: argparse.Namespace) -> Session | None:
    """Return the session that files and settings describe; None where nothing was said."""
    if options.memory_limit:
        # Where this process looks for it, and the engine that it starts.
        os.environ[MEMORY_LIMIT] = str(options.memory_limit)
    given = {name: getattr(options, name) for name in BY_NAME}
    given = {name: value for name, value in given.items() if value is not None}
    files: list[str] = options.files
    if len(files) > 1:
        raise UsageError("one file at a time, please.")
    if options.scenario is not None:
        if files:
            raise UsageError("a scenario has its own input; give either it or a file.")
        return Session(choice=_choice(options.scenario, given))
    if not files and not given:
        return None
    session = _read(files[0]) if files else Session()
    if session.choice is not None:
        return replace(session, choice=session.choice.changed(**_as_typed(given)))
    settings = {**session.spec.settings(), **given}
    if "lengths" not in given and {"batch_size", "seq_len", "unbatched"} & given.keys():
        from lstmviz.core.asking.dependents import followed

        settings = {**settings, **followed(session.spec, given)}
    if given.get("lengths") and "batch_size" not in given:
        settings["batch_size"] = len(given["lengths"])
    return replace(session, spec=RunSpec.from_settings(settings))


def _read(name: str) -> Session:
    if not name:
        raise UsageError("there is no file without a name.")
    return read_session(Path(name))


def _choice(name: str, given: dict[str, Any]) -> Choice:
    from lstmviz.core.scenarios.choice import Choice

    return Choice(name, _as_typed(given))


def _as_typed(given: dict[str, Any]) -> dict[str, Any]:
    """Return `given` as a scenario takes it: lengths as they are typed."""
    if not given.get("lengths"):
        return given
    return {**given, "lengths": ", ".join(map(str, given["lengths"]))}


def command_parser(name: str, description: str) -> argparse.ArgumentParser:
    """Return a parser for ``lstmviz NAME`` that takes files and settings."""
    parser = Parser(prog=f"lstmviz {name}", description=description, allow_abbrev=False)
    parser.add_argument("files", nargs="*", metavar="FILE", help="a session or picture of ours")
    add_scenario(parser)
    add_settings(parser)
    return parser
