"""Plots, scrubber, selectors and status line on real runs."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from lstmviz.core.region import Region
from lstmviz.core.scenes.colors import DARK, LIGHT
from lstmviz.core.scenes.plots.colormap import NAN_INDEX, ZERO_INDEX, color_table
from lstmviz.core.scenes.plots.quantities import GATES, STATES
from lstmviz.core.scenes.plots.scale import Scale, ScaleKind
from lstmviz.gui.panels.scrubber import Player, Scrubber
from lstmviz.gui.panels.selectors import Selectors
from lstmviz.gui.panels.status import StatusLine
from lstmviz.gui.plots.stack import PlotStack
from lstmviz.gui.theme import Scheme


@pytest.fixture
def make_stack(qtbot, document, appearance):
    def make(quantities=STATES, **options):
        stack = PlotStack(document, appearance, quantities, **options)
        qtbot.addWidget(stack)
        stack.resize(900, 600)
        with qtbot.waitExposed(stack):
            stack.show()
        qtbot.wait(10)
        stack.finish()
        return stack

    return make


@pytest.fixture
def status(qtbot, document, appearance):  # noqa: ARG001 - its style
    status = StatusLine(document)
    qtbot.addWidget(status)
    return status


def hover(row, step, unit):
    """Move the pointer over the middle of a cell, without a button."""
    scene = row.time.mapViewToScene(QPointF(step, unit + 0.5))
    place = QPointF(row.mapFromScene(scene))
    event = QMouseEvent(
        QEvent.Type.MouseMove, place, row.viewport().mapToGlobal(place), Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(row.viewport(), event)
    return place.toPoint()


def evaluated(expression, trace):
    """Return what an expression of the status line gives on the module's own tensors."""
    names = {
        "input": trace.input,
        "output": trace.output,
        "h_n": trace.h_n,
        "c_n": trace.c_n,
        "trace": trace,
    }
    return float(eval(expression, names))  # noqa: S307 - it is what the program prints


CASES = {
    "default": {},
    "time first": {"batch_first": False, "bidirectional": False},
    "projected": {"proj_size": 5, "num_layers": 3},
    "unbatched": {"unbatched": True},
    "one layer": {"num_layers": 1, "batch_size": 1, "initial_state": "random"},
}


@pytest.mark.parametrize("settings", CASES.values(), ids=CASES)
def test_every_printed_index_holds_the_printed_value(document, run_it, status, settings):
    trace = run_it(**settings)
    rng = np.random.default_rng(5)
    for quantity in (*STATES, *GATES):
        for step in (0, trace.seq_len - 1, *rng.integers(0, trace.seq_len, 6)):
            document.look_at(
                layer=int(rng.integers(trace.num_layers)),
                direction=int(rng.integers(trace.num_directions)),
                item=int(rng.integers(trace.batch_size)),
            )
            table = quantity.table(trace, document.view)
            unit = int(rng.integers(table.shape[1]))
            document.point_at(quantity.place(document.view, trace, int(step), unit))
            *names, shown = status.pointed.text().split(" = ")
            assert names
            assert float(shown) == pytest.approx(float(table[step, unit]), rel=1e-5, abs=1e-30)
            for name in names:
                value = evaluated(name, trace)
                assert value == pytest.approx(float(table[step, unit]), rel=1e-5, abs=2e-7)


def test_both_names_of_one_number_are_printed(document, run_it, status):
    trace = run_it()
    _, output, hidden, cell = STATES
    document.look_at(layer=1, direction=1, item=2)
    document.point_at(output.place(document.view, trace, 0, 16 + 5))
    assert status.pointed.text().startswith("output[2, 0, 21] = h_n[3, 2, 5] = ")
    document.point_at(hidden.place(document.view, trace, 0, 5))
    assert status.pointed.text().startswith("output[2, 0, 21] = h_n[3, 2, 5] = ")
    document.point_at(cell.place(document.view, trace, 0, 5))
    assert status.pointed.text().startswith("c_n[3, 2, 5] = ")
    document.point_at(None)
    assert status.pointed.text() == ""


