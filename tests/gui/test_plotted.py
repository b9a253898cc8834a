"""Every view shows the numbers that it says it shows: whose they are, and how many to a pixel."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication

from lstmviz.core.asking.source import Answer, ScenarioSource
from lstmviz.core.plotted import Whose
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.scenarios.results import PackedData, Result
from lstmviz.core.scenarios.sheets import sheets
from lstmviz.core.scenes.colors import LIGHT
from lstmviz.core.scenes.plots.colormap import color_table
from lstmviz.core.scenes.plots.pooling import Pooling
from lstmviz.core.scenes.plots.quantities import GATES, HIDDEN, STATES
from lstmviz.core.scenes.plots.scale import Scale, ScaleKind
from lstmviz.core.scenes.unrolled.measures import MEASURES
from lstmviz.core.spec import BOUNDS
from lstmviz.core.trace import Run
from lstmviz.gui.diagram.diagram import ShapeDiagram
from lstmviz.gui.panels.cell import CellPanel
from lstmviz.gui.panels.compare import ComparePanel
from lstmviz.gui.panels.contract import ContractPanel
from lstmviz.gui.panels.status import StatusLine
from lstmviz.gui.plots.rowlabel import RowLabel
from lstmviz.gui.plots.stack import PlotStack
from lstmviz.gui.scenarios.packed import PackedPicture
from lstmviz.gui.scenarios.result_card import SheetCard
from lstmviz.gui.unrolled.view import UnrolledView


@pytest.fixture
def make(qtbot, document, appearance):
    def act(kind, *arguments, size=(900, 600), **options):
        view = kind(document, appearance, *arguments, **options)
        qtbot.addWidget(view)
        view.resize(*size)
        with qtbot.waitExposed(view):
            view.show()
        qtbot.wait(10)
        if hasattr(view, "finish"):
            view.finish()
        return view

    return act


@pytest.fixture
def status(qtbot, document):
    status = StatusLine(document)
    qtbot.addWidget(status)
    return status


def hover(canvas, view, x, y):
    """Move the pointer over the place (x, y) of a view box; return where that is."""
    place = QPointF(canvas.mapFromScene(view.mapViewToScene(QPointF(x, y))))
    event = QMouseEvent(
        QEvent.Type.MouseMove, place, canvas.viewport().mapToGlobal(place),
        Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(canvas.viewport(), event)
    return place.toPoint()


def is_color_of(drawn, value, scale):
    wanted = color_table(LIGHT, scale.ramp)[scale.indices(np.array(value)), :3].astype(int)
    return np.abs(np.array(QColor(drawn).getRgb()[:3]) - wanted).max() <= 2


def pin_and_run(document, run_it, **settings):
    """Pin a run of these settings, and show one of another seed."""
    old = run_it(**settings)
    document.pin()
    return old, run_it(seed=7)


@pytest.mark.parametrize(("hidden", "steps"), [(9000, 5), (3, 100_050)])
def test_a_call_larger_than_the_form_could_ask_for_is_shown_in_every_view(
    make, document, hidden, steps
):
    import torch
    from torch import nn

    from lstmviz.engine.opening.trace import trace

    assert hidden > BOUNDS["hidden_size"].high or steps > BOUNDS["seq_len"].high
    with torch.no_grad():
        opened = trace(nn.LSTM(2, hidden), torch.randn(steps, 1, 2))
    views = [
        make(PlotStack, STATES),
        make(PlotStack, GATES, has_curves=False),
        make(ShapeDiagram),
        make(ContractPanel),
        make(CellPanel),
        make(UnrolledView),
    ]
    choice = Choice("chunks")
    document.enter(choice)
    run = Run(generation=1, stages=(), traces=(opened,))
    document.accept(Answer(source=ScenarioSource(choice), run=run))
    document.look_at(step=steps - 1)
    assert (document.geometry.hidden_size, document.geometry.seq_len) == (hidden, steps)
    assert document.plotted.view.step == steps - 1
    # Where no spec can be of these sizes, what is tried out is the single LSTM's.
    assert document.spec_alike == document.spec
    for view in views:
        assert not view.grab().isNull()
    shapes = views[3].table.model()
    told = {shapes.index(row, 1).data() for row in range(shapes.rowCount())}
    assert f"({steps}, 1, {hidden})" in told or f"({steps:,}, 1, {hidden:,})" in told


@pytest.mark.parametrize("quantities", [STATES, GATES], ids=["states", "gates"])
@pytest.mark.parametrize("whose", Whose)
def test_map_bars_curves_and_readout_agree_whosever_numbers_are_shown(
    document, run_it, make, status, whose, quantities
):
    old, new = pin_and_run(document, run_it, seq_len=12, hidden_size=6, input_size=5)
    document.look_at(layer=0, direction=1, item=3, step=7, units=(2, 5))
    stack = make(PlotStack, quantities)
    document.plot(whose)
    stack.finish()

    def wanted(quantity):
        mine, theirs = (quantity.table(trace, document.view) for trace in (new, old))
        return {Whose.THIS: mine, Whose.PINNED: theirs, Whose.DIFFERENCE: mine - theirs}[whose]

    for row, quantity in zip(stack.rows, quantities, strict=True):
        values, picture = wanted(quantity), row.grab().toImage()
        for step, unit in ((0, 0), (11, 4), (4, 2), (3, 3)):
            place = hover(row, row.time, step, unit + 0.5)
            text = status.pointed.text()
            assert text.startswith(whose.mark)
            shown = float(text.rpartition(" = ")[2])
            assert shown == pytest.approx(float(values[step, unit]), rel=1e-5, abs=1e-7)
            assert is_color_of(picture.pixel(place), values[step, unit], row.scale)
        bars = row._bars._negative.opts["x1"] + row._bars._positive.opts["x1"]
        np.testing.assert_allclose(bars, values[7], rtol=1e-6)
        low, high = row._bars.viewRange()[0]
        assert (low, high) == pytest.approx(row.scale.ends)
    drawn = [curve.getData()[1] for curve in stack.curves._curves if curve.getData()[1].size]
    hidden = wanted(HIDDEN)
    for unit in (2, 5):
        assert any(np.array_equal(hidden[:, unit], curve) for curve in drawn)
    assert stack._whose.text() == f"Shown: {whose.words}."
    assert stack._whose.isVisible()


def test_a_resting_pointer_tells_the_new_number_when_whose_changes(document, run_it, make, status):
    old, new = pin_and_run(document, run_it, seq_len=12)
    stack = make(PlotStack, STATES)
    row, view = stack.rows[2], document.view
    hover(row, row.time, 4, 2.5)
    for whose in (Whose.PINNED, Whose.DIFFERENCE, Whose.THIS):
        document.plot(whose)
        stack.finish()
        mine, theirs = (float(HIDDEN.table(trace, view)[4, 2]) for trace in (new, old))
        wanted = {"": mine, "pinned": theirs, "this − pinned": mine - theirs}[whose.mark]
        text = status.pointed.text()
        assert text.startswith(f"{whose.mark}: " if whose.mark else "output[")
        assert float(text.rpartition(" = ")[2]) == pytest.approx(wanted, rel=1e-5)


SIZES = [
    {"hidden_size": 20}, {"num_layers": 3}, {"bidirectional": False}, {"seq_len": 30},
    {"input_size": 5}, {"proj_size": 4}, {"lengths": (20, 9, 3, 1)},
]  # fmt: skip


DEFAULTS = {"hidden_size": 16, "num_layers": 2, "bidirectional": True, "seq_len": 24,
            "input_size": 8, "proj_size": 0, "lengths": None}  # fmt: skip


@pytest.mark.parametrize("change", SIZES, ids=lambda change: next(iter(change)))
@pytest.mark.parametrize("whose", [Whose.PINNED, Whose.DIFFERENCE])
def test_a_mode_that_cannot_be_is_refused_and_no_view_says_otherwise(
    document, run_it, make, status, change, whose
):
    run_it()
    document.pin()
    stack, unrolled = make(PlotStack, STATES), make(UnrolledView)
    panel, cell = make(ComparePanel), make(CellPanel)
    document.plot(whose)
    trace = run_it(**change)
    document.look_at(step=0)
    for view in (stack, unrolled):
        view.finish()
    plotted = document.plotted
    assert plotted.refusal
    for line in (stack._whose, unrolled._whose):
        assert line.isVisible()
        assert line.text() == f"Shown: this run. {plotted.refusal}"
    assert panel.refusal.isVisible()
    assert panel.refusal.text() == f"{plotted.refusal} The plots show this run."
    assert panel.plotted.currentText() == whose.words
    for row, label, quantity in zip(stack.rows, stack._labels, STATES, strict=True):
        np.testing.assert_array_equal(row._table, quantity.table(trace, document.view))
        assert "pinned" not in label._note.text() + label.toolTip()
    hover(stack.rows[2], stack.rows[2].time, 0, 2.5)
    assert "pinned" not in status.pointed.text()
    assert cell._heading.text().endswith("THIS RUN")
    run_it(**{name: DEFAULTS[name] for name in change})
    stack.finish()
    assert document.plotted.whose is whose
    assert not panel.refusal.isVisible()


def test_the_selected_cell_is_that_of_the_run_it_names(document, run_it, make):
    old, new = pin_and_run(document, run_it)
    panel = make(CellPanel)
    view = document.view
    index = (view.layer, view.direction, view.step, view.item, view.unit)
    for whose, trace in ((Whose.THIS, new), (Whose.PINNED, old), (Whose.DIFFERENCE, new)):
        document.plot(whose)
        assert f"f {trace.forget_gate[index]:.4g}" in panel._text.text()
        assert panel._heading.text().endswith("PINNED RUN") == (trace is old)


# Unrolled -----------------------------------------------------------------------------------------


def reduced(trace, name, item):
    """Return the measure of every cell, and of x and output from the first step they have."""
    x, out = trace.input[item], trace.output[item]
    outer = [np.abs(x).mean(-1), np.abs(out).mean(-1)]
    if name == "change":
        outer = [np.abs(np.diff(part, axis=0)).mean(-1) for part in (x, out)]
        rows = []
        for layer in range(trace.num_layers):
            for way in range(trace.num_directions):
                h, first = trace.hidden[layer, way, :, item], trace.h_0[layer, way, item][None]
                joined = np.concatenate([h, first] if way else [first, h])
                rows.append(np.abs(np.diff(joined, axis=0)).mean(-1))
        return np.stack(rows), *outer
    values = {"hidden": np.abs(trace.hidden), "cell": np.abs(trace.cell),
              "forget": trace.forget_gate}[name]  # fmt: skip
    cells = values[:, :, :, item].mean(-1)
    return cells.reshape(-1, cells.shape[-1]), *outer


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.name)
@pytest.mark.parametrize("whose", Whose)
def test_unrolled_shows_whosever_numbers_are_asked_for_in_every_row(
    document, run_it, make, status, whose, measure
):
    traces = pin_and_run(document, run_it, seq_len=12)
    document.look_at(item=2, step=1)
    view = make(UnrolledView)
    view.measure.setCurrentIndex(MEASURES.index(measure))
    document.plot(whose)
    view.finish()
    old, new = (reduced(trace, measure.name, 2) for trace in traces)
    wanted = {Whose.THIS: new, Whose.PINNED: old,
              Whose.DIFFERENCE: [a - b for a, b in zip(new, old, strict=True)]}[whose]  # fmt: skip
    canvas, first = view.canvas, 12 - len(wanted[1])
    picture = canvas.grab().toImage()
    for strip, row, step, value in (
        (canvas.cells, 2, 6, wanted[0][1, 6]),
        (canvas.cells, 1, 11, wanted[0][0, 11]),
        (canvas.entry, 0, 4, wanted[1][4 - first]),
        (canvas.result, 5, 10, wanted[2][10 - first]),
    ):
        place = hover(canvas, canvas.time, step, row + 0.3)
        text = status.pointed.text()
        assert text.startswith(whose.mark)
        assert float(text.rpartition(": ")[2]) == pytest.approx(float(value), rel=1e-4, abs=1e-7)
        assert is_color_of(picture.pixel(place), value, strip.scale_shown)
    kinds = {strip.scale_shown.kind for strip in (canvas.cells, canvas.entry, canvas.result)}
    if whose is Whose.DIFFERENCE:
        assert kinds == {ScaleKind.SIGNED}
    else:
        assert ScaleKind.SIGNED not in kinds
        assert (canvas.cells.scale_shown == Scale(ScaleKind.SHARE, 1.0)) == (
            measure.name == "forget"
        )


def test_unrolled_says_that_nothing_comes_before_the_first_step(run_it, make, status):
    run_it(seq_len=1)
    view = make(UnrolledView)
    view.measure.setCurrentIndex([m.name for m in MEASURES].index("change"))
    view.finish()
    hover(view.canvas, view.canvas.time, 0, 0.5)
    assert "nothing comes before" in status.pointed.text()
    assert not view.canvas.entry.isVisible()


# How many numbers to a pixel ----------------------------------------------------------------------


def places(widget, *parts):
    """Return where the visible ones of `parts` are in `widget`."""
    shown = [part for part in parts if part.isVisible()]
    return [QRect(part.mapTo(widget, part.rect().topLeft()), part.size()) for part in shown]


def stand_apart(widget, *parts):
    found = places(widget, *parts)
    inside = all(widget.rect().contains(place) for place in found)
    return inside and not any(
        a.intersects(b) for number, a in enumerate(found) for b in found[number + 1 :]
    )


@pytest.mark.parametrize("tall", [30, 36, 42, 55, 68, 90, 140])
@pytest.mark.parametrize("is_low", [True, False])
@pytest.mark.parametrize("whose", ["", "this − pinned"])
def test_name_mark_and_scale_are_there_at_every_height_and_displace_nothing(
    qtbot, app, tall, is_low, whose
):
    label = RowLabel("output", "output gate", is_low=is_low)
    qtbot.addWidget(label)
    label.resize(label.width(), tall)
    label.show_words("output gate", whose)
    label.show_pooling(Pooling(27.5, 13.2), Scale(ScaleKind.SIGNED, 0.25))
    with qtbot.waitExposed(label):
        label.show()
    app.processEvents()
    assert label.mark.text() == "28×13/px"
    for part in (label._title, label.mark, label.colors):
        assert part.isVisible()
        assert part.width() >= part.sizeHint().width()
    assert stand_apart(
        label, label._title, label._beside, label.mark, label._axes, label._note, label.colors
    )
    assert "pixel = extreme of 28 steps × 13 units" in label.toolTip()
    assert whose in label.toolTip()


@pytest.mark.parametrize("whose", [Whose.THIS, Whose.DIFFERENCE])
@pytest.mark.parametrize(
    ("settings", "size", "mark"),
    [
        ({"hidden_size": 128, "bidirectional": False}, (900, 430), "↕"),
        ({"seq_len": 2000}, (936, 600), "↔"),
        ({"seq_len": 2000, "hidden_size": 200}, (700, 400), "×"),
    ],
    ids=["units", "steps", "both"],
)
def test_what_is_pooled_is_marked_beside_its_name_whosever_it_is(
    document, run_it, make, status, settings, size, mark, whose
):
    pin_and_run(document, run_it, num_layers=1, batch_size=1, **settings)
    stack = make(PlotStack, STATES, size=size)
    document.plot(whose)
    stack.finish()
    for row, label in list(zip(stack.rows, stack._labels, strict=True))[1:]:
        assert mark in label.mark.text()
        assert label.mark.isVisible()
        assert label._title.isVisible()
        assert stand_apart(label, label._title, label._beside, label.mark, label.colors)
        assert len(row._bars._negative.opts["x1"]) == len(row.picture.values)
    assert stack._whose.text() == f"Shown: {whose.words}."
    assert stack._units_label.mark.isVisible() == ("seq_len" in settings)
    # The pixel under the pointer is more than the number there, and the readout says so.
    row = stack.rows[2]
    hover(row, row.time, 20, 2.2)
    number = row.picture.pixel(document.pointed.step, document.pointed.unit)
    block = row._table[number.steps.start : number.steps.stop]
    block = block[:, number.units.start : number.units.stop]
    assert abs(number.value) == pytest.approx(np.abs(block).max())
    assert f"its pixel shows {number.value:.6g}, the extreme of" in status.pointed.text()


def test_a_gate_that_shuts_for_one_step_is_seen_among_open_ones(run_it, make):
    trace = run_it(seq_len=5000, num_layers=1, bidirectional=False, batch_size=1)
    trace.forget_gate.setflags(write=True)
    trace.forget_gate[:] = 0.75
    trace.forget_gate[0, 0, 1234, 0, 3] = 0.01
    stack = make(PlotStack, GATES, has_curves=False)
    stack.finish()
    row = stack.rows[1]
    assert row.scale == Scale(ScaleKind.SHARE, 1.0)
    assert (row.picture.values == np.float32(0.01)).sum() == 1
    assert "farthest from 0.5" in stack._labels[1].toolTip()


def test_unrolled_marks_pooling_where_its_words_have_no_room(run_it, make):
    run_it(seq_len=3000, hidden_size=4)
    view = make(UnrolledView, size=(520, 400))
    view.finish()
    assert view.mark.isVisible()
    assert view.mark.width() >= view.mark.sizeHint().width()
    assert stand_apart(view, view.measure, view.mark, view._colors)


@pytest.mark.parametrize("axes", [("L",), ("H_cell",), ("N", "L")], ids="-".join)
@pytest.mark.parametrize("count", [20, 5000])
def test_drawings_of_a_scenario_mark_what_they_pool(qtbot, document, appearance, axes, count):
    shape = (3, count)[-len(axes) :]
    values = np.random.default_rng(0).normal(size=shape)
    (sheet,) = sheets((Result(name="r", title="Result", axes=axes, values=values),))
    leaf = SheetCard(document, sheet)
    qtbot.addWidget(leaf)
    leaf.show_theme(appearance.theme)
    leaf.resize(700, 260)
    with qtbot.waitExposed(leaf):
        leaf.show()
    leaf.show_sheet(sheet)
    qtbot.wait(10)
    leaf.finish()
    assert leaf._mark.isVisible() == (count == 5000)
    assert bool(leaf._mark.toolTip()) == (count == 5000)
    assert stand_apart(leaf, leaf._title, leaf._mark, leaf._colors)


def test_packed_rows_that_share_a_pixel_are_marked(qtbot):
    lengths = np.array([2000, 900])
    sizes = (lengths[:, None] > np.arange(2000)).sum(axis=0)
    items = np.concatenate([np.arange(size) for size in sizes])
    packed = PackedData(
        data=np.zeros((2900, 3)), batch_sizes=sizes, sorted_indices=np.arange(2),
        unsorted_indices=np.arange(2), lengths=lengths, row_item=items,
        row_step=np.repeat(np.arange(2000), sizes), padded_steps=4000,
    )  # fmt: skip
    picture = PackedPicture()
    qtbot.addWidget(picture)
    picture.resize(618, 300)
    picture.show_packed(packed)
    assert picture.pooling("padded").mark == "↔4/px"
    assert picture.pooling("data").steps == pytest.approx(2900 / 500)
