"""What was asked for, step by step: to take back, to do again, and never what was refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from weakref import WeakMethod

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand, QUndoStack

if TYPE_CHECKING:
    from lstmviz.core.asking.asked import Asked
    from lstmviz.core.asking.session import View

    Views = Mapping[str, View]
    ViewsChange = tuple[Views, Views]

_DRAG_PAUSE_SECONDS: Final = 1.0
"""Changes of the same setting closer together than this are one step to undo."""


class AskedChange(QUndoCommand):
    """One step to undo. Quick changes of the same settings, as a drag makes, are one step.

    Parameters
    ----------
    apply : method
        Puts what is asked in force; only its object's owner keeps it alive.
    before, after : Asked
    text : str
        What the step was; empty for the settings that differ, in words.
    views : (mapping, mapping), optional
        Where the user looks before and after, where the step replaces that too.
    """

    def __init__(
        self,
        apply: Callable[[Asked, Views | None], None],
        before: Asked,
        after: Asked,
        text: str = "",
        views: ViewsChange | None = None,
    ) -> None:
        super().__init__(text or after.change_in_words(before))
        # A merged command's wrapper outlives it, and must not keep a whole document with its runs.
        self._apply = WeakMethod(apply)
        self.is_named = bool(text)
        self.views = views
        self.before = before
        self.after = after
        self.at = time.monotonic()

    def redo(self) -> None:
        self._put(self.after, self.views[1] if self.views else None)

    def undo(self) -> None:
        self._put(self.before, self.views[0] if self.views else None)

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, AskedChange) or other.at - self.at > _DRAG_PAUSE_SECONDS:
            return False
        names = self.after.differences(self.before)
        if self.is_named or other.is_named or names == ("scenario",):
            return False
        if names != other.after.differences(other.before):
            return False
        self.after, self.at = other.after, other.at
        self.setText(self.after.change_in_words(self.before))
        self.setObsolete(self.before == self.after)
        return True

    def _put(self, asked: Asked, views: Views | None) -> None:
        apply = self._apply()
        if apply is not None:
            apply(asked, views)


class History(QUndoStack):
    """The steps of a session.

    Parameters
    ----------
    apply : method
        Puts what is asked in force.
    """

    def __init__(self, apply: Callable[[Asked, Views | None], None], parent: QObject) -> None:
        super().__init__(parent)
        self._apply = WeakMethod(apply)
        self._is_rebuilt = False

    def record(
        self, before: Asked, after: Asked, text: str = "", views: ViewsChange | None = None
    ) -> None:
        """Put `after` in force, as a step from `before`; `text` may name it, `views` go along."""
        self.push(AskedChange(self._put, before, after, text, views))

    def states(self) -> tuple[Asked, ...]:
        """Return everything that was asked for, one step apart; empty before the first step."""
        steps = self._steps()
        return (steps[0].before, *(step.after for step in steps)) if steps else ()

    def mend(self, mended: Asked, ran: Asked | None) -> None:
        """Let `mended` stand where the history is now, in place of what was refused there.

        What was asked for since `ran` and never ran goes too.
        """
        states, index = self.states(), self.index()
        if not states:
            return
        refused, tail = states[index], states[index + 1 :]
        later = [state for state in tail if state != refused]
        if ran is not None and mended == ran and ran in later:
            # Undo came upon something that cannot be: it is passed over.
            self.rebuild([*states[:index], *later], index + later.index(ran))
            return
        ran_before = [place for place in range(index) if states[place] == ran]
        head = states[: ran_before[-1] + 1 if ran_before else index]
        # A session may have begun with what is refused now, before anything ran.
        head = tuple(state for state in head if state != refused)
        self.rebuild([*head, mended, *later], len(head))

    def rebuild(self, states: Sequence[Asked], index: int) -> None:
        """Let `states` be the history and the one at `index` the present, without asking again."""
        named = [(s.before, s.after, (s.text(), s.views)) for s in self._steps() if s.is_named]
        kept = [place for place in range(len(states)) if not place or _differ(states, place)]
        shown = sum(place <= index for place in kept) - 1
        self._is_rebuilt = True
        try:
            self.clear()
            for low, high in pairwise(kept):
                before, after = states[low], states[high]
                known = (rest for *ends, rest in named if ends == [before, after])
                step = AskedChange(self._put, before, after, *next(known, ("", None)))
                # No drag goes on in a step that was made before.
                step.is_named = True
                self.push(step)
            self.setIndex(shown)
        finally:
            self._is_rebuilt = False

    def _steps(self) -> list[AskedChange]:
        steps = [self.command(place) for place in range(self.count())]
        return [step for step in steps if isinstance(step, AskedChange)]

    def _put(self, asked: Asked, views: Views | None) -> None:
        apply = self._apply()
        if apply is not None and not self._is_rebuilt:
            apply(asked, views)


def _differ(states: Sequence[Asked], place: int) -> bool:
    return states[place] != states[place - 1]
