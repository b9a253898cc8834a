"""A typed number: anything can be typed, and what cannot be is refused in words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget


class TypedField(QLineEdit):
    """Text that is handed on when Enter is pressed or the field is left; Escape takes it back."""

    text_entered = Signal(str)
    step_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self.returnPressed.connect(self._hand_on)

    def show_text(self, text: str, *, refused: bool = False) -> None:
        """Show `text` unless the user is in the middle of typing another."""
        is_typing = self.hasFocus() and self.isModified()
        self._shown = text
        if not is_typing and self.text() != text:
            self.setText(text)
        self.show_refused(on=refused)

    def show_refused(self, *, on: bool) -> None:
        """Set the field off, or no longer, as one whose text was refused."""
        if self.property("refused") != on:
            self.setProperty("refused", on)
            self.style().polish(self)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undoes = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
            if event.key() == Qt.Key.Key_Escape or any(map(event.matches, undoes)):
                # Ours while something is typed here; else the window's, to stop a run and to undo
                # the last change, which a line edit would keep from it.
                event.setAccepted(self.isModified())
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Up:
                self.step_requested.emit(1)
            case Qt.Key.Key_Down:
                self.step_requested.emit(-1)
            case Qt.Key.Key_Escape if self.isModified():
                self.setText(self._shown)
                self.setModified(False)
            case _:
                super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._hand_on()
        super().focusOutEvent(event)

    def _hand_on(self) -> None:
        if self.isModified():
            self.setModified(False)
            self.text_entered.emit(self.text().strip())
