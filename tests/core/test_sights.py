from __future__ import annotations

from dataclasses import replace

import pytest

from lstmviz.core.asking.session import View
from lstmviz.core.asking.sights import Sights
from lstmviz.core.spec import RunSpec
from lstmviz.engine.run import run


@pytest.fixture(scope="module")
def large():
    return run(RunSpec()).traces[0]


@pytest.fixture(scope="module")
def small():
    sizes = {"seq_len": 3, "hidden_size": 4, "batch_size": 1, "bidirectional": False}
    return run(RunSpec().changed(num_layers=1, **sizes)).traces[0]


def test_a_view_is_fitted_to_every_run_and_kept_as_it_was_chosen(large, small):
    chosen = View(layer=1, direction=1, item=3, step=20, unit=15, units=(15, 2))
    sights = Sights({"": chosen}, "")
    sights.show("", small)
    assert sights.view == View(layer=0, direction=0, item=0, step=2, unit=3, units=(2,))
    sights.show("", large)
    assert sights.view == chosen


def test_looking_elsewhere_changes_what_was_named_and_what_differs_only(large, small):
    sights = Sights({"": View(layer=1, step=20, units=(15, 2))}, "")
    sights.show("", small)
    # The last step of a small run is chosen although it was shown already.
    sights.look(replace(sights.view, step=2), small, step=2)
    sights.show("", large)
    assert (sights.view.step, sights.view.units) == (2, (15, 2))


def test_what_cannot_be_is_never_kept(large):
    sights = Sights({}, "")
    sights.show("", large)
    sights.look(View(step=10**30, item=10**30), large, step=10**30, item=10**30)
    assert (sights.all()[""].step, sights.all()[""].item) == (23, 3)


def test_the_last_layer_is_meant_once(large, small):
    sights = Sights({}, "")
    sights.show("", small)
    assert sights.all()[""].layer == 0
    sights.show("", large)
    assert sights.view.layer == 0


def test_each_name_has_its_own(large, small):
    sights = Sights({"a": View(step=4)}, "")
    sights.show("", large)
    sights.look(replace(sights.view, step=9), large)
    single = sights.view
    sights.show("a", small)
    sights.look(replace(sights.view, step=1), small)
    assert sights.of("") == single
    sights.show("", large)
    assert sights.view == single
    assert sights.all_but("") == {"a": replace(sights.of("a"))}
    assert sights.of("a").step == 1
