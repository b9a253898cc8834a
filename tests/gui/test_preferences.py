from __future__ import annotations

import json
import logging
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmviz.core.asking.session import Session, View
from lstmviz.core.spec import RunSpec
from lstmviz.gui.app import preferences
from lstmviz.gui.app.preferences import Preferences
from lstmviz.gui.theme import Scheme

KEPT = Preferences(
    session=Session(
        spec=RunSpec().changed(hidden_size=77, lengths=(3, 2, 1, 1)), view=View(step=2)
    ),
    scheme=Scheme.DARK,
    geometry=bytes(range(256)),
    state=b"\0\xff",
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "folder" / "preferences.json"


def test_what_is_kept_comes_back_at_the_next_start(path):
    assert preferences.load(path) == Preferences()
    preferences.save(KEPT, path)
    assert preferences.load(path) == KEPT
    preferences.save(Preferences(), path)
    assert preferences.load(path) == Preferences()
    assert [p.name for p in path.parent.iterdir()] == ["preferences.json"]


def test_they_are_kept_where_this_user_s_settings_are():
    assert str(preferences.default_path()).startswith(os.environ["XDG_CONFIG_HOME"])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"[" * 200_000,
        b'{"lstmviz_preferences": 2}',
        b'{"lstmviz_preferences": [1]}',
    ],
    ids=lambda data: data[:12].decode("latin-1"),
)
def test_a_broken_file_never_stops_a_start(path, data):
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    assert preferences.load(path) == Preferences()


@pytest.mark.parametrize("part", ["session", "scheme", "geometry", "state"])
@pytest.mark.parametrize("junk", [None, 3, "x", [], {}, [["a"]], {"lstmviz": 1}, "ÿÿ", True])
def test_a_broken_part_costs_only_itself(path, part, junk):
    preferences.save(KEPT, path)
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, part: junk}), encoding="utf-8")
    loaded = preferences.load(path)
    for name in ("session", "scheme", "geometry", "state"):
        expected = Preferences() if name == part else KEPT
        assert getattr(loaded, name) == getattr(expected, name), name


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["session", "scheme", "geometry", "state", "lstmviz_preferences"]), _JSON
    )
)
def test_any_json_is_survived(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps({"lstmviz_preferences": 1, **data}), encoding="utf-8")
    assert isinstance(preferences.load(path), Preferences)


def test_a_folder_that_cannot_be_written_costs_nothing_else(path, caplog):
    path.parent.parent.mkdir(parents=True, exist_ok=True)
    path.parent.write_text("a file stands where the folder should be", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        preferences.save(KEPT, path)
        assert preferences.load(path) == Preferences()
    assert "cannot be kept" in caplog.text


def test_a_file_that_cannot_be_replaced_keeps_what_it_held(path, caplog):
    path.mkdir(parents=True)
    with caplog.at_level(logging.WARNING):
        preferences.save(KEPT, path)
        assert preferences.load(path) == Preferences()
    assert "cannot be kept" in caplog.text
    assert path.is_dir()


def test_a_full_disk_keeps_what_was_there(path):
    import resource
    import signal

    preferences.save(KEPT, path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    try:
        preferences.save(Preferences(), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["preferences.json"]
