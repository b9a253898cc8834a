"""Numbers taken away are the numbers themselves, in every form."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.taken import NumberTable, exact

RNG = np.random.default_rng(3)


def table_of(dtype, first=0):
    values = RNG.standard_normal((5, 3)).astype(dtype)
    values[1, 2], values[3, 0] = np.nan, np.inf
    return NumberTable(
        name="hidden", said="h_t, layer 1", table=values, columns=("a", "b,c", "d"), first=first
    )


@given(st.floats(width=32), st.floats())
def test_a_number_is_written_so_that_its_own_type_reads_it_back(single, double):
    for value in (np.float32(single), np.float64(double)):
        back = type(value)(exact(value))
        assert back == value or np.isnan(value)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_csv_gives_every_number_back_with_its_names(dtype):
    taken = table_of(dtype, first=4)
    head, *rows = csv.reader(io.StringIO(taken.csv().decode(), newline=""))
    assert head == ["t", "a", "b,c", "d"]
    assert [row[0] for row in rows] == ["4", "5", "6", "7", "8"]
    back = np.array([[dtype(cell) for cell in row[1:]] for row in rows])
    np.testing.assert_array_equal(back, taken.table)
    assert taken.csv().count(b"\r\n") == 6


def test_npz_holds_the_bits_and_what_they_are():
    taken = table_of(np.float32, first=2)
    with np.load(io.BytesIO(taken.npz()), allow_pickle=False) as held:
        np.testing.assert_array_equal(held["hidden"], taken.table)
        assert held["hidden"].dtype == np.float32
        assert held["t"].tolist() == [2, 3, 4, 5, 6]
        assert held["columns"].tolist() == ["a", "b,c", "d"]
        assert str(held["said"]) == "h_t, layer 1"


def test_a_part_is_counted_as_in_the_whole():
    taken = table_of(np.float32)
    part = taken.part(range(2, 4))
    assert part.first == 2
    np.testing.assert_array_equal(part.table, taken.table[2:4])
    np.testing.assert_array_equal(part.part(range(3, 4)).table, taken.table[3:4])
    assert part.row_text(3) == taken.row_text(3)


def test_rows_and_columns_paste_into_a_spreadsheet():
    taken = table_of(np.float32)
    assert [np.float32(n) for n in taken.row_text(2).split("\t")] == taken.table[2].tolist()
    column = [np.float32(n) for n in taken.column_text(1).split("\n")]
    assert column == taken.table[:, 1].tolist()