def test_past_the_end_of_a_packed_sequence_nothing_is_made_up(document, run_it, status):
    trace = run_it(lengths=(24, 9, 3, 1))
    document.look_at(item=1)
    document.point_at(STATES[2].place(document.view, trace, 9, 0))
    assert status.pointed.text().endswith("past the end of this sequence, not computed")
    document.point_at(STATES[2].place(document.view, trace, 8, 0))
    shown = float(status.pointed.text().rpartition(" = ")[2])
    assert shown == pytest.approx(float(trace.hidden[1, 0, 8, 1, 0]), rel=1e-5)


def test_the_number_under_the_pointer_is_the_one_that_is_drawn_there(
    document, run_it, make_stack, status
):
    trace = run_it(seq_len=12, hidden_size=6)
    stack = make_stack()
    document.look_at(layer=0, direction=1, item=3)
    stack.finish()
    table = color_table(LIGHT)
    picture = stack.rows[2].grab().toImage()
    values = trace.hidden[0, 1, :, 3]
    largest = np.abs(values).max()
    for step, unit in ((0, 0), (11, 5), (4, 2), (7, 3)):
        place = hover(stack.rows[2], step, unit)
        shown = float(status.pointed.text().rpartition(" = ")[2])
        assert shown == pytest.approx(float(values[step, unit]), rel=1e-5)
        wanted = table[Scale(ScaleKind.SIGNED, largest).indices(values[step, unit])][:3]
        drawn = QColor(picture.pixel(place))
        assert np.abs(np.array(drawn.getRgb()[:3]) - wanted).max() <= 2
    row = stack.rows[2]
    QApplication.sendEvent(row.viewport(), QEvent(QEvent.Type.Leave))
    QApplication.sendEvent(row, QEvent(QEvent.Type.Leave))
    assert document.pointed is None


def test_a_click_goes_to_its_step_and_every_cursor_follows(document, run_it, make_stack, qtbot):
    run_it(seq_len=12)
    stack = make_stack()
    row = stack.rows[3]
    place = hover(row, 7, 1)
    QTest.mouseClick(row.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: document.view.step == 7)
    for view in (*(r.time for r in stack.rows), stack.curves.time):
        rect = view._cursor.rect()
        assert rect.left() == 6.5
        assert rect.width() == 1


def test_zoom_is_shared_by_all_rows_and_taken_back(document, run_it, make_stack):  # noqa: ARG001
    run_it(seq_len=100)
    stack = make_stack()
    stack.rows[0].time.setXRange(10, 30, padding=0)
    for view in (*(r.time for r in stack.rows), stack.curves.time):
        low, high = view.viewRange()[0]
        assert (low, high) == (pytest.approx(10, abs=0.6), pytest.approx(30, abs=0.6))
    stack.zoom_out()
    for view in (*(r.time for r in stack.rows), stack.curves.time):
        assert view.viewRange()[0] == pytest.approx([-0.5, 99.5])


def test_zooming_changes_no_colour(document, run_it, make_stack):  # noqa: ARG001
    run_it(seq_len=200)
    stack = make_stack()
    before = [row.scale for row in stack.rows]
    stack.rows[0].time.setXRange(10, 14, padding=0)
    stack.finish()
    assert [row.scale for row in stack.rows] == before


def test_what_is_pooled_says_so_and_keeps_a_spike(document, run_it, make_stack):
    trace = run_it(seq_len=20_000, hidden_size=4, num_layers=1, batch_size=1, input_size=1)
    trace.hidden.setflags(write=True)
    trace.hidden[0, 0, 12_345, 0, 2] = 255.0
    stack = make_stack()
    document.look_at(step=1)
    stack.finish()
    row, label = stack.rows[2], stack._labels[2]
    assert row.scale.largest == 255
    assert re.search(r"pixel = extreme of \d+(\.\d+)? steps", label.toolTip())
    assert re.fullmatch(r"↔\d+(\.\d+)?/px", label.mark.text())
    assert (row._picture.values == 255).sum() == 1
    drawn = np.asarray(row._image.image)
    assert (drawn == 2 * ZERO_INDEX).sum() == 1
    _, y = stack.curves._curves[-1].getData()
    assert len(y) <= 4 * row.width()


def test_numbers_that_are_none_have_a_colour_of_their_own(document, run_it, make_stack):
    trace = run_it(seq_len=10, hidden_size=4)
    trace.cell.setflags(write=True)
    trace.cell[1, 0, 5, 0, 2] = np.nan
    stack = make_stack()
    document.look_at(layer=1, direction=0, item=0)
    stack.finish()
    drawn = np.asarray(stack.rows[3]._image.image)
    assert np.argwhere(drawn == NAN_INDEX).tolist() == [[2, 5]]
    assert np.isfinite(stack.rows[3].scale.largest)


