"""Which layer, direction and batch item the plots show."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from lstmviz.gui.controls.number import TypedField, parse_number
from lstmviz.gui.document import Document
from lstmviz.gui.theme import Appearance, mono

_DIRECTIONS = ("forward", "reverse")


class Selectors(QWidget):
    """Show the document's layer, direction and batch item, and ask for others."""

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self.layer = QComboBox()
        self.direction = QComboBox()
        self.item = TypedField()
        self.item.setFixedWidth(46)
        self.item.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.item.setFont(mono())
        self.item.setToolTip("0 to N − 1; up and down step through the batch.")
        self._labels = {
            "layers": QLabel("layer"),
            "layers ": QLabel("direction"),
            "batch": QLabel("batch item"),
        }
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 10, 0)
        layout.setSpacing(5)
        for label, editor in zip(
            self._labels.values(), (self.layer, self.direction, self.item), strict=True
        ):
            editor.setAccessibleName(label.text())
            label.setBuddy(editor)
            layout.addSpacing(8)
            layout.addWidget(label)
            layout.addWidget(editor)
        self.layer.activated.connect(lambda index: document.look_at(layer=index))
        self.direction.activated.connect(lambda index: document.look_at(direction=index))
        self.item.text_entered.connect(self._typed)
        self.item.step_requested.connect(self._step)
        document.run_changed.connect(self._show)
        document.view_changed.connect(self._show)
        appearance.changed.connect(self._show_theme)
        self._show()
        self._show_theme()

    def _typed(self, text: str) -> None:
        number = parse_number(text, whole=True)
        if isinstance(number, int) and number >= 0:
            self._document.look_at(item=number)
        self._show()

    def _step(self, count: int) -> None:
        self._document.look_at(item=max(0, self._document.view.item + count))

    def _show(self) -> None:
        trace, view = self._document.trace, self._document.view
        self.setEnabled(trace is not None)
        if trace is None:
            return
        _fill(self.layer, [str(layer) for layer in range(trace.num_layers)], view.layer)
        _fill(self.direction, list(_DIRECTIONS[: trace.num_directions]), view.direction)
        self.direction.setEnabled(trace.num_directions > 1)
        self.layer.setEnabled(trace.num_layers > 1)
        self.item.setEnabled(trace.batch_size > 1)
        self.item.show_text(str(view.item))

    def _show_theme(self) -> None:
        for kind, label in self._labels.items():
            color = getattr(self._appearance.theme, kind.strip())
            label.setStyleSheet(f"color: {color}")


def _fill(box: QComboBox, names: list[str], current: int) -> None:
    if [box.itemText(index) for index in range(box.count())] != names:
        box.clear()
        box.addItems(names)
    box.setCurrentIndex(current)
