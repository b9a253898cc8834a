"""What is said of wrong programs that were just run, and of texts that are about something else."""

from __future__ import annotations

import contextlib
import json
import linecache
import re
import traceback
import warnings
from pathlib import Path

import pytest

from lstmviz.core.mistakes import explain, format_explanation
from lstmviz.core.mistakes.readings import Sure

_HERE = Path(__file__).parent
PROGRAMS = json.loads((_HERE / "wrong_programs.json").read_text("utf-8"))
FOREIGN = json.loads((_HERE / "foreign_texts.json").read_text("utf-8"))
_HEDGED = {"oom", "seg"}
"""Texts so bare that they may be anyone's: what is said of them says so first."""


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
