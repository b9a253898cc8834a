"""What a change comes to, and which refused values stand beside it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.asking.asked import Asked
from lstmviz.core.asking.drafts import Drafts, propose
from lstmviz.core.spec import SpecError

START = Asked()


def changed(asked, settings):
    return asked.changed(**settings)


def after(*changes):
    asked, drafts = START, Drafts()
    for settings in changes:
        outcome = propose(asked, drafts, settings, changed)
        asked, drafts = outcome.asked, outcome.drafts
    return asked, drafts


def test_two_settings_that_only_fit_together_can_be_set_one_after_the_other():
    asked, drafts = after({"hidden_size": 8, "proj_size": 4}, {"proj_size": 9})
    assert asked.spec.lstm.proj_size == 4
    assert drafts.values == {"proj_size": 9}
    assert "hidden_size" in drafts.refusals["proj_size"]
    asked, drafts = after({"hidden_size": 8}, {"proj_size": 9}, {"hidden_size": 12})
    assert (asked.spec.lstm.hidden_size, asked.spec.lstm.proj_size) == (12, 9)
    assert not drafts


def test_a_change_that_fits_alone_leaves_the_drafts_with_why_each_cannot_be():
    asked, drafts = after({"hidden_size": 8}, {"proj_size": 9, "seq_len": 0}, {"batch_size": 7})
    assert asked.spec.input.batch_size == 7
    assert drafts.values == {"proj_size": 9, "seq_len": 0}
    assert drafts.refusals.keys() == {"proj_size", "seq_len"}
    assert all(drafts.refusals.values())


def test_what_the_engine_refused_is_tried_again_only_with_one_of_its_own_settings():
    held = Drafts().holding({"hidden_size": 64, "seq_len": 9}, "seq_len", "No memory.")
    assert held.refusals == {
        "seq_len": "No memory.",
        "hidden_size": "Not run together with seq_len.",
    }
    beside = propose(START, held, {"batch_size": 7}, changed)
    assert beside.asked.spec.input.batch_size == 7
    assert beside.asked.spec.lstm.hidden_size == START.spec.lstm.hidden_size
    assert beside.drafts == held
    again = propose(beside.asked, held, {"hidden_size": 32}, changed)
    assert (again.asked.spec.lstm.hidden_size, again.asked.spec.input.seq_len) == (32, 9)
    assert not again.drafts


_SETTINGS = st.dictionaries(
    st.sampled_from(["hidden_size", "proj_size", "seq_len", "num_layers", "dropout"]),
    st.sampled_from([-1, 0, 1, 2, 5, 12, 10**9]),
    min_size=1,
    max_size=3,
)


@given(st.lists(_SETTINGS, max_size=6))
def test_whatever_is_changed_only_what_can_be_is_in_force_and_the_rest_says_why(changes):
    asked, drafts = START, Drafts()
    for settings in changes:
        outcome = propose(asked, drafts, settings, changed)
        refused = outcome.drafts
        assert (
            refused.values.keys()
            <= refused.refusals.keys() | settings.keys() | drafts.values.keys()
        )
        assert refused.values.keys() <= {name for one in changes for name in one}
        for name, value in settings.items():
            # What was typed is either in force or still stands in its field.
            in_force = outcome.asked.settings()[name] == value
            assert in_force or refused.values[name] == value
        if refused.values:
            try:
                changed(outcome.asked, refused.values)
            except SpecError:
                pass
            else:
                raise AssertionError("a draft that fits was not taken")
        asked, drafts = outcome.asked, refused
