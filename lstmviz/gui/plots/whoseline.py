"""Whose numbers stand below, in a line that nothing else takes the room of."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QWidget

from lstmviz.core.plotted import Plotted
from lstmviz.gui.controls.heading import SMALLER
from lstmviz.gui.richtext import Label


class WhoseLine(Label):
    """Say whose numbers are plotted once a run is pinned; takes no room before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, wordWrap=True)
        self.setProperty("role", "muted")
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * SMALLER)
        self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Whose numbers are plotted")
        self.hide()

    def show_plotted(self, plotted: Plotted) -> None:
        """Say whose numbers `plotted` are."""
        self.setText(plotted.sentence)
        self.setVisible(bool(plotted.sentence))
