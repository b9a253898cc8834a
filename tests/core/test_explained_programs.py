"""What is said of wrong programs that were just run, and of texts that are about something else."""

from __future__ import annotations

import contextlib
import html
import json
import linecache
import re
import traceback
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from lstmviz.core.mistakes import explain, format_explanation
from lstmviz.core.mistakes.readings import Sure

_HERE = Path(__file__).parent
PROGRAMS = json.loads((_HERE / "wrong_programs.json").read_text("utf-8"))
FOREIGN = json.loads((_HERE / "foreign_texts.json").read_text("utf-8"))
_HEDGED = {"oom", "seg"}
"""Texts so bare that they may be anyone's: what is said of them says so first."""


@cache
def paste_of(program: str) -> str:
    """Run `program` and return the traceback that it ends in, with its own lines shown."""
    file = "/home/ann/work/model.py"
    lines = f"{program}\n".splitlines(keepends=True)
    linecache.cache[file] = (len(program), None, lines, file)
    try:
        with contextlib.suppress(SystemExit), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(f"{program}\n", file, "exec"), {"__name__": "__main__"})  # noqa: S102 - our own
    except Exception as error:  # noqa: BLE001 - any may be what the program is wrong with
        behind = error.__traceback__.tb_next if error.__traceback__ else None
        return "".join(traceback.format_exception(type(error), error, behind))
    return ""


def _each(prefix: str) -> Callable[[str], str]:
    return lambda text: "\n".join(prefix + line for line in text.split("\n"))


def _coloured(text: str) -> str:
    text = re.sub(r"\d+", lambda number: f"\x1b[1;31m{number[0]}\x1b[0m", text)
    return re.sub(r"^\w+Error", lambda kind: f"\x1b[31m{kind[0]}\x1b[0m", text, flags=re.MULTILINE)


def _wrapped(text: str) -> str:
    width = 72
    cut = (line[n : n + width] for line in text.split("\n") for n in range(0, len(line), width))
    return "\n".join(cut)


WAYS: dict[str, Callable[[str], str]] = {
    "colours": _coloured,
    "mail": _each("> "),
    "pytest": _each("E   "),
    "torchrun": _each("[rank0]: "),
    "kubernetes": _each("2026-11-26T10:22:31.418Z stderr F "),
    "logging": _each("2026-11-26 10:22:31,418 ERROR train.py:88 - "),
    "entities": html.escape,
    "full width": lambda text: text.translate(str.maketrans("(),", "（），")),
    "wrapped": _wrapped,
    "double spaced": lambda text: text.replace("\n", "\n\n"),
    "one line": lambda text: " ".join(text.split()),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_paste_means_the_same_however_it_came(way: str):
    others = []
    for row in PROGRAMS:
        paste = paste_of(row["program"])
        plain, changed = explain(paste), explain(WAYS[way](paste))
        if plain.title != changed.title:
            others.append((row["name"], plain.title, changed.title))
    assert not others


@pytest.mark.parametrize("row", PROGRAMS, ids=[row["name"] for row in PROGRAMS])
def test_a_wrong_programs_traceback_is_told_apart(row: dict[str, str]):
    paste = paste_of(row["program"])
    assert paste, "the program ran"
    answer = format_explanation(explain(paste)).partition("\n\n")[2]
    assert re.search(row["must_match"], answer), answer
    assert not ("must_not" in row and re.search(row["must_not"], answer)), answer


@pytest.mark.parametrize("row", FOREIGN, ids=[row["name"] for row in FOREIGN])
def test_a_text_about_something_else_is_not_claimed(row: dict[str, str]):
    explanation = explain(row["text"])
    if row["name"] in _HEDGED:
        assert explanation.sure is Sure.POSSIBLE
        assert "Other operations say this too" in str(explanation)
        return
    assert not explanation.title, str(explanation)
