"""Whether the run shown is the one asked for, told to every view that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from lstmviz.core.asking.run_state import RunState, state_in_words

if TYPE_CHECKING:
    from lstmviz.core.asking.asked import Asked

_NOTICED_MS: Final = 200
"""How long an earlier run may stand as if it were the newest; shorter waits are not noticed."""


class Freshness(QObject):
    """Compare what is asked with what the run shown was made from.

    A run that comes at once changes nothing: while a slider is dragged the picture must not
    flicker.

    Parameters
    ----------
    asked : Asked
    parent : QObject
    """

    changed = Signal()

    def __init__(self, asked: Asked, parent: QObject) -> None:
        super().__init__(parent)
        self._asked = asked
        self._ran: Asked | None = None
        self._halt: RunState | None = None
        self._is_noticed = False
        self._told = ""
        self._noticing = QTimer(self, interval=_NOTICED_MS, singleShot=True)
        self._noticing.timeout.connect(self.finish)

    @property
    def ran(self) -> Asked | None:
        """What the run shown was made from; None before the first run."""
        return self._ran

    @property
    def state(self) -> RunState:
        """How the run shown stands to what is asked."""
        if self._ran is None:
            return RunState.EMPTY
        if not self._asked.differences(self._ran):
            return RunState.CURRENT
        return self._halt or RunState.UNDER_WAY

    @property
    def notice(self) -> str:
        """One sentence to say over an earlier run; empty where none is shown, or not for long."""
        return state_in_words(self.state, self._asked, self._ran) if self._is_noticed else ""

    def take_asked(self, asked: Asked) -> None:
        """Take what is asked from now on."""
        self._asked, self._halt = asked, None
        self._follow()

    def take_run(self, ran: Asked) -> None:
        """Take what the run that is shown from now on was made from."""
        self._ran = ran
        self._noticing.stop()
        self._follow()

    def halt(self, state: RunState) -> None:
        """Take that what is asked will not be run after all; `state` says why."""
        self._halt = state
        self._follow()

    def finish(self) -> None:
        """Say now what is so, as a picture needs."""
        self._noticing.stop()
        self._is_noticed = self.state.is_behind
        self._tell()

    def _follow(self) -> None:
        if self._is_noticed or self.state is not RunState.UNDER_WAY:
            self.finish()
        elif not self._noticing.isActive():
            self._noticing.start()

    def _tell(self) -> None:
        # The sentence holds both the state and what differs.
        if self.notice != self._told:
            self._told = self.notice
            self.changed.emit()
