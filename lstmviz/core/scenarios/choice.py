"""Which scenario is shown, and with which settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from lstmviz.core.scenario import scenario
from lstmviz.core.scenarios.parts import Scenario, Settings
from lstmviz.core.spec import SpecError


@dataclass(frozen=True, slots=True)
class Choice:
    """A scenario with every one of its settings; an instance is always valid.

    Attributes
    ----------
    name : str
        As in `lstmviz.core.scenario.SCENARIOS`.
    settings : mapping
        What is left out takes its default; all of them are there afterwards.

    Raises
    ------
    SpecError
        There is no such scenario, or a setting cannot be.
    """

    name: str
    settings: Settings = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", self.scenario.settled(self.settings))

    @property
    def scenario(self) -> Scenario:
        """The scenario itself."""
        return scenario(self.name)

    def changed(self, **settings: Any) -> Self:
        """Return a copy with `settings` changed.

        Raises
        ------
        SpecError
            A setting is unknown or cannot be.
        """
        return type(self)(self.name, {**self.settings, **settings})

    def plain(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        return {"name": self.name, "settings": dict(self.settings)}

    @classmethod
    def from_plain(cls, data: Any) -> Self:
        """Read what `plain` returned.

        Raises
        ------
        SpecError
            The scenario or a setting cannot be.
        KeyError, TypeError
            The data are of another form.
        """
        name, settings = data["name"], data["settings"]
        if not isinstance(name, str) or not isinstance(settings, dict):
            raise SpecError("scenario", "A scenario is saved as its name and its settings.")
        return cls(name, settings)
