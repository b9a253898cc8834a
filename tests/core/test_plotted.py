"""Whose numbers are plotted, and why others cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from lstmviz.core.asking.session import View
from lstmviz.core.places import Place, input_of_item, output_of_item, value_at
from lstmviz.core.plotted import LazyDifference, Whose, resolve
from lstmviz.core.spec import RunSpec
from lstmviz.engine.run import run

CUTS = {
    "input": lambda trace, view: input_of_item(trace, view.item),
    "output": lambda trace, view: output_of_item(trace, view.item),
    "hidden": lambda trace, view: trace.hidden[view.layer, view.direction, :, view.item],
}


def traced(**settings):
    return run(RunSpec().changed(**settings), generation=1).traces[0]


@pytest.fixture(scope="module")
def here():
    return traced(seed=7)


@pytest.fixture(scope="module")
def there():
    return traced()


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_each_mode_gives_the_numbers_it_names(here, there, cut):
    view = View(item=2).fitted(here)
    mine, theirs = cut(here, view), cut(there, view)
    for whose, wanted in (
        (Whose.THIS, mine), (Whose.PINNED, theirs), (Whose.DIFFERENCE, mine - theirs),
    ):  # fmt: skip
        plotted = resolve(here, view, there, whose)
        assert (plotted.whose, plotted.refusal) == (whose, "")
        table = plotted.table(cut)
        assert (table.shape, len(table)) == (wanted.shape, len(wanted))
        for part in (slice(3, 9), (slice(None), 1), 5):
            np.testing.assert_array_equal(table[part], wanted[part])


def test_a_value_is_the_number_of_the_table_in_every_mode(here, there):
    view = View(layer=1, direction=1, item=3).fitted(here)
    place = Place(tensor="hidden", layer=1, direction=1, step=4, item=3, unit=5)
    for whose in Whose:
        plotted = resolve(here, view, there, whose)
        assert plotted.value(place) == pytest.approx(float(plotted.table(CUTS["hidden"])[4, 5]))
        assert plotted.names(place)[0].startswith(whose.mark)


@pytest.mark.parametrize(
    ("settings", "item", "name"),
    [
        ({"hidden_size": 20}, 0, "hidden_size is 16 there and 20 here"),
        ({"num_layers": 3}, 0, "num_layers is 2 there and 3 here"),
        ({"bidirectional": False}, 0, "D is 2 there and 1 here"),
        ({"proj_size": 4}, 0, "proj_size is 0 there and 4 here"),
        ({"input_size": 5}, 0, "input_size is 8 there and 5 here"),
        ({"seq_len": 1000}, 0, "seq_len is 24 there and 1,000 here"),
        ({"batch_size": 6}, 5, "batch_size is 4 there, so that it has no batch item 5"),
        ({"lengths": (24, 9, 3, 1)}, 1, "the length of batch item 1 is 24 there and 9 here"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("asked", [Whose.PINNED, Whose.DIFFERENCE])
def test_another_size_is_refused_by_name_and_this_run_is_shown(there, settings, item, name, asked):
    trace = traced(**settings)
    view = View(item=item).fitted(trace)
    plotted = resolve(trace, view, there, asked)
    assert name in plotted.refusal
    assert (plotted.whose, plotted.asked) == (Whose.THIS, asked)
    assert plotted.sentence.startswith("Shown: this run. ")
    assert plotted.refusal in plotted.sentence
    np.testing.assert_array_equal(plotted.table(CUTS["output"])[:], CUTS["output"](trace, view))
    assert plotted.sources == (("this run", trace),)


def test_what_leaves_sizes_alone_is_not_refused(there):
    for settings in ({"batch_first": False}, {"bias": False}, {"batch_size": 6},
                     {"lengths": (24, 9, 3, 1)}, {"dtype": "float64"}):  # fmt: skip
        trace = traced(**settings)
        plotted = resolve(trace, View(item=0).fitted(trace), there, Whose.DIFFERENCE)
        assert plotted.refusal == "", settings


def test_a_number_that_two_runs_keep_in_two_places_is_named_in_both(there):
    trace = traced(batch_first=False)
    place = Place(tensor="output", layer=1, direction=0, step=7, item=2, unit=3)
    view = View().fitted(trace)
    plotted = resolve(trace, view, there, Whose.DIFFERENCE)
    assert plotted.names(place) == ("this output[7, 2, 3] − pinned output[2, 7, 3]",)
    pinned = resolve(trace, view, there, Whose.PINNED)
    assert pinned.names(place) == ("pinned: output[2, 7, 3]",)
    assert pinned.value(place) == value_at(there, place) == float(there.output[2, 7, 3])


def test_two_infinities_have_no_difference():
    apart = LazyDifference(np.array([np.inf, 1.0]), np.array([np.inf, 3.0]))
    assert np.isnan(apart[0])
    assert apart[1] == -2


@pytest.mark.parametrize("batch_first", [False, True])
def test_the_input_of_an_item_is_its_own_in_every_layout(batch_first):
    lengths = (24, 9, 3, 1)
    dense = traced(batch_first=batch_first)
    ragged = traced(batch_first=batch_first, lengths=lengths)
    for item, length in enumerate(lengths):
        rows = input_of_item(dense, item)
        whole = dense.input[item] if batch_first else dense.input[:, item]
        np.testing.assert_array_equal(rows, whole)
        np.testing.assert_array_equal(input_of_item(ragged, item), rows[:length])
    alone = traced(unbatched=True)
    assert input_of_item(alone, 0) is not None
    np.testing.assert_array_equal(input_of_item(alone, 0), alone.input)
