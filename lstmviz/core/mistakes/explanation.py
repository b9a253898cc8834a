"""From a pasted message or traceback to the mistake behind it."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from re import Match
from typing import Any, Final

from lstmviz.core.mistakes.catalogue import CATALOGUE
from lstmviz.core.mistakes.mistake import Mistake
from lstmviz.core.mistakes.setting import Lines, Setting
from lstmviz.core.spec import RunSpec

LONGEST: Final = 200_000
"""Characters read of a pasted text, counted from its end."""

_EXCEPTION: Final = re.compile(
    r"(?:^|[\s>`*\"'(\[])(?:[\w.]+\.)?(?P<type>[A-Z]\w*(?:Error|Exception|Warning))"
    r"[\"'`*]*[:：]\s*(?P<message>\S.*)",
    re.MULTILINE,
)
_CAUSED: Final = "direct cause of the following exception"
_AROUND: Final = re.compile(
    r"lstm|\brnns?\b|packed|pack_pad|pad_pack|\bh_?[0nx]\b|\bc_?[0nx]\b|hidden|lengths",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a pasted text means.

    Attributes
    ----------
    exception : str
        The exception's type, e.g. ``"RuntimeError"``; empty if the text names none.
    message : str
        The line that was read.
    mistake : Mistake or None
        None when the text is not one we know.
    sentence : str
        What the sizes mean in this setting; for an unknown text, that it is unknown.
    certain : bool
        Whether the message is an LSTM's own, or the text shows that one was involved.
    also : tuple of Mistake
        Other mistakes that give the same message.
    sizes : dict of str to str
        What was pulled out of the message.
    fix : tuple of str
        The right lines, for the setting given or the one nearest to it.
    spec_change : dict or None
        Settings that would reproduce it, for `RunSpec.changed`; None if there are none.
    search : str
        A phrase to search for; empty when the mistake is known.
    """

    exception: str
    message: str
    mistake: Mistake | None
    sentence: str
    certain: bool = False
    also: tuple[Mistake, ...] = ()
    sizes: dict[str, str]
    fix: Lines = ()
    spec_change: dict[str, Any] | None = None
    search: str = ""


def explain(text: str, spec: RunSpec | None = None) -> Explanation:
    """Find the mistake behind a message or a whole traceback.

    Parameters
    ----------
    text : str
        As pasted; the last exception in it counts, with what caused it.
    spec : RunSpec, optional
        The setting to speak of; without one the sentence keeps to the message's own sizes.
    """
    text = text[-LONGEST:]
    lines = list(_EXCEPTION.finditer(text))
    for line in _candidates(text, lines):
        known = _known(text, line, spec)
        if known:
            return _explained(text, line, known, spec)
    return _unknown(text, lines[-1] if lines else None)


def format_explanation(explanation: Explanation) -> str:
    """Return an explanation as plain text, for a terminal."""
    e = explanation
    said = f"{e.exception}: {e.message}" if e.exception else e.message
    blocks = [_wrapped(said)] if said else []
    if e.mistake is None:
        blocks.append(_wrapped(e.sentence))
        blocks += [f"Search for:  {e.search}"] if e.search else []
        return "\n\n".join(blocks) + "\n"
    name = f"{e.mistake.title}  [{e.mistake.name}]"
    doubt = "Other operations say this too. Around an LSTM it usually means:"
    blocks.append(name if e.certain else f"{doubt}\n{name}")
    blocks.append(_wrapped(e.sentence))
    if e.mistake.why not in e.sentence:
        blocks.append(_wrapped(e.mistake.why))
    blocks.append("\n".join(("What to write:", *(f"    {line}" for line in e.fix))))
    if e.spec_change:
        changes = ", ".join(f"{name}={value}" for name, value in e.spec_change.items())
        blocks.append(_wrapped(f"To see it happen, set {changes}."))
    if e.also:
        blocks.append(_wrapped("Also possible: " + "; ".join(m.title for m in e.also) + "."))
    return "\n\n".join(blocks) + "\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 88, break_long_words=False, break_on_hyphens=False)


def _candidates(text: str, lines: list[Match[str]]) -> list[Match[str] | None]:
    """Return the exception lines to try: the last, and what it says it was caused by."""
    if not lines:
        return [None]
    tried: list[Match[str] | None] = [lines[-1]]
    for earlier, later in zip(lines[-2::-1], lines[:0:-1], strict=True):
        if _CAUSED not in text[earlier.end() : later.start()]:
            break
        tried.append(earlier)
    return tried


def _known(
    text: str, line: Match[str] | None, spec: RunSpec | None
) -> list[tuple[Mistake, Match[str]]]:
    """Return the mistakes with the first message from `line` on; with the last if there is none."""
    start = line.start() if line else 0
    found = [(m, match) for m in CATALOGUE for match in m.matches(text, start)]
    if not found:
        return []
    starts = [match.start() for _, match in found]
    place = min(starts) if line else max(starts)
    here = [(m, match) for m, match in found if match.start() == place]
    setting = Setting(spec) if spec else None
    return [(m, match) for m, match in here if m.fits(match, setting)] or here[-1:]


def _explained(
    text: str,
    line: Match[str] | None,
    known: list[tuple[Mistake, Match[str]]],
    spec: RunSpec | None,
) -> Explanation:
    mistake, match = known[0]
    base = spec or RunSpec()
    change = mistake.spec_change(match, base)
    shown = base.changed(**change) if change else base
    return Explanation(
        exception=line["type"] if line else "",
        message=_clean(line["message"]) if line else match[0],
        mistake=mistake,
        sentence=mistake.explain(match, spec),
        certain=not mistake.shared or bool(_AROUND.search(text)),
        also=tuple(other for other, _ in known[1:]),
        sizes={name: value for name, value in match.groupdict().items() if value is not None},
        fix=mistake.fix(shown),
        spec_change=change,
    )


def _unknown(text: str, line: Match[str] | None) -> Explanation:
    said = _clean(line["message"]) if line else _last_line(text)
    kind = line["type"] if line else ""
    if not said:
        sentence = "There is nothing to explain. Paste an error message or a whole traceback."
        return Explanation(exception="", message="", mistake=None, sentence=sentence, sizes={})
    phrase = re.sub(r"0x[0-9a-fA-F]+|\d+", " ", said)
    phrase = " ".join(re.sub(r"[^\w\s.'-]", " ", phrase).split()[:14])
    return Explanation(
        exception=kind,
        message=said,
        mistake=None,
        sentence="This is not a mistake that lstmviz knows, so it does not guess.",
        sizes={},
        search=" ".join(part for part in ("pytorch LSTM", kind, phrase) if part),
    )


def _clean(message: str) -> str:
    return message.strip().rstrip("`*")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""
