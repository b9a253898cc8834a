"""Takes off a pasted text what is not the program's: colours, quote marks, prefixes, entities."""

from __future__ import annotations

import html
import re
from re import Pattern
from typing import Final

_ESCAPES: Final = re.compile(
    r"(?:\x1b|\^\[|\\x1b|\\033|\\u001b)(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\n]*(?:\x07|\x1b\\))"
    # Copied out of a log viewer, a colour has lost its escape character.
    r"|\[\d{1,3}(?:;\d{1,3})*m|\[0?m"
)
_BACKSPACED: Final = re.compile(r"[^\n]\x08|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\ufeff]")
_ENTITY: Final = re.compile(
    r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,5}|#x[0-9a-f]{1,4});", re.IGNORECASE
)
_TAG: Final = re.compile(
    r"</?(?:span|div|pre|code|p|b|i|em|strong|br|font|tt|blockquote|a|td|tr|table|li|ul|u)"
    r"(?:\s[^<>\n]{0,300})?/?>",
    re.IGNORECASE,
)
_LIKE: Final = {
    '"': "“”„‟«»″「」『』",
    "'": "‘’‚‛′´",
    " ": "\u00a0\u2007\u202f\u3000\u2009",
    "-": "‐‑‒–—−",
    ",": "、",
    ".": "。",
    "[": "【",
    "]": "】",
    "\n": "\u2028\u2029\x85",
}
_SIGNS: Final[dict[int, int]] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **{ord(sign): ord(plain) for plain, signs in _LIKE.items() for sign in signs},
}
_LONG: Final = re.compile(r"(?<=\d)L(?=[\s,)\]x])")

_STAMP: Final = (
    r"[\[(]?\d{4}[-/.]\d\d[-/.]\d\d[T _]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    r"(?:Z|[+-]\d\d:?\d\d)?[\])]?"
)
_LEVEL: Final = r"\[?(?:TRACE|DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL|STDERR|STDOUT)\]?"
_PREFIXES: Final[tuple[Pattern[str], ...]] = tuple(
    re.compile(source)
    for source in (
        # torchrun, mpirun, srun, ray, docker compose
        r"\[(?:default|rank|trainer|worker|node|gpu)?_?\d{1,4}\]:? ?",
        r"\[\d{1,4},\d{1,4}\]<std(?:err|out)>:? ?",
        r"\(?\w*\s?\(?(?:pid|rank|node_rank)=\d+(?:, ?[\w=.:]+)*\)+:? ?",
        r"[\w.-]{1,40}\s*\|(?: |$)",
        r"\d{1,3}: (?=\s*(?:File |Traceback|\w*Error|  ))",
        # Kubernetes
        rf"{_STAMP} std(?:err|out) [FP](?: |$)",
        # logging, in several manners
        (
            rf"{_STAMP}(?:\s*[-|:] ?| |$)(?: *{_LEVEL}(?:\s*[-|:] ?| |$))?"
            r"(?:\[?[\w.]+(?::\w+)?(?::\d+)?\]?\s*[-|:](?: |$))?"
        ),
        rf"{_LEVEL}:[\w.]*:\s?",
        rf"{_LEVEL}\s*[-|:](?:\s+|$)",
        r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [\w./]+:?\d*\] ?(?:\[[\w:.]*\]:? ?)*",
        r"\[\d\d:\d\d:\d\d(?:\.\d+)?\] ?",
        r"\d\d:\d\d:\d\d(?:[.,]\d+)? (?:\| )?",
    )
)
_BOX: Final = re.compile(
    r"^[ \t]*[│┃|][ ]?(?=.*[│┃|]?[ \t]*$)|[ \t]*[│┃][ \t]*$|^["
    r" \t]*[╭╰┌└├╔╚].*$"
)
_POINTED: Final = re.compile(r"^[ \t]*❱[ ]*(?=\d)")
_PYTEST: Final = re.compile(r"^E(?: {3}| {2}|$)")
_QUOTE: Final = re.compile(r"[ \t]*(?:>(?!>>)[ \t]?)+")
_FENCE: Final = re.compile(r"^[ \t]*(?:```+|~~~+)\w*[ \t]*$", re.MULTILINE)
_BOLD: Final = re.compile(r"\*\*(?=\S)|(?<=\S)\*\*(?!\w)")
_MOST: Final = 0.6
"""Share of the lines that must bear a quote mark to make it one: pytest marks one line so."""


def cleaned(text: str) -> str:
    """Return `text` as the program wrote it, as far as can be told.

    Line breaks stay where they are; see `lstmviz.core.mistakes.paste.wrapping` for those that a
    terminal made.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _ESCAPES.sub("", text.translate(_SIGNS))
    text = _BACKSPACED.sub("", text)
    for _ in range(2):
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    text = _TAG.sub(lambda tag: "\n" if tag[0].lower().startswith(("<br", "</p")) else "", text)
    text = _LONG.sub("", text.translate(_SIGNS))
    text = _BOLD.sub("", _FENCE.sub("", text))
    lines = [line.rstrip() for line in _unfolded(text).split("\n")]
    if sum(line.lstrip().startswith("│") for line in lines) > 1:
        lines = [_POINTED.sub("---> ", _BOX.sub("", line)).replace("│", " ") for line in lines]
    lines = [_unprefixed(line) for line in _unquoted(lines)]
    return "\n".join(_unquoted(lines))


_FRAME: Final = re.compile(
    r'(?P<frame>File "[^"\n]{1,400}", line \d{1,7}(?:, in [^\s"]{1,80})?)[ \t]?'
)
_RAISING: Final = re.compile(
    r"[ \t](?=(?:[A-Za-z_]\w{0,60}\.){0,6}[A-Z]\w{0,60}(?:Error|Exception|Warning): )"
)


def _unfolded(text: str) -> str:
    """Put each frame of a traceback that a chat or a form wrote on one line on its own lines."""
    if not 0 < text.count('File "') >= 2 * text.count("\n"):
        return text
    return _RAISING.sub("\n", _FRAME.sub(r"\n  \g<frame>\n    ", text))


def _unquoted(lines: list[str]) -> list[str]:
    written = [line for line in lines if line.strip()]
    while written and sum(map(_is_quote, written)) >= _MOST * len(written):
        lines = [re.sub(r"^[ \t]*>[ \t]?", "", line, count=1) for line in lines]
        written = [line for line in lines if line.strip()]
    return lines


def _is_quote(line: str) -> bool:
    return bool(_QUOTE.match(line)) and not line.lstrip().startswith(">>> ")


def _unprefixed(line: str) -> str:
    """Take logging's and launchers' prefixes off a line, and pytest's ``E``."""
    for _ in range(4):
        found = next(filter(None, (prefix.match(line) for prefix in _PREFIXES)), None)
        if not found or not found.end():
            break
        line = line[found.end() :]
    return _PYTEST.sub("", line, count=1)
