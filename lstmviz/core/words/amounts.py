"""Amounts, foreign values and reasons for people; the same words in the window and a terminal."""

from __future__ import annotations

import os
import re
import reprlib
from typing import Any, Final

_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def bytes_in_words(count: float) -> str:
    """Return `count` bytes for people: ``71 KiB``, ``1.5 GiB``."""
    power = 0
    while count >= 1024 and power < len(_UNITS) - 1:
        count /= 1024
        power += 1
    digits = 1 if power and count < 10 else 0
    return f"{count:,.{digits}f} {_UNITS[power]}"


def bytes_from_words(text: str) -> int:
    """Return the bytes that ``4GiB``, ``512 MiB`` or a whole number say.

    Raises
    ------
    ValueError
        With one sentence on what would do.
    """
    found = re.fullmatch(
        r"([0-9]{1,18}(?:\.[0-9]{1,9})?) *(bytes|[KMGTP]i?B|B)?", text.strip(), re.IGNORECASE
    )
    if found is None or not (count := float(found[1])):
        raise ValueError(f"a size is a number of bytes or such as 4GiB, not {text[:40]!r}")
    unit = (found[2] or "B").upper()
    power = "BKMGTP".index(unit[0])
    return int(count * (1024 if unit[1:2] == "I" else 1000) ** power)


def time_in_words(seconds: float) -> str:
    """Return a duration for people: ``0.53 ms``, ``12.4 ms``, ``1.4 s``."""
    if seconds >= 1:
        return f"{seconds:,.1f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.{2 if milliseconds < 10 else 1}f} ms"


# Foreign text -------------------------------------------------------------------------------------

_LONGEST_VALUE: Final = 60
_LONGEST_PATH: Final = 200
_MOST_DIGITS: Final = 30

_UNSEEN: Final = re.compile(
    # Controls but for tab and new line; what turns the direction of writing; ends of lines that
    # not a new line; letters without a shape; halves of letters that no encoding has.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """Return `text` with control characters written out, so that no terminal obeys them."""
    return _UNSEEN.sub(_written_out, text)


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def shown(text: object, most: int = _LONGEST_PATH) -> str:
    """Return foreign text, such as a file's name, on one line and no longer than `most`.

    What is too long loses its middle.
    """
    given = str(text)
    if len(given) > most:
        half = (most - 1) // 2
        given = f"{given[:half]}…{given[-half:]}"
    return visible(given.replace("\n", "\\n").replace("\t", "\\t"))


class _ShortRepr(reprlib.Repr):
    """``repr`` of a bounded length, whatever is given."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = _LONGEST_VALUE
        self.maxlist = self.maxtuple = self.maxdict = 4
        self.maxlevel = 2
        self.fillvalue = "…"

    def repr_str(self, x: str, level: int) -> str:  # noqa: ARG002 - as reprlib calls it
        """Cut before quoting: quoting megabytes takes its time."""
        if len(x) > self.maxstring:
            half = (self.maxstring - 1) // 2
            x = f"{x[:half]}…{x[-half:]}"
        whole = repr(x)
        return whole if len(whole) <= 2 * self.maxstring else repr(f"{x[:10]}…")

    def repr_int(self, x: int, level: int) -> str:  # noqa: ARG002 - as reprlib calls it
        """Python writes no number of more than some thousand digits."""
        digits = int(x.bit_length() * 0.30103) + 1
        return repr(x) if digits <= _MOST_DIGITS else f"a number of about {digits:,} digits"


_SHORT: Final = _ShortRepr()


def quoted(value: Any) -> str:
    """Return a foreign value for a sentence: as Python writes it, cut to a bounded length."""
    return _SHORT.repr(value)


def grouped(value: float) -> str:
    """Return a number for people, whole ones with commas between thousands: ``100,000``.

    A number of absurd length is told by its length.
    """
    if isinstance(value, int) and abs(value) >= 10**_MOST_DIGITS:
        return quoted(value)
    return f"{value:,}"


_DIGITS: Final = re.compile(r"\d{4,}")


def grouped_in(text: str) -> str:
    """Return `text` with commas between the thousands of every whole number in it."""
    return _DIGITS.sub(lambda match: grouped(int(match[0])), text)


def named(name: str) -> str:
    """Return a foreign name for a sentence: bare where it is one word, else quoted."""
    return name if name.isidentifier() and len(name) <= _LONGEST_VALUE else quoted(name)


def reason(error: OSError) -> str:
    """Return why the system refused, in words: ``No space left on device``."""
    if error.strerror:
        return error.strerror
    if error.errno:
        return os.strerror(error.errno)
    return str(error).rstrip(".") or type(error).__name__
