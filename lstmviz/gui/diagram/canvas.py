"""The diagram laid out and painted once, and kept until something about it changes."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

from lstmviz.core.geometry import Geometry
from lstmviz.core.scenes.colors import Theme
from lstmviz.core.scenes.diagram.layout import scene
from lstmviz.core.scenes.diagram.scene import Scene
from lstmviz.gui.diagram.fonts import measure, system_scale
from lstmviz.gui.diagram.paint import paint_scene


class DiagramCanvas:
    """Keep the scene and its picture; `forget` them when the geometry, size, theme or font changes.

    Attributes
    ----------
    worked : bool
        Sizes are shown as they come about, ``2·16``.
    """

    def __init__(self) -> None:
        self.worked = False
        self._scene: Scene | None = None
        self._picture: QPixmap | None = None

    def forget(self) -> None:
        """Lay out and paint anew the next time."""
        self._scene = None
        self._picture = None

    def laid(self, geometry: Geometry, width: float, height: float) -> Scene:
        """Return the scene at any size, without keeping it."""
        return scene(geometry, width, height, measure, worked=self.worked, text=system_scale())

    def scene(self, geometry: Geometry, size: QSize) -> Scene:
        """Return the scene."""
        if self._scene is None:
            self._scene = self.laid(geometry, size.width(), size.height())
        return self._scene

    def picture(self, geometry: Geometry, size: QSize, theme: Theme, ratio: float) -> QPixmap:
        """Return the picture of all that does not move, sharp at a device pixel ratio."""
        picture = self._picture
        if picture is None or picture.devicePixelRatio() != ratio:
            picture = QPixmap(round(size.width() * ratio), round(size.height() * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            paint_scene(painter, self.scene(geometry, size), theme)
            painter.end()
            self._picture = picture
        return picture
