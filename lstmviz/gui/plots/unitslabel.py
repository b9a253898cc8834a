"""Which units are drawn over time: named in the colours of their curves, and typed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from lstmviz.core.scenes.colors import CURVES
from lstmviz.core.scenes.plots.peaks import peaks_in_words
from lstmviz.core.scenes.plots.pooling import Pooling
from lstmviz.core.words.typed import parse_numbers, said
from lstmviz.gui.controls.number import TypedField
from lstmviz.gui.controls.refusal import Refusal
from lstmviz.gui.document import Document
from lstmviz.gui.plots.curverow import MOST_CURVES
from lstmviz.gui.plots.rowlabel import WIDTH, PoolingMark
from lstmviz.gui.richtext import Label, RichLabel, plain_tip
from lstmviz.gui.theme import mono

_ROOM_FOR_ALL: Final = 112
_ROOM_FOR_KEY: Final = 92
_BESIDE_AXIS: Final = 36
_KEYS: Final = {False: "h solid, c dashed", True: "h strong, c pale"}
"""What tells h from c, by whether the lines are dense."""


class UnitsLabel(QWidget):
    """Show the chosen units and take others as typed numbers."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.units: tuple[int, ...] = ()
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        title = Label("units over time")
        title.setProperty("role", "title")
        self._key = Label(_KEYS[False])
        self._key.setProperty("role", "muted")
        self._names = RichLabel()
        self._names.setFont(mono())
        self.field = TypedField()
        self.field.setFont(mono())
        self.field.setMaximumWidth(112)
        self.field.setAccessibleName("units to draw over time")
        self.field.setToolTip(plain_tip(f"Up to {MOST_CURVES} units, separated by commas."))
        self.field.text_entered.connect(self._typed)
        self._refusal = Refusal(self.field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(2)
        layout.addStretch(1)
        for part in (title, self._key, self._names, self.field):
            layout.addWidget(part)
        layout.addStretch(1)
        # Beside the time axis there is room that nothing else needs.
        self.mark = PoolingMark()
        foot = QWidget()
        foot.setFixedHeight(_BESIDE_AXIS)
        line = QVBoxLayout(foot)
        line.setContentsMargins(0, 2, 0, 0)
        line.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignRight)
        line.addStretch(1)
        layout.addWidget(foot)

    def show_looks(self, pooling: Pooling, *, is_dense: bool) -> None:
        """Say how many numbers a column of pixels stands for, and what tells h from c."""
        self._key.setText(_KEYS[is_dense])
        self.mark.show_pooling(pooling, peaks_in_words(pooling))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._key.setVisible(self.height() >= _ROOM_FOR_KEY)
        self._names.setVisible(self.height() >= _ROOM_FOR_ALL)

    def show_units(self, units: tuple[int, ...]) -> None:
        """Show `units`."""
        self.units = units
        spans = [
            f'<span style="color:{color}">{unit}</span>'
            for unit, color in zip(units, CURVES, strict=False)
        ]
        self._names.setText("unit " + " ".join(spans))
        self.field.show_text(", ".join(map(str, units)))
        self._refuse("")

    def _typed(self, text: str) -> None:
        trace = self._document.trace
        most = trace.hidden_size if trace else 1
        numbers = tuple(dict.fromkeys(parse_numbers(text)))
        within = f"Units are whole numbers from 0 to {most - 1:,}"
        odd = [n for n in numbers if isinstance(n, str) or not 0 <= n < most]
        if odd:
            self._refuse(f"{within}, not {said(odd[0])}.")
        elif not numbers:
            self._refuse(f"{within}; none was typed.")
        elif len(numbers) > MOST_CURVES:
            many = f"{MOST_CURVES} units can be told apart, not {len(numbers):,}"
            self._refuse(f"At most {many}.")
        else:
            self._refuse("")
            self._document.look_at(units=numbers)

    def _refuse(self, sentence: str) -> None:
        self._refusal.show_sentence(sentence)
        self.field.show_refused(on=bool(sentence))
