"""Which layer, direction and batch item the plots show."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from lstmviz.core.geometry import DIRECTIONS
from lstmviz.core.spec import Bound, SpecError, check_bound
from lstmviz.core.words.typed import parse_number
from lstmviz.gui.controls.number import TypedField
from lstmviz.gui.controls.refusal import Refusal
from lstmviz.gui.controls.wheel import ChoiceBox
from lstmviz.gui.document import Document
from lstmviz.gui.richtext import Label, plain_tip
from lstmviz.gui.theme import Appearance, mono


class Selectors(QWidget):
    """Show the document's layer, direction and batch item, and ask for others."""

    def __init__(
        self, document: Document, appearance: Appearance, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._appearance = appearance
        self.layer = ChoiceBox()
        self.layer.setAccessibleName("layer")
        self.direction = ChoiceBox()
        self.direction.setAccessibleName("direction")
        for box in (self.layer, self.direction):
            box.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToContents)
        self._label = Label("batch item")
        self.item = TypedField()
        self.item.setAccessibleName("batch item")
        self.item.setFixedWidth(46)
        self.item.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.item.setFont(mono())
        self.item.setToolTip(plain_tip("0 to N − 1; up and down step through the batch."))
        self._label.setBuddy(self.item)
        self._refusal = Refusal(self.item)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 3, 10, 0)
        layout.setSpacing(7)
        for part in (self.layer, self.direction, self._label, self.item):
            layout.addWidget(part)
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
        trace = self._document.trace
        if trace is None:
            return
        number = parse_number(text, whole=True)
        try:
            check_bound("batch item", number, Bound(0, trace.batch_size - 1))
        except SpecError as error:
            # What is plotted stays what stands here; the sentence says what was typed.
            self.item.show_text(str(self._document.view.item), refused=True)
            self._refusal.show_sentence(error.sentence)
        else:
            self._document.look_at(item=number)
            self._show()

    def _step(self, count: int) -> None:
        self._document.look_at(item=max(0, self._document.view.item + count))

    def _show(self) -> None:
        trace, view = self._document.trace, self._document.view
        self.setEnabled(trace is not None)
        if trace is None:
            return
        _fill(self.layer, [f"layer {layer}" for layer in range(trace.num_layers)], view.layer)
        _fill(self.direction, list(DIRECTIONS[: trace.num_directions]), view.direction)
        self.direction.setEnabled(trace.num_directions > 1)
        self.layer.setEnabled(trace.num_layers > 1)
        # A scenario's tabs need the room; it has LSTMs of one layer throughout.
        self.layer.setVisible(trace.num_layers > 1 or self._document.choice is None)
        self.item.setEnabled(trace.batch_size > 1)
        self.item.show_text(str(view.item))
        self._refusal.show_sentence("")

    def _show_theme(self) -> None:
        theme = self._appearance.theme
        self.layer.setStyleSheet(f"QComboBox:enabled {{ color: {theme.layers} }}")
        self.direction.setStyleSheet(f"QComboBox:enabled {{ color: {theme.layers} }}")
        self._label.setStyleSheet(f"color: {theme.batch}")


def _fill(box: ChoiceBox, names: list[str], current: int) -> None:
    if [box.itemText(index) for index in range(box.count())] != names:
        box.clear()
        box.addItems(names)
    box.setCurrentIndex(current)
