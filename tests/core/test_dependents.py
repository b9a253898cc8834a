from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.asking.dependents import followed
from lstmviz.core.spec import RunSpec


def packed(*lengths, seq_len=24):
    return RunSpec().changed(seq_len=seq_len, batch_size=len(lengths), lengths=lengths)


@pytest.mark.parametrize(
    ("lengths", "changes", "expected"),
    [
        # A shorter sequence cuts what is longer.
        ((24, 20, 5), {"seq_len": 10}, (10, 10, 5)),
        # The longest sequence goes on filling a batch that grows in time.
        ((24, 20, 5), {"seq_len": 30}, (30, 20, 5)),
        # One that never filled it stays as it is.
        ((20, 12, 5), {"seq_len": 30}, (20, 12, 5)),
        # New batch items have the full length; items that go take theirs along.
        ((24, 20, 5), {"batch_size": 5}, (24, 20, 5, 24, 24)),
        ((24, 20, 5), {"batch_size": 2}, (24, 20)),
        # Where the longest one goes, the next longest fills the batch.
        ((5, 20, 24), {"batch_size": 2}, (5, 24)),
        ((24, 20, 5), {"seq_len": 12, "batch_size": 4}, (12, 12, 5, 12)),
        ((24, 20, 5), {"unbatched": True}, None),
    ],
)
def test_lengths_follow_the_sequence_and_the_batch(lengths, changes, expected):
    assert followed(packed(*lengths), changes) == {**changes, "lengths": expected}


def test_lengths_that_are_asked_for_are_never_altered():
    changes = {"seq_len": 3, "lengths": (24, 20, 5)}
    assert followed(packed(24, 20, 5), changes) == changes


def test_a_batch_that_is_not_packed_has_no_lengths_to_follow():
    assert followed(RunSpec(), {"seq_len": 3}) == {"seq_len": 3}


@pytest.mark.parametrize("wrong", [0, -4, "ten", 2.5, None, True])
def test_a_size_that_cannot_be_is_left_for_the_spec_to_refuse(wrong):
    assert followed(packed(24, 20, 5), {"batch_size": wrong}) == {"batch_size": wrong}


@given(
    st.integers(1, 40).flatmap(
        lambda steps: st.tuples(
            st.just(steps), st.lists(st.integers(1, steps), min_size=1, max_size=8)
        )
    ),
    st.dictionaries(st.sampled_from(["seq_len", "batch_size"]), st.integers(1, 50)),
)
def test_what_follows_is_always_valid(start, changes):
    seq_len, lengths = start
    spec = packed(*lengths, seq_len=seq_len)
    after = spec.changed(**followed(spec, changes))
    for name, value in changes.items():
        assert after.value(name) == value
    if max(lengths) == seq_len:
        assert max(after.input.lengths) == after.input.seq_len
