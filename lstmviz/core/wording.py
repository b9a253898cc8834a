"""Amounts for people."""

from __future__ import annotations

from typing import Final

_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def bytes_in_words(count: float) -> str:
    """Return `count` bytes for people: ``71 KiB``, ``1.5 GiB``."""
    power = 0
    while count >= 1024 and power < len(_UNITS) - 1:
        count /= 1024
        power += 1
    digits = 1 if power and count < 10 else 0
    return f"{count:,.{digits}f} {_UNITS[power]}"


def time_in_words(seconds: float) -> str:
    """Return a duration for people: ``0.53 ms``, ``12.4 ms``, ``1.4 s``."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.{2 if milliseconds < 10 else 1}f} ms"
