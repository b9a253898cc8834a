"""Rows of the settings form: a label, an editor and the sentence when a value is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QWidget

from lstmviz.core.spec import BOUNDS, Bound
from lstmviz.core.words.typed import parse_number
from lstmviz.gui.controls.number import TypedField
from lstmviz.gui.controls.refusal import Refusal
from lstmviz.gui.controls.scale import ScaleSlider
from lstmviz.gui.controls.switch import Switch
from lstmviz.gui.controls.wheel import ChoiceBox
from lstmviz.gui.richtext import Label, plain_tip
from lstmviz.gui.theme import mono

_LABEL_WIDTH: Final = 96
_NUMBER_WIDTH: Final = 56
_ROW_HEIGHT: Final = 26
_ANY_WIDTH: Final = 16_777_215


class Row(QWidget):
    """One setting. Shows what it is told and asks for changes; subclasses add the editor.

    Parameters
    ----------
    name : str
        The setting, as `core.spec` names it.
    label : str
        What to write before the editor.
    tip : str
        What the setting does, in one sentence.
    """

    change_requested = Signal(str, object)

    def __init__(self, name: str, label: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.setToolTip(plain_tip(tip))
        self._label = Label(label)
        self._label.setFont(mono())
        self._label.setFixedWidth(_LABEL_WIDTH)
        self._refusal = Refusal(self)
        self._refused = ""
        self._editors: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.setRowMinimumHeight(0, _ROW_HEIGHT)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self._label, 0, 0)

    def show_value(self, value: Any) -> None:
        """Show `value` as the setting's."""
        raise NotImplementedError

    def show_refusal(self, sentence: str) -> None:
        """Say why the value that stands here was refused; empty for nothing."""
        if sentence != self._refused:
            self._refused = sentence
            self._refusal.show_sentence(sentence)
            for editor in self._editors:
                editor.setAccessibleDescription(sentence or self.toolTip())

    def _name_editor(self, editor: QWidget, what: str = "") -> None:
        editor.setAccessibleName(f"{self._label.text()}{what}")
        editor.setAccessibleDescription(self.toolTip())
        self._label.setBuddy(editor)
        self._editors.append(editor)

    def _ask(self, value: Any) -> None:
        self.change_requested.emit(self.name, value)

    def _stack(self, editor: QWidget) -> None:
        """Put the editor beneath its label, both over the whole width."""
        self._label.setFont(QFont())
        self._label.setMinimumWidth(0)
        self._label.setMaximumWidth(_ANY_WIDTH)
        self._label.setWordWrap(True)
        self._grid.addWidget(self._label, 0, 0, 1, 3)
        self._grid.addWidget(editor, 1, 0, 1, 3)


class NumberRow(Row):
    """A number to drag or type; its range is the spec's unless a `bound` is given."""

    def __init__(
        self,
        name: str,
        label: str,
        tip: str,
        parent: QWidget | None = None,
        *,
        bound: Bound | None = None,
    ) -> None:
        super().__init__(name, label, tip, parent)
        bound = bound or BOUNDS[name]
        self._is_whole = bound.is_whole
        self._value: float = bound.low
        self.slider = ScaleSlider(bound)
        self.slider.setMinimumWidth(48)
        self.slider.value_requested.connect(self._ask)
        self.field = TypedField()
        self.field.setFont(mono())
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setFixedWidth(_NUMBER_WIDTH)
        self.field.text_entered.connect(self._typed)
        self.field.step_requested.connect(self._step)
        self._grid.addWidget(self.slider, 0, 1)
        self._grid.addWidget(self.field, 0, 2)
        self._name_editor(self.slider, ", slider")
        self._name_editor(self.field)

    def show_value(self, value: Any) -> None:
        is_number = isinstance(value, int | float)
        if is_number:
            self._value = value
            self.slider.show_value(value)
        text = str(value) if self._is_whole or not is_number else f"{value:g}"
        self.field.show_text(text, refused=bool(self._refused))

    def _typed(self, text: str) -> None:
        self._ask(parse_number(text, whole=self._is_whole))

    def _step(self, count: int) -> None:
        self._ask(self._value + count if self._is_whole else round(self._value + count * 0.01, 2))


class PlainNumberRow(NumberRow):
    """A number with nothing to drag, such as a seed."""

    def __init__(self, name: str, label: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(name, label, tip, parent)
        self.slider.hide()
        self.field.setMaximumWidth(16777215)
        self.field.setMinimumWidth(_NUMBER_WIDTH)
        self._grid.addWidget(self.field, 0, 1, 1, 2)


class SwitchRow(Row):
    """Something that is on or off."""

    def __init__(self, name: str, label: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(name, label, tip, parent)
        self.switch = Switch()
        self.switch.clicked.connect(self._ask)
        self._grid.addWidget(self.switch, 0, 1)
        self._name_editor(self.switch)

    def show_value(self, value: Any) -> None:
        self.switch.setChecked(bool(value))


class ChoiceRow(Row):
    """One of a few."""

    def __init__(
        self,
        name: str,
        label: str,
        tip: str,
        choices: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name, label, tip, parent)
        self.box = ChoiceBox()
        self.box.setMinimumContentsLength(6)
        self.box.setSizeAdjustPolicy(
            ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.activated.connect(lambda index: self._ask(self.box.itemData(index)))
        self._grid.addWidget(self.box, 0, 1, 1, 2)
        self._name_editor(self.box)
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[tuple[str, str]], *, tips: Sequence[str] = ()) -> None:
        """Offer `choices`, each a value and what to call it; the one shown stays."""
        shown = self.box.currentData()
        self.box.clear()
        for value, title in choices:
            self.box.addItem(title, value)
        for index, tip in enumerate(tips):
            self.box.setItemData(index, plain_tip(tip), Qt.ItemDataRole.ToolTipRole)
        if shown is not None:
            self.show_value(shown)

    def show_value(self, value: Any) -> None:
        index = self.box.findData(str(value))
        if index < 0:
            # A session from another machine may name a device this one has not.
            self.box.addItem(str(value), str(value))
            index = self.box.count() - 1
        if index != self.box.currentIndex():
            self.box.setCurrentIndex(index)


class TextRow(Row):
    """Free text, parsed by whoever listens."""

    def __init__(self, name: str, label: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(name, label, tip, parent)
        self.field = TypedField()
        self.field.setFont(mono())
        self.field.text_entered.connect(self._ask)
        self._grid.addWidget(self.field, 0, 1, 1, 2)
        self._name_editor(self.field)

    def show_value(self, value: Any) -> None:
        self.field.show_text(str(value), refused=bool(self._refused))
