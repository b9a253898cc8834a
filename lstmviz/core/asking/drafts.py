"""Values that cannot be: what a change comes to, together with those that were refused before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lstmviz.core.spec import SpecError

if TYPE_CHECKING:
    from lstmviz.core.asking.asked import Asked

    Changed = Callable[[Asked, Mapping[str, Any]], Asked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Refused values: each stands in its field, with the sentence that says why.

    Attributes
    ----------
    values : mapping of str to object
        By setting.
    refusals : mapping of str to str
        A sentence by setting; also of a value in force that cannot be run.
    held : frozenset of str
        Those that only the engine could refuse. They are tried again once one of them is changed,
        and not with every other change: the engine would have to refuse them each time.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=dict)
    held: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.values or self.refusals)

    def only(self, names: Iterable[str]) -> Drafts:
        """Return those of the settings `names`."""
        kept = frozenset(names)
        return Drafts(
            values={name: value for name, value in self.values.items() if name in kept},
            refusals={name: said for name, said in self.refusals.items() if name in kept},
            held=self.held & kept,
        )

    def saying(self, refusals: Mapping[str, str]) -> Drafts:
        """Return them with these sentences besides."""
        return replace(self, refusals={**self.refusals, **refusals})

    def refused(self, settings: Mapping[str, Any], error: SpecError) -> Drafts:
        """Return them with `settings`, which cannot be for what `error` says."""
        place = error.field if error.field in settings else next(iter(settings), error.field)
        told = self.saying({place: error.sentence})
        return replace(told, values={**self.values, **settings})

    def holding(self, settings: Mapping[str, Any], at: str, sentence: str) -> Drafts:
        """Return them with `settings`, which the engine refused; `sentence` stands beside `at`."""
        place = at if at in settings else next(iter(settings))
        others = dict.fromkeys(settings, f"Not run together with {place}.")
        kept = self.only(self.values.keys() - settings.keys())
        told = kept.saying({**others, place: sentence})
        held = kept.held | settings.keys()
        return replace(told, values={**kept.values, **settings}, held=held)


@dataclass(frozen=True, slots=True)
class ChangeOutcome:
    """What a change comes to.

    Attributes
    ----------
    asked : Asked
        What is to be asked from now on; as before where the change was refused.
    drafts : Drafts
    """

    asked: Asked
    drafts: Drafts


def propose(
    asked: Asked, drafts: Drafts, settings: Mapping[str, Any], changed: Changed
) -> ChangeOutcome:
    """Change `settings`, together with the drafts where that fits, or refuse them.

    Parameters
    ----------
    asked : Asked
        What is asked now.
    drafts : Drafts
    settings : mapping
        At least one.
    changed : callable
        Returns what is asked with some settings changed, or raises `SpecError`.
    """
    if drafts.held & settings.keys():
        drafts = replace(drafts, held=frozenset())
    tried = {name: value for name, value in drafts.values.items() if name not in drafts.held}
    wanted = {**tried, **settings}
    try:
        together = changed(asked, wanted)
    except SpecError as error:
        if wanted.keys() == settings.keys():
            return ChangeOutcome(asked, drafts.refused(settings, error))
        return _apart(asked, drafts, settings, changed, error)
    return ChangeOutcome(together, drafts.only(drafts.held - wanted.keys()))


def _apart(
    asked: Asked,
    drafts: Drafts,
    settings: Mapping[str, Any],
    changed: Changed,
    together: SpecError,
) -> ChangeOutcome:
    """Change `settings` without the drafts, which stay refused."""
    try:
        alone = changed(asked, settings)
    except SpecError as error:
        return ChangeOutcome(asked, drafts.refused(settings, error))
    names = drafts.values.keys() - settings.keys()
    kept = drafts.only((drafts.held | names) - settings.keys())
    tried = {name: drafts.values[name] for name in names - drafts.held}
    why = {name: _why_not(alone, {name: value}, changed, together) for name, value in tried.items()}
    return ChangeOutcome(alone, kept.saying(why))


def _why_not(
    asked: Asked, setting: Mapping[str, Any], changed: Changed, together: SpecError
) -> str:
    """Return why a draft cannot be now: by itself, or `together` with others."""
    try:
        changed(asked, setting)
    except SpecError as error:
        return error.sentence
    return together.sentence
