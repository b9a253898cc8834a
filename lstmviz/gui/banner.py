"""What is wrong with the run or the engine: one sentence over the picture, which stays as it is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from lstmviz.gui.richtext import Label

_MARGIN: Final = 10


class Banner(QFrame):
    """A sentence along the top of `picture`; it takes no room, so that nothing moves for it.

    Parameters
    ----------
    picture : QWidget
    remedy : QAction
        What may be offered beside the sentence.
    """

    def __init__(self, picture: QWidget, remedy: QAction) -> None:
        super().__init__(picture)
        self._picture = picture
        self.setObjectName("banner")
        self._label = Label(wordWrap=True)
        self._label.setProperty("role", "banner")
        self._button = QPushButton(remedy.text())
        self._button.clicked.connect(remedy.trigger)
        self._button.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 6)
        layout.setSpacing(12)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._button)
        self.offer(on=False)
        self.hide()
        picture.installEventFilter(self)

    def text(self) -> str:
        """Return the sentence."""
        return self._label.text()

    def show_sentence(self, sentence: str) -> None:
        """Say `sentence`, or nothing."""
        self._label.setText(sentence)
        self.setVisible(bool(sentence))
        self._place()

    def offer(self, *, on: bool) -> None:
        """Offer the remedy, or stop."""
        self._button.setVisible(on)
        # Without it, what the sentence covers can still be pressed.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not on)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        width = self._picture.width() - 2 * _MARGIN
        self.setGeometry(QRect(_MARGIN, _MARGIN, width, self.heightForWidth(width)))
        self.raise_()
