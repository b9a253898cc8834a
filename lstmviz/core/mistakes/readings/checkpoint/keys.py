"""The two lists of names in a message of ``load_state_dict``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_LISTED: Final = re.compile(
    r"(?P<how>Missing|Unexpected)\s+key\(s\)\s+in\s+state_dict:\s*(?P<names>(?:\"[^\"]*\"\s*,?\s*)+)",
    re.IGNORECASE,
)


_OLD: Final = re.compile(
    r"(?P<how>missing|unexpected)\s+keys?\s+(?:in\s+state_dict:?\s*)?[{\[\"']*(?P<name>[\w.]+)[\"'}\]]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Keys:
    """The two lists of a message.

    Attributes
    ----------
    missing : set of str
        What the model has and the file lacks.
    unexpected : set of str
        What the file has and the model lacks.
    """

    missing: set[str]
    unexpected: set[str]

    @classmethod
    def read(cls, text: str) -> Keys:
        """Read both lists, over line breaks."""
        lists: dict[str, set[str]] = {"missing": set(), "unexpected": set()}
        for match in _LISTED.finditer(text):
            names = re.findall(r"\"([^\"]*)\"", match["names"])
            lists[match["how"].lower()] |= {re.sub(r"\s+", "", name) for name in names}
        if not any(lists.values()):
            for match in _OLD.finditer(text):
                lists[match["how"].lower()].add(match["name"])
        return cls(**lists)


def some(names: list[str]) -> str:
    """Write the first two of `names`, and whether there are more."""
    shown = ", ".join(names[:2])
    return f"{shown}, …" if len(names) > 2 else shown
