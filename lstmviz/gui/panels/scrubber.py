"""The time scrubber: home, back, play, forward, end, a slider and a speed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QElapsedTimer, QSize, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from lstmviz.gui.controls.wheel import ChoiceBox, StepSlider
from lstmviz.gui.document import Document
from lstmviz.gui.richtext import RichLabel
from lstmviz.gui.theme import Appearance, mono

_SPEEDS: Final = (1, 2, 5, 12, 30, 60, 240, 1000)
_FRAME_MS: Final = 16


class Player(QWidget):
    """Move the document's step forward in time, as many steps a second as asked for."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hide()
        self._document = document
        self.speed = 12
        self._owed = 0.0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.timeout.connect(self._advance)

    @property
    def is_playing(self) -> bool:
        """Whether time runs."""
        return self._timer.isActive()

    def play(self, *, on: bool) -> None:
        """Start, from the first step if at the last, or stop."""
        trace = self._document.trace
        if on and trace is not None:
            if self._document.view.step >= trace.seq_len - 1:
                self._document.look_at(step=0)
            self._owed = 0.0
            self._clock.start()
            self._timer.start()
        else:
            self._timer.stop()

    def _advance(self) -> None:
        trace = self._document.trace
        self._owed += self._clock.restart() / 1000 * self.speed
        steps, self._owed = divmod(self._owed, 1.0)
        if trace is None or not steps:
            return
        # Round and round, so that a class can watch it.
        self._document.look_at(step=int(self._document.view.step + steps) % trace.seq_len)


class Scrubber(QFrame):
    """Show the document's step and ask for others.

    Parameters
    ----------
    document : Document
    appearance : Appearance
    actions : dict of str to QAction
        ``first_step``, ``previous_step``, ``play``, ``next_step``, ``last_step``.
    """

    def __init__(
        self,
        document: Document,
        appearance: Appearance,
        actions: dict[str, QAction],
        player: Player,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._document = document
        self._appearance = appearance
        self._player = player
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 7, 10, 7)
        layout.setSpacing(4)
        for name in ("first_step", "previous_step", "play", "next_step", "last_step"):
            button = QToolButton()
            button.setDefaultAction(actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setIconSize(QSize(14, 14))
            button.setAccessibleName(actions[name].text())
            button.setProperty("primary", name == "play")
            layout.addWidget(button)
        self._label = RichLabel()
        self._label.setFont(mono())
        self.slider = StepSlider()
        self.slider.setAccessibleName("time step t")
        self.slider.valueChanged.connect(lambda step: document.look_at(step=step))
        self.speed = ChoiceBox()
        self.speed.setAccessibleName("steps per second")
        for speed in _SPEEDS:
            self.speed.addItem(f"{speed:,} steps/s", speed)
        self.speed.setCurrentIndex(_SPEEDS.index(player.speed))
        self.speed.currentIndexChanged.connect(self._set_speed)
        layout.addSpacing(8)
        layout.addWidget(self._label)
        layout.addSpacing(8)
        layout.addWidget(self.slider, 1)
        layout.addSpacing(8)
        layout.addWidget(self.speed)
        document.run_changed.connect(self._show)
        document.view_changed.connect(self._show)
        appearance.changed.connect(self._show)
        self._show()

    def _set_speed(self, index: int) -> None:
        self._player.speed = _SPEEDS[index]

    def _show(self) -> None:
        trace, step = self._document.trace, self._document.view.step
        last = trace.seq_len - 1 if trace else 0
        self.slider.blockSignals(True)
        self.slider.setRange(0, last)
        self.slider.setPageStep(max(1, last // 10))
        self.slider.setValue(step)
        self.slider.blockSignals(False)
        self.slider.setEnabled(trace is not None)
        color = self._appearance.theme.time
        self._label.setText(f'<span style="color:{color}">t = {step:,}</span> of 0…{last:,}')
        self._label.setMinimumWidth(
            self._label.fontMetrics().horizontalAdvance(f"t = {last:,} of 0…{last:,}") + 6
        )
