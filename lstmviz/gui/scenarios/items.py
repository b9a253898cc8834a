"""A colour for each batch item."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage, qRgba

from lstmviz.core.scenes.colors import ITEMS
from lstmviz.core.scenes.results.packing import ABSENT


def item_color(item: int) -> QColor:
    """Return the colour of batch item `item`."""
    return QColor(ITEMS[item % len(ITEMS)])


def items_image(items: npt.NDArray[Any]) -> QImage:
    """Return an image with a pixel in each item's colour; see-through where it is `ABSENT`.

    Parameters
    ----------
    items : array of int, shape (rows, columns)
    """
    indices = np.where(items == ABSENT, len(ITEMS), items % len(ITEMS)).astype(np.uint8)
    height, width = indices.shape
    numbers = indices.tobytes()
    image = QImage(numbers, width, height, width, QImage.Format.Format_Indexed8)
    colors = [QColor(name) for name in ITEMS]
    table = [qRgba(c.red(), c.green(), c.blue(), 255) for c in colors]
    image.setColorTable([*table, qRgba(0, 0, 0, 0)])
    return image.copy()
