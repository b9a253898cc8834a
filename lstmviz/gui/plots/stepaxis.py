"""The axis of time: ticks at whole steps only, never scaled by a prefix."""

from __future__ import annotations

import pyqtgraph as pg


class StepAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Steps below a plot.

    Parameters
    ----------
    tick_length : int
        Pixels; negative points away from the plot.
    """

    def __init__(self, tick_length: int) -> None:
        super().__init__("bottom", maxTickLength=tick_length)
        # Of one step it would write thousandths: "(x0.001)".
        self.enableAutoSIPrefix(False)

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        levels = super().tickSpacing(low, high, size)
        whole = dict.fromkeys(max(1, round(spacing)) for spacing, _ in levels)
        return [(float(spacing), 0.0) for spacing in whole]

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        return [f"{round(value):,}" for value in values]
