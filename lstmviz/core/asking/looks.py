"""How the window stood: the open tab and panel, the theme, and what colours the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

_LONGEST: Final = 40
_THEMES: Final = ("light", "dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What of a window is no setting and no place in a tensor; empty parts leave it as it is.

    Attributes
    ----------
    tab : str
        The open tab of the plots, such as ``"Unrolled"``.
    panel : str
        The open panel, such as ``"Facts"``.
    theme : str
        ``"light"`` or ``"dark"``; empty for the system's.
    measure : str
        What colours the unrolled network, as `core.scenes.unrolled.measures.MEASURES` names it.
    """

    tab: str = ""
    panel: str = ""
    theme: str = ""
    measure: str = ""

    def plain(self) -> dict[str, str]:
        """Return what is said, ready for JSON."""
        return {name: said for name, said in asdict(self).items() if said}

    @classmethod
    def from_plain(cls, data: Any) -> Self:
        """Read what `plain` returned; what a newer version says besides is left out.

        Raises
        ------
        TypeError, ValueError
            It is something else.
        """
        if not isinstance(data, Mapping):
            raise TypeError("looks")
        known = {field.name for field in fields(cls)}
        read = {name: said for name, said in data.items() if name in known}
        if not all(isinstance(said, str) and len(said) <= _LONGEST for said in read.values()):
            raise ValueError("looks")
        if read.get("theme", "") not in ("", *_THEMES):
            raise ValueError("looks")
        return cls(**read)
