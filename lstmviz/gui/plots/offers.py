"""What can be taken from a plot over time: a number, its place, its step, its unit, or all."""

from __future__ import annotations

import numpy as np

from lstmviz.core.geometry import DIRECTIONS
from lstmviz.core.places import Place
from lstmviz.core.plotted import Plotted
from lstmviz.core.scenes.plots.quantities import CELL, HIDDEN, Quantity
from lstmviz.core.taken import NumberTable, exact
from lstmviz.gui.taking.offer import Offer


def offer_of_number(plotted: Plotted, quantity: Quantity, place: Place, seen: range) -> Offer:
    """Return what a menu on the number at `place` offers.

    Parameters
    ----------
    plotted : Plotted
    quantity : Quantity
        Of the row that it stands in.
    place : Place
    seen : range
        The steps in sight.
    """
    table = table_of(plotted, quantity)
    texts: list[tuple[str, str]] = []
    if place.step < len(table.table):
        # Of the array itself: a float64 of a float32 number would have digits that nobody computed.
        value = exact(table.table[place.step][place.unit])
        texts.append((f"Copy value {value}", value))
    texts += [(f"Copy index {name}", name) for name in plotted.names(place)]
    if place.step < len(table.table):
        texts.append((f"Copy step t = {place.step:,}, every unit", table.row_text(place.step)))
    texts.append((f"Copy unit {place.unit:,}, every step", table.column_text(place.unit)))
    is_part = len(seen) < len(table.table)
    return Offer(
        view=quantity.tensor, texts=tuple(texts), table=table, seen=seen if is_part else None
    )


def offer_of_units(plotted: Plotted, step: int) -> Offer:
    """Return what a menu on the curves offers."""
    table = table_of_units(plotted)
    texts = []
    if 0 <= step < len(table.table):
        texts.append((f"Copy step t = {step:,}, these units", table.row_text(step)))
    return Offer(view="units", texts=tuple(texts), table=table)


def table_of(plotted: Plotted, quantity: Quantity) -> NumberTable:
    """Return all that a row is drawn from."""
    table = plotted.table(quantity.table)
    names = tuple(f"unit {unit}" for unit in range(table.shape[1]))
    if quantity.tensor == "input":
        names = tuple(f"feature {unit}" for unit in range(table.shape[1]))
    return NumberTable(
        name=quantity.tensor, said=f"{quantity.title}, {_said(plotted)}", table=table, columns=names
    )


def table_of_units(plotted: Plotted) -> NumberTable:
    """Return the units that are drawn as curves: h_t of each, then c_t."""
    parts, names = [], []
    for quantity in (HIDDEN, CELL):
        table = plotted.table(quantity.table)
        units = [unit for unit in plotted.view.units if unit < table.shape[1]]
        parts.append(np.asarray(table[:, units]))
        names += [f"{quantity.title} unit {unit}" for unit in units]
    said = f"chosen units, {_said(plotted)}"
    return NumberTable(
        name="units", said=said, table=np.concatenate(parts, axis=1), columns=tuple(names)
    )


def _said(plotted: Plotted) -> str:
    """Return where in which run the numbers are."""
    view = plotted.view
    parts = [f"layer {view.layer}", DIRECTIONS[view.direction], f"batch item {view.item}"]
    return ", ".join([*parts, *filter(None, [plotted.whose.mark])])
