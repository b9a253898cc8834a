"""What stands before a row of plots: its name, its axes, its scale."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lstmviz.core.contract import AxisKind
from lstmviz.gui.plots.colorbar import ColorBar
from lstmviz.gui.richtext import Label, RichLabel, plain_tip
from lstmviz.gui.theme import Theme, mono

WIDTH = 136
_ROOM_FOR_NOTE = 84
_ROOM_FOR_AXES = 62


class RowLabel(QWidget):
    """Title, coloured axes, one line of meaning and a colour bar.

    Parameters
    ----------
    title, meaning : str
    is_low : bool
        Whether the row is low: title and meaning share a line and the axes are left out.
    """

    def __init__(
        self, title: str, meaning: str, *, is_low: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self._meaning = meaning
        self._is_low = is_low
        self.setToolTip(plain_tip(meaning))
        self._title = Label(title)
        self._title.setProperty("role", "title")
        self._axes = RichLabel()
        self._axes.setFont(mono())
        self._note = Label(meaning)
        self._note.setProperty("role", "muted")
        self._note.setWordWrap(True)
        small = self._note.font()
        small.setPointSizeF(small.pointSizeF() * 0.88)
        self._note.setFont(small)
        self.colors = ColorBar()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(1)
        layout.addStretch(1)
        if is_low:
            line = QHBoxLayout()
            line.setSpacing(6)
            line.addWidget(self._title)
            line.addWidget(self._note, 1)
            layout.addLayout(line)
            self._axes.hide()
        else:
            for part in (self._title, self._axes, self._note):
                layout.addWidget(part)
        layout.addSpacing(3)
        layout.addWidget(self.colors)
        layout.addStretch(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._is_low:
            self._note.setVisible(self.height() >= _ROOM_FOR_NOTE)
            self._axes.setVisible(self.height() >= _ROOM_FOR_AXES)

    def show_axes(self, axes: list[tuple[str, AxisKind]], theme: Theme) -> None:
        """Show the axes' symbols in their colours."""
        spans = [f'<span style="color:{theme.axis(kind)}">{name}</span>' for name, kind in axes]
        self._axes.setText(", ".join(spans))

    def show_note(self, note: str) -> None:
        """Show `note` under the axes; empty for the row's meaning."""
        self._note.setText(note or self._meaning)
        self.setToolTip(plain_tip(note or self._meaning))
