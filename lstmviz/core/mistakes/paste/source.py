"""A line of the reader's own source: what it calls, with which arguments, and what it assigns."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = r"(?:[A-Za-z_]\w{0,60}\.){0,6}[A-Za-z_]\w{0,60}"


@dataclass(frozen=True, slots=True)
class MethodCall:
    """A method asked of a variable, as in ``h.size(0)``.

    Attributes
    ----------
    name : str
        The variable, with its path: ``self.hidden``.
    attribute : str
    arguments : str or None
        What stands between the round brackets; None where nothing is called.
    """

    name: str
    attribute: str
    arguments: str | None

    @property
    def asked(self) -> str:
        """The method and its arguments, e.g. ``size(0)``."""
        return self.attribute if self.arguments is None else f"{self.attribute}({self.arguments})"


def method_call(code: str, attribute: str) -> MethodCall | None:
    """Return the first place where `code` asks a variable for `attribute`."""
    found = re.search(rf"(?P<name>{_NAME})\.{re.escape(attribute)}\b(?P<open>\()?", code)
    if not found:
        return None
    inside = _balanced(code, found.end()) if found["open"] else None
    return MethodCall(found["name"], attribute, inside)


def assigned(code: str) -> str:
    """Return what stands left of the first ``=`` of an assignment; empty if there is none."""
    found = re.match(r"\s*([^=()\[\]]*?(?:\([^=()]*\))?[^=()\[\]]*?)\s*=(?!=)", code)
    return found[1].strip() if found else ""


def arguments_of(code: str, name: str) -> str:
    """Return what stands between the round brackets of the first call of `name`."""
    found = re.search(rf"(?<![\w.]){re.escape(name)}\(", code)
    return (_balanced(code, found.end()) or "") if found else ""


def _balanced(code: str, start: int) -> str | None:
    """Return the text from `start` to the bracket that closes; None if none does."""
    depth = 1
    for place, letter in enumerate(code[start:], start):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0:
            return code[start:place].strip()
    return None
