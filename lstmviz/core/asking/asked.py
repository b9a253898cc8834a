"""What a session asks for: a single LSTM, or a scenario shown in its place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from lstmviz.core.asking.source import LstmSource, ScenarioSource, Source
from lstmviz.core.spec import RunSpec
from lstmviz.core.words.amounts import grouped

if TYPE_CHECKING:
    from lstmviz.core.scenarios.choice import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to run; always valid.

    Attributes
    ----------
    spec : RunSpec
        The single LSTM; it stays while a scenario is shown, and comes back after it.
    choice : Choice or None
        The scenario shown; None for the single LSTM.
    """

    spec: RunSpec = field(default_factory=RunSpec)
    choice: Choice | None = None

    @property
    def source(self) -> Source:
        """What is shown, and run."""
        return ScenarioSource(self.choice) if self.choice else LstmSource(self.spec)

    def of(self, source: Source) -> Self:
        """Return a copy in which `source` is what is shown."""
        if isinstance(source, LstmSource):
            return replace(self, spec=source.spec, choice=None)
        return replace(self, choice=source.choice)

    @property
    def name(self) -> str:
        """The scenario's name; empty for the single LSTM."""
        return self.source.name

    def settings(self) -> dict[str, Any]:
        """Return every setting of what is shown, by name."""
        return self.source.settings()

    def changed(self, **settings: Any) -> Self:
        """Return a copy with `settings` of what is shown changed, and what follows from them.

        Raises
        ------
        KeyError
            No setting of a single LSTM has that name.
        SpecError
            The combination cannot be.
        """
        return self.of(self.source.changed(**settings))

    def differences(self, before: Asked) -> tuple[str, ...]:
        """Return the names of the settings that were otherwise `before`.

        Where another scenario is shown, nothing else is compared: its name is all there is.
        """
        if self.name != before.name:
            return ("scenario",)
        old, new = before.settings(), self.settings()
        return tuple(name for name in new if new[name] != old[name])

    def change_in_words(self, before: Asked) -> str:
        """Return what differs, e.g. ``hidden_size 8 → 16``."""
        names = self.differences(before)
        if names == ("scenario",):
            return "single LSTM" if self.choice is None else self.choice.scenario.title.lower()
        old, new = before.settings(), self.settings()
        return ", ".join(
            f"{name} {self._word(name, old)} → {self._word(name, new)}" for name in names
        )

    def kept_in_words(self, after: Asked) -> str:
        """Return what was otherwise here than `after`, e.g. ``hidden_size 8``."""
        names = after.differences(self)
        if names == ("scenario",):
            return "the single LSTM" if self.choice is None else self.choice.scenario.title
        own = self.settings()
        return ", ".join(f"{name} {self._word(name, own)}" for name in names)

    def _word(self, name: str, settings: dict[str, Any]) -> str:
        years = [] if self.choice is None else self.choice.scenario.years()
        return str(settings[name]) if name in years else _word(settings[name])


_LONGEST = 24


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "off"
    if isinstance(value, int):
        return grouped(value)
    if isinstance(value, tuple):
        return (
            ", ".join(map(grouped, value)) if len(value) <= 6 else f"{grouped(len(value))} lengths"
        )
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
