"""Figures at every size and of every run: nothing sticks out, and no words lie on others."""

from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lstmviz.core.asking.session import Session
from lstmviz.core.scenario import SCENARIOS
from lstmviz.core.scenarios.choice import Choice
from lstmviz.core.spec import RunSpec
from lstmviz.engine.run import run
from lstmviz.engine.scenarios.run import run_scenario
from lstmviz.figures.drawing import _SETTINGS, drawn
from lstmviz.figures.pictured import pictured
from lstmviz.figures.spec import POINTS_PER_MM, FigureError, FigureSpec, FigureView

SIZES = {
    "column": {"width": 84 * POINTS_PER_MM, "font": 8},
    "page": {"width": 720, "font": 9, "is_dark": True},
    "slide": {"width": 1440, "font": 18},
}

RUNS = {
    "default": {},
    "one of each": {
        "seq_len": 1,
        "batch_size": 1,
        "hidden_size": 1,
        "input_size": 1,
        "num_layers": 1,
        "bidirectional": False,
    },
    "unbatched": {"unbatched": True, "batch_size": 1, "proj_size": 4},
    "packed": {"lengths": (24, 9, 3), "batch_size": 3, "num_layers": 3},
    "deep": {"num_layers": 12, "hidden_size": 3},
    "long": {"seq_len": 10_000, "batch_size": 1, "num_layers": 1, "bidirectional": False},
    "wide": {"hidden_size": 1024, "seq_len": 3, "batch_size": 64, "num_layers": 1},
    "own state": {"initial_state": "random", "batch_first": False},
}

OVERLAP = 1.5
"""Pixels that two texts may share: the ascent of one and the descent of another."""


@pytest.fixture(scope="module")
def seen():
    """Return what pictures each of `RUNS`, run once."""
    done = {}

    def act(name):
        if name not in done:
            session = Session(spec=RunSpec.from_settings(RunSpec().settings() | RUNS[name]))
            done[name] = pictured(run(session.spec), session)
        return done[name]

    return act


@pytest.fixture(scope="module")
def found():
    """Return what pictures a scenario, run once."""
    done = {}

    def act(name):
        if name not in done:
            choice = Choice(name)
            findings = run_scenario(name, choice.settings)
            session = Session(choice=choice)
            done[name] = pictured(findings.run, session, findings=findings)
        return done[name]

    return act


def texts_of(made):
    """Return every text with its box in pixels at 1x: left, top, right, bottom."""
    figure = made.figure
    with warnings.catch_warnings(), mpl.rc_context(_SETTINGS):
        # A sign that no face has would be drawn as an empty box, with a warning.
        warnings.simplefilter("error")
        made.dots()
        renderer = FigureCanvasAgg(figure).get_renderer()
        height = figure.bbox.height
        boxes = []
        for text in figure.axes[0].texts:
            box = text.get_window_extent(renderer)
            boxes.append((text.get_text(), box.x0, height - box.y1, box.x1, height - box.y0))
    return boxes, figure.bbox.width, height


def check(made):
    boxes, width, height = texts_of(made)
    outside = [
        (text, *map(round, box))
        for text, *box in boxes
        if box[0] < -1 or box[1] < -2 or box[2] > width + 1 or box[3] > height + 2
    ]
    assert outside == []
    overlaps = [
        (one[0], other[0])
        for one, other in combinations(boxes, 2)
        if min(one[3], other[3]) - max(one[1], other[1]) > OVERLAP
        and min(one[4], other[4]) - max(one[2], other[2]) > OVERLAP + 2
    ]
    assert overlaps == []


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", RUNS)
def test_every_view_of_every_run_keeps_its_words_apart_and_inside(name, size, seen):
    for view in FigureView:
        if not view.needs_scenario:
            check(drawn(seen(name), FigureSpec(view=view, **SIZES[size])))


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_keeps_its_words_apart_and_inside(name, size, found):
    for view in (FigureView.PIPELINE, FigureView.RESULTS, FigureView.FIGURE):
        check(drawn(found(name), FigureSpec(view=view, **SIZES[size])))


def test_a_figure_as_low_as_it_can_be_is_still_whole(seen):
    spec = FigureSpec(view=FigureView.FIGURE, width=960)
    low, high = 100.0, drawn(seen("default"), spec).height
    while high - low > 2:
        middle = (low + high) / 2
        try:
            made = drawn(seen("default"), replace(spec, height=middle))
            check(made)
            assert made.height == pytest.approx(middle, abs=0.8)
            high = middle
        except FigureError:
            low = middle
    assert high < 450


def test_the_cells_of_a_map_are_the_results(found):
    from lstmviz.core.scenarios.sheets import Form, sheets
    from lstmviz.core.scenes.colors import LIGHT
    from lstmviz.core.scenes.plots.colormap import color_table
    from lstmviz.core.scenes.results.maps import scales_of, table_of

    one = found("sentence-classifier")
    sheet = next(s for s in sheets(one.findings.results) if s.form is Form.MAP)
    scale = scales_of(sheets(one.findings.results))[sheet.key]
    table, _ = table_of(sheet.results[0], 0)
    expected = color_table(LIGHT, scale.ramp)[scale.indices(table.T)][..., :3]
    made = drawn(one, FigureSpec(view=FigureView.RESULTS, width=1400))
    images = [np.asarray(image.get_array()) for image in made.figure.axes[0].images]
    rows, columns = expected.shape[:2]
    shrunk = [
        image[image.shape[0] // rows // 2 :: image.shape[0] // rows,
              image.shape[1] // columns // 2 :: image.shape[1] // columns]
        for image in images
        if not image.shape[0] % rows and not image.shape[1] % columns
    ]  # fmt: skip
    assert any(np.array_equal(image[:rows, :columns, :3], expected) for image in shrunk)
