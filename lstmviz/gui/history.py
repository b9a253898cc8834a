"""A change of what is asked for, as a step to undo."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from weakref import WeakMethod

from PySide6.QtGui import QUndoCommand

if TYPE_CHECKING:
    from lstmviz.core.asked import Asked

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
    """

    def __init__(
        self, apply: Callable[[Asked], None], before: Asked, after: Asked, text: str = ""
    ) -> None:
        super().__init__(text or after.change_in_words(before))
        # A merged command's wrapper outlives it, and must not keep a whole document with its runs.
        self._apply = WeakMethod(apply)
        self.is_named = bool(text)
        self.before = before
        self.after = after
        self.at = time.monotonic()

    def redo(self) -> None:
        self._put(self.after)

    def undo(self) -> None:
        self._put(self.before)

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

    def _put(self, asked: Asked) -> None:
        apply = self._apply()
        if apply is not None:
            apply(asked)
