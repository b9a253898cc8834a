"""The exceptions, warnings and crashes that a text tells of, and how much each weighs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from re import Match
from typing import Final

_TYPE: Final = (
    r"(?:[A-Za-z_]\w{0,60}\.){0,8}(?P<type>[A-Z]\w{0,60}?(?:Error|Exception|Warning|Interrupt|Exit)"
    r"|(?<=exc\.)[A-Z]\w{1,60}|(?<=_state\.)[A-Z]\w{1,60}|(?<=jit\.)Error|Unsupported|InternalTorchDynamoError)"
)
_RAISED: Final = re.compile(
    r"(?:(?<![\w.])|(?<=\d)|^)" + _TYPE + r"[\"'`*]*\s?:[ \t`*]*(?P<message>\S[^\n]*)|"
    r"^[ \t]*(?:[A-Za-z_]\w{0,60}\.){0,8}(?P<bare>[A-Z]\w{0,60}(?:Error|Exception))[ \t]*:?[ \t]*$",
    re.MULTILINE,
)
_CRASH: Final = re.compile(
    r"^.*(?:Segmentation fault|SIGSEGV|exit(?:ed with)? (?:exit )?code -?(?:139|11)\b|exit code"
    r" -1073741819|0xC0000005).*$",
    re.MULTILINE | re.IGNORECASE,
)
_ASSERT: Final = re.compile(
    r"^.*\.cuh?:\d+:? .*(?:Assertion|Assert) [`'].*?['`] failed.*$", re.MULTILINE
)
_AROUND: Final = re.compile(
    r"ChildFailedError|CalledProcessError|ProcessExitedException|ProcessRaisedException|"
    r"DistBackendError|BrokenPipeError|ConnectionResetError|can only join a child process|"
    r"process \d+ terminated|KeyboardInterrupt|SystemExit|NCCL|Caught \w+ in (?:DataLoader|replica)"
)
_INSTEAD: Final = re.compile(r"^\s*(?:raise|except|assert|#|\w+ = |>\s+raise)\b|\.format\(")
_GUTTER: Final = re.compile(r"^\s*(?:-+>\s*)?\d{1,5}\s+\S")
_ENDS: Final = re.compile(
    r"\n(?:\s*\n\s*(?:Traceback|During handling|The above exception|File |<ipython|Exception"
    r" ignored"
    r"|Process |from user code)|Traceback \(most|Exception ignored|During handling|The above"
    r" exception|={6,}|-{20,}|[^\n]*\.py:\d+:? \w*(?:Warning|Error)\b)"
)


class Weight(IntEnum):
    """How far a message can be taken for what went wrong; the greater the better."""

    CUT = 0
    WRAPPER = 1
    ASIDE = 2
    WARNING = 3
    EXCEPTION = 4


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception, warning or crash.

    Attributes
    ----------
    type : str
        Its class, without the module; empty for a crash.
    message : str
        Its first line.
    start, end : int
        Where its whole message stands in the text.
    weight : Weight
    """

    type: str
    message: str
    start: int
    end: int
    weight: Weight


def raised(text: str) -> tuple[Raised, ...]:
    """Return what `text` tells of, in its order."""
    matches = [m for m in _RAISED.finditer(text) if _is_told(text, m)]
    starts = [m.start() for m in matches]
    found = []
    for match, following in zip(matches, [*starts[1:], len(text)], strict=False):
        end = _ENDS.search(text, match.end(), following)
        name = match["type"] or match["bare"]
        stop = end.start() if end else following
        message = _unmarked(match["message"] or _below(text[match.end() : stop]))
        found.append(Raised(name, message, match.start(), stop, _weight(text, match, name)))
    for pattern in (_CRASH, _ASSERT):
        found += [
            Raised("", m[0].strip(), m.start(), m.end(), Weight.EXCEPTION)
            for m in pattern.finditer(text)
            if not any(one.start <= m.start() < one.end and one.message in m[0] for one in found)
        ]
    return tuple(sorted(found, key=lambda one: one.start))


def _below(rest: str) -> str:
    """Return the first line with words under a type that stands alone, as TorchScript writes."""
    lines = (line.strip() for line in rest.splitlines())
    found = next((line for line in lines if re.search(r"[A-Za-z]{3}", line)), "")
    return "" if found.startswith(("File ", "Traceback")) else found


def _is_told(text: str, match: Match[str]) -> bool:
    """Tell a message from a line of source that would raise it."""
    line = text[text.rfind("\n", 0, match.start()) + 1 : match.end()]
    before = line[: max(0, len(line) - (match.end() - match.start()))]
    if _INSTEAD.search(before) or "raise " in before:
        return False
    if match["bare"]:
        return True
    # In Jupyter's gutter a message stands inside the source of what raises it.
    return not (_GUTTER.match(line) and before.strip())


def _weight(text: str, match: Match[str], name: str) -> Weight:
    whole = match[0]
    if whole.rstrip().endswith("..."):
        return Weight.CUT
    if _AROUND.search(whole):
        return Weight.WRAPPER
    if name.endswith("Warning"):
        return Weight.WARNING
    before = text[max(0, match.start() - 4000) : match.start()]
    aside = list(re.finditer(r"Exception ignored in|Error in atexit", before))
    if aside and before.count("Traceback", aside[-1].end()) <= 1:
        return Weight.ASIDE
    return Weight.EXCEPTION


def _unmarked(message: str) -> str:
    """Take off marks that only close what was opened before the message."""
    message = message.strip().rstrip("`*")
    for mark in "\"'":
        if message.endswith(mark) and message.count(mark) % 2:
            message = message[:-1]
    return message
