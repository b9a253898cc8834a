"""The figure that would be saved, drawn beside the window's thread; the newest wish wins."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lstmviz.figures.pictured import Pictured
from lstmviz.figures.spec import FigureError, FigureFormat, FigureSpec
from lstmviz.gui.app.background import Background

_PAUSE_MS = 120
_MOST_SCALE = 2.0
_SQUARE = 8


class SupersededError(FigureError):
    """Another figure is wanted by now."""


class Preview(QWidget):
    """Show a figure, or the window, as large as there is room.

    Parameters
    ----------
    background : Background
    pictured : callable
        Returns what figures are drawn from; None before the first run.
    """

    drawn = Signal(object, str)
    """(width, height) at 1x and an empty text; or None and the sentence why there is none."""

    def __init__(
        self,
        background: Background,
        pictured: Callable[[], Pictured | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._background, self._pictured = background, pictured
        self._spec: FigureSpec | None = None
        self._image = QImage()
        self._wanted = 0
        self._is_busy = False
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._draw)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Preview of the picture")

    def sizeHint(self) -> QSize:
        return QSize(460, 420)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 200)

    @property
    def image(self) -> QImage:
        """What is shown."""
        return self._image

    def show_image(self, image: QImage) -> None:
        """Show `image` instead of a figure."""
        self._spec, self._image = None, image
        self._wanted += 1
        self.update()

    def show_figure(self, spec: FigureSpec) -> None:
        """Show the figure of `spec` soon."""
        self._spec = spec
        self._wanted += 1
        self._pause.start()

    def give_up(self) -> None:
        """Draw no more: the dialog is closed."""
        self._spec = None
        self._wanted += 1
        self._pause.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._spec is not None:
            self._pause.start()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        where = self._where()
        if self._spec is not None and self._spec.is_transparent:
            painter.fillRect(where, self._squares())
        painter.drawImage(where, self._image)
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRect(where.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _where(self) -> QRectF:
        room = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        size = self._image.size().toSizeF().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(room.center())
        return place

    def _squares(self) -> QBrush:
        """Return the pattern that stands for no ground."""
        image = QImage(2 * _SQUARE, 2 * _SQUARE, QImage.Format.Format_RGB32)
        is_dark = self._spec is not None and self._spec.is_dark
        light, dark = ("#3a404a", "#2c313a") if is_dark else ("#ffffff", "#e6e9ef")
        image.fill(QColor(light))
        painter = QPainter(image)
        for corner in ((0, 0), (_SQUARE, _SQUARE)):
            painter.fillRect(*corner, _SQUARE, _SQUARE, QColor(dark))
        painter.end()
        return QBrush(image)

    def _draw(self) -> None:
        spec, seen, number = self._spec, self._pictured(), self._wanted
        if spec is None:
            return
        if self._is_busy:
            # What is being drawn gives way at its next step, and this comes after it.
            self._pause.start()
            return
        if seen is None:
            self.drawn.emit(None, "There is nothing to draw before the first run.")
            return
        room = self.rect().size() * self.devicePixelRatioF()
        self._is_busy = True
        self._background.do(
            lambda: self._encoded(seen, spec, (room.width(), room.height()), number),
            self._take,
            lambda error: self._fail(error, number),
            outlives=False,
            patience=0,
        )

    def _encoded(
        self, seen: Pictured, spec: FigureSpec, room: tuple[int, int], number: int
    ) -> tuple[bytes, tuple[int, int], int]:
        from lstmviz.figures.drawing import drawn

        def tick() -> None:
            if number != self._wanted:
                raise SupersededError

        made = drawn(seen, spec, tick)
        width, height = made.pixels()
        scale = min(_MOST_SCALE, room[0] / width, room[1] / height)
        tick()
        return made.encoded(FigureFormat.PNG, scale), (width, height), number

    def _take(self, found: tuple[bytes, tuple[int, int], int]) -> None:
        data, size, number = found
        self._is_busy = False
        if number == self._wanted:
            self._image = QImage.fromData(data)
            self.update()
            self.drawn.emit(size, "")

    def _fail(self, error: Exception, number: int) -> None:
        self._is_busy = False
        # Of a dialog that is closed, nothing is told to anybody.
        if number == self._wanted and not isinstance(error, SupersededError):
            self.drawn.emit(None, str(error) or "There is not enough memory for this figure.")
