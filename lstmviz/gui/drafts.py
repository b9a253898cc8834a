"""Values that cannot be: each stands in its field, with the sentence that says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from lstmviz.core.spec import SpecError

if TYPE_CHECKING:
    from lstmviz.core.asked import Asked


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

    def propose(self, settings: dict[str, Any]) -> None:
        """Change `settings`, together with the drafts where that fits, or refuse them."""
        wanted = {**self.values, **settings}
        try:
            self._commit(wanted)
        except SpecError as error:
            if self.values and wanted.keys() != settings.keys():
                self._propose_apart(settings, error)
            else:
                self._refuse(settings, error)

    def refuse(self, field: str, sentence: str) -> None:
        """Say beside `field` why a value that is asked for cannot be run."""
        self.refusals = {**self.refusals, field: sentence}
        self.changed.emit()

    def clear(self) -> None:
        """Forget all of them."""
        if self.refusals or self.values:
            self.refusals, self.values = {}, {}
            self.changed.emit()

    def _commit(self, settings: dict[str, Any]) -> None:
        asked = self._valid(settings)
        self.clear()
        self._accept(asked)

    def _propose_apart(self, settings: dict[str, Any], together: SpecError) -> None:
        """Apply `settings` without the drafts, which stay refused."""
        drafts = {name: value for name, value in self.values.items() if name not in settings}
        try:
            self._commit(settings)
        except SpecError as error:
            self._refuse(settings, error)
            return
        self.values = drafts
        self.refusals = {name: self._why_not(name, together) for name in drafts}
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
