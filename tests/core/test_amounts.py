from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.asking.session import Session, SessionError
from lstmviz.core.words.amounts import grouped, grouped_in, named, quoted, reason, shown, visible

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(_VALUES)
def test_a_quoted_value_is_short_and_obeyed_by_no_terminal(value):
    text = quoted(value)
    assert len(text) < 1500
    assert visible(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("int8", "'int8'"),
        (None, "None"),
        (1.5, "1.5"),
        ([1, 2], "[1, 2]"),
        ("\x1b[31m", "'\\x1b[31m'"),
        (10**5000, "a number of about 5,001 digits"),
        ("x" * 1000, f"'{'x' * 29}…{'x' * 29}'"),
    ],
    ids=["text", "none", "real", "list", "escape", "digits", "long"],
)
def test_what_is_short_is_quoted_as_python_writes_it(value, text):
    assert quoted(value) == text


def test_numbers_are_grouped_and_other_text_is_not_touched():
    assert grouped(100_000) == "100,000"
    assert grouped(0.25) == "0.25"
    assert grouped_in("2·100000") == "2·100,000"
    assert grouped_in("t = 999 of 0…99999") == "t = 999 of 0…99,999"
    assert grouped(10**60) == "a number of about 61 digits"


def test_names_and_paths_are_shown_on_one_line():
    assert named("hidden_size") == "hidden_size"
    assert named("<img>\n") == "'<img>\\n'"
    assert shown("a\nb\x1b\u202e") == "a\\nb\\x1b\\u202e"
    assert len(shown("/long" * 1000)) < 250
    assert reason(OSError(28, "No space left on device")) == "No space left on device"
    assert reason(OSError("odd.")) == "odd"


@pytest.mark.parametrize("name", ["dtype", "hidden_size", "lengths", "device", "bias", "evil"])
@pytest.mark.parametrize(
    "value", ["x" * 15_000_000, [1] * 5_000_000, {"a": {"b": {}}}], ids=["text", "list", "deep"]
)
def test_a_huge_setting_gives_a_short_sentence_at_once(name, value):
    key = name if name != "evil" else "<b>" * 500_000
    text = json.dumps({"lstmviz": 1, "settings": {key: value}, "view": {}})
    start = time.process_time()
    json.loads(text)
    read = time.process_time() - start
    start = time.process_time()
    with pytest.raises(SessionError) as caught:
        Session.from_json(text)
    # Reading the JSON is nearly all of it.
    assert time.process_time() - start < 5 * read + 1
    assert len(str(caught.value)) < 400


def test_nothing_hides_in_a_name():
    assert visible("a\u200bb\u2060c\U000e0041.npz") == r"a\u200bb\u2060c\U000e0041.npz"
