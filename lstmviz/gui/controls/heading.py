"""The small heading of a group."""

from __future__ import annotations

from typing import Final, TypeVar

from lstmviz.gui.richtext import Label, RichLabel

Labelled = TypeVar("Labelled", Label, RichLabel)

SMALLER: Final = 0.85


def heading(title: str) -> Label:
    """Return `title` as a heading: small, muted and in capitals."""
    return small(title.upper(), "heading")


def small(text: str, role: str = "muted", *, wraps: bool = False) -> Label:
    """Return a small label in a role of the style sheet."""
    return _made_small(Label(text, wordWrap=wraps), role)


def small_rich(role: str = "muted", *, wraps: bool = False) -> RichLabel:
    """Return an empty small label for HTML of ours."""
    return _made_small(RichLabel(wordWrap=wraps), role)


def _made_small(label: Labelled, role: str) -> Labelled:
    label.setProperty("role", role)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * SMALLER)
    label.setFont(font)
    return label
