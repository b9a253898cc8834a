"""The shape diagram as an instrument: pointing, picking, the keyboard, and following a document."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from pytestqt.qtbot import QtBot

from lstmviz.core.asking.session import Session, View
from lstmviz.core.region import Region
from lstmviz.core.scenes.diagram.scene import AxisAt, Point
from lstmviz.core.scenes.diagram.solid import project, surfaces
from lstmviz.core.spec import InitialState, RunSpec
from lstmviz.gui.diagram.diagram import ShapeDiagram
from lstmviz.gui.diagram.hints import HINT
from lstmviz.gui.document import Document
from lstmviz.gui.theme import Appearance, Scheme

pytestmark = pytest.mark.usefixtures("qapp")

LAST_FORWARD = Region("output", ((0, 4), (23, 24), (0, 16)))
FIRST_REVERSE = Region("output", ((0, 4), (0, 1), (16, 32)))


@pytest.fixture
def document() -> Document:
    return Document(Session(spec=RunSpec(), view=View(step=9, item=1)))


@pytest.fixture
def appearance() -> Appearance:
    return Appearance(Scheme.LIGHT)


@pytest.fixture
def diagram(qtbot: QtBot, document: Document, appearance: Appearance) -> ShapeDiagram:
    made = ShapeDiagram(document, appearance)
    qtbot.addWidget(made)
    made.resize(820, 230)
    made.show()
    return made


def spot(diagram: ShapeDiagram, tensor: str, across: float, down: float, back: float = 0) -> QPoint:
    box = diagram.scene().box(tensor)
    assert box is not None
    place = project(box, across, down, back)
    return QPoint(round(place.x), round(place.y))


def label(diagram: ShapeDiagram, axis: AxisAt) -> QPoint:
    (rect,) = [la.rect for la in diagram.scene().labels if la.axis == axis]
    return QPoint(round(rect.center.x), round(rect.center.y))


def picture(diagram: ShapeDiagram) -> QImage:
    image = QImage(diagram.size() * 2, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2)
    image.fill(QColor("white"))
    diagram.render(image)
    return image


def pixel(diagram: ShapeDiagram, place: Point) -> QColor:
    return picture(diagram).pixelColor(round(place.x * 2), round(place.y * 2))


def test_hover_tells_the_slice_and_lights_its_equals(qtbot: QtBot, diagram: ShapeDiagram) -> None:
    with qtbot.waitSignal(diagram.region_pointed) as told:
        qtbot.mouseMove(diagram, spot(diagram, "output", 0.985, 0.2))
    assert told.args == [LAST_FORWARD]
    assert Region("h_n", ((2, 3), (0, 4), (0, 16))) in diagram.lit
    assert diagram.hint.startswith("`output[:, -1, :16]` is `h_n[2]`")


def test_hover_on_the_usual_mistake_says_what_it_has_seen(
    qtbot: QtBot, diagram: ShapeDiagram
) -> None:
    qtbot.mouseMove(diagram, spot(diagram, "output", 0.985, 0.8))
    assert diagram.hint.startswith("`output[:, -1, 16:]` has seen one step only")
    assert not any(region.tensor == "h_n" for region in diagram.lit)


def test_hover_on_a_row_of_h_n_names_it_in_output(qtbot: QtBot, diagram: ShapeDiagram) -> None:
    qtbot.mouseMove(diagram, spot(diagram, "h_n", 0.5, 0.9))
    assert diagram.target == Region("h_n", ((3, 4), (0, 4), (0, 16)))
    assert diagram.hint.startswith("`h_n[3]` is `output[:, 0, 16:]`")
    assert FIRST_REVERSE in diagram.lit


def test_hover_on_the_side_is_a_batch_item(qtbot: QtBot, diagram: ShapeDiagram) -> None:
    qtbot.mouseMove(diagram, spot(diagram, "input", 1.0, 0.5, 0.9))
    assert diagram.target == Region("input", ((3, 4), (0, 24), (0, 8)))


def test_hover_on_a_layer_is_its_states(qtbot: QtBot, diagram: ShapeDiagram) -> None:
    row = diagram.scene().layers[0].rows[1].rect.center
    qtbot.mouseMove(diagram, QPoint(round(row.x), round(row.y)))
    assert diagram.target == Region("hidden", ((1, 2), (1, 2), (0, 24), (0, 4), (0, 16)))
    assert Region("output", ((0, 4), (0, 24), (16, 32))) in diagram.lit


def test_leaving_puts_everything_out(qtbot: QtBot, diagram: ShapeDiagram) -> None:
    qtbot.mouseMove(diagram, spot(diagram, "output", 0.5, 0.2))
    with qtbot.waitSignal(diagram.region_pointed) as told:
        qtbot.mouseMove(diagram, QPoint(1, 110))
    assert told.args == [None]
    assert (diagram.hint, diagram.lit) == (HINT, ())


def test_click_picks_a_slice(qtbot: QtBot, diagram: ShapeDiagram) -> None:
    with qtbot.waitSignal(diagram.region_picked) as told:
        qtbot.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=spot(diagram, "output", 0.01, 0.8))
    assert told.args == [FIRST_REVERSE]


@pytest.mark.parametrize("tensor", ["input", "output", "h_n", "c_n"])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_click_on_an_axis_asks_about_it(
    qtbot: QtBot, diagram: ShapeDiagram, tensor: str, index: int
) -> None:
    with qtbot.waitSignal(diagram.axis_asked) as told:
        place = label(diagram, AxisAt(tensor, index))
        qtbot.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [tensor, index]


def test_keyboard_reaches_every_box_slice_and_axis(qtbot: QtBot, diagram: ShapeDiagram) -> None:
    seen = set()
    for group in range(6):
        for _ in range(20):
            qtbot.keyClick(diagram, Qt.Key.Key_Down)
            target = diagram.target
            seen.add(target.tensor if isinstance(target, Region) else target)
        if group < 5:
            qtbot.keyClick(diagram, Qt.Key.Key_Right)
    assert {"input", "hidden", "output", "h_n", "c_n"} < seen
    assert {AxisAt("h_n", 0), AxisAt("output", 2), AxisAt("input", 0)} < seen


def test_enter_picks_and_escape_clears(qtbot: QtBot, diagram: ShapeDiagram) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(diagram, key)
    assert diagram.target == LAST_FORWARD
    with qtbot.waitSignal(diagram.region_picked) as told:
        qtbot.keyClick(diagram, Qt.Key.Key_Return)
    assert told.args == [LAST_FORWARD]
    assert "output[:, -1, :16] is h_n[2]" in diagram.accessibleDescription()
    qtbot.keyClick(diagram, Qt.Key.Key_Escape)
    assert diagram.target is None
    assert "output: N 4, L 24, D·H_cell 32." in diagram.accessibleDescription()


def test_enter_on_an_axis_asks_about_it(qtbot: QtBot, diagram: ShapeDiagram) -> None:
    for _ in range(20):
        qtbot.keyClick(diagram, Qt.Key.Key_Down)
    with qtbot.waitSignal(diagram.axis_asked) as told:
        qtbot.keyClick(diagram, Qt.Key.Key_Enter)
    assert told.args == ["input", 2]


def test_shown_regions_are_painted_where_they_are(diagram: ShapeDiagram) -> None:
    box = diagram.scene().box("h_n")
    assert box is not None
    row = Region("h_n", ((0, 1), (0, 4), (0, 16)))
    (_top, _side, front) = surfaces(box, row)
    middle = Point((front[0].x + front[1].x) / 2, (front[0].y + front[2].y) / 2)
    before = pixel(diagram, middle)
    diagram.show_regions((Region("hidden", ((0, 1), (0, 1), (23, 24), (0, 4), (0, 16))),))
    after = pixel(diagram, middle)
    assert after.blue() - after.red() > before.blue() - before.red() + 60
    diagram.show_regions(())
    assert pixel(diagram, middle) == before


def test_spec_changes_show_before_any_run(diagram: ShapeDiagram, document: Document) -> None:
    document.change(hidden_size=300, batch_first=False, initial_state=InitialState.RANDOM)
    box = diagram.scene().box("output")
    assert box is not None
    assert box.shape == (24, 4, 600)
    assert diagram.scene().box("h_0") is not None
    assert "output: L 24, N 4, D·H_cell 600." in diagram.accessibleDescription()


def test_a_slice_is_forgotten_when_its_tensor_changes(
    qtbot: QtBot, diagram: ShapeDiagram, document: Document
) -> None:
    qtbot.mouseMove(diagram, spot(diagram, "output", 0.985, 0.2))
    diagram.show_regions((LAST_FORWARD,))
    document.change(unbatched=True, seq_len=3)
    assert diagram.target is None
    assert diagram.lit == ()
    picture(diagram)


def test_the_step_cursor_follows_the_view(diagram: ShapeDiagram, document: Document) -> None:
    before = picture(diagram)
    document.look_at(step=15)
    assert picture(diagram) != before
    document.look_at(step=9)
    assert picture(diagram) == before


def test_dark_theme_repaints_the_boxes(diagram: ShapeDiagram, appearance: Appearance) -> None:
    box = diagram.scene().box("input")
    assert box is not None
    place = project(box, 0.8, 0.5, 0)
    light = pixel(diagram, place)
    appearance.set_scheme(Scheme.DARK)
    assert pixel(diagram, place).lightness() < light.lightness() - 100


def test_worked_sizes_can_be_shown_and_hidden(diagram: ShapeDiagram) -> None:
    diagram.set_worked(True)
    assert any("= 2·2" in found.lines for found in diagram.scene().labels)
    diagram.set_worked(False)
    assert not any("= 2·2" in found.lines for found in diagram.scene().labels)


def test_diagram_is_drawn_as_vectors(diagram: ShapeDiagram, tmp_path: Path) -> None:
    path = tmp_path / "shapes.svg"
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(QSize(820, 230))
    painter = QPainter(generator)
    diagram.paint_on(painter, QRectF(0, 0, 820, 230))
    painter.end()
    text = path.read_text(encoding="utf-8")
    assert "<image" not in text
    assert "h_n" in text


@pytest.mark.parametrize(
    "settings",
    [
        {"unbatched": True, "proj_size": 5, "num_layers": 1, "bidirectional": False},
        {"lengths": (24, 7, 7, 1), "initial_state": InitialState.RANDOM},
        {"num_layers": 64, "seq_len": 100_000, "batch_size": 65_536, "hidden_size": 8192},
        {"seq_len": 1, "batch_size": 1, "hidden_size": 1, "input_size": 1},
    ],
)
def test_every_stop_can_be_shown_and_explained(
    qtbot: QtBot, diagram: ShapeDiagram, document: Document, settings: dict[str, object]
) -> None:
    document.change(**settings)
    for _ in range(7):
        for _ in range(12):
            qtbot.keyClick(diagram, Qt.Key.Key_Down)
            assert diagram.hint.count("`") % 2 == 0
            assert diagram.hint != HINT
        picture(diagram)
        qtbot.keyClick(diagram, Qt.Key.Key_Right)


@pytest.mark.parametrize("scale", [1.5, 2.0, 4.0])
def test_a_picture_at_another_scale_is_drawn_and_not_enlarged(diagram, monkeypatch, scale):
    from lstmviz.gui.diagram.canvas import DiagramCanvas
    from lstmviz.gui.export.picture import picture

    def coarse(*_):
        pytest.fail("the screen's picture was enlarged")

    diagram.grab()
    monkeypatch.setattr(DiagramCanvas, "picture", coarse)
    image = picture(diagram, scale)
    assert image.width() == round(diagram.width() * scale)
    assert len({image.pixel(x, image.height() // 2) for x in range(image.width())}) > 5
