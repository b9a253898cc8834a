"""Which help page belongs to what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QWidget

from lstmviz.core import resources
from lstmviz.gui.help.keyboard import KEYBOARD, keyboard_table

PROPERTY: Final = "help_page"
"""Dynamic property of a widget that names its page; its children inherit it."""

FIRST: Final = "tensors-and-axes"


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes
    ----------
    name : str
        File in ``resources/help`` without its ending.
    title : str
        Its first heading.
    text : str
        Markdown, with what is written for it by the program.
    """

    name: str
    title: str
    text: str


def pages() -> list[Page]:
    """Return every page, in the order of the index."""
    folder = resources.root() / "help"
    found = {path.stem: _read(path) for path in sorted(folder.glob("*.md"))}
    order = [name for name in _ORDER if name in found]
    rest = [name for name in found if name not in order]
    return [found[name] for name in (*order, *rest)]


def page_of(widget: QWidget | None) -> str:
    """Return the name of the page for `widget`: its own, or of the nearest part it stands in."""
    while widget is not None:
        name = widget.property(PROPERTY)
        if name:
            return str(name)
        widget = widget.parentWidget()
    return FIRST


_ORDER: Final = (
    "index",
    "getting-around",
    "tensors-and-axes",
    "output-h_n-c_n",
    "bidirectional",
    "stacked",
    "packed",
    "stateful",
    "projections",
    "gates",
    "conversions",
)


def _read(path: Path) -> Page:
    text = path.read_text(encoding="utf-8").replace(KEYBOARD, keyboard_table())
    title = next((line[2:] for line in text.splitlines() if line.startswith("# ")), path.stem)
    return Page(path.stem, title.strip(), text)
