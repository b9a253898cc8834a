"""A run as one HTML page: time to scrub, values to point at, no server and no network.

The page is a template of ``resources/page`` with the run's facts, numbers and colours put in; its
style and its script are the only ones that its policy lets run, by their hashes. The same run gives
the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from string import Template
from typing import Any, Final

import lstmviz
from lstmviz.core.files.atomic_file import write_whole
from lstmviz.core.files.carried import session_token
from lstmviz.core.page.colors import THEMES, tables, variables
from lstmviz.core.page.facts import call_facts
from lstmviz.core.page.numbers import Numbers, PageTooLargeError, check_size
from lstmviz.core.page.sheet import contract_of, summary_of, text
from lstmviz.core.resources import root
from lstmviz.core.trace import Trace
from lstmviz.core.words.amounts import quoted

__all__ = ["PageTooLargeError", "page_bytes", "write_page"]

SCRIPTS: Final = (
    "marks", "theme", "places", "numbers", "scale", "picture", "heatrow", "curves", "readout",
    "controls", "page",
)  # fmt: skip
"""Parts of the page's script, in order."""


def write_page(
    path: str | Path,
    calls: Sequence[tuple[str, Trace]],
    *,
    session: str = "",
    theme: str = "system",
    title: str = "",
) -> None:
    """Write a run to `path` as one HTML page, whole or not at all.

    Parameters
    ----------
    path : str or Path
    calls : sequence of (str, Trace)
        Every call to show, at least one, by its name; the name of a single one may be empty.
    session : str
        A session as JSON, which the page carries; empty for none.
    theme : str
        ``"system"``, ``"light"`` or ``"dark"``: how the page begins.
    title : str
        Plain text; empty for one that says what is shown.

    Raises
    ------
    UnwritableFileError
        The file cannot be written.
    PageTooLargeError
        There are more numbers than a page holds; the sentence says what is possible instead.
    ValueError
        There is no call, or no such theme.
    """
    write_whole(path, page_bytes(calls, session=session, theme=theme, title=title))


def page_bytes(
    calls: Sequence[tuple[str, Trace]],
    *,
    session: str = "",
    theme: str = "system",
    title: str = "",
) -> bytes:
    """Return the page that `write_page` writes, in UTF-8.

    Raises
    ------
    PageTooLargeError, ValueError
        As `write_page` raises them.
    """
    if not calls:
        raise ValueError("A page shows at least one call.")
    if theme not in THEMES:
        raise ValueError(f"theme must be one of {', '.join(THEMES)}, not {quoted(theme)}.")
    check_size([trace for _, trace in calls])
    numbers = Numbers()
    facts = {
        "calls": [call_facts(name, trace, numbers) for name, trace in calls],
        "colors": tables(),
    }
    before, after = _frame(calls, session, theme, title, facts)
    blocks = (
        b'<script type="application/octet-stream" id="numbers-%d">%s</script>\n' % block
        for block in numbers.blocks()
    )
    return b"".join([before.encode(), *blocks, after.encode()])


_NUMBERS: Final = "<!--numbers-->"


def _frame(
    calls: Sequence[tuple[str, Trace]], session: str, theme: str, title: str, facts: dict[str, Any]
) -> tuple[str, str]:
    """Return the page before and after its numbers."""
    style = variables() + _part("page.css")
    script = (
        "(() => {\n'use strict';\n" + "".join(_part(f"{name}.js") for name in SCRIPTS) + "})();\n"
    )
    page = Template(_part("page.html")).substitute(
        theme=theme,
        policy=_policy(style, script),
        session=_session(session),
        version=text(lstmviz.__version__),
        title=text(title) or f"One run of nn.{calls[0][1].kind.module}",
        icon=base64.b64encode((root() / "icons" / "lstmviz.svg").read_bytes()).decode(),
        style=style,
        summaries=_each(calls, "summary", summary_of),
        contracts=_each(calls, "contract", contract_of),
        facts=_json(facts),
        script=script,
    )
    before, _, after = page.partition(_NUMBERS)
    return before, after


def _part(name: str) -> str:
    return (root() / "page" / name).read_text(encoding="utf-8")


def _each(calls: Sequence[tuple[str, Trace]], kind: str, say: Callable[[Trace], str]) -> str:
    parts = []
    for place, (name, trace) in enumerate(calls):
        heading = f"<h2>{text(name)}</h2>" if len(calls) > 1 else ""
        parts.append(f'<div class="{kind}" data-call="{place}">{heading}{say(trace)}</div>')
    return "\n".join(parts)


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}';"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


def _session(session: str) -> str:
    if not session:
        return ""
    return f'<meta name="lstmviz-session" content="{session_token(session)}">'


def _json(facts: dict[str, Any]) -> str:
    """Return JSON that no HTML parser takes for the end of its script."""
    return json.dumps(facts, separators=(",", ":")).replace("<", "\\u003c")
