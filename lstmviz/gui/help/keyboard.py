"""The table of keys, made from the actions themselves: it lists all of them and no others."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QKeySequence

from lstmviz.gui.app.actions import ACTIONS, ActionSpec

KEYBOARD: Final = "<!-- keyboard -->"
"""Where the table stands in a page."""


def keyboard_table() -> str:
    """Return every action in Markdown: its menu, what it does and its keys."""
    rows = [f"| {_plain(a.menu)} | {_plain(a.text)} | {_keys(a)} |" for a in ACTIONS]
    return "\n".join(["| menu | action | keys |", "|---|---|---|", *rows])


def _plain(text: str) -> str:
    return text.replace("&", "").rstrip("…")


def _keys(action: ActionSpec) -> str:
    """Return the shortcuts, or the letters that lead to it through the menu bar."""
    if not action.keys:
        return f"Alt+{_letter(action.menu)}, {_letter(action.text)}"
    native = QKeySequence.SequenceFormat.NativeText
    return " or ".join(QKeySequence(key).toString(native) for key in action.keys)


def _letter(text: str) -> str:
    return text[text.index("&") + 1].upper()
