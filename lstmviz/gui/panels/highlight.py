"""Colours for a short Python program."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from lstmviz.core.scenes.colors import Theme
from lstmviz.gui.theme import Appearance

_TOKEN: Final = re.compile(
    r"(?P<comment>#.*)"
    r"|(?P<string>[\"'](?:[^\"'\\]|\\.)*[\"'])"
    r"|(?P<keyword>\b(?:import|from|with|as|assert|True|False|None|for|in|def|return)\b)"
    r"|(?P<number>\b\d[\d_.e]*\b)"
)
_QUOTES: Final = '"""'
_INSIDE: Final = 1


class PythonHighlighter(QSyntaxHighlighter):
    """Tell comments, strings, keywords and numbers apart, in the theme's colours."""

    def __init__(self, document: QTextDocument, appearance: Appearance) -> None:
        super().__init__(document)
        self._appearance = appearance
        appearance.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        formats = _formats(self._appearance.theme)
        was_inside = self.previousBlockState() == _INSIDE
        toggles = text.count(_QUOTES)
        is_inside = was_inside != (toggles % 2 == 1)
        self.setCurrentBlockState(_INSIDE if is_inside else 0)
        if was_inside or toggles:
            self.setFormat(0, len(text), formats["comment"])
            return
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or ""
            self.setFormat(match.start(), match.end() - match.start(), formats[kind])


@cache
def _formats(theme: Theme) -> dict[str, QTextCharFormat]:
    """Return how each kind of token is written; made once, for programs of thousands of numbers."""
    colors = {
        "comment": theme.muted,
        "string": theme.batch,
        "keyword": theme.layers,
        "number": theme.features,
    }
    formats = {kind: QTextCharFormat() for kind in colors}
    for kind, color in colors.items():
        formats[kind].setForeground(QColor(color))
    formats["comment"].setFontItalic(True)
    return formats
