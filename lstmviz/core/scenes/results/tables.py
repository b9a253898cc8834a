"""A result of a scenario as a table to be taken away."""

from __future__ import annotations

import numpy as np

from lstmviz.core.scenarios.sheets import Form, Sheet
from lstmviz.core.scenes.results.curves import first_of
from lstmviz.core.scenes.results.maps import table_of
from lstmviz.core.taken import NumberTable
from lstmviz.core.trace import Array


def table_of_sheet(sheet: Sheet, item: int) -> NumberTable:
    """Return the numbers of `sheet`; of three axes those of batch item `item`."""
    result = sheet.results[0]
    name = result.name.replace(".", "_")
    if sheet.form is Form.CURVES:
        return _of_curves(sheet, name)
    if sheet.form is Form.MAP:
        table, (across, down) = table_of(result, item)
        columns = tuple(f"{down or 'column'} {place}" for place in range(table.shape[1]))
        said = f"{result.title}, batch item {item}" if result.values.ndim > 2 else result.title
        return NumberTable(
            name=name, said=said, table=table, row_name=across or "row", columns=columns
        )
    labels = result.labels or tuple(f"{n}" for n in range(len(np.atleast_1d(result.values))))
    table = np.atleast_1d(result.values)[None]
    return NumberTable(name=name, said=result.title, table=table, row_name="row", columns=labels)


def _of_curves(sheet: Sheet, name: str) -> NumberTable:
    """Return curves as columns over all of their steps; NaN where one has none."""
    starts = [first_of(result) for result in sheet.results]
    first = min(starts)
    last = max(start + len(r.values) for start, r in zip(starts, sheet.results, strict=True))
    kind = np.result_type(*(result.values.dtype for result in sheet.results), np.float32)
    table: Array = np.full((last - first, len(starts)), np.nan, dtype=kind)
    for place, (start, result) in enumerate(zip(starts, sheet.results, strict=True)):
        table[start - first : start - first + len(result.values), place] = result.values
    return NumberTable(
        name=name,
        said=sheet.title,
        table=table,
        row_name=sheet.results[0].axes[0],
        columns=sheet.names or (sheet.title,),
        first=first,
    )
