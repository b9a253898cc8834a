"""The two maps from numbers to colours, in every theme."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from lstmviz.core.scenes.colors import Theme

TOP_INDEX: Final = 252
ZERO_INDEX: Final = TOP_INDEX // 2
NAN_INDEX: Final = 254
"""Rows of `color_table`: the upper end, the middle, and not-a-number."""


class Ramp(StrEnum):
    """Which colours numbers take."""

    DIVERGING = "diverging"
    """Two colours that part from a quiet zero."""
    SEQUENTIAL = "sequential"
    """From a quiet zero to what stands out most, in even steps of lightness."""


@lru_cache(maxsize=4)
def color_table(theme: Theme, ramp: Ramp = Ramp.DIVERGING) -> npt.NDArray[np.uint8]:
    """Return the colours of a map.

    Returns
    -------
    array of uint8, shape (256, 4), read-only
        RGBA; rows 0 to `TOP_INDEX` from the lowest to the highest, with the zero of the diverging
        ramp at `ZERO_INDEX`; row `NAN_INDEX` for NaN.
    """
    table = np.full((256, 4), 255, dtype=np.uint8)
    place = np.linspace(0.0, 1.0, TOP_INDEX + 1)
    if ramp is Ramp.DIVERGING:
        stops = np.array([_rgb(c) for c in (theme.negative, theme.zero, theme.positive)], float)
        colors = _between(place, stops)
    else:
        stops = to_oklab(np.array([_rgb(c) for c in (theme.least, theme.half, theme.most)]))
        # Half way in lightness whatever `half` says, so that equal steps look equal.
        stops[1, 0] = (stops[0, 0] + stops[2, 0]) / 2
        colors = _from_oklab(_between(place, stops))
    table[: len(place), :3] = colors.clip(0, 255)
    table[NAN_INDEX, :3] = _rgb(theme.bad)
    table.setflags(write=False)
    return table


def _between(place: npt.NDArray[Any], stops: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.stack([np.interp(place, (0, 0.5, 1), channel) for channel in stops.T], axis=1)


# Björn Ottosson, "A perceptual color space for image processing", 2020: in OKLab, equal steps of
# the first coordinate look equally far apart.
_TO_CONES: Final = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB: Final = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def to_oklab(colors: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return sRGB colours, 0 to 255, as OKLab: lightness 0 to 1, then green-red and blue-yellow.

    Parameters
    ----------
    colors : array, shape (n, 3)
    """
    share = np.asarray(colors) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    lab: npt.NDArray[Any] = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    return lab


def _from_oklab(lab: npt.NDArray[Any]) -> npt.NDArray[Any]:
    cones = (lab @ np.linalg.inv(_TO_LAB).T) ** 3
    linear = (cones @ np.linalg.inv(_TO_CONES).T).clip(0, 1)
    share = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    colors: npt.NDArray[Any] = np.rint(255 * share)
    return colors


def _rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue
