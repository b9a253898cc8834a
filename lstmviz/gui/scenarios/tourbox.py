"""The tour's own box: a step's words, its verdict on this run, back and next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lstmviz.gui.controls.heading import heading
from lstmviz.gui.controls.marks import failed_words, mark_cell, mark_color
from lstmviz.gui.richtext import Label, RichLabel, escape

if TYPE_CHECKING:
    from lstmviz.core.scenarios.parts import TourStep
    from lstmviz.gui.scenarios.tour import Tour
    from lstmviz.gui.theme import Appearance


_NEXT_NAMES: Final = {
    "Start": "start the tour",
    "Next": "next step of the tour",
    "Finish": "end the tour",
}
"""What can stand on the button that goes on, and what it is called."""


class TourBox(QFrame):
    """Show where the tour stands, and ask it to go on or back."""

    def __init__(self, tour: Tour, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tour")
        self._tour = tour
        self._appearance = appearance
        self._title = heading("Guided tour")
        self.text = Label(wordWrap=True)
        self.text.setAccessibleName("step of the tour")
        self.verdict = RichLabel(wordWrap=True)
        self.verdict.setAccessibleName("what this run says")
        self.back = QPushButton("Back")
        self.next = QPushButton("Next")
        self.next.setProperty("primary", True)
        self.end = QPushButton("End")
        self.end.setAccessibleName("leave the tour")
        self._arrange()
        self.back.clicked.connect(lambda: tour.go((tour.place or 0) - 1))
        self.next.clicked.connect(self._go_on)
        self.end.clicked.connect(tour.stop)
        tour.moved.connect(self._show)
        appearance.changed.connect(self._show)
        self._show()

    def _arrange(self) -> None:
        for button in (self.back, self.end):
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            button.setSizePolicy(policy)
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
        # Above the words, whose length differs: the next press is where the last one was.
        layout.addLayout(buttons)
        layout.addWidget(self.text)
        layout.addWidget(self.verdict)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Polish, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fix_width()
        return done

    def _fix_width(self) -> None:
        """Make Next as wide as the widest word that ever stands on it."""
        shown, widest = self.next.text(), 0
        for text in _NEXT_NAMES:
            self.next.setText(text)
            widest = max(widest, self.next.sizeHint().width())
        self.next.setText(shown)
        self.next.setFixedWidth(widest)

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
        self.back.setEnabled(bool(place))
        self.end.setVisible(is_on)
        self.verdict.setVisible(is_on and tour.claim is not None)
        if place is None or tour.step is None:
            self._title.setText("GUIDED TOUR")
            self.text.setText(_lead(tour.steps))
            self._name_next("Start")
            return
        self._title.setText(f"GUIDED TOUR · {place + 1} OF {count}")
        self.text.setText(tour.step.text)
        self.end.setVisible(place + 1 < count)
        self._name_next("Next" if place + 1 < count else "Finish")
        claim = tour.claim
        if claim is not None:
            row = mark_cell(claim.standing, theme)
            color = mark_color(claim.standing, theme)
            words = f'<span style="color:{color}">{escape(claim.measured)}</span>'
            words += failed_words(claim.standing, theme)
            table = '<table cellspacing="0" cellpadding="2">'
            self.verdict.setText(f"{table}<tr>{row}<td>&nbsp;{words}</td></tr></table>")

    def _name_next(self, text: str) -> None:
        self.next.setText(text)
        self.next.setAccessibleName(_NEXT_NAMES[text])


def _lead(steps: Sequence[TourStep]) -> str:
    checked, count = sum(bool(step.claim) for step in steps), len(steps)
    what = "each" if checked == count else f"{checked} of them"
    return f"{count} steps, {what} with a claim that is checked on the run."
