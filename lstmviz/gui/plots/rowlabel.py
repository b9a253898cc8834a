"""What stands before a row of plots: its name, its axes, its scale, and what a pixel stands for."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lstmviz.core.contract import AxisKind
from lstmviz.core.scenes.colors import Theme
from lstmviz.core.scenes.plots.pooling import Pooling
from lstmviz.core.scenes.plots.scale import Scale
from lstmviz.gui.controls.heading import small, small_rich
from lstmviz.gui.plots.colorbar import ColorBar
from lstmviz.gui.richtext import Label, RichLabel, plain_tip
from lstmviz.gui.theme import mono

WIDTH: Final = 156
_RIGHT: Final = 8
_GAP: Final = 5


class PoolingMark(Label):
    """How many numbers a pixel stands for, in a few characters; the words are its tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setFont(mono(mono().pointSizeF() * 0.82))
        self.setProperty("role", "muted")
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_pooling(self, pooling: Pooling, words: str = "") -> None:
        """Show `pooling`; `words` where its own do not say it."""
        self.setText(pooling.mark)
        self.setToolTip(plain_tip(words or pooling.in_words()))
        self.setAccessibleName(words or pooling.in_words())
        self.setVisible(pooling.is_pooled)


class RowLabel(QWidget):
    """Title, what a pixel stands for, coloured axes, a note and a colour bar.

    Title, mark and colour bar are there however low the row is; of the rest as much as has room,
    and nothing in the place of something else.

    Parameters
    ----------
    title, meaning : str
    is_low : bool
        Whether the row is one of many: title and meaning share a line, the axes are left out.
    """

    def __init__(
        self, title: str, meaning: str, *, is_low: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self._is_low = is_low
        self._said = (meaning, "")
        self._title = Label(title)
        self._title.setProperty("role", "title")
        self._beside = small(meaning) if is_low else small_rich()
        if not is_low:
            self._beside.setFont(mono())
        self.mark = PoolingMark()
        self._axes = RichLabel()
        self._axes.setFont(mono())
        self._note = small(meaning, wraps=True)
        self.colors = ColorBar()
        self._arrange()
        self.show_words(meaning, "")

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(_GAP)
        line.addWidget(self._title)
        line.addWidget(self._beside)
        line.addStretch(1)
        line.addWidget(self.mark)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, _RIGHT, 0)
        layout.setSpacing(1)
        layout.addStretch(1)
        layout.addLayout(line)
        for part in (self._axes, self._note, self.colors):
            layout.addWidget(part)
        layout.addStretch(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def show_axes(self, axes: list[tuple[str, AxisKind]], theme: Theme) -> None:
        """Show the axes' symbols in their colours."""
        spans = [f'<span style="color:{theme.axis(kind)}">{name}</span>' for name, kind in axes]
        self._axes.setText(", ".join(spans))
        if not self._is_low:
            self._beside.setText(self._axes.text())

    def show_words(self, meaning: str, whose: str) -> None:
        """Say what the row holds, and whose numbers where they are not this run's."""
        self._said = (meaning, whose)
        if self._is_low:
            self._beside.setText(meaning)
        self._tell()
        self._fit()

    def show_pooling(self, pooling: Pooling, scale: Scale) -> None:
        """Say how many numbers a pixel stands for, and on which scale."""
        self.colors.show_scale(scale)
        words = pooling.in_words(scale.rest)
        if plain_tip(words) != self.mark.toolTip():
            self.mark.show_pooling(pooling, words)
            self._tell()
            self._fit()

    def _tell(self) -> None:
        parts = (*reversed(self._said), self.mark.toolTip())
        self.setToolTip(plain_tip("; ".join(part for part in parts if part)))

    def _fit(self) -> None:
        """Show as much as there is room for."""
        width = self.width() - _RIGHT
        self.colors.set_low(on=False)
        tall = self.colors.sizeHint().height()
        room = self.height() - self._title.sizeHint().height() - tall - 2
        self.colors.set_low(on=room < 0)
        if self._is_low:
            self._fit_low(width, room, tall)
        else:
            self._fit_high(width, room)

    def _fit_low(self, width: int, room: int, tall: int) -> None:
        is_beside = self._fits_beside(width)
        self._beside.setVisible(is_beside)
        self._axes.hide()
        self._note.setText(self._said[0])
        need = self._note.sizeHint().height()
        if not is_beside and room < need:
            # A gate's name comes before the numbers beneath its colours.
            self.colors.set_low(on=True)
            room += tall - self.colors.sizeHint().height()
        self._note.setVisible(not is_beside and room >= need)

    def _fit_high(self, width: int, room: int) -> None:
        room -= self._axes.sizeHint().height() + 1
        self._axes.setVisible(room >= 0)
        self._beside.setVisible(room < 0 and self._fits_beside(width))
        meaning, whose = self._said
        plain = f"{whose}; {meaning}" if whose else meaning
        pooled = self.mark.toolTip()
        texts = (f"{plain}; {pooled}" if pooled else plain, plain, whose)
        fitting = [text for text in texts if text and self._height_of(text, width) <= room]
        self._note.setVisible(bool(fitting))
        self._note.setText(fitting[0] if fitting else "")

    def _fits_beside(self, width: int) -> bool:
        parts = [self._title.sizeHint().width(), self._beside.sizeHint().width()]
        if self.mark.text():
            parts.append(self.mark.sizeHint().width())
        return sum(parts) + _GAP * len(parts) <= width

    def _height_of(self, text: str, width: int) -> int:
        metrics = self._note.fontMetrics()
        wraps = Qt.TextFlag.TextWordWrap
        return metrics.boundingRect(0, 0, width, 1000, wraps, text).height() + 1
