"""Packing: the switch, the typed lengths, the bars and the dice, both ways."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from lstmviz.core.spec import RunSpec
from lstmviz.gui.controls.packing import PackingRows


@pytest.fixture
def rows(qtbot, document, appearance):  # noqa: ARG001 - its style
    rows = PackingRows(document)
    qtbot.addWidget(rows)
    rows.resize(280, 300)
    with qtbot.waitExposed(rows):
        rows.show()
    qtbot.wait(10)
    return rows


def enter(rows, text):
    field = rows.text.field
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def click(rows):
    switch = rows.switch.switch
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton, pos=switch.rect().center())


def test_the_switch_packs_different_lengths_and_unpacks(rows, document):
    assert not rows.bars.isVisible()
    click(rows)
    lengths = document.spec.input.lengths
    assert len(lengths) == 4
    assert lengths[0] == 24
    assert len(set(lengths)) > 1
    assert rows.bars.isVisible()
    assert rows.text.field.text() == ", ".join(map(str, lengths))
    click(rows)
    assert document.spec == RunSpec()
    assert not rows.bars.isVisible()


@pytest.mark.parametrize("batch_size", [1, 2, 300])
@pytest.mark.parametrize("seq_len", [1, 2, 24])
def test_the_switch_makes_valid_lengths_for_any_batch(rows, document, batch_size, seq_len):
    document.change(batch_size=batch_size, seq_len=seq_len)
    click(rows)
    assert document.refusals == {}
    assert len(document.spec.input.lengths) == batch_size
    assert max(document.spec.input.lengths) == seq_len


def test_lengths_are_typed(rows, document):
    click(rows)
    enter(rows, "24 7;3,  1")
    assert document.spec.input.lengths == (24, 7, 3, 1)
    assert rows.text.field.text() == "24, 7, 3, 1"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("24, 7, 3", "one number per sequence: 4, not 3"),
        ("", "one number per sequence: 4, not 0"),
        ("24, 7, 3, 25", "between 1 and seq_len (24), not 25"),
        ("24, 7, 0, 1", "between 1 and seq_len (24), not 0"),
        ("24, 7, three, 1", "whole numbers, not 'three'"),
        ("24, 7, -3, 1", "between 1 and seq_len (24), not -3"),
        # What is wrong with a word comes before how many there are.
        ("foo", "whole numbers, not 'foo'"),
        ("99", "between 1 and seq_len (24), not 99"),
        ("9" * 5000, "between 1 and seq_len (24), not a number of 5,000 digits"),
        ("24, 7, 2.5, 1", "whole numbers, not '2.5'"),
    ],
)
def test_lengths_that_cannot_be_are_refused_beside_them_and_can_be_mended(
    rows, document, text, sentence
):
    click(rows)
    good = document.spec
    enter(rows, text)
    assert document.spec == good
    assert sentence in rows.text._refusal.text()
    assert rows.text._refusal.isVisible()
    assert rows.switch.switch.isChecked()
    enter(rows, "9, 9, 9, 9")
    assert document.spec.input.lengths == (9, 9, 9, 9)
    assert not rows.text._refusal.isVisible()


def test_turning_packing_off_takes_a_refused_draft_along(rows, document):
    click(rows)
    enter(rows, "1, 2")
    click(rows)
    assert document.spec.input.lengths is None
    assert document.refusals == {}
    assert not rows.switch.switch.isChecked()


def test_a_bar_is_dragged_and_stops_at_its_ends(rows, document, drag):
    click(rows)
    bars = rows.bars
    end = bars._bar(2).right()
    start = bars._bar(2).left()
    y = round(bars._bar(2).center().y())
    before = document.spec.input.lengths
    drag(bars, QPoint(round(start + 5), y), QPoint(round((start + end) / 2), y))
    assert document.spec.input.lengths == (*before[:2], 12, before[3])
    drag(bars, QPoint(round(end), y), QPoint(round(end) + 500, y + 200))
    assert document.spec.input.lengths[2] == 24
    drag(bars, QPoint(round(end), y), QPoint(-500, y))
    assert document.spec.input.lengths[2] == 1
    assert document.spec.input.lengths[3] == before[3]


def test_bars_are_changed_by_key(rows, document):
    click(rows)
    rows.bars.setFocus()
    before = document.spec.input.lengths
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right):
        QTest.keyClick(rows.bars, key)
    assert document.spec.input.lengths == (before[0], before[1] - 1, *before[2:])
    for _ in range(9):
        QTest.keyClick(rows.bars, Qt.Key.Key_Up)
    QTest.keyClick(rows.bars, Qt.Key.Key_Right)
    assert document.spec.input.lengths[0] == 24


def test_random_lengths_are_valid_and_fill_the_sequence(rows, document):
    click(rows)
    for _ in range(20):
        QTest.mouseClick(rows.shuffle, Qt.MouseButton.LeftButton)
        lengths = document.spec.input.lengths
        assert max(lengths) == 24
        assert min(lengths) >= 1
        assert len(lengths) == 4


def test_unbatched_input_cannot_be_packed(rows, document):
    click(rows)
    document.change(unbatched=True)
    assert document.spec.input.lengths is None
    assert not rows.switch.isEnabled()
    assert not rows.text.isVisible()
