"""Parts that figures are made of, one above the other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from lstmviz.core.scenes.diagram.scene import Rect
from lstmviz.figures.paper import Paper

Tick = Callable[[], None]
"""Called between small pieces of work; may raise to give the figure up."""


_Result = TypeVar("_Result")


def finished(work: Generator[None, None, _Result], tick: Tick) -> _Result:
    """Do `work` to its end, with `tick` called before each of its pieces, and return its result."""
    while True:
        tick()
        try:
            next(work)
        except StopIteration as stop:
            result: _Result = stop.value
            return result


class Part(Protocol):
    """Something that is drawn over the whole width of a figure."""

    @property
    def stretch(self) -> float:
        """Its share of the height that is left; 0 for what stays as high as it is."""

    def height(self, width: float) -> float:
        """Return how high it wants to be at `width`, both in pixels of the design."""

    def least(self, width: float) -> float:
        """Return how high it is at least."""

    def paint(self, paper: Paper, rect: Rect, tick: Tick) -> None:
        """Draw it into `rect`."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A part and where it is drawn."""

    part: Part
    rect: Rect


def stacked(
    parts: Sequence[Part], width: float, height: float | None, margin: float, gap: float
) -> tuple[list[Placed], float]:
    """Return where each of `parts` is drawn, and the height of all.

    Parameters
    ----------
    parts : sequence of Part
    width : float
    height : float or None
        What is to be filled; None for as high as the parts want to be. Parts that stretch share
        what is left, or give way down to their least; the result is higher than `height` where
        that is not enough.
    margin, gap : float
        Around all, and between two.
    """
    inner = width - 2 * margin
    tall = [part.height(inner) for part in parts]
    around = 2 * margin + gap * max(0, len(parts) - 1)
    if height is not None:
        tall = _shared(parts, inner, tall, height - around)
    placed, y = [], margin
    for part, one in zip(parts, tall, strict=True):
        placed.append(Placed(part, Rect(margin, y, inner, one)))
        y += one + gap
    return placed, max(sum(tall) + around, height or 0.0)


def _shared(
    parts: Sequence[Part], width: float, wanted: Sequence[float], height: float
) -> list[float]:
    """Return heights that add up to `height`, as far as the parts stretch or give way."""
    spare = height - sum(wanted)
    if spare >= 0:
        pull = sum(part.stretch for part in parts) or 1.0
        return [w + spare * p.stretch / pull for w, p in zip(wanted, parts, strict=True)]
    gives = [w - min(w, p.least(width)) for w, p in zip(wanted, parts, strict=True)]
    share = min(1.0, -spare / sum(gives)) if sum(gives) else 0.0
    return [w - g * share for w, g in zip(wanted, gives, strict=True)]
