"""A widget as a picture: PNG at any scale, PDF and SVG as vectors where Qt draws vectors."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPoint, QRect, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from lstmviz.core.files.atomic_file import UnwritableFileError, write_whole
from lstmviz.core.files.pngtext import SESSION_KEY
from lstmviz.core.words.amounts import shown

_LARGEST_SIDE: Final = 32_767
_POINTS_PER_PIXEL: Final = 0.75


class PictureFormat(StrEnum):
    """Files a picture can be saved as."""

    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


class PictureError(ValueError):
    """A picture that cannot be made or saved; the message is the sentence to show."""


def picture(widget: QWidget, scale: float, session: str = "") -> QImage:
    """Return `widget` drawn at `scale` times its size.

    Parameters
    ----------
    widget : QWidget
    scale : float
        Pixels per widget unit; text and lines are drawn at that resolution, not enlarged.
    session : str
        JSON to put in the picture, so that it can be opened again.

    Raises
    ------
    PictureError
        The picture would be larger than an image can be.
    """
    size = widget.size() * scale
    if max(size.width(), size.height()) > _LARGEST_SIDE:
        raise PictureError(f"A picture can be at most {_LARGEST_SIDE:,} pixels wide and high.")
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    if image.isNull():
        raise PictureError("There is not enough memory for a picture of this size.")
    image.setDevicePixelRatio(scale)
    image.fill(widget.palette().window().color())
    widget.render(image, QPoint())
    if session:
        image.setText(SESSION_KEY, session)
    return image


def save(widget: QWidget, path: Path, scale: float, session: str = "") -> None:
    """Write `widget` to `path` in the format its ending names; a file is whole or not there.

    Raises
    ------
    PictureError
        The ending is unknown, or the file cannot be written.
    """
    write_picture(path, drawn(widget, format_of(path), scale, session))


def format_of(path: Path) -> PictureFormat:
    """Return the format that the ending of `path` names.

    Raises
    ------
    PictureError
        There is none of that ending.
    """
    try:
        return PictureFormat(path.suffix.lower().lstrip("."))
    except ValueError:
        endings = ", ".join(f".{kind}" for kind in PictureFormat)
        raise PictureError(f"{shown(path.name)} must end in one of {endings}.") from None


def drawn(widget: QWidget, kind: PictureFormat, scale: float, session: str = "") -> QImage | bytes:
    """Return `widget` drawn for a file: an image still to be encoded, or what the file holds.

    Raises
    ------
    PictureError
        As `picture` raises it.
    """
    if kind is PictureFormat.PNG:
        return picture(widget, scale, session)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if kind is PictureFormat.PDF:
        _draw_pdf(widget, buffer)
    else:
        _draw_svg(widget, buffer)
    return _held(buffer)


def write_picture(path: str | Path, drawing: QImage | bytes) -> None:
    """Write what `drawn` returned; the file is whole or not there. May run on any thread.

    Raises
    ------
    PictureError
        The file cannot be written.
    """
    data = _encoded(drawing) if isinstance(drawing, QImage) else drawing
    if not data:
        raise PictureError("There is not enough memory for a picture of this size.")
    try:
        write_whole(path, data)
    except UnwritableFileError as error:
        raise PictureError(str(error)) from error


def _encoded(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    is_encoded = image.save(buffer, "PNG")  # type: ignore[call-overload]
    return _held(buffer) if is_encoded else b""


def _held(buffer: QBuffer) -> bytes:
    return bytes(buffer.data().data())


def _draw_pdf(widget: QWidget, target: QIODevice) -> None:
    writer = QPdfWriter(target)
    size = QSizeF(widget.width(), widget.height()) * _POINTS_PER_PIXEL
    writer.setPageSize(QPageSize(size, QPageSize.Unit.Point))
    writer.setPageMargins(QMarginsF())
    writer.setCreator("lstmviz")
    painter = QPainter(writer)
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    painter.scale(writer.width() / widget.width(), writer.height() / widget.height())
    widget.render(painter, QPoint())
    painter.end()


def _draw_svg(widget: QWidget, target: QIODevice) -> None:
    generator = QSvgGenerator()
    generator.setOutputDevice(target)
    generator.setSize(widget.size())
    generator.setViewBox(QRect(QPoint(), widget.size()))
    generator.setTitle("lstmviz")
    painter = QPainter(generator)
    widget.render(painter, QPoint())
    painter.end()
