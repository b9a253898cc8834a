"""A widget as a picture: a PNG at any scale. Vectors are drawn from the numbers, by `figures`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect
from PySide6.QtGui import QImage, QRegion
from PySide6.QtWidgets import QWidget

from lstmviz.core.files.atomic_file import UnwritableFileError, write_whole
from lstmviz.core.files.pngtext import SESSION_KEY

_LARGEST_SIDE: Final = 32_767


class PictureError(ValueError):
    """A picture that cannot be made or saved; the message is the sentence to show."""


def picture(widget: QWidget, scale: float, session: str = "", area: QRect | None = None) -> QImage:
    """Return `widget` drawn at `scale` times its size.

    Parameters
    ----------
    widget : QWidget
    scale : float
        Pixels per widget unit; text and lines are drawn at that resolution, not enlarged.
    session : str
        JSON to put in the picture, so that it can be opened again.
    area : QRect or None
        What of the widget; None for all of it.

    Raises
    ------
    PictureError
        The picture would be larger than an image can be.
    """
    area = area or widget.rect()
    size = area.size() * scale
    if max(size.width(), size.height()) > _LARGEST_SIDE:
        raise PictureError(f"A picture can be at most {_LARGEST_SIDE:,} pixels wide and high.")
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    if image.isNull():
        raise PictureError("There is not enough memory for a picture of this size.")
    image.setDevicePixelRatio(scale)
    image.fill(widget.palette().window().color())
    widget.render(image, QPoint(), QRegion(area))
    if session:
        image.setText(SESSION_KEY, session)
    return image


def save(widget: QWidget, path: Path, scale: float, session: str = "") -> None:
    """Write `widget` to `path` as a PNG; the file is whole or not there.

    Raises
    ------
    PictureError
        The picture cannot be made, or the file cannot be written.
    """
    data = encoded(picture(widget, scale, session))
    try:
        write_whole(path, data)
    except UnwritableFileError as error:
        raise PictureError(str(error)) from error


def encoded(image: QImage) -> bytes:
    """Return `image` as a PNG; may run on any thread.

    Raises
    ------
    PictureError
        There is not enough memory.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    is_encoded = image.save(buffer, "PNG")  # type: ignore[call-overload]
    data = bytes(buffer.data().data()) if is_encoded else b""
    if not data:
        raise PictureError("There is not enough memory for a picture of this size.")
    return data
