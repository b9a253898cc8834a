"""What a cell of the unrolled network says."""

from __future__ import annotations

from lstmviz.core.scenes.unrolled.measures import Measured
from lstmviz.core.scenes.unrolled.names import row_names
from lstmviz.gui.unrolled.canvas import UnrolledCanvas


def described_network(found: Measured, canvas: UnrolledCanvas, step: int, row: int) -> str:
    """Return whose and which number the cell at `step` and `row` is; empty where there is none."""
    if not 0 <= step < found.plotted.steps:
        return ""
    outer = {
        0: ("x_t", found.entry, canvas.entry),
        len(found.cells) + 1: ("output_t", found.result, canvas.result),
    }
    if row in outer:
        tensor, values, strip = outer[row]
        title, column, line = found.measure.outer_title.format(tensor), step - found.first, 0
    else:
        values, strip, column, line = found.cells, canvas.cells, step, row - 1
        title = f"{found.measure.title} of {row_names(found.plotted.trace)[line]}"
    if column < 0:
        return f"{title}: nothing comes before the first step"
    mark = f"{found.plotted.whose.mark}: " if found.plotted.whose.mark else ""
    said = f"{mark}{title} at t = {step}: {float(values[line, column]):.6g}"
    pixel = strip.picture.pixel(column, line) if strip.picture else None
    if pixel is None:
        return said
    return f"{said}; {pixel.moved(step - column).in_words(('t', 'row'))}"
