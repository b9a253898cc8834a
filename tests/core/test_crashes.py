"""What is said of an exception that nobody expected."""

from __future__ import annotations

import json

import pytest

from lstmviz.core.crashes import Crash, crash_of
from lstmviz.core.spec import RunSpec


def raised(act):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
        act()
    return caught.value


def test_a_crash_is_one_sentence_with_the_innermost_place_of_ours():
    crash = crash_of(raised(lambda: RunSpec.from_settings({"seq_len": object()})))
    assert crash.sentence.count("\n") == 0
    assert "(core/" in crash.sentence
    assert crash.sentence.endswith(").")
    assert crash.details.startswith("lstmviz ")
    assert "Traceback (most recent call last)" in crash.details


@pytest.mark.parametrize("words", ["", "\x1b[31mred\x1b[0m\n" * 5, "x" * 10_000_000])
def test_its_words_are_short_and_obey_nothing(words):
    crash = crash_of(raised(lambda: json.loads(words)) if words == "" else ValueError(words))
    assert len(crash.sentence) < 300
    assert len(crash.details) < 200_000
    assert "\x1b" not in crash.sentence + crash.details
    assert "\n" not in crash.sentence


def test_a_crash_told_by_another_process_is_the_same():
    crash = crash_of(KeyError("h"))
    assert Crash.told(crash.sentence, crash.details) == crash
