"""How the run shown stands to what is asked: the same, or an earlier one, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lstmviz.core.asking.asked import Asked


class RunState(StrEnum):
    """What is between the run shown and the one asked for."""

    EMPTY = "empty"
    """There is no run yet."""
    CURRENT = "current"
    """The run shown is the one asked for."""
    UNDER_WAY = "under way"
    """A newer run is being computed; an earlier one is shown."""
    STOPPED = "stopped"
    """The newer run was stopped; an earlier one is shown."""
    FAILED = "failed"
    """The newer run failed; an earlier one is shown."""

    @property
    def is_behind(self) -> bool:
        """Whether what is shown is an earlier run than the one asked for."""
        return self in (RunState.UNDER_WAY, RunState.STOPPED, RunState.FAILED)


_WHAT_HAPPENED = {
    RunState.UNDER_WAY: "Running",
    RunState.STOPPED: "Stopped",
    RunState.FAILED: "This run failed",
}


def state_in_words(state: RunState, asked: Asked, ran: Asked | None) -> str:
    """Return what to say over an earlier run, in one sentence; empty where none is shown.

    Parameters
    ----------
    state : RunState
    asked : Asked
        What is to be run.
    ran : Asked or None
        What the run shown was made from.

    Examples
    --------
    ``Stopped. Still shown: the run with seq_len 24.``
    """
    if ran is None or not state.is_behind:
        return ""
    kept = ran.kept_in_words(asked)
    is_other = asked.differences(ran) == ("scenario",)
    return f"{_WHAT_HAPPENED[state]}. Still shown: {'' if is_other else 'the run with '}{kept}."
