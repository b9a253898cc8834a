"""The one place between foreign text and Qt's rich text.

Qt guesses: a label, a tooltip or a message box whose text looks like HTML is drawn as HTML, and
HTML may load any file. So labels are plain unless they are made here to be rich, and whatever goes
into rich text is escaped here.
"""

from __future__ import annotations

from html import escape as _escaped
from typing import Any, Final

from PySide6.QtCore import QByteArray, Qt, QUrl
from PySide6.QtGui import Qt as QtGuiNames
from PySide6.QtWidgets import QLabel, QTextBrowser, QWidget

from lstmviz.core.words.amounts import visible

_LONGEST: Final = 20_000
"""Characters; more than any text of ours has, and little enough to be laid out at once."""


def escape(text: str) -> str:
    """Return `text` to stand in HTML as it is, with nothing in it obeyed."""
    return _escaped(_bearable(text))


def plain_tip(text: str) -> str:
    """Return `text` for a tooltip, which shows it as it is."""
    text = _bearable(text)
    if not QtGuiNames.mightBeRichText(text):
        return text
    return f"<span>{_escaped(text)}</span>".replace("\n", "<br>")


class Label(QLabel):
    """A label that shows its text as it is."""

    def __init__(self, text: str = "", parent: QWidget | None = None, **options: Any) -> None:
        super().__init__(parent, **options)
        # Before there is a text to guess at.
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(_bearable(text))


class RichLabel(QLabel):
    """A label that shows HTML of ours, in which foreign text is escaped."""

    def __init__(self, html: str = "", parent: QWidget | None = None, **options: Any) -> None:
        super().__init__(parent, **options)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setText(html)


class RichBrowser(QTextBrowser):
    """A page of HTML of ours; it loads nothing from anywhere and follows no link by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)

    def loadResource(self, _kind: int, _name: QUrl | str) -> Any:
        # Something: given nothing, Qt looks for a file by itself.
        return QByteArray(b" ")


def _bearable(text: str) -> str:
    return visible(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
