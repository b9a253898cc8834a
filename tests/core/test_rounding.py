from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.words.rounding import rounded, share


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.9966, "0.997"),
        (0.9999, "1.00"),
        (1.0, "1"),
        (0.0, "0"),
        (-0.12345, "−0.123"),
        (14.84, "14.8"),
        (309.44, "309.4"),
        (1.19e-07, "1.19e-07"),
        (1234.0, "1,234"),
        (math.nan, "NaN"),
        (-math.inf, "−∞"),
    ],
)
def test_rounded_keeps_three_digits_that_count(value, text):
    assert rounded(value) == text


@given(st.floats(-1e9, 1e9))
def test_only_a_whole_number_reads_as_one(value):
    text = rounded(value).replace("−", "-").replace(",", "")
    assert float(text) == pytest.approx(value, rel=5.1e-3)
    if not float(value).is_integer():
        assert not text.removeprefix("-").isdigit()


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_never_reads_as_more_than_it_is(counts):
    part, whole = counts
    shown = float(share(part, whole).removesuffix(" %"))
    assert shown * whole <= 100 * part + 1e-6 * whole
    assert 100 * part / whole - shown < 0.1 + 1e-9
    assert (shown == 100) == (part == whole)


def test_a_share_is_plain_where_it_is_exact():
    assert share(140, 400) == "35 %"
    assert share(3839, 3840) == "99.9 %"
