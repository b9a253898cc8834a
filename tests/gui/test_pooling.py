from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lstmviz.core.scenes.plots.peaks import peaks
from lstmviz.core.scenes.plots.pooling import farthest, pool


def pooled(values, first=0, last=None, columns=10, rows=10):
    work = pool(values, first, len(values) if last is None else last, columns, rows)
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return stop.value


TABLES = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=40),
    elements=st.floats(-4, 4, width=32),
)


@given(TABLES, st.integers(1, 50), st.integers(1, 50), st.data())
def test_a_picture_holds_of_every_block_the_number_farthest_from_zero(table, columns, rows, data):
    first = data.draw(st.integers(0, len(table) - 1))
    last = data.draw(st.integers(first + 1, len(table)))
    picture = pooled(table, first, last, columns, rows)
    part = table[first:last]
    height, width = picture.values.shape
    assert width == min(columns, last - first)
    assert height == min(rows, table.shape[1])
    step_edges = [k * len(part) // width for k in range(width + 1)]
    unit_edges = [k * part.shape[1] // height for k in range(height + 1)]
    for row in range(height):
        for column in range(width):
            block = part[
                step_edges[column] : step_edges[column + 1], unit_edges[row] : unit_edges[row + 1]
            ]
            shown = picture.values[row, column]
            assert abs(shown) == np.abs(block).max()
            assert shown in block
    assert picture.largest == np.abs(part).max()
    pooling = picture.pooling
    assert pooling.is_pooled == (width < len(part) or height < part.shape[1])
    assert bool(pooling.in_words()) == bool(pooling.mark) == pooling.is_pooled


@given(st.integers(0, 9_999), st.integers(0, 63), st.sampled_from([-1.0, 1.0]), st.data())
def test_a_spike_of_one_step_survives_however_small_the_picture(step, unit, sign, data):
    table = np.zeros((10_000, 64), np.float32)
    table[step, unit] = sign * 255
    columns, rows = data.draw(st.integers(1, 900)), data.draw(st.integers(1, 64))
    picture = pooled(table, columns=columns, rows=rows)
    (place,) = np.argwhere(picture.values == sign * 255)
    assert place[0] == [k for k in range(rows) if k * 64 // rows <= unit][-1]
    assert place[1] == [k for k in range(columns) if k * 10_000 // columns <= step][-1]


@given(TABLES, st.integers(1, 12), st.data())
def test_a_number_that_is_none_makes_its_block_none_and_no_other(table, columns, data):
    step = data.draw(st.integers(0, len(table) - 1))
    table = table.copy()
    table[step, 0] = np.nan
    picture = pooled(table, columns=columns, rows=table.shape[1])
    width = picture.values.shape[1]
    column = [k for k in range(width) if k * len(table) // width <= step][-1]
    assert np.argwhere(np.isnan(picture.values)).tolist() == [[0, column]]
    assert np.isfinite(picture.largest)


def test_infinity_is_kept_and_not_taken_for_a_scale():
    table = np.array([[1.0], [np.inf], [-2.0], [-np.inf]], np.float32)
    picture = pooled(table, columns=2)
    assert picture.values.tolist() == [[np.inf, -np.inf]]
    assert picture.largest == 0.0
    assert pooled(table, columns=4).largest == 2.0


def test_only_nothing_has_no_scale():
    assert pooled(np.full((5, 3), np.nan, np.float32)).largest == 0.0


@pytest.mark.parametrize("order", ["strided", "transposed", "reversed", "broadcast"])
def test_any_view_of_a_tensor_is_pooled_alike(order):
    whole = np.random.default_rng(0).normal(size=(60, 44)).astype(np.float32)
    view = {
        "strided": whole[::3, 1::2],
        "transposed": whole.T,
        "reversed": whole[::-1, ::-1],
        "broadcast": np.broadcast_to(whole[:1], (60, 44)),
    }[order]
    plain = np.ascontiguousarray(view)
    ours = pooled(view, columns=7, rows=5).values
    np.testing.assert_array_equal(ours, pooled(plain, columns=7, rows=5).values)


def test_a_large_tensor_is_pooled_in_slices_that_make_the_same_picture():
    table = np.random.default_rng(1).normal(size=(20_000, 256)).astype(np.float32)
    work = pool(table, 0, len(table), 800, 200)
    slices = 0
    picture = None
    while picture is None:
        try:
            next(work)
            slices += 1
        except StopIteration as stop:
            picture = stop.value
    assert slices > 5
    assert picture.values.shape == (200, 800)
    assert np.abs(picture.values[:, :8]).max() == np.abs(table[:200]).max()
    assert picture.pooling.mark == "25×1.3/px"
    assert picture.pooling.in_words() == "pixel = extreme of 25 steps × 1.3 units"


def test_of_two_numbers_equally_far_from_zero_one_is_taken():
    assert abs(farthest(np.array([-3.0]), np.array([3.0]))[0]) == 3


@given(
    hnp.arrays(np.float32, st.integers(1, 3000), elements=st.floats(-4, 4, width=32)),
    st.integers(1, 700),
)
def test_a_curve_keeps_its_peaks_and_has_two_points_a_column_at_most(values, columns):
    x, y = peaks(values, 0, len(values), columns)
    assert len(x) == len(y) <= max(2 * columns, len(values) if len(values) <= 2 * columns else 0)
    assert y.min() == values.min()
    assert y.max() == values.max()
    assert (np.diff(x) >= 0).all()
    assert x[0] == 0
    assert x[-1] < len(values)
