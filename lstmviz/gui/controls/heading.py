"""The small heading of a group."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QLabel

SMALLER: Final = 0.85


def heading(title: str) -> QLabel:
    """Return `title` as a heading: small, muted and in capitals."""
    return small(title.upper(), "heading")


def small(text: str, role: str = "muted", *, wraps: bool = False) -> QLabel:
    """Return a small label in a role of the style sheet."""
    label = QLabel(text, wordWrap=wraps)
    label.setProperty("role", role)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * SMALLER)
    label.setFont(font)
    return label
