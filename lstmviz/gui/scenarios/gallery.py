"""Every scenario as a card to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QGridLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lstmviz.core.scenario import SCENARIOS
from lstmviz.gui.controls.heading import small
from lstmviz.gui.scenarios.thumbnail import paint_thumbnail

if TYPE_CHECKING:
    from lstmviz.core.scenarios.choice import Choice
    from lstmviz.core.scenarios.parts import Scenario
    from lstmviz.gui.theme import Appearance
from lstmviz.core.scenes.colors import Theme

_COLUMNS: Final = 4
_PICTURE: Final = 104.0
_PAD: Final = 14.0
_SINGLE: Final = (
    "Single LSTM",
    "One nn.LSTM with every setting of its own: shapes, states, gates, facts and code.",
)


class Card(QAbstractButton):
    """A scenario's thumbnail, title and summary."""

    def __init__(self, name: str, title: str, summary: str, theme: Theme) -> None:
        super().__init__()
        self.name = name
        self._title, self._summary = title, summary
        self._theme = theme
        self.setCheckable(True)
        self.setAccessibleName(title)
        self.setAccessibleDescription(summary)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        # Text that is painted is not asked how much room it needs.
        self.setMinimumSize(self.sizeHint())

    def nextCheckState(self) -> None:
        # Checked is the one that is shown now.
        return

    def sizeHint(self) -> QSize:
        line = QFontMetricsF(QApplication.font()).height()
        return QSize(242, round(_PICTURE + 5.2 * line + _PAD))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_near = self.hasFocus() or self.underMouse()
        color = theme.accent if is_near or self.isChecked() else theme.line
        painter.setPen(QPen(QColor(color), 2.0 if self.hasFocus() else 1.2))
        painter.setBrush(QColor(theme.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 9, 9)
        room = QRectF(_PAD, _PAD, self.width() - 2 * _PAD, _PICTURE - _PAD)
        paint_thumbnail(painter, self.name, room, theme)
        self._paint_words(painter)

    def _paint_words(self, painter: QPainter) -> None:
        theme = self._theme
        bold = QFont(QApplication.font())
        bold.setBold(True)
        line = QFontMetricsF(bold).height()
        wide = self.width() - 2 * _PAD
        painter.setFont(bold)
        painter.setPen(QColor(theme.text))
        title = QRectF(_PAD, _PICTURE + 8, wide, line)
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft, self._title)
        if self.isChecked():
            painter.setPen(QColor(theme.accent))
            painter.drawText(title, Qt.AlignmentFlag.AlignRight, "shown")
        plain = QFont(QApplication.font())
        plain.setPointSizeF(plain.pointSizeF() * 0.92)
        painter.setFont(plain)
        painter.setPen(QColor(theme.muted))
        room = QRectF(_PAD, _PICTURE + 11 + line, wide, self.height() - _PICTURE - line - _PAD)
        painter.drawText(room, Qt.TextFlag.TextWordWrap, self._summary)


def lead(scenarios: Sequence[Scenario]) -> str:
    """Return what is true of all of `scenarios`, and which are an exception."""
    fixed = [f"“{scenario.title}”" for scenario in scenarios if scenario.trained]
    sizes = "All sizes can be changed"
    if fixed:
        plural = len(fixed) > 1
        *others, last = fixed
        names = f"{', '.join(others)} and {last}" if others else last
        sizes += f", except those of the trained network{'s' if plural else ''} of {names}"
    return (
        f"Each is a real model that runs for real, and every claim is checked on the run. {sizes}."
    )


class Gallery(QDialog):
    """Choose a scenario, or the single LSTM.

    Attributes
    ----------
    chosen : str
        Name of the scenario once the dialog is accepted; empty for the single LSTM.
    """

    def __init__(
        self, appearance: Appearance, shown: Choice | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Scenarios")
        self.chosen = ""
        theme = appearance.theme
        texts = {"": _SINGLE, **{name: (s.title, s.summary) for name, s in SCENARIOS.items()}}
        self.cards = [Card(name, *words, theme) for name, words in texts.items()]
        grid = QGridLayout()
        grid.setSpacing(12)
        for place, card in enumerate(self.cards):
            card.setChecked(card.name == (shown.name if shown else ""))
            card.clicked.connect(self._choose)
            grid.addWidget(card, *divmod(place, _COLUMNS))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 18)
        layout.setSpacing(12)
        layout.addWidget(small(lead(tuple(SCENARIOS.values())), wraps=True))
        layout.addLayout(grid)
        current = next(card for card in self.cards if card.isChecked())
        current.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -_COLUMNS,
            Qt.Key.Key_Down: _COLUMNS,
        }
        step = steps.get(Qt.Key(event.key()))
        focus = self.focusWidget()
        here = self.cards.index(focus) if isinstance(focus, Card) else None
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and here is not None:
            self.cards[here].click()
        elif step is not None and here is not None:
            self.cards[max(0, min(len(self.cards) - 1, here + step))].setFocus()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        card = self.sender()
        if isinstance(card, Card):
            self.chosen = card.name
            self.accept()
