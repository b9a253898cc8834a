"""The tables that maps are drawn from, and the scales that they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lstmviz.core.numbers import largest_finite
from lstmviz.core.scenarios.results import Result
from lstmviz.core.scenarios.sheets import TIMES, Form, Sheet
from lstmviz.core.scenes.plots.scale import Scale, ScaleKind

Array = npt.NDArray[Any]


def table_of(result: Result, item: int) -> tuple[Array, tuple[str, str]]:
    """Return a table with the axis that runs across first, and the symbols across and down."""
    values, axes = result.values, result.axes
    if values.ndim > 2:
        values, axes = values[min(item, len(values) - 1)], axes[1:]
    if axes[1] in TIMES and axes[0] not in TIMES:
        values, axes = values.T, (axes[1], axes[0])
    return values, (axes[0], axes[1])


def scales_of(sheets: Sequence[Sheet]) -> dict[str, Scale]:
    """Return the scale of each map by its sheet's key.

    Maps with the same axes are there to be compared, such as what a decoder wrote taught and free:
    they share one scale, which holds for all batch items.
    """
    maps = [sheet for sheet in sheets if sheet.form is Form.MAP]
    together: dict[tuple[str, ...], list[Array]] = {}
    for sheet in maps:
        result = sheet.results[0]
        together.setdefault(result.axes, []).append(result.values)
    return {sheet.key: _scale(together[sheet.results[0].axes]) for sheet in maps}


def _scale(numbers: list[Array]) -> Scale:
    is_signed = any((part[np.isfinite(part)] < 0).any() for part in numbers)
    return Scale(ScaleKind.SIGNED if is_signed else ScaleKind.MAGNITUDE, largest_finite(*numbers))
