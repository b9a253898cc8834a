"""How the window stood when a session was saved: its open tabs, its sides, its theme."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final, Self

_LONGEST_NAME: Final = 64
_SCHEMES: Final = ("system", "light", "dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What of the window a session carries; whatever is not said leaves the window as it is.

    Attributes
    ----------
    plots : str
        Name of the open tab below the shapes, as ``"time_steps"``; empty where it is not said.
    panel : str
        Name of the open tab on the right, as ``"facts"``; empty where it is not said.
    measure : str
        What colours the cells of the unrolled network, as ``"hidden"``; empty where it is not said.
    scheme : str
        ``"system"``, ``"light"`` or ``"dark"``.
    has_settings, has_panels : bool
        Whether the sides of the window are shown.

    Raises
    ------
    ValueError
        A part that cannot be.
    """

    plots: str = ""
    panel: str = ""
    measure: str = ""
    scheme: str = "system"
    has_settings: bool = True
    has_panels: bool = True

    def __post_init__(self) -> None:
        names = (self.plots, self.panel, self.measure, self.scheme)
        if not all(isinstance(name, str) and len(name) <= _LONGEST_NAME for name in names):
            raise ValueError("no name")
        if self.scheme not in _SCHEMES:
            raise ValueError("no scheme")
        if not all(isinstance(flag, bool) for flag in (self.has_settings, self.has_panels)):
            raise ValueError("no flag")

    @classmethod
    def from_plain(cls, data: Any) -> Self:
        """Read what `dataclasses.asdict` gives of one; names that are not known are passed over.

        Raises
        ------
        ValueError
            This cannot be.
        """
        if not isinstance(data, dict):
            # Other kinds of value have no names to ask for.
            raise ValueError("no looks")  # noqa: TRY004 - of a file, as every other part of it
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})
