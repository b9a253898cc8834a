"""What colours a cell of the unrolled network: one number per layer, direction and step."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final

import numpy as np

from lstmviz.core.numbers import largest_finite
from lstmviz.core.places import input_of_item, output_of_item, steps_of_item
from lstmviz.core.plotted import Plotted
from lstmviz.core.scenes.plots.scale import Scale, ScaleKind
from lstmviz.core.trace import Array, Trace

_SLICE: Final = 400_000
"""Numbers reduced between two yields; about 3 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A way to see a cell as one number.

    Attributes
    ----------
    name, title, meaning : str
    tensor : str
        Field of `Trace` it is made from.
    kind : ScaleKind
        What its numbers can be.
    reduce : callable
        (units, units one step earlier in time) to numbers: arrays of shape (..., H) to (...).
    outer : callable
        The same for what goes in and comes out, which have no gates and no memory.
    outer_title : str
        What that is; the tensor's name stands for ``{}``.
    """

    name: str
    title: str
    meaning: str
    tensor: str
    kind: ScaleKind = ScaleKind.MAGNITUDE
    reduce: Callable[[Array, Array], Array]
    outer: Callable[[Array, Array], Array]
    outer_title: str = "mean |{}|"

    @property
    def is_of_output(self) -> bool:
        """Whether the cells' numbers are what the same number of `output` is made of."""
        return self.tensor == "hidden"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """A measure of every cell, and of what goes in and comes out, for one batch item.

    Attributes
    ----------
    measure : Measure
    plotted : Plotted
        Whose numbers they are.
    cells : array of float32, shape (num_layers·D, steps)
    entry, result : array of float32, shape (1, steps - first)
        Of ``input`` and ``output``.
    first : int
        The step at which `entry` and `result` begin: 1 where they are changes, since nothing
        comes before the first step.
    """

    measure: Measure
    plotted: Plotted
    cells: Array
    entry: Array
    result: Array
    first: int

    @property
    def scales(self) -> tuple[Scale, Scale, Scale]:
        """Of the cells, of the input and of the output.

        The output has the cells' own where both are made of h; else each row reaches as far as its
        own numbers do.
        """
        tops = [largest_finite(self.cells), largest_finite(self.entry), largest_finite(self.result)]
        kinds = [self.measure.kind, ScaleKind.MAGNITUDE, ScaleKind.MAGNITUDE]
        if self.plotted.is_difference:
            kinds = 3 * [ScaleKind.SIGNED]
        if self.measure.is_of_output:
            tops[0] = tops[2] = max(tops[0], tops[2])
        if kinds[0] is ScaleKind.SHARE:
            tops[0] = 1.0
        cells, entry, result = (Scale(kind, top) for kind, top in zip(kinds, tops, strict=True))
        return cells, entry, result


def _mean_size(now: Array, _before: Array) -> Array:
    mean: Array = np.abs(now).mean(axis=-1)
    return mean


def _mean(now: Array, _before: Array) -> Array:
    mean: Array = now.mean(axis=-1)
    return mean


def _change(now: Array, before: Array) -> Array:
    mean: Array = np.abs(now - before).mean(axis=-1)
    return mean


MEASURES: Final = (
    Measure(
        name="hidden",
        title="mean |h|",
        meaning="how large the hidden state is",
        tensor="hidden",
        reduce=_mean_size,
        outer=_mean_size,
    ),
    Measure(
        name="cell",
        title="mean |c|",
        meaning="how much the cell remembers",
        tensor="cell",
        reduce=_mean_size,
        outer=_mean_size,
    ),
    Measure(
        name="forget",
        title="forget gate",
        meaning="mean f: 1 keeps the cell state, 0 drops it",
        tensor="forget_gate",
        reduce=_mean,
        outer=_mean_size,
        kind=ScaleKind.SHARE,
    ),
    Measure(
        name="change",
        title="change of h",
        meaning="mean |h_t − h_{t−1}|, along the row's own direction",
        tensor="hidden",
        reduce=_change,
        outer=_change,
        outer_title="mean |Δ{}|",
    ),
)


def measured(plotted: Plotted, measure: Measure) -> Generator[None, None, Measured]:
    """Work out `measure` of whosever numbers are plotted, a slice of time at a time."""
    item = plotted.view.item
    parts = yield from _parts(plotted.trace, measure, item)
    if plotted.less is not None:
        others = yield from _parts(plotted.less, measure, item)
        with np.errstate(invalid="ignore"):
            parts = [part - other for part, other in zip(parts, others, strict=True)]
    cells, entry, result = parts
    return Measured(
        measure=measure,
        plotted=plotted,
        cells=cells,
        entry=entry,
        result=result,
        first=_first(measure),
    )


def _first(measure: Measure) -> int:
    return int(measure.outer is _change)


def _parts(trace: Trace, measure: Measure, item: int) -> Generator[None, None, list[Array]]:
    """Work out `measure` of the cells, of the input and of the output."""
    values = trace.array(measure.tensor)
    steps = steps_of_item(trace, item)
    layers, directions, _, _, units = values.shape
    cells = np.empty((layers, directions, steps), dtype=np.float32)
    per_slice = max(1, _SLICE // units)
    for layer in range(layers):
        for direction in range(directions):
            row = values[layer, direction, :steps, item]
            for start in range(0, steps, per_slice):
                stop = min(start + per_slice, steps)
                before = _before(trace, measure, (layer, direction, item), start, stop)
                cells[layer, direction, start:stop] = measure.reduce(row[start:stop], before)
                yield
    entry = yield from _outer(input_of_item(trace, item), measure, _first(measure))
    result = yield from _outer(output_of_item(trace, item), measure, _first(measure))
    return [cells.reshape(-1, steps), entry, result]


def _outer(rows: Array, measure: Measure, first: int) -> Generator[None, None, Array]:
    """Work out the measure of `rows`, shape (steps, features), from step `first` on."""
    found = np.empty((1, len(rows) - first), dtype=np.float32)
    per_slice = max(1, _SLICE // rows.shape[1])
    for start in range(first, len(rows), per_slice):
        stop = min(start + per_slice, len(rows))
        now, before = rows[start:stop], rows[start - first : stop - first]
        found[0, start - first : stop - first] = measure.outer(now, before)
        yield
    return found


def _before(
    trace: Trace, measure: Measure, place: tuple[int, int, int], start: int, stop: int
) -> Array:
    """Return h of the step before each of `start` to `stop`; h_0 before a direction's first."""
    layer, direction, item = place
    values = trace.array(measure.tensor)[layer, direction]
    if measure.reduce is not _change:
        return values[start:stop, item]  # type: ignore[no-any-return]
    steps = steps_of_item(trace, item)
    first = trace.h_0[layer, direction, item][None]
    if direction:
        row = values[start + 1 : min(stop + 1, steps), item]
        return row if stop < steps else np.concatenate([row, first])
    row = values[max(0, start - 1) : stop - 1, item]
    return row if start > 0 else np.concatenate([first, row])
