"""Runs mistakes for real, in a child process that may die.

The child is this module, run with ``-m``: it reads requests from its standard input and writes
outcomes to its standard output, one JSON text a line. Importing this module imports no torch.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Final, Self

from lstmviz.core.mistakes.catalogue import mistake as named
from lstmviz.core.mistakes.experiment import (
    Difference,
    Experiment,
    Outcome,
    nothing_yet,
    verdict,
)
from lstmviz.core.mistakes.mistake import Mistake, SetupPart
from lstmviz.core.spec import RunSpec
from lstmviz.engine.lab.child import Child, LaboratoryError, Reply

__all__ = ["Laboratory", "LaboratoryError"]

PROGRAM_SECONDS: Final = 20.0
"""Time limit of one program, unless told otherwise."""


class Laboratory:
    """Runs mistakes one after another in a child process, and starts another when it dies.

    A context manager: nothing is started before the first mistake is run, and nothing is left
    running after `close`. For one thread at a time.

    Parameters
    ----------
    seconds : float
        Time limit of each program.
    """

    def __init__(self, seconds: float = PROGRAM_SECONDS) -> None:
        self._seconds = seconds
        self._child: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child, if there is one."""
        if self._child:
            self._child.end()
            self._child = None

    def run(self, name: str, spec: RunSpec) -> Experiment:
        """Run the mistake called `name` with the sizes of `spec`: wrong, right, and the proof.

        Returns
        -------
        Experiment
            Plain data, ready for JSON.

        Raises
        ------
        KeyError
            There is no such mistake.
        LaboratoryError
            The child did not start.
        """
        mistake = named(name)
        parts = [SetupPart.CODE, SetupPart.FIX, *([SetupPart.TRUTH] if mistake.proof else [])]
        outcomes: dict[str, Outcome] = {}
        differences: dict[str, Difference] = {}
        version = ""
        while rest := [part for part in parts if part not in outcomes]:
            self._child = self._child or Child()
            version = self._child.torch
            self._child.ask({"name": name, "settings": spec.settings(), "parts": rest})
            for part in rest:
                outcomes[part], reply = self._outcome(self._child)
                if reply is None:
                    self._child = None
                    break
                if reply["difference"]:
                    differences[part] = reply["difference"]
        return _experiment(mistake, version, outcomes, differences)

    def _outcome(self, child: Child) -> tuple[Outcome, Reply | None]:
        """Return one program's outcome, and the child's reply; None if that was its end."""
        began = time.monotonic()
        try:
            reply = child.reply(self._seconds)
        except TimeoutError:
            child.end()
            return {**nothing_yet(time.monotonic() - began), "timed_out": True}, None
        if reply is None:
            ended = child.end()
            return {**nothing_yet(time.monotonic() - began), "signal": ended}, None
        return reply["outcome"], reply


def _experiment(
    mistake: Mistake,
    version: str,
    outcomes: dict[str, Outcome],
    differences: dict[str, Difference],
) -> Experiment:
    code, fix = outcomes[SetupPart.CODE], outcomes[SetupPart.FIX]
    wrong_right = differences.get(SetupPart.FIX)
    return Experiment(
        name=mistake.name,
        torch=version,
        code=code,
        fix=fix,
        truth=outcomes.get(SetupPart.TRUTH),
        wrong_right=wrong_right,
        right_truth=differences.get(SetupPart.TRUTH),
        verdict=verdict(mistake, code, wrong_right),
    )


if __name__ == "__main__":
    from lstmviz.engine.lab import worker as trial

    sys.exit(trial.serve())
