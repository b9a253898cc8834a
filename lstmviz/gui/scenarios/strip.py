"""The pipeline strip: the stages of a run from left to right, above the shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QLineF, QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from lstmviz.core.scenarios.pipeline import pipeline
from lstmviz.gui.controls.heading import small
from lstmviz.gui.richtext import Label
from lstmviz.gui.scenarios.chip import StageChip
from lstmviz.gui.taking.offer import Offer

if TYPE_CHECKING:
    from lstmviz.gui.document import Document
    from lstmviz.gui.scenarios.tour import Tour
    from lstmviz.gui.theme import Appearance

_GAP: Final = 24
_AROUND: Final = 42
"""Width of the margins, and of the gap before the stages."""
_HEAD: Final = 4.0


class PipelineStrip(QFrame):
    """Show the stages of the document's scenario; press an LSTM to open its trace."""

    offered = Signal(object, object)
    """An `Offer` of what can be taken, and the place on the screen"""

    def __init__(
        self,
        document: Document,
        appearance: Appearance,
        tour: Tour,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._document = document
        self._appearance = appearance
        self._tour = tour
        self._model = Label()
        self._model.setProperty("role", "title")
        self._count = small("")
        self._line = _Line()
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._line)
        self._arrange()
        self._line.chip_reached.connect(lambda chip: self._area.ensureWidgetVisible(chip, _GAP, 0))
        document.run_changed.connect(self._show)
        tour.moved.connect(self._show)
        appearance.changed.connect(self._show)
        self._show()

    @property
    def chips(self) -> list[StageChip]:
        """The stages shown, in order."""
        return self._line.chips

    def _arrange(self) -> None:
        title = QVBoxLayout()
        title.setSpacing(1)
        title.addStretch(1)
        title.addWidget(self._model)
        title.addWidget(self._count)
        title.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 8, 10, 8)
        layout.setSpacing(18)
        layout.addLayout(title)
        layout.addWidget(self._area, 1)

    def _show(self) -> None:
        found = self._document.scenario_run
        if found is None:
            return
        run = found.run
        self._model.setText(next((s.kind for s in run.stages if not s.name), "Model"))
        lstms = len(run.traces)
        self._count.setText(f"{lstms} LSTM call{'s' if lstms > 1 else ''} opened")
        links = pipeline(run)
        if self._line.fit(len(links)):
            for chip in self._line.chips:
                chip.clicked.connect(self._press)
        pointed = self._tour.stage
        for chip, link in zip(self._line.chips, links, strict=False):
            chip.show_theme(self._appearance.theme)
            is_open = link.trace is not None and link.trace == self._document.shown
            chip.show_link(link, is_open=is_open, is_pointed=link.stage == pointed)
        self._line.show_color(self._appearance.theme.muted)
        self._fit_height()
        for chip in self._line.chips:
            if chip.isChecked():
                self._area.ensureWidgetVisible(chip, _GAP, 0)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = event.globalPos()
        chip = next((c for c in self.chips if c.rect().contains(c.mapFromGlobal(place))), None)
        link = chip.link if chip is not None else None
        texts = ((f"Copy shape {link.shape}", str(link.shape)),) if link else ()
        self.offered.emit(Offer(view="pipeline", texts=texts), place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        """Have room for the chips, and beneath them for a scroll bar where one is needed."""
        hints = [chip.sizeHint() for chip in self._line.chips]
        if not hints:
            return
        wide = sum(hint.width() + _GAP for hint in hints)
        room = self.width() - self._model.sizeHint().width() - _AROUND
        bar = self._area.horizontalScrollBar().sizeHint().height() if wide > room else 0
        self._area.setFixedHeight(max(hint.height() for hint in hints) + 2 + bar)

    def _press(self) -> None:
        chip = self.sender()
        if isinstance(chip, StageChip) and chip.link.trace is not None:
            self._document.open_trace(chip.link.trace)


class _Line(QWidget):
    """Chips with an arrow between each two; left and right keys go from one LSTM to the next."""

    chip_reached = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.chips: list[StageChip] = []
        self._color = QColor()
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(1, 1, 1, 1)
        self._layout.setSpacing(_GAP)
        self._layout.addStretch(1)

    def fit(self, count: int) -> bool:
        """Have `count` chips; returns whether all of them are new."""
        if count == len(self.chips):
            return False
        for chip in self.chips:
            self._layout.removeWidget(chip)
            chip.deleteLater()
        self.chips = [StageChip(self) for _ in range(count)]
        for place, chip in enumerate(self.chips):
            self._layout.insertWidget(place, chip)
        return True

    def show_color(self, color: str) -> None:
        """Take the colour of the arrows."""
        self._color = QColor(color)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        openable = [chip for chip in self.chips if chip.link.trace is not None]
        here = next((n for n, chip in enumerate(openable) if chip.hasFocus()), None)
        if way is None or here is None:
            super().keyPressEvent(event)
        else:
            chip = openable[(here + way) % len(openable)]
            chip.setFocus()
            self.chip_reached.emit(chip)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._color, 1.3))
        painter.setBrush(self._color)
        for left, right in zip(self.chips, self.chips[1:], strict=False):
            y = left.geometry().center().y() + 0.5
            start, tip = left.geometry().right() + 5.0, right.geometry().left() - 5.0
            painter.drawLine(QLineF(start, y, tip - _HEAD, y))
            head = [
                QPointF(tip, y),
                QPointF(tip - 1.6 * _HEAD, y - _HEAD),
                QPointF(tip - 1.6 * _HEAD, y + _HEAD),
            ]
            painter.drawPolygon(QPolygonF(head))
