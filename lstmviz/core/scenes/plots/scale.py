"""What the colours and the bars of a plot mean in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lstmviz.core.scenes.plots.colormap import NAN_INDEX, TOP_INDEX, Ramp


class ScaleKind(StrEnum):
    """What numbers of a kind can be."""

    SIGNED = "signed"
    """Either side of zero, which is in the middle."""
    SHARE = "share"
    """From 0 to 1, as a sigmoid's result is; 0.5 is marked."""
    MAGNITUDE = "magnitude"
    """Never below zero."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The numbers at the ends of a colour map, and of the bars beside it.

    Attributes
    ----------
    kind : ScaleKind
    largest : float
        The number at the upper end, at least 0; of a share always 1.
    """

    kind: ScaleKind = ScaleKind.SIGNED
    largest: float = 0.0

    @property
    def ramp(self) -> Ramp:
        """Which colours it takes."""
        return Ramp.DIVERGING if self.kind is ScaleKind.SIGNED else Ramp.SEQUENTIAL

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest number; never the same."""
        high = 1.0 if self.kind is ScaleKind.SHARE else self.largest or 1.0
        return (-high, high) if self.kind is ScaleKind.SIGNED else (0.0, high)

    @property
    def middle(self) -> float | None:
        """The number that is marked between the ends; None for none."""
        return {ScaleKind.SIGNED: 0.0, ScaleKind.SHARE: 0.5}.get(self.kind)

    @property
    def rest(self) -> float:
        """The number that says least: what is pooled keeps the numbers farthest from it."""
        return self.middle or 0.0

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Place, 0 to 1, and text of each number that is written beside the colours."""
        if self.kind is ScaleKind.SHARE:
            return (0.0, "0"), (0.5, "0.5"), (1.0, "1")
        number = f"{self.largest:.2g}"
        if self.kind is ScaleKind.MAGNITUDE:
            return (0.0, "0"), (1.0, number)
        return (0.0, f"−{number}"), (0.5, "0"), (1.0, f"+{number}")

    @property
    def words(self) -> str:
        """The numbers from end to end."""
        return " to ".join(text for _, text in self.ticks)

    def indices(self, values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
        """Return each value's row in the colour table.

        Parameters
        ----------
        values : array of float, any shape
            What lies past an end takes its colour, infinity too; NaN has its own.
        """
        low, high = self.ends
        share = np.clip((values - low) / (high - low), 0.0, 1.0)
        index = np.nan_to_num(np.rint(share * TOP_INDEX), nan=NAN_INDEX)
        rows: npt.NDArray[np.uint8] = index.astype(np.uint8)
        return rows


BLANK: Final = Scale()
"""Where nothing has been drawn yet."""
