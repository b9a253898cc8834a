from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.asking.looks import Looks
from lstmviz.core.asking.session import Session, SessionError, View
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.spec import BOUNDS, DType, InitialState, RunSpec, SpecError, Values


def whole(name, high):
    return st.integers(int(BOUNDS[name].low), high)


@st.composite
def specs(draw):
    settings = {
        "input_size": draw(whole("input_size", 9)),
        "hidden_size": draw(whole("hidden_size", 8192)),
        "num_layers": draw(whole("num_layers", 64)),
        "bias": draw(st.booleans()),
        "batch_first": draw(st.booleans()),
        "dropout": draw(st.floats(0, 1)),
        "bidirectional": draw(st.booleans()),
        "seq_len": draw(whole("seq_len", 100_000)),
        "batch_size": draw(whole("batch_size", 12)),
        "values": draw(st.sampled_from(Values)),
        "initial_state": draw(st.sampled_from(InitialState)),
        "seed": draw(whole("seed", 2**32 - 1)),
        "dtype": draw(st.sampled_from(DType)),
        "device": draw(st.sampled_from(["cpu", "cuda:0", "mps"])),
    }
    settings["proj_size"] = draw(st.integers(0, settings["hidden_size"] - 1))
    shape = draw(st.sampled_from(["plain", "unbatched", "packed"]))
    if shape == "unbatched":
        settings["unbatched"] = True
    elif shape == "packed":
        length = st.integers(1, settings["seq_len"])
        n = settings["batch_size"]
        settings["lengths"] = tuple(draw(st.lists(length, min_size=n, max_size=n)))
    return RunSpec().changed(**settings)


VIEWS = st.builds(
    View,
    layer=st.integers(-1, 63),
    direction=st.integers(0, 1),
    item=st.integers(0, 65_535),
    step=st.integers(0, 99_999),
    unit=st.integers(0, 8191),
    units=st.lists(st.integers(0, 8191), max_size=6).map(tuple),
)


NAMES = st.text(max_size=64)
LOOKS = st.builds(
    Looks,
    plots=NAMES,
    panel=NAMES,
    measure=NAMES,
    scheme=st.sampled_from(["system", "light", "dark"]),
    has_settings=st.booleans(),
    has_panels=st.booleans(),
)


@given(
    specs(),
    VIEWS,
    st.dictionaries(st.sampled_from(["chunks", "counter"]), VIEWS),
    st.none() | LOOKS,
)
def test_every_session_comes_back_from_its_json(spec, view, others, looks):
    session = Session(spec=spec, view=view, other_views=others, looks=looks)
    assert Session.from_json(session.to_json()) == session


def test_a_session_saved_before_scenarios_had_views_of_their_own_is_read():
    data = json.loads(Session(choice=Choice("chunks"), view=View(step=7)).to_json())
    assert "other_views" not in data
    session = Session.from_json(json.dumps(data))
    assert session.views == {"chunks": View(step=7)}


def test_a_setting_that_was_not_saved_takes_its_default():
    text = json.dumps({"lstmviz": 1, "settings": {"hidden_size": 5}, "view": {}})
    assert Session.from_json(text) == Session(spec=RunSpec().changed(hidden_size=5))


def changed(**parts):
    return json.dumps({**json.loads(Session().to_json()), **parts})


def test_looks_of_a_newer_lstmviz_are_read_as_far_as_they_are_known():
    session = Session.from_json(changed(looks={"plots": "attention", "zoom": [1], "sound": None}))
    assert session.looks == Looks(plots="attention")
    assert Session.from_json(changed()).looks is None


def viewed(**places):
    return changed(view={**json.loads(Session().to_json())["view"], **places})


@pytest.mark.parametrize(
    "text",
    [
        "",
        changed(other_views=[]),
        changed(looks=[]),
        changed(looks="dark"),
        changed(looks={"plots": 1}),
        changed(looks={"panel": None}),
        changed(looks={"panel": "x" * 65}),
        changed(looks={"scheme": "sepia"}),
        changed(looks={"scheme": ["dark"]}),
        changed(looks={"has_panels": 1}),
        changed(other_views={"chunks": {"step": -1}}),
        changed(other_views={str(n): {} for n in range(100)}),
        "null",
        "[]",
        "{}",
        "7" * 5000,
        "[" * 100_000,
        '{"lstmviz": 1}',
        changed(settings=None),
        changed(settings=[]),
        changed(view=None),
        changed(view=[1]),
        viewed(step=-1),
        viewed(step=10**30),
        viewed(step=1.5),
        viewed(step=True),
        viewed(step=[3]),
        viewed(direction=-1),
        viewed(direction=2),
        viewed(item=-1),
        viewed(layer=-2),
        viewed(unit=-1),
        viewed(units="2, 5"),
        viewed(units=[1.5]),
        viewed(units=[-1]),
        viewed(units={}),
        viewed(units=list(range(100_000))),
    ],
    ids=lambda text: text[:20] + "…" + text[-60:] if len(text) > 80 else text,
)
def test_what_is_no_session_is_refused_in_a_sentence(text):
    with pytest.raises(SessionError, match="not a session that lstmviz saved"):
        Session.from_json(text)


def test_a_newer_format_says_so():
    with pytest.raises(SessionError, match="format 2; this lstmviz reads 1"):
        Session.from_json(changed(lstmviz=2))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"proj_size": 16}, "proj_size must be smaller than hidden_size"),
        ({"hidden_size": 10**30}, "hidden_size must be between"),
        ({"hidden_size": "16"}, "hidden_size must be a whole number"),
        ({"hidden_size": True}, "hidden_size must be a whole number"),
        ({"bias": 1}, "bias must be true or false"),
        ({"dtype": "int8"}, "dtype must be one of"),
        ({"values": ["normal"]}, "values must be one of"),
        ({"device": 3}, "device must be a name"),
        ({"device": "cpu; rm"}, "is not a device"),
        ({"lengths": "12,9"}, "lengths must be a list"),
        ({"lengths": [3, 0, 1, 1]}, "Each length must be between 1"),
        ({"lengths": [1.0, 1, 1, 1]}, "lengths must be whole numbers"),
        ({"lengths": [[1], 1, 1, 1]}, "lengths must be whole numbers"),
        ({"__class__": 1}, "There is no setting called __class__"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_the_setting_s_own_sentence(settings, sentence):
    with pytest.raises(SessionError, match=sentence):
        Session.from_json(changed(settings=settings))


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.sampled_from(sorted(RunSpec().settings())), _JUNK)
def test_any_junk_in_a_setting_is_taken_or_refused_and_never_crashes(name, junk):
    try:
        spec = Session.from_json(changed(settings={name: junk})).spec
    except SessionError:
        return
    assert spec == RunSpec().changed(**{name: spec.value(name)})


@given(st.sampled_from(["layer", "direction", "item", "step", "unit", "units"]), _JUNK)
def test_any_junk_in_the_view_is_taken_or_refused_and_never_crashes(name, junk):
    try:
        view = Session.from_json(viewed(**{name: junk})).view
    except SessionError:
        return
    value = getattr(view, name)
    assert (list(value) if name == "units" else value) == junk


def test_an_error_can_cross_a_process_border():
    import pickle

    error = pickle.loads(pickle.dumps(SpecError("seq_len", "too long")))  # noqa: S301 - our own
    assert (error.field, error.sentence) == ("seq_len", "too long")
