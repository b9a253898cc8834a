"""Values that cannot be: each stands in its field, with the sentence that says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from lstmviz.core.spec import SpecError

if TYPE_CHECKING:
    from lstmviz.core.asking.asked import Asked


class Drafts(QObject):
    """Refused values, tried again with every later change.

    Parameters
    ----------
    valid : callable
        Returns what is asked with some settings changed, or raises `SpecError`.
    accept : callable
        Given what is to be asked from now on.
    """

    changed = Signal()

    def __init__(
        self,
        valid: Callable[[dict[str, Any]], Asked],
        accept: Callable[[Asked], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._valid = valid
        self._accept = accept
        self.values: dict[str, Any] = {}
        self.refusals: dict[str, str] = {}
        self._held: frozenset[str] = frozenset()
        self._staying: frozenset[str] = frozenset()

    def propose(self, settings: dict[str, Any]) -> None:
        """Change `settings`, together with the drafts where that fits, or refuse them."""
        if self._held & settings.keys():
            self._held = frozenset()
        tried = {name: value for name, value in self.values.items() if name not in self._held}
        wanted = {**tried, **settings}
        try:
            self._commit(wanted)
        except SpecError as error:
            if wanted.keys() != settings.keys():
                self._propose_apart(settings, error)
            else:
                self._refuse(settings, error)

    def refuse(self, field: str, sentence: str) -> None:
        """Say beside `field` why a value that is asked for cannot be run."""
        self.refusals = {**self.refusals, field: sentence}
        self.changed.emit()

    def hold(
        self, settings: dict[str, Any], field: str, sentence: str, mend: Callable[[], None]
    ) -> None:
        """Keep `settings`, which only the engine could refuse, and `mend` what is asked for.

        They are tried again once one of them is changed, and not with every other change: the
        engine would have to refuse them each time.
        """
        self._staying = frozenset(self.values) - settings.keys()
        try:
            mend()
        finally:
            self._staying = frozenset()
        place = field if field in settings else next(iter(settings))
        others = dict.fromkeys(settings, f"Not run together with {place}.")
        self._held |= settings.keys()
        self.values = {**self.values, **settings}
        self.refusals = {**self.refusals, **others, place: sentence}
        self.changed.emit()

    def clear(self) -> None:
        """Forget all of them, but those that stay while others are tried."""
        if self.refusals or self.values:
            self.refusals = {n: said for n, said in self.refusals.items() if n in self._staying}
            self.values = {n: value for n, value in self.values.items() if n in self._staying}
            self._held &= self._staying
            self.changed.emit()

    def _commit(self, settings: dict[str, Any], staying: frozenset[str] = frozenset()) -> None:
        asked = self._valid(settings)
        self._staying = (self._held | staying) - settings.keys()
        try:
            self.clear()
            self._accept(asked)
        finally:
            self._staying = frozenset()

    def _propose_apart(self, settings: dict[str, Any], together: SpecError) -> None:
        """Apply `settings` without the drafts, which stay refused."""
        drafts = frozenset(self.values) - settings.keys()
        try:
            self._commit(settings, drafts)
        except SpecError as error:
            self._refuse(settings, error)
            return
        tried = drafts - self._held
        self.refusals = {**self.refusals, **{name: self._why_not(name, together) for name in tried}}
        self.changed.emit()

    def _why_not(self, name: str, together: SpecError) -> str:
        """Return why the draft of `name` cannot be now: by itself, or `together` with others."""
        try:
            self._valid({name: self.values[name]})
        except SpecError as error:
            return error.sentence
        return together.sentence

    def _refuse(self, settings: dict[str, Any], error: SpecError) -> None:
        self.values = {**self.values, **settings}
        place = error.field if error.field in settings else next(iter(settings), error.field)
        self.refuse(place, error.sentence)