def test_a_theme_switch_recolours_plots_without_a_new_run(document, run_it, make_stack, appearance):  # noqa: ARG001
    run_it()
    stack = make_stack()
    appearance.dress()

    def looks():
        stack.finish()
        image = stack.grab().toImage()
        row = stack.rows[0]
        return (
            QColor(image.pixel(QPoint(stack.width() - 3, 3))).name(),
            tuple(row._image.lut[0][:3]),
            row.backgroundBrush().color().name(),
            stack.curves.backgroundBrush().color().name(),
            row.time._cursor.pen().color().name(),
        )

    def wanted(theme):
        negative = tuple(QColor(theme.negative).getRgb()[:3])
        return negative, theme.card, theme.card, theme.accent

    assert looks()[1:] == wanted(LIGHT)
    appearance.set_scheme(Scheme.DARK)
    dark = looks()
    assert dark[1:] == wanted(DARK)
    appearance.set_scheme(Scheme.LIGHT)
    assert looks()[1:] == wanted(LIGHT)
    assert looks()[0] != dark[0]


def test_units_are_typed_and_refused_in_words(document, run_it, make_stack):
    run_it()
    label = make_stack()._units_label

    def enter(text):
        label.field.setFocus()
        label.field.selectAll()
        QTest.keyClick(label.field, Qt.Key.Key_Delete)
        QTest.keyClicks(label.field, text)
        QTest.keyClick(label.field, Qt.Key.Key_Return)
        return label._refusal.text()

    assert enter("7, 3 7") == ""
    assert document.view.units == (7, 3)
    assert "whole numbers" in enter("one")
    assert "whole numbers" in enter("")
    assert "whole numbers" in enter("-1")
    assert "0 to 15" in enter("16")
    assert "0 to 15" in enter("9" * 300)
    assert "At most" in enter("0 1 2 3 4 5 6")
    assert document.view.units == (7, 3)
    assert enter("15") == ""
    assert document.view.units == (15,)


def test_curves_show_the_chosen_units_of_h_and_c(document, run_it, make_stack):
    trace = run_it()
    stack = make_stack()
    document.look_at(layer=0, direction=1, item=2, units=(4, 9))
    stack.finish()
    drawn = [curve.getData()[1] for curve in stack.curves._curves if curve.getData()[1].size]
    hidden, cell = trace.hidden[0, 1, :, 2], trace.cell[0, 1, :, 2]
    for values in (hidden[:, 4], hidden[:, 9], cell[:, 4], cell[:, 9]):
        assert any(np.array_equal(values, curve) for curve in drawn)
    assert len(drawn) == 4


@pytest.fixture
def selectors(qtbot, document, appearance):
    selectors = Selectors(document, appearance)
    qtbot.addWidget(selectors)
    with qtbot.waitExposed(selectors):
        selectors.show()
    qtbot.wait(10)
    return selectors


def test_selectors_offer_what_the_run_has_and_ask_for_it(document, run_it, selectors):
    assert not selectors.isEnabled()
    run_it(num_layers=3)
    assert selectors.isEnabled()
    assert [selectors.layer.itemText(k)[-1] for k in range(selectors.layer.count())] == list("012")
    assert selectors.layer.currentIndex() == document.view.layer == 2
    selectors.layer.setFocus()
    QTest.keyClick(selectors.layer, Qt.Key.Key_Home)
    QTest.keyClick(selectors.direction, Qt.Key.Key_End)
    assert (document.view.layer, document.view.direction) == (0, 1)
    selectors.item.setFocus()
    for key, item in ((Qt.Key.Key_Up, 1), (Qt.Key.Key_Down, 0), (Qt.Key.Key_Down, 0)):
        QTest.keyClick(selectors.item, key)
        assert document.view.item == item
    for text, item in (("3", 3), ("99", 3), ("-1", 3), ("two", 3), ("9" * 400, 3), ("2", 2)):
        selectors.item.selectAll()
        QTest.keyClicks(selectors.item, text)
        QTest.keyClick(selectors.item, Qt.Key.Key_Return)
        assert document.view.item == item
        assert selectors.item.text() == str(item)
    run_it(num_layers=1, bidirectional=False, batch_size=1)
    assert not selectors.layer.isEnabled()
    assert not selectors.direction.isEnabled()
    assert not selectors.item.isEnabled()


