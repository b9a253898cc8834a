"""The tour's own box: a step's words, its verdict on this run, back and next."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from lstmviz.gui.controls.heading import heading

if TYPE_CHECKING:
    from lstmviz.gui.scenarios.tour import Tour
    from lstmviz.gui.theme import Appearance


class TourBox(QFrame):
    """Show where the tour stands, and ask it to go on or back."""

    def __init__(self, tour: Tour, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tour")
        self._tour = tour
        self._appearance = appearance
        self._title = heading("Guided tour")
        self.text = QLabel(wordWrap=True)
        self.text.setAccessibleName("step of the tour")
        self.verdict = QLabel(wordWrap=True)
        self.verdict.setTextFormat(Qt.TextFormat.RichText)
        self.verdict.setAccessibleName("what this run says")
        self.back = QPushButton("Back")
        self.next = QPushButton("Next")
        self.next.setProperty("primary", True)
        self.end = QPushButton("End tour")
        self._arrange()
        self.back.clicked.connect(lambda: tour.go((tour.place or 0) - 1))
        self.next.clicked.connect(self._go_on)
        self.end.clicked.connect(tour.stop)
        tour.moved.connect(self._show)
        appearance.changed.connect(self._show)
        self._show()

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(7)
        buttons.addWidget(self.back)
        buttons.addWidget(self.next)
        buttons.addStretch(1)
        buttons.addWidget(self.end)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 11)
        layout.setSpacing(7)
        layout.addWidget(self._title)
        layout.addWidget(self.text)
        layout.addWidget(self.verdict)
        layout.addLayout(buttons)

    def _go_on(self) -> None:
        place = self._tour.place
        if place is not None and place + 1 == len(self._tour.steps):
            self._tour.stop()
        else:
            self._tour.go(0 if place is None else place + 1)

    def _show(self) -> None:
        tour, theme = self._tour, self._appearance.theme
        place, count = tour.place, len(tour.steps)
        is_on = place is not None
        self.back.setVisible(is_on)
        self.end.setVisible(is_on)
        self.verdict.setVisible(is_on and tour.claim is not None)
        if place is None or tour.step is None:
            self._title.setText("GUIDED TOUR")
            self.text.setText(f"{count} steps, each with what it says checked on the run.")
            self._name_next("Start")
            return
        self._title.setText(f"GUIDED TOUR · {place + 1} OF {count}")
        self.text.setText(tour.step.text)
        self.back.setEnabled(place > 0)
        self.end.setVisible(place + 1 < count)
        self._name_next("Next" if place + 1 < count else "Finish")
        claim = tour.claim
        if claim is not None:
            color = theme.good if claim.holds else theme.bad
            sign = "✓" if claim.holds else "✕"
            self.verdict.setText(
                f'<span style="color:{color}"><b>{sign}</b> {escape(claim.measured)}</span>'
            )

    def _name_next(self, text: str) -> None:
        self.next.setText(text)
        self.next.setAccessibleName(
            {"Start": "start the tour", "Next": "next step of the tour"}.get(text, "end the tour")
        )
