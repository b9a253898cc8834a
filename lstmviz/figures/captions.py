"""What stands beneath a figure: what was run, where in it one looks, and what is proven."""

from __future__ import annotations

from dataclasses import dataclass

from lstmviz.core.geometry import DIRECTIONS
from lstmviz.core.places import steps_of_item
from lstmviz.core.recipe import constructor
from lstmviz.core.scenes.diagram.scene import Face, Rect
from lstmviz.core.words.of_traces import (
    half_in_words,
    nonfinite_in_words,
    proof_in_words,
    timing_in_words,
)
from lstmviz.figures.faces import line_height, wrapped
from lstmviz.figures.paper import Paper
from lstmviz.figures.part import Tick
from lstmviz.figures.pictured import Pictured


@dataclass(frozen=True, slots=True)
class Caption:
    """A few lines beneath a figure.

    Attributes
    ----------
    pictured : Pictured
    has_view : bool
        Say which layer, direction, batch item and step are drawn.
    has_step : bool
        Say where the cursor stands.
    has_times : bool
        Say how long the forward took.
    """

    pictured: Pictured
    has_view: bool = True
    has_step: bool = True
    has_times: bool = False
    stretch: float = 0.0

    def height(self, width: float) -> float:
        """Return how high it is at `width`."""
        return line_height(Face.NOTE) * len(wrapped(self.text, Face.NOTE, width))

    def least(self, width: float) -> float:
        """Return how high it is at least: it does not give way."""
        return self.height(width)

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Write it into `rect`."""
        tick()
        y = rect.y + line_height(Face.NOTE) / 2
        for line in wrapped(self.text, Face.NOTE, rect.width):
            paper.text(line, (rect.x, y), Face.NOTE, paper.theme.muted)
            y += line_height(Face.NOTE)

    @property
    def text(self) -> str:
        """All of it, as sentences."""
        parts = [self._what(), *([self._where()] if self.has_view else []), *self._truth()]
        timing = self.pictured.timing
        if self.has_times and timing is not None:
            parts.append(timing_in_words(timing))
        return " ".join(parts)

    def _what(self) -> str:
        sizes, choice = self.pictured.geometry, self.pictured.session.choice
        of = f", {choice.name}" if choice else ""
        batch = f", N = {sizes.batch_size:,}" if sizes.batched else ", unbatched"
        packed = ", packed" if sizes.lengths is not None else ""
        return f"{constructor(sizes)}{of}: L = {sizes.seq_len:,}{batch}{packed}."

    def _where(self) -> str:
        plotted = self.pictured.plotted
        view, trace = plotted.view, plotted.trace
        said = [f"Layer {view.layer}"]
        if trace.num_directions > 1:
            said.append(DIRECTIONS[view.direction])
        if self.pictured.geometry.batched:
            item = f"batch item {view.item:,}"
            if trace.lengths is not None:
                item += f" of {steps_of_item(trace, view.item):,} steps"
            said.append(item)
        if self.has_step:
            said.append(f"cursor at t = {view.step:,}")
        whose = f" {plotted.sentence}" if plotted.sentence else ""
        return f"{', '.join(said)}.{whose}"

    def _truth(self) -> list[str]:
        trace = self.pictured.run.traces[self.pictured.shown]
        said = [proof_in_words(trace.proof)]
        if trace.first_nonfinite is not None:
            said.append(nonfinite_in_words(trace.first_nonfinite))
        # What PyTorch warned of is no part of a figure.
        return [*said, *filter(None, [half_in_words(trace.dtype)])]
