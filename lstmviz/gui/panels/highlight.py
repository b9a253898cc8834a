"""Colours for a short Python program."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

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
        was_inside = self.previousBlockState() == _INSIDE
        toggles = text.count(_QUOTES)
        is_inside = was_inside != (toggles % 2 == 1)
        self.setCurrentBlockState(_INSIDE if is_inside else 0)
        if was_inside or toggles:
            self.setFormat(0, len(text), self._format("comment"))
            return
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup or ""
            self.setFormat(match.start(), match.end() - match.start(), self._format(kind))

    def _format(self, kind: str) -> QTextCharFormat:
        theme = self._appearance.theme
        colors = {
            "comment": theme.muted,
            "string": theme.batch,
            "keyword": theme.layers,
            "number": theme.features,
        }
        style = QTextCharFormat()
        style.setForeground(QColor(colors[kind]))
        style.setFontItalic(kind == "comment")
        return style
