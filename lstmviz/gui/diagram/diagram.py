"""The diagram as a widget: it draws the document's shapes, and tells what is pointed at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstmviz.core.compare import reshaped
from lstmviz.core.region import Region, expression
from lstmviz.core.scenes.diagram.cached_contract import contract_of
from lstmviz.core.scenes.diagram.highlighted import alike
from lstmviz.core.scenes.diagram.hit_test import Target, hit_test
from lstmviz.core.scenes.diagram.scene import AxisAt, Scene
from lstmviz.gui.diagram.canvas import DiagramCanvas
from lstmviz.gui.diagram.hints import described, explained
from lstmviz.gui.diagram.overlays import (
    paint_axis,
    paint_cursor,
    paint_hint,
    paint_lit,
    paint_reshaped,
)
from lstmviz.gui.diagram.paint import paint_scene
from lstmviz.gui.diagram.stops import Cursor, stops
from lstmviz.gui.document import Document
from lstmviz.gui.taking.offer import Offer
from lstmviz.gui.theme import Appearance

_SAME_SCALE = 0.01
_MOVES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class ShapeDiagram(QWidget):
    """Show every tensor as a box with named axes, and light equal numbers wherever they are.

    Point at a slice, or walk there with the arrow keys; a click or Enter picks it.
    """

    region_pointed = Signal(object)
    """The `Region` under the pointer or the keyboard's cursor, or None."""
    region_picked = Signal(object)
    """The `Region` that was clicked."""
    offered = Signal(object, object)
    """An `Offer` of what can be taken, and the place on the screen"""
    axis_asked = Signal(str, int)
    """A tensor's name and which of its axes was clicked."""

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self._canvas = DiagramCanvas()
        self._target: Target | None = None
        self._cursor: Cursor | None = None
        self._shown: tuple[Region, ...] = ()
        self._lit: tuple[Region, ...] = ()
        self._reshaped: frozenset[str] = frozenset()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(480, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Shapes")
        document.spec_changed.connect(self._follow_spec)
        document.view_changed.connect(self.update)
        document.pinned_changed.connect(self._compare)
        appearance.changed.connect(self._repaint_all)
        self._describe()

    # What can be asked ----------------------------------------------------------------------------

    @property
    def target(self) -> Target | None:
        """What is pointed at: a region, an axis or nothing."""
        return self._target

    @property
    def hint(self) -> str:
        """The line of explanation shown; code stands between backticks."""
        return explained(self._target, self._document.geometry)

    @property
    def lit(self) -> tuple[Region, ...]:
        """Every region that is lit now."""
        return self._lit

    def scene(self) -> Scene:
        """Return what is drawn, at the widget's size."""
        return self._canvas.scene(self._document.geometry, self.size())

    def set_worked(self, worked: bool) -> None:
        """Show how sizes come about, ``2·16``, instead of the sizes alone, ``32``."""
        if worked != self._canvas.worked:
            self._canvas.worked = worked
            self._repaint_all()

    def show_regions(self, regions: tuple[Region, ...]) -> None:
        """Light `regions` and every part that holds the same numbers; none to stop."""
        if regions != self._shown:
            self._shown = regions
            self._light()

    def paint_on(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the diagram as vectors into `rect` of any painter: a picture, SVG or PDF."""
        theme = self._appearance.theme
        made = self._canvas.laid(self._document.geometry, rect.width(), rect.height())
        painter.save()
        painter.translate(rect.topLeft())
        paint_scene(painter, made, theme)
        paint_cursor(painter, made, self._document.view, theme)
        paint_lit(painter, made, self._lit, theme)
        painter.restore()

    # Qt's own -------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(820, 230)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        made, theme = self.scene(), self._appearance.theme
        ratio = self.devicePixelRatioF()
        if abs(painter.deviceTransform().m11() - ratio) < _SAME_SCALE:
            painter.drawPixmap(
                0, 0, self._canvas.picture(self._document.geometry, self.size(), theme, ratio)
            )
        else:
            # Painted for export at another scale, where the screen's picture would be coarse.
            paint_scene(painter, made, theme)
        paint_cursor(painter, made, self._document.view, theme)
        paint_lit(painter, made, self._lit, theme)
        paint_reshaped(painter, made, self._reshaped, theme)
        if isinstance(self._target, AxisAt):
            paint_axis(painter, made, self._target, theme)
        paint_hint(painter, made, self.hint, theme)
        if self.hasFocus() and self._cursor is not None:
            painter.setPen(QPen(QColor(theme.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)

    def resizeEvent(self, _event: object) -> None:
        self._repaint_all()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._repaint_all()
        super().changeEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self._at(event.position()))

    def leaveEvent(self, _event: QEvent) -> None:
        if self._cursor is None:
            self._point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._point(self._at(event.position()))
            self._pick()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        is_pointed = event.reason() is not QContextMenuEvent.Reason.Keyboard
        target = self._at(QPointF(event.pos())) if is_pointed else self._target
        self.offered.emit(self._offer(target), event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._walk(self._cursor or Cursor(0, 0))
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self._cursor is not None:
            self._point(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = _MOVES.get(Qt.Key(event.key()))
        if move is not None:
            start = self._cursor
            walked = start.moved(self._stops(), *move) if start else Cursor(0, 0)
            self._walk(walked)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._target is not None:
            self._pick()
        elif event.key() == Qt.Key.Key_Escape and self._target is not None:
            self._point(None)
        else:
            super().keyPressEvent(event)

    # ----------------------------------------------------------------------------------------------

    def _offer(self, target: Target | None) -> Offer:
        geometry = self._document.geometry
        texts: list[tuple[str, str]] = []
        if isinstance(target, Region):
            box = self.scene().box(target.tensor)
            alike_parts = alike((target,), geometry)
            for part in (target, *alike_parts):
                if box is not None or part.tensor != target.tensor:
                    sized = self.scene().box(part.tensor)
                    name = expression(part, sized.shape) if sized else ""
                    texts += [(f"Copy index {name}", name)] if name else []
        elif target is not None:
            shape = contract_of(geometry).tensor(target.tensor).shape
            texts.append((f"Copy shape {shape}", str(shape)))
        return Offer(view="diagram", texts=tuple(dict.fromkeys(texts)))

    def _at(self, place: QPointF) -> Target | None:
        self._cursor = None
        return hit_test(self.scene(), place.x(), place.y())

    def _stops(self) -> tuple[tuple[Target, ...], ...]:
        return stops(self.scene(), self._document.geometry, self._document.view)

    def _walk(self, cursor: Cursor) -> None:
        found = self._stops()
        if found:
            self._point(found[cursor.group][cursor.stop])
            self._cursor = cursor
            self.update()

    def _point(self, target: Target | None) -> None:
        if target is None:
            self._cursor = None
        if target == self._target:
            return
        before, self._target = self._target, target
        shape = Qt.CursorShape.ArrowCursor if target is None else Qt.CursorShape.PointingHandCursor
        self.setCursor(shape)
        self._light()
        self._describe()
        if isinstance(before, Region) or isinstance(target, Region):
            self.region_pointed.emit(target if isinstance(target, Region) else None)

    def _pick(self) -> None:
        if isinstance(self._target, AxisAt):
            self.axis_asked.emit(self._target.tensor, self._target.index)
        elif self._target is not None:
            self.region_picked.emit(self._target)

    def _light(self) -> None:
        own = (self._target,) if isinstance(self._target, Region) else ()
        self._lit = alike(dict.fromkeys((*own, *self._shown)), self._document.geometry)
        self.update()

    def _describe(self) -> None:
        about = described(self._document.geometry)
        said = self.hint.replace("`", "") if self._target is not None else ""
        self.setAccessibleDescription(f"{said} {about}".strip())

    def _compare(self) -> None:
        """Find the tensors that have another shape than in the pinned run."""
        pinned = self._document.pinned
        self._reshaped = (
            reshaped(pinned.geometry, self._document.geometry) if pinned else frozenset()
        )
        self.update()

    def _follow_spec(self) -> None:
        self._compare()
        self._shown = ()
        self._point(None)
        self._light()
        self._describe()
        self._repaint_all()

    def _repaint_all(self) -> None:
        self._canvas.forget()
        self.update()
