"""One calm line above the picture that is no fault; it goes when it is closed."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from lstmviz.gui.richtext import Label


class Notice(QFrame):
    """Say something once."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.label = Label(wordWrap=True)
        self.closing = QToolButton()
        self.closing.setText("Close")
        self.closing.setAutoRaise(True)
        self.closing.setAccessibleName("Close this notice")
        self.closing.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(11, 3, 5, 3)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.closing)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show `sentence` until it is closed."""
        self.label.setText(sentence)
        self.show()