@pytest.fixture
def scrubber(qtbot, document, appearance):
    from PySide6.QtCore import QObject

    from lstmviz.gui.app.actions import ACTIONS, make_actions

    owner = QObject(document)
    actions = make_actions({spec.name: lambda: None for spec in ACTIONS}, appearance, owner)
    player = Player(document)
    scrubber = Scrubber(document, appearance, actions, player)
    qtbot.addWidget(scrubber)
    qtbot.addWidget(player)
    scrubber.resize(700, 50)
    with qtbot.waitExposed(scrubber):
        scrubber.show()
    qtbot.wait(10)
    return scrubber, player


def test_the_scrubber_shows_and_moves_the_step(document, run_it, scrubber):
    scrubber, _ = scrubber
    assert not scrubber.slider.isEnabled()
    run_it(seq_len=50)
    slider = scrubber.slider
    assert (slider.minimum(), slider.maximum(), slider.value()) == (0, 49, 9)
    slider.setFocus()
    for key, step in ((Qt.Key.Key_Right, 10), (Qt.Key.Key_End, 49), (Qt.Key.Key_Home, 0)):
        QTest.keyClick(slider, key)
        assert document.view.step == step
    document.look_at(step=31)
    assert slider.value() == 31
    assert "t = 31</span> of 0…49" in scrubber._label.text()
    run_it(seq_len=5)
    assert slider.value() == document.view.step == 4


def test_playing_moves_on_at_its_speed_and_goes_round(document, run_it, scrubber, qtbot):
    _, player = scrubber
    run_it(seq_len=8)
    document.look_at(step=7)
    player.speed = 240
    steps = []
    document.view_changed.connect(lambda: steps.append(document.view.step))
    player.play(on=True)
    assert document.view.step == 0
    qtbot.waitUntil(lambda: len(steps) > 12, timeout=5000)
    player.play(on=False)
    assert set(steps) <= set(range(8))
    assert any(b < a for a, b in pairwise(steps[1:]))
    stopped = len(steps)
    qtbot.wait(60)
    assert len(steps) == stopped


@pytest.mark.parametrize("lengths", [(24, 50), (50, 7, 300), (3, 1, 2)])
def test_every_row_shows_the_whole_sequence_whatever_was_shown_before(make_stack, run_it, lengths):
    run_it(seq_len=lengths[0])
    stack = make_stack()
    for seq_len in lengths[1:]:
        run_it(seq_len=seq_len)
        for row in (*stack.rows, stack.curves):
            assert row.time.viewRange()[0] == pytest.approx([-0.5, seq_len - 0.5])


def test_units_over_time_show_the_steps_that_are_lit(make_stack, document, run_it):
    run_it()
    stack = make_stack()
    document.look_at(layer=1, direction=0, item=0)
    document.light((Region("h_n", ((2, 3), (0, 1), (0, 16))),))
    bands = [band.rect() for band in stack.curves._lit if band.isVisible()]
    assert [(band.left(), band.width()) for band in bands] == [(22.5, 1.0)]
    document.light(())
    assert not any(band.isVisible() for band in stack.curves._lit)


@pytest.mark.parametrize(("seq_len", "steps"), [(1, ["0"]), (2, ["0", "1"]), (3, ["0", "1", "2"])])
def test_a_short_sequence_has_whole_steps_and_curves(make_stack, run_it, seq_len, steps):
    run_it(seq_len=seq_len)
    curves = make_stack().curves
    axis = curves._steps
    low, high = curves.time.viewRange()[0]
    words = [
        word
        for spacing, values in axis.tickValues(low, high, axis.width())
        for word in axis.tickStrings(values, 1.0, spacing)
    ]
    assert sorted(words) == steps
    assert axis.labelUnitPrefix == ""
    assert "0.001" not in axis.labelString()
    drawn = [curve.getData() for curve in curves._curves if len(curve.getData()[0])]
    assert len(drawn) == 6
    assert all(len(x) >= 2 and np.ptp(x) > 0 for x, _ in drawn)
