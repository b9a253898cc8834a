"""A guided tour: where it stands, what it sets and what it points at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from lstmviz.core.focus import view_at
from lstmviz.core.scenarios.pointing import PACKED, regions_at, stage_at

if TYPE_CHECKING:
    from lstmviz.core.scenarios.choice import Choice
    from lstmviz.core.scenarios.parts import TourStep, Value
    from lstmviz.core.scenarios.results import Claim
    from lstmviz.gui.document import Document


class Tour(QObject):
    """Walk through the tour of the document's scenario.

    A step sets what it and the steps before it change, waits for that run and points at its part
    of it. Settings that no step changes stay as the user has them.
    """

    moved = Signal()
    """Another step, another tour, or the run of this step is there."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._place: int | None = None
        self._name = document.choice.name if document.choice else ""
        self._is_pointing = False
        document.asked_changed.connect(self._follow)
        document.run_changed.connect(self._point)

    @property
    def steps(self) -> tuple[TourStep, ...]:
        """The steps of the scenario shown."""
        choice = self._document.choice
        return choice.scenario.tour if choice else ()

    @property
    def place(self) -> int | None:
        """Number of the step, from 0; None where no tour is under way."""
        return self._place

    @property
    def step(self) -> TourStep | None:
        """The step; None where no tour is under way."""
        return None if self._place is None else self.steps[self._place]

    @property
    def stage(self) -> str | None:
        """Path of the stage pointed at; None for none."""
        step = self.step
        return None if step is None or step.at.result else step.at.stage

    @property
    def result(self) -> str:
        """Name of the result pointed at; empty for none."""
        return self.step.at.result if self.step else ""

    @property
    def points_at_packed(self) -> bool:
        """Whether it is the packed data that is pointed at."""
        return self.step is not None and self.step.at.tensor in PACKED

    @property
    def is_here(self) -> bool:
        """Whether the run shown is the one that the settings ask for."""
        found, choice = self._document.scenario_run, self._document.choice
        return bool(found and choice and found.settings == dict(choice.settings))

    @property
    def claim(self) -> Claim | None:
        """The claim that shows this step, on the run shown; None for none or not yet."""
        found, step = self._document.scenario_run, self.step
        if found is None or step is None or not self.is_here:
            return None
        return next((claim for claim in found.claims if claim.name == step.claim), None)

    def go(self, place: int) -> None:
        """Go to a step; one that there is not is passed over."""
        choice = self._document.choice
        if choice is None or not 0 <= place < len(self.steps):
            return
        self._place = place
        wanted = choice.changed(**_settings_at(choice, place))
        self._document.enter(wanted, f"step {place + 1} of the tour")
        if self.is_here:
            self._point()
        else:
            self.moved.emit()

    def stop(self) -> None:
        """Leave the tour; the settings stay."""
        self._place = None
        self._document.rest_on(())
        self.moved.emit()

    def _follow(self) -> None:
        choice = self._document.choice
        name = choice.name if choice else ""
        if name == self._name:
            return
        self._name = name
        if self._place is not None:
            self.stop()
        else:
            # Another tour, with other steps.
            self.moved.emit()

    def _point(self) -> None:
        """Point at what the step is about, once its run is shown."""
        if self._is_pointing or self._place is None:
            return
        self._is_pointing = True
        if self.is_here:
            self._open_stage()
            self._light()
        self._is_pointing = False
        self.moved.emit()

    def _open_stage(self) -> None:
        found, step = self._document.scenario_run, self.step
        stage = stage_at(step.at, found.run) if found and step else None
        if stage is not None and stage.trace is not None:
            self._document.open_trace(stage.trace)

    def _light(self) -> None:
        document, step, choice = self._document, self.step, self._document.choice
        if step is None or choice is None or document.trace is None:
            return
        is_of_trace = bool(step.at.stage) and not step.at.result
        regions = (
            regions_at(step.at, choice.settings, document.trace, document.geometry)
            if is_of_trace
            else ()
        )
        for region in regions:
            document.look(view_at(region, document.view, document.geometry))
        document.rest_on(regions)


def _settings_at(choice: Choice, place: int) -> dict[str, Value]:
    """Return what the settings that a tour changes are at a step."""
    scenario = choice.scenario
    touched = {name for step in scenario.tour for name in step.changes}
    settings = {name: value for name, value in scenario.defaults().items() if name in touched}
    for step in scenario.tour[: place + 1]:
        settings |= step.changes
    return settings
