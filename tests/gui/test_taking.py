"""Menus on numbers: what they offer is what is there, to the last bit."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from lstmviz.core.places import value_at
from lstmviz.core.scenes.plots.quantities import GATES, STATES
from lstmviz.gui.diagram.diagram import ShapeDiagram
from lstmviz.gui.panels.contract import ContractPanel
from lstmviz.gui.plots.stack import PlotStack
from lstmviz.gui.taking.menu import TakingMenu
from lstmviz.gui.unrolled.view import UnrolledView


@pytest.fixture
def shown(qtbot):
    def act(view, size=(900, 600)):
        qtbot.addWidget(view)
        view.resize(*size)
        with qtbot.waitExposed(view):
            view.show()
        qtbot.wait(10)
        getattr(view, "finish", lambda: None)()
        view.offers = []
        view.offered.connect(lambda offer, place: view.offers.append((offer, place)))
        return view

    return act


@pytest.fixture
def menu(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    written = {}
    menu = TakingMenu(window, lambda path, make: written.update({path: make()}))
    menu.written = written
    yield menu
    for popup in window.children():
        if hasattr(popup, "close"):
            popup.close()


def right_click(row, step, y):
    """Press and let go of the right button over a place of a plot, as a hand does."""
    scene = row.time.mapViewToScene(QPointF(step, y))
    place = QPointF(row.mapFromScene(scene))
    right, none = Qt.MouseButton.RightButton, Qt.MouseButton.NoButton
    for kind, buttons in (
        (QEvent.Type.MouseButtonPress, right),
        (QEvent.Type.MouseButtonRelease, none),
    ):
        where = row.viewport().mapToGlobal(place)
        event = QMouseEvent(kind, place, where, right, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(row.viewport(), event)


def entries(popup):
    return {action.text(): action for action in popup.actions() if action.text()}


def test_a_number_is_copied_with_its_index_its_step_and_its_unit(
    shown, run_it, document, appearance, menu
):
    run_it(seq_len=9)
    stack = shown(PlotStack(document, appearance, STATES))
    row = stack.rows[2]  # h_t
    right_click(row, 8, 5.5)
    ((offer, _place),) = stack.offers
    popup = menu.menu_of(offer)
    trace, view = document.trace, document.view
    value = trace.hidden[view.layer, view.direction, 8, view.item, 5]
    said = dict(offer.texts)
    assert f"Copy value {value!s}" in said
    copy = {text.partition(" ")[2] for text in said if text.startswith("Copy index")}
    assert copy == {"index output[0, 8, 5]", "index h_n[2, 0, 5]"}
    entries(popup)[f"Copy value {value!s}"].trigger()
    assert np.float32(QGuiApplication.clipboard().text()) == value
    entries(popup)["Copy step t = 8, every unit"].trigger()
    there = [np.float32(n) for n in QGuiApplication.clipboard().text().split("\t")]
    assert there == trace.hidden[view.layer, view.direction, 8, view.item].tolist()
    entries(popup)["Copy unit 5, every step"].trigger()
    there = [np.float32(n) for n in QGuiApplication.clipboard().text().split("\n")]
    assert there == trace.hidden[view.layer, view.direction, :, view.item, 5].tolist()


def test_a_right_click_moves_no_cursor_and_a_right_drag_opens_no_menu(
    shown, run_it, document, appearance
):
    run_it(seq_len=30)
    stack = shown(PlotStack(document, appearance, GATES, has_curves=False))
    before = document.view
    right_click(stack.rows[0], 20, 2.5)
    assert document.view == before
    assert len(stack.offers) == 1
    assert stack.offers[0][0].view == "input_gate"


def test_the_data_of_a_plot_and_of_what_is_in_sight_are_saved(
    shown, run_it, document, appearance, menu, tmp_path, monkeypatch
):
    run_it(seq_len=20)
    stack = shown(PlotStack(document, appearance, STATES))
    stack.curves.time.setXRange(4.5, 9.5, padding=0)
    right_click(stack.rows[3], 6, 1.5)  # c_t
    popup = menu.menu_of(stack.offers[0][0])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "c"), ""))
    entries(popup)["Save data…"].trigger()
    entries(popup)["Save data of the steps in sight…"].trigger()
    assert list(menu.written) == [tmp_path / "c.csv"]
    head, *rows = csv.reader(menu.written[tmp_path / "c.csv"].decode().splitlines())
    view = document.view
    cell = document.trace.cell[view.layer, view.direction, :, view.item]
    assert head == ["t", *(f"unit {n}" for n in range(16))]
    steps = [int(row[0]) for row in rows]
    assert steps == list(range(5, 10))
    back = np.array([[np.float32(n) for n in row[1:]] for row in rows])
    np.testing.assert_array_equal(back, cell[5:10])


def test_a_file_of_another_kind_is_refused(shown, run_it, document, appearance, menu, monkeypatch):
    run_it()
    stack = shown(PlotStack(document, appearance, STATES))
    right_click(stack.rows[1], 3, 1.5)
    refused = []
    menu.refused.connect(refused.append)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("x.xlsx", ""))
    entries(menu.menu_of(stack.offers[0][0]))["Save data…"].trigger()
    assert refused == ["Not saved: 'x.xlsx' must end in .csv or .npz."]
    assert menu.written == {}


def test_past_the_end_of_a_sequence_there_is_no_number_to_copy(shown, run_it, document, appearance):
    run_it(batch_size=2, lengths=(9, 4), seq_len=9)
    document.look_at(item=1)
    stack = shown(PlotStack(document, appearance, STATES))
    right_click(stack.rows[3], 7, 2.5)
    offer = stack.offers[0][0]
    assert not any(name.startswith("Copy value") for name, _ in offer.texts)
    assert offer.table.table.shape == (4, 16)


def test_the_curves_offer_the_units_that_are_drawn(shown, run_it, document, appearance):
    trace = run_it(seq_len=8)
    stack = shown(PlotStack(document, appearance, STATES))
    right_click(stack.curves, 3, 0.0)
    offer = stack.offers[0][0]
    assert offer.view == "units"
    assert offer.table.columns[:2] == ("h_t unit 2", "h_t unit 5")
    view = document.view
    np.testing.assert_array_equal(
        np.asarray(offer.table.table)[:, 1],
        trace.hidden[view.layer, view.direction, :, view.item, 5],
    )


def test_a_difference_says_that_it_is_one(shown, run_it, document, appearance):
    from lstmviz.core.plotted import Whose

    run_it(seq_len=8)
    document.pin()
    run_it(seed=4)
    document.plot(Whose.DIFFERENCE)
    stack = shown(PlotStack(document, appearance, STATES))
    right_click(stack.rows[2], 3, 5.5)
    offer = stack.offers[0][0]
    assert "this − pinned" in offer.table.said
    value = document.plotted.table(STATES[2].table)[3][5]
    assert offer.texts[0][1] == str(value)


def test_the_menu_key_opens_the_menu_at_the_cursor(shown, run_it, document, appearance):
    run_it(seq_len=9)
    stack = shown(PlotStack(document, appearance, STATES))
    document.look_at(step=4)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(stack.rows[2], event)
    offer = stack.offers[0][0]
    assert "Copy step t = 4, every unit" in dict(offer.texts)


def test_the_unrolled_network_offers_its_measure(shown, run_it, document, appearance):
    trace = run_it(seq_len=8)
    view = shown(UnrolledView(document, appearance))
    view.canvas.time.menu_asked.emit(3.0, 1.5, QPoint(1, 1))
    offer = view.offers[0][0]
    assert offer.view == "unrolled"
    assert offer.table.columns[0] == "x"
    assert offer.table.columns[-1] == "output"
    expected = np.abs(trace.hidden[0, 0, :, 0]).mean(axis=-1)
    np.testing.assert_allclose(np.asarray(offer.table.table)[:, 1], expected, rtol=1e-6)
    assert float(offer.texts[0][1]) == pytest.approx(expected[3], rel=1e-5)


def test_the_diagram_offers_a_slice_in_every_tensor_that_holds_it(
    shown, run_it, document, appearance
):
    run_it()
    diagram = shown(ShapeDiagram(document, appearance), (900, 260))
    box = diagram.scene().box("h_n")
    front = box.front
    place = QPoint(round(front.x + front.width / 2), round(front.y + front.height * 0.9))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, diagram.mapToGlobal(place))
    QApplication.sendEvent(diagram, event)
    names = [text for _, text in diagram.offers[0][0].texts]
    assert "h_n[-1]" in names
    assert any(name.startswith("output[") for name in names)


def test_the_contract_offers_name_shape_and_row(shown, run_it, document, appearance):
    run_it()
    panel = shown(ContractPanel(document, appearance), (420, 500))
    index = panel.table.model().index(3, 0)
    panel.table.customContextMenuRequested.emit(panel.table.visualRect(index).center())
    texts = dict(panel.offers[0][0].texts)
    assert texts["Copy name output"] == "output"
    assert texts["Copy shape (4, 24, 32)"] == "(4, 24, 32)"
    assert texts["Copy row"] == "output (N, L, D·H_cell) (4, 24, 32) float32, 12,288 bytes"


def test_value_and_index_agree_wherever_one_points(shown, run_it, document, appearance):
    trace = run_it(seq_len=9, batch_first=False)
    stack = shown(PlotStack(document, appearance, STATES))
    for quantity, row in zip(STATES, stack.rows, strict=True):
        stack.offers.clear()
        right_click(row, 2, 3.5)
        offer = stack.offers[0][0]
        place = quantity.place(document.view, trace, 2, 3)
        assert float(np.float32(offer.texts[0][1])) == value_at(trace, place)
