"""Packing: whether the batch is packed, and how long each of its sequences is."""

from __future__ import annotations

import random
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from lstmviz.core.spec import RunSpec
from lstmviz.core.words.typed import parse_numbers
from lstmviz.gui.controls.fields import SwitchRow, TextRow
from lstmviz.gui.controls.lengths import LengthBars
from lstmviz.gui.document import Document


class PackingRows(QWidget):
    """Lengths to type, to draw at random, or to drag."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.switch = SwitchRow(
            "lengths", "packed", "Pack sequences of different lengths: no step past an end is run."
        )
        self.text = TextRow("lengths", "lengths", "Steps of each sequence, separated by commas.")
        self.bars = LengthBars()
        self.shuffle = QToolButton()
        self.shuffle.setText("Random lengths")
        self.shuffle.setAccessibleName("Random lengths")
        shuffle_line = QHBoxLayout()
        shuffle_line.setContentsMargins(104, 2, 0, 4)
        shuffle_line.addWidget(self.shuffle, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(self.switch)
        layout.addWidget(self.text)
        layout.addWidget(self.bars)
        layout.addLayout(shuffle_line)
        self.switch.change_requested.connect(self._switch)
        self.text.change_requested.connect(self._typed)
        self.bars.lengths_requested.connect(self._request)
        self.shuffle.clicked.connect(self._randomize)
        document.spec_changed.connect(self._show)
        document.refusals_changed.connect(self._show)
        self._show()

    def _request(self, lengths: tuple[Any, ...] | None) -> None:
        self._document.change(lengths=lengths)

    def _switch(self, _name: str, on: bool) -> None:
        self._request(_staircase(self._document.spec) if on else None)

    def _typed(self, _name: str, text: str) -> None:
        self._request(parse_numbers(text))

    def _randomize(self) -> None:
        inputs = self._document.spec.input
        lengths = [random.randint(1, inputs.seq_len) for _ in range(inputs.batch_size)]  # noqa: S311 - a picture, not a secret
        lengths[lengths.index(max(lengths))] = inputs.seq_len
        self._request(tuple(lengths))

    def _show(self) -> None:
        spec = self._document.spec
        lengths = spec.input.lengths
        is_packed = lengths is not None or "lengths" in self._document.drafts
        shown = self._document.drafts.get("lengths", lengths)
        self.switch.show_value(is_packed)
        self.switch.setEnabled(not spec.input.unbatched)
        self.text.show_refusal(self._document.refusals.get("lengths", ""))
        self.text.show_value(", ".join(map(str, shown)) if shown else "")
        self.text.setVisible(is_packed)
        self.shuffle.setVisible(is_packed)
        self.bars.setVisible(is_packed)
        self.bars.show_lengths(lengths or (), spec.input.seq_len)


def _staircase(spec: RunSpec) -> tuple[int, ...]:
    """Return lengths from the whole sequence down to half of it, so that packing shows at once."""
    n, steps = spec.input.batch_size, spec.input.seq_len
    return tuple(max(1, steps - (steps // 2) * item // max(1, n - 1)) for item in range(n))
