from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.spec import BOUNDS, Bound, RunSpec, SpecError, check_bound
from lstmviz.core.words.typed import endless, parse_number, parse_numbers, said


@pytest.mark.parametrize(
    ("text", "whole", "value"),
    [
        ("12", True, 12),
        ("1,000,000", True, 1_000_000),
        ("1 000\u202f000", True, 1_000_000),
        ("-3", True, -3),
        ("−3", True, -3),
        ("3.0", True, "3.0"),
        ("0x10", True, "0x10"),
        # Half of the world writes a fraction so: it is not fifteen.
        ("1,5", True, "1,5"),
        ("1,2,3", True, "1,2,3"),
        ("²", True, "²"),
        ("9" * 5000, True, "9" * 5000),
        ("0.25", False, 0.25),
        ("1e-2", False, 0.01),
        ("0,25", False, "0,25"),
        ("half", False, "half"),
    ],
)
def test_numbers_are_read_as_people_write_them(text, whole, value):
    assert parse_number(text, whole=whole) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2", (1, 2)),
        (" 1  2 ;3", (1, 2, 3)),
        ("", ()),
        ("a 1", ("a", 1)),
        ("²", ("²",)),
        ("-3, 2.5", (-3, "2.5")),
        ("9" * 5000, ("9" * 5000,)),
    ],
)
def test_lengths_are_read_as_people_write_them(text, words):
    assert parse_numbers(text) == words


def refusal(act):
    try:
        act()
    except SpecError as error:
        return error
    return None


@given(st.text(max_size=40) | st.integers().map(str) | st.just("7" * 5000))
def test_whatever_is_typed_is_read_or_refused_in_one_short_sentence(text):
    for name, bound in BOUNDS.items():
        number = parse_number(text, whole=bound.is_whole)
        error = refusal(lambda n=name, x=number, b=bound: check_bound(n, x, b))
        if error is None:
            assert bound.low <= number <= bound.high
        else:
            assert error.field == name
            assert error.sentence.startswith(f"{name} must be ")
            assert len(error.sentence) < 150
    error = refusal(lambda: RunSpec().changed(lengths=parse_numbers(text)))
    if error is not None:
        assert error.field == "lengths"
        assert len(error.sentence) < 150


def test_what_is_too_long_to_be_read_is_refused_for_its_size():
    with pytest.raises(SpecError, match="must be between 1 and 9, not a number of 5,000 digits"):
        check_bound("n", parse_number("1" * 5000, whole=True), Bound(1, 9))
    assert endless("1,000") == endless("x" * 5000) == endless(12) == ""
    assert said("") == "empty"
    assert said("x" * 5000) == repr("x" * 24 + "…")
    # Longer than Python writes.
    assert said(10**6000) == "a number of 6,001 digits"
