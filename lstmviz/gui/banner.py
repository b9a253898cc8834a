"""What is wrong with the run or the engine: one sentence over the picture, which stays as it is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget

from lstmviz.gui.richtext import Label

_MARGIN: Final = 10


class Banner(Label):
    """A sentence along the top of `picture`; it takes no room, so that nothing moves for it."""

    def __init__(self, picture: QWidget) -> None:
        super().__init__(parent=picture)
        self._picture = picture
        self.setProperty("role", "banner")
        self.setWordWrap(True)
        # What it covers can still be pressed.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        picture.installEventFilter(self)

    def show_sentence(self, sentence: str) -> None:
        """Say `sentence`, or nothing."""
        self.setText(sentence)
        self.setVisible(bool(sentence))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        width = self._picture.width() - 2 * _MARGIN
        self.setGeometry(_MARGIN, _MARGIN, width, self.heightForWidth(width))
        self.raise_()
