"""Our icons: small SVGs drawn in ``currentColor``, tinted by the theme."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from lstmviz.core import resources

_SIZE: Final = 16
_SHARPEST: Final = 4


def icon(name: str, color: str) -> QIcon:
    """Return the icon called `name` in `color`, sharp up to four times its size.

    Raises
    ------
    FileNotFoundError
        There is no such icon.
    """
    path = resources.root() / "icons" / f"{name}.svg"
    renderer = QSvgRenderer(QByteArray(path.read_bytes().replace(b"currentColor", color.encode())))
    pixmap = QPixmap(_SIZE * _SHARPEST, _SIZE * _SHARPEST)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(_SHARPEST)
    return QIcon(pixmap)
