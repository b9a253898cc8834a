"""Colours and the numbers they mean."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from lstmviz.core.scenarios.results import Result
from lstmviz.core.scenarios.sheets import sheets
from lstmviz.core.scenes.colors import DARK, LIGHT
from lstmviz.core.scenes.plots.colormap import (
    NAN_INDEX,
    TOP_INDEX,
    ZERO_INDEX,
    Ramp,
    color_table,
    to_oklab,
)
from lstmviz.core.scenes.plots.scale import Scale, ScaleKind
from lstmviz.core.scenes.results.maps import scales_of

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


@THEMES
def test_the_map_is_centred_on_zero_and_symmetric_in_reach(theme):
    table, scale = color_table(theme).astype(int), Scale(ScaleKind.SIGNED, 3.0)
    assert scale.indices(np.array([0.0])).tolist() == [ZERO_INDEX]
    assert scale.indices(np.array([-3, 3, -np.inf, np.inf, -9, 9.0])).tolist() == [
        0, TOP_INDEX, 0, TOP_INDEX, 0, TOP_INDEX,
    ]  # fmt: skip
    assert scale.indices(np.array([np.nan])).tolist() == [NAN_INDEX]
    assert Scale(ScaleKind.SIGNED, 0.0).indices(np.array([0.0, 1.0]))[0] == ZERO_INDEX
    zero = QColor(theme.zero).getRgb()[:3]
    assert table[ZERO_INDEX, :3].tolist() == list(zero)
    reach = np.abs(table[: TOP_INDEX + 1, :3] - zero).sum(axis=1)
    assert (np.diff(reach[: ZERO_INDEX + 1]) <= 0).all()
    assert (np.diff(reach[ZERO_INDEX:]) >= 0).all()


# Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB: what each sees of it.
EYES = {
    "all": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


@pytest.mark.parametrize("eye", EYES)
@THEMES
def test_a_sequential_map_goes_one_way_in_even_steps_for_every_eye(theme, eye):
    colors = color_table(theme, Ramp.SEQUENTIAL)[: TOP_INDEX + 1, :3] / 255
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    seen = (linear @ np.array(EYES[eye]).T).clip(0, 1)
    seen = 255 * np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    steps = np.diff(to_oklab(seen)[::9, 0])  # 28 steps; single rows round to whole bytes
    assert (np.sign(steps) == np.sign(steps[0])).all()
    if eye == "all":
        assert np.abs(steps).max() < 1.25 * np.abs(steps).min()
    assert abs(steps.sum()) > 0.6


def test_each_kind_says_its_ends_and_marks_its_middle():
    assert Scale(ScaleKind.SHARE, 1.0).ticks == ((0.0, "0"), (0.5, "0.5"), (1.0, "1"))
    assert Scale(ScaleKind.MAGNITUDE, 0.25).ticks == ((0.0, "0"), (1.0, "0.25"))
    assert Scale(ScaleKind.SIGNED, 2.0).ticks == ((0.0, "−2"), (0.5, "0"), (1.0, "+2"))
    values = np.array([0.0, 0.5, 1.0])
    assert Scale(ScaleKind.SHARE, 1.0).indices(values).tolist() == [0, ZERO_INDEX, TOP_INDEX]
    assert Scale(ScaleKind.MAGNITUDE, 2.0).indices(values).tolist() == [0, 63, ZERO_INDEX]
    assert Scale(ScaleKind.MAGNITUDE, 0.0).indices(np.zeros(2)).tolist() == [0, 0]


def test_maps_to_be_compared_share_a_scale_over_all_batch_items():
    rng = np.random.default_rng(0)
    taught, free = rng.normal(size=(3, 5, 4)), 0.1 * rng.normal(size=(3, 5, 4))
    errors = np.abs(rng.normal(size=(3, 5)))
    errors[0, 0] = np.nan
    results = [
        Result(name="forced", title="Taught", axes=("N", "L", "H_in"), values=taught),
        Result(name="free", title="Free", axes=("N", "L", "H_in"), values=free),
        Result(name="error", title="How wrong", axes=("N", "L"), values=errors),
    ]
    scales = scales_of(sheets(tuple(results)))
    assert scales["forced"] == scales["free"] == Scale(ScaleKind.SIGNED, np.abs(taught).max())
    assert scales["error"] == Scale(ScaleKind.MAGNITUDE, np.nanmax(errors))
