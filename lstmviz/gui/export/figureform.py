"""The fields that say how a figure looks: its width, letters, theme, and what stands with it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QWidget

from lstmviz.figures.spec import POINTS_PER_MM, POINTS_PER_PIXEL, FigureSpec, FigureView
from lstmviz.gui.controls.wheel import ChoiceBox, NumberBox
from lstmviz.gui.export.presets import PRESETS

_UNITS: Final = {"mm": POINTS_PER_MM, "px": POINTS_PER_PIXEL, "in": 72.0}
_THEMES: Final = (("light", False), ("dark", True))
_OWN: Final = -1
"""What stands for no preset."""


class FigureForm(QObject):
    """Fields for a `FigureSpec`; they are rows of somebody else's form.

    Parameters
    ----------
    is_dark : bool
        The theme that is chosen at first.
    measure : str
        What colours the unrolled network.

    Attributes
    ----------
    preset, unit, theme : ChoiceBox
    width, font : NumberBox
    transparent, caption, legend, times : QCheckBox
    """

    changed = Signal()

    def __init__(self, parent: QObject, *, is_dark: bool, measure: str) -> None:
        super().__init__(parent)
        self._measure = measure
        self.preset = ChoiceBox()
        for place, preset in enumerate(PRESETS):
            self.preset.addItem(preset.title, place)
        self.preset.addItem("as set below", _OWN)
        self.width = NumberBox(1, 7680, 960)
        self.unit = ChoiceBox()
        for unit in _UNITS:
            self.unit.addItem(unit, unit)
        self.unit.setCurrentIndex(self.unit.findData("px"))
        self._said_unit = "px"
        self.font = NumberBox(4, 72, 9, " pt")
        self.theme = ChoiceBox()
        for title, value in _THEMES:
            self.theme.addItem(title, value)
        self.theme.setCurrentIndex(int(is_dark))
        self.transparent = QCheckBox("on no ground")
        self.caption = QCheckBox("caption")
        self.legend = QCheckBox("legend")
        self.times = QCheckBox("measured times")
        for switch in (self.caption, self.legend):
            switch.setChecked(True)
        self._name_fields()
        self._connect()

    def spec(self, view: str) -> FigureSpec:
        """Return the figure of `view` as it is asked for.

        Raises
        ------
        FigureError
            There can be no such figure.
        """
        unit, preset = _UNITS[self.unit.currentData()], self.preset.currentData()
        height = None if preset == _OWN else PRESETS[preset].height
        return FigureSpec(
            view=FigureView(view),
            width=self.width.value() * unit,
            height=None if height is None else height * unit,
            font=self.font.value(),
            is_dark=bool(self.theme.currentData()),
            is_transparent=self.transparent.isChecked(),
            has_caption=self.caption.isChecked(),
            has_legend=self.legend.isChecked(),
            has_times=self.times.isChecked(),
            measure=self._measure,
        )

    def add_size_rows(self, form: QFormLayout) -> None:
        """Add the rows of what it is made for, how large it is and its theme."""
        form.addRow("&Made for", self.preset)
        form.addRow("&Width", beside(self.width, self.unit))
        form.addRow("&Letters", self.font)
        form.addRow("&Theme", self.theme)

    def add_switch_rows(self, form: QFormLayout) -> None:
        """Add the rows of what stands with it."""
        form.addRow("With", beside(self.caption, self.legend))
        form.addRow("", beside(self.transparent, self.times))

    def set_enabled(self, *, on: bool) -> None:
        """Let the fields be used, or not."""
        for field in (*self._boxes, self.width, self.font, *self._switches):
            field.setEnabled(on)

    @property
    def _boxes(self) -> tuple[ChoiceBox, ...]:
        return self.preset, self.unit, self.theme

    @property
    def _switches(self) -> tuple[QCheckBox, ...]:
        return self.transparent, self.caption, self.legend, self.times

    def _name_fields(self) -> None:
        self.preset.setAccessibleName("what it is made for")
        self.width.setAccessibleName("width")
        self.unit.setAccessibleName("unit of the width")
        self.font.setAccessibleName("size of the letters in points")
        self.theme.setAccessibleName("theme")

    def _connect(self) -> None:
        self.preset.activated.connect(self._take_preset)
        self.width.valueChanged.connect(self._leave_preset)
        self.font.valueChanged.connect(self._leave_preset)
        self.unit.activated.connect(self._convert)
        for box in self._boxes:
            box.currentIndexChanged.connect(self.changed)
        for number in (self.width, self.font):
            number.valueChanged.connect(self.changed)
        for switch in self._switches:
            switch.toggled.connect(self.changed)

    def _take_preset(self) -> None:
        place = self.preset.currentData()
        if place == _OWN:
            return
        preset = PRESETS[place]
        for field, value in ((self.width, preset.width), (self.font, preset.font)):
            field.blockSignals(True)
            field.setValue(value)
            field.blockSignals(False)
        self.unit.setCurrentIndex(self.unit.findData(preset.unit))
        self._said_unit = preset.unit
        self.changed.emit()

    def _convert(self) -> None:
        """Say the same width in the unit that was chosen."""
        unit = self.unit.currentData()
        if unit != self._said_unit:
            points = self.width.value() * _UNITS[self._said_unit]
            self._said_unit = unit
            self.width.setValue(points / _UNITS[unit])
            self._leave_preset()

    def _leave_preset(self) -> None:
        self.preset.setCurrentIndex(self.preset.findData(_OWN))


def beside(*fields: QWidget) -> QWidget:
    """Return `fields` on one line; the first takes what room there is."""
    line = QWidget()
    layout = QHBoxLayout(line)
    layout.setContentsMargins(0, 0, 0, 0)
    for place, field in enumerate(fields):
        layout.addWidget(field, 0 if place else 1)
    return line
