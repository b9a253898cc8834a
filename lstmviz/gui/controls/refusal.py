"""The sentence that says why a value cannot be: beside its field, over the picture, moving nothing.

A sentence that took its room from the form would push the fields below it away, and a click meant
for one of them would change another.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtWidgets import QScrollArea, QWidget
from shiboken6 import isValid

from lstmviz.gui.richtext import Label

_WIDTH: Final = 250
_GAP: Final = 6
_LONGEST: Final = 400
"""Characters; PyTorch's own words can be of any length."""
_MOVES: Final = frozenset(
    {
        QEvent.Type.Move,
        QEvent.Type.Resize,
        QEvent.Type.Show,
        QEvent.Type.Hide,
        QEvent.Type.ParentChange,
    }
)


class Refusal(Label):
    """A sentence beside `field`, drawn over the window; empty for nothing.

    It stands to the right of the form that the field scrolls in, else beneath the field, stays
    inside the window, and lets clicks through to what it covers.
    """

    def __init__(self, field: QWidget) -> None:
        super().__init__(parent=field)
        self._field = field
        self._watched: list[QWidget] = []
        self.setWordWrap(True)
        self.setProperty("role", "refusal")
        self.setProperty("floats", True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        # It lies in the window and not in the field, which may be gone before the window is.
        field.destroyed.connect(self.deleteLater)

    def show_sentence(self, sentence: str) -> None:
        """Say `sentence`, or nothing."""
        shortened = sentence if len(sentence) <= _LONGEST else f"{sentence[: _LONGEST - 1]}…"
        if shortened == self.text():
            return
        self.setText(shortened)
        if shortened:
            self._watch()
        else:
            self._forget()
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ParentChange:
            self._watch()
        if event.type() in _MOVES:
            self._follow()
        return super().eventFilter(watched, event)

    @property
    def has_field(self) -> bool:
        """Whether its field is still there; it follows it a moment later."""
        return isValid(self._field)

    @property
    def wanted_top(self) -> float:
        """Where it would stand, were it the only one."""
        return self._place().y()

    def _watch(self) -> None:
        """Follow the field, and all that it moves with."""
        self._forget()
        part: QWidget | None = self._field
        while part is not None:
            part.installEventFilter(self)
            self._watched.append(part)
            part = None if part.isWindow() else part.parentWidget()
        if self.parentWidget() is not self._watched[-1]:
            self.setParent(self._watched[-1])

    def _forget(self) -> None:
        for part in self._watched:
            part.removeEventFilter(self)
        self._watched = []

    def _follow(self) -> None:
        is_seen = bool(self.text()) and self.has_field and self._field.isVisible()
        self.setVisible(is_seen)
        if is_seen:
            self.raise_()
        spread(self.window())

    def stand(self, above: list[QRect]) -> QRect:
        """Take its place, below whatever of `above` is in the way; returns it."""
        place = self._place()
        for other in above:
            if place.intersects(other):
                place.moveTop(other.bottom() + 3)
        bottom = self.window().height() - _GAP
        if place.bottom() > bottom:
            place.moveBottom(bottom)
        if place != self.geometry():
            self.setGeometry(place)
        return place

    def _place(self) -> QRect:
        window = self.window()
        field = QRect(self._field.mapTo(window, QPoint(0, 0)), self._field.size())
        form = self._form()
        around = QRect(form.mapTo(window, QPoint(0, 0)), form.size()) if form else field
        width = min(_WIDTH, window.width() - 2 * _GAP)
        size = QRect(0, 0, width, self.heightForWidth(width))
        if form and around.right() + _GAP + width <= window.width():
            size.moveLeft(around.right() + _GAP)
            size.moveTop(field.center().y() - size.height() // 2)
            top, bottom = around.top(), around.bottom()
            size.moveTop(max(top, min(size.top(), bottom - size.height())))
            return size
        # Towards the middle, where the pictures are; at the sides there are controls to cover.
        is_left = field.center().x() < window.width() // 2
        left = field.left() if is_left else field.right() - width
        size.moveLeft(max(_GAP, min(left, window.width() - width - _GAP)))
        size.moveTop(field.bottom() + _GAP)
        if size.bottom() > window.height() - _GAP:
            size.moveBottom(max(size.height(), field.top() - _GAP))
        return size

    def _form(self) -> QWidget | None:
        """Return the form that the field scrolls in; None where it stands still."""
        part = self._field.parentWidget()
        while part is not None and not isinstance(part, QScrollArea):
            part = None if part.isWindow() else part.parentWidget()
        return part


def spread(window: QWidget) -> None:
    """Let the refusals of a window stand one below the other where they would overlap."""
    said = [one for one in window.findChildren(Refusal) if one.text() and not one.isHidden()]
    above: list[QRect] = []
    there = [refusal for refusal in said if refusal.has_field]
    for one in sorted(there, key=lambda refusal: refusal.wanted_top):
        above.append(one.stand(above))
