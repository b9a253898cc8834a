"""The diagram's geometry, over any spec and size: no text meets another, a path or the edge."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmviz.core.contract import contract
from lstmviz.core.region import Region
from lstmviz.core.scenes.diagram.hit_test import hit_test, step_region
from lstmviz.core.scenes.diagram.layout import scene
from lstmviz.core.scenes.diagram.ruler import LEAST, Ruler
from lstmviz.core.scenes.diagram.scale import share_of_room
from lstmviz.core.scenes.diagram.scene import Arrow, AxisAt, Point, Rect, Scene
from lstmviz.core.scenes.diagram.solid import surfaces
from lstmviz.core.spec import InitialState, RunSpec
from lstmviz.gui.diagram.fonts import measure

pytestmark = pytest.mark.usefixtures("qapp")  # fonts are measured

SIZES = [(820, 230), (560, 170), (1400, 400), (640, 260), (1000, 200)]


@st.composite
def specs(draw: st.DrawFn) -> RunSpec:
    hidden = draw(st.sampled_from([1, 2, 16, 512, 8192]))
    batch = draw(st.sampled_from([1, 2, 4, 7, 64, 1000, 65_536]))
    steps = draw(st.sampled_from([1, 2, 5, 24, 1000, 100_000]))
    unbatched = draw(st.booleans())
    lengths = None
    if not unbatched and batch <= 64 and draw(st.booleans()):
        lengths = tuple(draw(st.integers(1, steps)) for _ in range(batch))
    return RunSpec().changed(
        input_size=draw(st.sampled_from([1, 8, 300, 8192])),
        hidden_size=hidden,
        proj_size=draw(st.sampled_from([0, hidden // 2])),
        num_layers=draw(st.sampled_from([1, 2, 3, 4, 12, 64])),
        bidirectional=draw(st.booleans()),
        batch_first=draw(st.booleans()),
        bias=draw(st.booleans()),
        dropout=draw(st.sampled_from([0.0, 0.25])),
        seq_len=steps,
        batch_size=batch,
        unbatched=unbatched,
        lengths=lengths,
        initial_state=draw(st.sampled_from(InitialState)),
    )


def crosses(arrow: Arrow, rect: Rect) -> bool:
    """Return whether a path of upright and level pieces runs through `rect`."""
    return any(
        Rect(min(a.x, b.x), min(a.y, b.y), abs(a.x - b.x) + 0.01, abs(a.y - b.y) + 0.01).meets(rect)
        for a, b in pairwise(arrow.points)
    )


def faults(made: Scene) -> list[str]:
    found = []
    widget = Rect(0, 0, made.width, made.height)
    for label in made.labels:
        rect = label.rect
        inside = rect.x >= 0 and rect.right <= widget.right and rect.y >= 0
        if not inside or rect.bottom > made.hint.y:
            found.append(f"{label.lines} leaves the widget")
        found += [f"{label.lines} on a path" for a in made.arrows if crosses(a, rect)]
        found += [
            f"{label.lines} on {box.tensor}" for box in made.boxes if rect.meets(box.front, -0.5)
        ]
    for one, other in combinations(made.labels, 2):
        if one.rect.meets(other.rect, -0.25):
            found.append(f"{one.lines} meets {other.lines}")
    return found


@pytest.mark.slow
@settings(max_examples=250, deadline=None)
@given(
    spec=specs(),
    width=st.integers(480, 1500),
    height=st.integers(160, 420),
    worked=st.booleans(),
)
def test_no_text_meets_another_or_a_path_or_leaves(
    spec: RunSpec, width: int, height: int, worked: bool
) -> None:
    made = scene(spec.geometry, width, height, measure, worked=worked)
    assert made.labels
    assert faults(made) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", [1.0, 1.3, 2.0])
def test_default_fits_every_size_with_every_system_font(size: tuple[int, int], text: float) -> None:
    made = scene(RunSpec().geometry, *size, measure, text=text)
    assert faults(made) == []
    assert made.scale > 0.7


def test_every_axis_of_every_tensor_has_a_label_with_its_size() -> None:
    spec = RunSpec().changed(initial_state=InitialState.RANDOM, proj_size=5, num_layers=3)
    made = scene(spec.geometry, 820, 230, measure)
    tensors = contract(spec.geometry)
    for name in ("input", "output", "h_n", "c_n", "h_0", "c_0"):
        for index, axis in enumerate(tensors.tensor(name).axes):
            labels = [la for la in made.labels if la.axis == AxisAt(name, index)]
            assert len(labels) == 1
            assert str(axis.size) in labels[0].lines[-1]
            assert labels[0].tone.value == axis.kind.value


def test_worked_sizes_say_how_they_come_about() -> None:
    made = scene(RunSpec().geometry, 820, 230, measure, worked=True)
    shown = {label.lines for label in made.labels}
    assert ("D·num_layers", "= 2·2") in shown
    assert ("D·H_cell", "= 2·16") in shown


def test_unbatched_tensors_are_slabs() -> None:
    made = scene(RunSpec().changed(unbatched=True).geometry, 820, 230, measure)
    assert all(box.depth == Point(0, 0) and box.back is None for box in made.boxes)


def test_boxes_grow_with_their_sizes_and_stay_readable() -> None:
    shares = [share_of_room(size) for size in (1, 2, 24, 1000, 100_000)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert shares[2] > 0.3


def test_many_layers_fold_between_the_first_and_the_last() -> None:
    made = scene(RunSpec().changed(num_layers=64).geometry, 820, 230, measure)
    assert [layer.folded for layer in made.layers] == [False, True, False]
    assert ("⋮ 62 more layers ⋮",) in {label.lines for label in made.labels}
    assert made.layers[1].rows[0].region.ranges[0] == (1, 63)


def test_links_join_the_final_parts_of_output_to_their_rows() -> None:
    made = scene(RunSpec().geometry, 820, 230, measure)
    assert [region for region, _tone in made.linked] == [
        Region("h_n", ((2, 3), (0, 4), (0, 16))),
        Region("output", ((0, 4), (23, 24), (0, 16))),
        Region("h_n", ((3, 4), (0, 4), (0, 16))),
        Region("output", ((0, 4), (0, 1), (16, 32))),
    ]
    assert sum(arrow.dashed for arrow in made.arrows) == 2


def test_packed_boxes_have_a_bar_for_each_sequence() -> None:
    made = scene(RunSpec().changed(lengths=(24, 12, 6, 18)).geometry, 820, 230, measure)
    box = made.box("output")
    assert box is not None
    assert [bar[2] for bar in box.bars] == [1.0, 0.5, 0.25, 0.75]
    late = step_region(box, 20)
    ends = {round(max(point.x for point in polygon)) for polygon in surfaces(box, late)}
    assert max(ends) <= box.bounds.right
    assert len(surfaces(box, late)) == 2  # the front and the top of the one that is long enough


@given(size=st.integers(1, 100_000), pixels=st.floats(10, 400), data=st.data())
def test_what_is_seen_is_what_is_hit(size: int, pixels: float, data: st.DataObject) -> None:
    ruler = Ruler(size, pixels)
    ends = [*range(min(4, size)), *range(max(0, size - 4), size)]
    index = data.draw(st.one_of(st.sampled_from(ends), st.integers(0, size - 1)))
    start, end = ruler.span(index, index + 1)
    assert 0 <= start < end <= 1 + 1e-9
    assert (end - start) * pixels >= min(LEAST, pixels) - 1e-6
    found = ruler.index((start + end) / 2)
    crowded = pixels < LEAST * size
    if not crowded or (index in ends and pixels >= 12 * LEAST and size > 8):
        assert found == index
    else:
        assert abs(found - index) <= LEAST / pixels * size + 1


def test_probe_finds_the_last_step_of_a_long_sequence() -> None:
    made = scene(RunSpec().changed(seq_len=100_000).geometry, 820, 230, measure)
    front = made.boxes[[b.tensor for b in made.boxes].index("output")].front
    found = hit_test(made, front.right - 2, front.y + 3)
    assert found == Region("output", ((0, 4), (99_999, 100_000), (0, 16)))
    found = hit_test(made, front.x + 2, front.bottom - 3)
    assert found == Region("output", ((0, 4), (0, 1), (16, 32)))


def test_probe_finds_every_axis_at_its_label() -> None:
    made = scene(RunSpec().geometry, 820, 230, measure)
    for label in made.labels:
        if label.axis is not None:
            assert hit_test(made, *label.rect.center) == label.axis
    assert hit_test(made, 1, 100) is None
