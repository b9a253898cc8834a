"""Mistakes on the bench: run beside the engine's own work, each in a process that may die."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import cast

from lstmviz.bridge.link import Link, LinkClosedError
from lstmviz.bridge.protocol import ExperimentFinished, ExperimentRequest
from lstmviz.core.spec import RunSpec, SpecError


class Bench:
    """Run experiments one after another on a thread that mostly waits for their process.

    Parameters
    ----------
    link : Link
        Where the outcomes go.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._requests: queue.SimpleQueue[ExperimentRequest] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def put(self, request: ExperimentRequest) -> None:
        """Run `request` when those before it are done."""
        self._requests.put(request)
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        from lstmviz.engine.lab.laboratory import Laboratory

        with contextlib.suppress(LinkClosedError), Laboratory() as laboratory:
            while True:
                request = self._requests.get()
                self._link.send(_answer(laboratory, request))


def _answer(laboratory: object, request: ExperimentRequest) -> ExperimentFinished:
    from lstmviz.engine.lab.laboratory import Laboratory, LaboratoryError

    try:
        spec = RunSpec.from_settings(request.settings)
        outcome = cast("Laboratory", laboratory).run(request.name, spec)
    except (LaboratoryError, SpecError, KeyError) as error:
        return ExperimentFinished(request.number, None, f"The mistake was not run: {error}")
    return ExperimentFinished(request.number, cast("dict[str, object]", outcome))
