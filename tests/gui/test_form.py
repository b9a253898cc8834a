"""The settings form, both ways: what the document holds is shown, what is done is asked for."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionSlider

from lstmviz.core.spec import BOUNDS, SETTINGS, DType, InitialState, RunSpec, Values
from lstmviz.gui.controls.form import SettingsForm
from lstmviz.gui.controls.scale import to_position, to_value

NUMBERS = tuple(BOUNDS)
SWITCHES = ("bias", "batch_first", "bidirectional", "unbatched")
CHOICES = {"values": Values, "initial_state": InitialState, "dtype": DType}
TYPED = {
    "input_size": ("13", 13),
    "hidden_size": (" 8 192 ", 8192),
    "num_layers": ("4", 4),
    "proj_size": ("7", 7),
    "dropout": ("0.25", 0.25),
    "seq_len": ("1,234", 1234),
    "batch_size": ("65536", 65_536),
    "seed": ("4294967295", 2**32 - 1),
}


@pytest.fixture
def form(qtbot, document, appearance):  # noqa: ARG001 - its style
    form = SettingsForm(document)
    qtbot.addWidget(form)
    form.resize(300, 900)
    with qtbot.waitExposed(form):
        form.show()
    qtbot.wait(10)
    return form


def type_into(field, text, end=Qt.Key.Key_Return):
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)
    if end is not None:
        QTest.keyClick(field, end)


def refusal_of(row):
    return row._refusal.text() if row._refusal.isVisible() else ""


def test_every_setting_has_a_row(form):
    assert set(form.rows) | {"lengths"} == set(SETTINGS)
    assert set(NUMBERS) | set(SWITCHES) | set(CHOICES) | {"device"} == set(form.rows)


# From the document --------------------------------------------------------------------------------


def shown(row):
    if hasattr(row, "switch"):
        return row.switch.isChecked()
    if hasattr(row, "box"):
        return row.box.currentData()
    return row.field.text()


def test_every_row_shows_what_the_document_holds(form, document):
    spec = RunSpec().changed(
        input_size=3, hidden_size=99, num_layers=5, proj_size=40, dropout=0.35, bias=False,
        bidirectional=False, batch_first=False, seq_len=1000, batch_size=17, values="ramp",
        initial_state="random", dtype="float64", seed=12345, device="cuda:3",
    )  # fmt: skip
    spec = RunSpec.from_settings(spec.settings())
    before = {name: shown(row) for name, row in form.rows.items()}
    document.change(**spec.settings())
    assert document.spec == spec
    for name, row in form.rows.items():
        value = spec.value(name)
        wanted = (
            value if isinstance(value, bool) else f"{value:g}" if name == "dropout" else f"{value}"
        )
        assert shown(row) == wanted, name
    document.undo_stack.undo()
    assert {name: shown(row) for name, row in form.rows.items()} == before


def test_showing_a_setting_never_asks_for_one(form, document, qtbot):  # noqa: ARG001 - it listens
    for name, (_, value) in TYPED.items():
        if name != "proj_size":
            document.change(**{name: value})
    count = document.undo_stack.count()
    qtbot.wait(20)
    assert document.undo_stack.count() == count
    assert document.drafts == {}


# To the document ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_typed(form, document, name):
    text, value = TYPED[name]
    type_into(form.rows[name].field, text)
    assert document.spec.value(name) == value
    assert type(document.spec.value(name)) is type(value)
    assert document.undo_stack.count() == 1


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_counts_when_its_field_is_left(form, document, name):
    text, value = TYPED[name]
    type_into(form.rows[name].field, text, end=None)
    assert document.spec == RunSpec()
    form.rows["bias"].switch.setFocus()
    assert document.spec.value(name) == value


@pytest.mark.parametrize("name", NUMBERS)
def test_arrow_keys_in_a_field_step_the_number(form, document, name):
    field = form.rows[name].field
    field.setFocus()
    step = 0.01 if name == "dropout" else 1
    start = document.spec.value(name)
    for _ in range(3):
        QTest.keyClick(field, Qt.Key.Key_Up)
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert document.spec.value(name) == pytest.approx(start + 2 * step)
    assert shown(form.rows[name]) == f"{document.spec.value(name):g}"


@pytest.mark.parametrize("name", [n for n in NUMBERS if n != "seed"])
def test_keys_on_a_slider_step_the_number_and_stop_at_the_ends(form, document, name):
    slider, bound = form.rows[name].slider, BOUNDS[name]
    if name == "proj_size":
        document.change(hidden_size=8192)
    slider.setFocus()
    step = 0.01 if name == "dropout" else 1
    start = document.spec.value(name)
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert document.spec.value(name) == pytest.approx(start + step)
    QTest.keyClick(slider, Qt.Key.Key_PageUp)
    assert document.spec.value(name) == pytest.approx(start + 11 * step)
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert document.spec.value(name) == bound.high
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert document.spec.value(name) == bound.high
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert document.spec.value(name) == bound.low
    QTest.keyClick(slider, Qt.Key.Key_Left)
    assert document.spec.value(name) == bound.low
    assert document.refusals == {}


def handle_of(slider):
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    return (
        slider.style()
        .subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, slider
        )
        .center()
    )


@pytest.mark.parametrize("name", [n for n in NUMBERS if n != "seed"])
def test_dragging_a_slider_changes_the_number_all_the_way_and_is_one_step(
    form, document, drag, name
):
    slider = form.rows[name].slider
    seen = []
    document.spec_changed.connect(lambda: seen.append(document.spec.value(name)))
    start = handle_of(slider)
    reach = 24 if name == "proj_size" else slider.width() - start.x() + 20
    places = [start + QPoint(round(reach * k / 12), 0) for k in range(13)]
    drag(slider, *places)
    assert len(seen) > 2
    assert seen == sorted(seen)
    if name != "proj_size":
        assert seen[-1] == BOUNDS[name].high
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert document.spec == RunSpec()


def test_the_wheel_changes_only_a_slider_that_has_the_focus(form, document):
    slider = form.rows["hidden_size"].slider
    place = slider.rect().center()

    def turn():
        event = QWheelEvent(
            place, slider.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(slider, event)

    form.rows["bias"].switch.setFocus()
    turn()
    assert document.spec.lstm.hidden_size == 16
    slider.setFocus()
    turn()
    assert document.spec.lstm.hidden_size == 17


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_is_clicked_anywhere_and_by_key(form, document, name):
    switch = form.rows[name].switch
    before = document.spec.value(name)
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton, pos=switch.rect().center())
    assert document.spec.value(name) is not before
    switch.setFocus()
    QTest.keyClick(switch, Qt.Key.Key_Space)
    assert document.spec.value(name) is before


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_is_made_by_key_and_comes_as_the_spec_wants_it(form, document, name):
    box = form.rows[name].box
    assert [box.itemData(k) for k in range(box.count())] == [c.value for c in CHOICES[name]]
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_End)
    assert document.spec.value(name) is list(CHOICES[name])[-1]
    QTest.keyClick(box, Qt.Key.Key_Home)
    assert document.spec.value(name) is next(iter(CHOICES[name]))


def test_devices_and_their_types_are_those_the_engine_found(form, document):
    form.set_devices(
        [
            {"name": "cpu", "title": "A processor", "dtypes": ["float32", "float64"]},
            {"name": "cuda:0", "title": "A GPU", "dtypes": ["float32", "float16"]},
        ]
    )
    device, dtype = form.rows["device"].box, form.rows["dtype"].box
    assert [device.itemData(k) for k in range(device.count())] == ["cpu", "cuda:0"]
    assert device.itemData(1, Qt.ItemDataRole.ToolTipRole) == "A GPU"
    assert [dtype.itemData(k) for k in range(dtype.count())] == ["float32", "float64"]
    device.setFocus()
    QTest.keyClick(device, Qt.Key.Key_Down)
    assert document.spec.device == "cuda:0"
    assert [dtype.itemData(k) for k in range(dtype.count())] == ["float32", "float16"]


def test_unbatched_input_takes_no_batch_settings(form, document):
    document.change(unbatched=True)
    assert not form.rows["batch_size"].isEnabled()
    assert not form.rows["batch_first"].isEnabled()
    document.change(unbatched=False)
    assert form.rows["batch_size"].isEnabled()


# Refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["-1", "many", "", "9" * 400, "1e999", "nan", "3.5.1"])
def test_what_cannot_be_is_refused_beside_its_own_field_and_stays_there(form, document, name, text):
    row = form.rows[name]
    type_into(row.field, text)
    assert document.spec == RunSpec()
    assert name in refusal_of(row)
    assert row.field.text() in (text, "inf")
    assert row.field.property("refused") is True
    others = [r for n, r in form.rows.items() if n != name]
    assert all(refusal_of(r) == "" for r in others)
    good, value = TYPED[name]
    type_into(row.field, good)
    assert document.spec.value(name) == value
    assert refusal_of(row) == ""
    assert row.field.property("refused") is False


def test_proj_size_and_hidden_size_are_set_one_after_the_other(form, document):
    type_into(form.rows["proj_size"].field, "40")
    assert "smaller than hidden_size (16)" in refusal_of(form.rows["proj_size"])
    assert form.rows["proj_size"].field.text() == "40"
    type_into(form.rows["seq_len"].field, "30")
    assert document.spec.input.seq_len == 30
    assert "smaller than hidden_size (16)" in refusal_of(form.rows["proj_size"])
    type_into(form.rows["hidden_size"].field, "20")
    assert "smaller than hidden_size (20)" in refusal_of(form.rows["proj_size"])
    type_into(form.rows["hidden_size"].field, "64")
    assert (document.spec.lstm.hidden_size, document.spec.lstm.proj_size) == (64, 40)
    assert refusal_of(form.rows["proj_size"]) == ""


def test_a_slider_goes_on_from_the_last_good_value_after_a_refusal(form, document):
    row = form.rows["seq_len"]
    type_into(row.field, "0")
    row.slider.setFocus()
    QTest.keyClick(row.slider, Qt.Key.Key_Right)
    assert document.refusals == {}
    assert 1 <= document.spec.input.seq_len <= 25


def test_escape_takes_back_what_was_typed(form, document):
    field = form.rows["seq_len"].field
    type_into(field, "999", end=Qt.Key.Key_Escape)
    assert field.text() == "24"
    form.rows["bias"].switch.setFocus()
    assert document.spec == RunSpec()


def test_what_is_being_typed_is_not_overwritten_by_another_change(form, document):
    field = form.rows["seq_len"].field
    type_into(field, "99", end=None)
    document.change(hidden_size=20)
    assert field.text() == "99"
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert document.spec.input.seq_len == 99


def test_size_says_what_the_run_takes(form, document):
    document.set_memory_limit(3 << 30)
    assert "9,728 parameters · 38 KiB" in form._size.text()
    assert "of 3.0 GiB allowed" in form._size.text()


# Scales -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NUMBERS)
def test_a_slider_reaches_both_ends_and_never_goes_back(name):
    bound = BOUNDS[name]
    values = [to_value(position, bound) for position in range(1001)]
    assert values[0] == bound.low
    assert values[-1] == bound.high
    assert values == sorted(values)
    small = [v for v in range(int(bound.low), 13) if bound.is_whole]
    assert set(small) <= set(values) or name == "seed"
    for value in values:
        assert abs(to_position(value, bound) - values.index(value)) <= values.count(value)
