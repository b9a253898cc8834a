"""What lies over the views of an earlier run: a veil, and a sentence with the way on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from lstmviz.core.asking.run_state import RunState
from lstmviz.gui.richtext import Label

if TYPE_CHECKING:
    from lstmviz.gui.document import Document
    from lstmviz.gui.theme import Appearance

_VEIL_ALPHA: Final = 150
_TOP: Final = 14


class _Over(QObject):
    """Keep a widget on top of another one, in the part of it that `place` says."""

    def __init__(self, widget: QWidget, below: QWidget, place: Callable[[QRect], QRect]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._below = below
        self._place = place
        below.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.ChildAdded):
            self.settle()
        return super().eventFilter(watched, event)

    def settle(self) -> None:
        """Put the widget where it belongs."""
        self._widget.setGeometry(self._place(self._below.rect()))
        self._widget.raise_()


class Veil(QWidget):
    """Dim a view whose numbers are an earlier run's; the view itself stays in use.

    Parameters
    ----------
    below : QWidget
        The view.
    appearance : Appearance
    """

    def __init__(self, below: QWidget, appearance: Appearance) -> None:
        super().__init__(below)
        self._appearance = appearance
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._over = _Over(self, below, lambda room: room)
        self.hide()

    def show_veil(self, *, on: bool) -> None:
        """Lay the veil over the view, or take it away."""
        if on:
            self._over.settle()
        self.setVisible(on)

    def paintEvent(self, event: QPaintEvent) -> None:
        color = QColor(self._appearance.theme.card)
        color.setAlpha(_VEIL_ALPHA)
        QPainter(self).fillRect(event.rect(), color)


class StaleNotice(QFrame):
    """Say over a view that its run is an earlier one, with the button that leads on.

    Parameters
    ----------
    below : QWidget
        The view.
    actions : mapping of str to QAction
        ``run`` and ``cancel``.
    """

    def __init__(self, below: QWidget, actions: Mapping[str, QAction]) -> None:
        super().__init__(below)
        self.setObjectName("notice")
        self._label = Label()
        self._label.setWordWrap(True)
        self._label.setAccessibleName("which run is shown")
        self._buttons = {"run": QToolButton(), "cancel": QToolButton()}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 7, 8, 7)
        layout.setSpacing(12)
        layout.addWidget(self._label, 1)
        for name, button in self._buttons.items():
            button.setDefaultAction(actions[name])
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setText("Run" if name == "run" else "Stop")
            button.setProperty("primary", name == "run")
            button.setAccessibleName(actions[name].toolTip())
            layout.addWidget(button)
        self._over = _Over(self, below, self._at_the_top)
        self.hide()

    def show_notice(self, sentence: str, state: RunState) -> None:
        """Say `sentence`; empty to go away."""
        self._label.setText(sentence)
        self._label.setMinimumWidth(min(420, self._label.fontMetrics().horizontalAdvance(sentence)))
        self._buttons["run"].setVisible(state is not RunState.UNDER_WAY)
        self._buttons["cancel"].setVisible(state is RunState.UNDER_WAY)
        if sentence:
            self._over.settle()
        self.setVisible(bool(sentence))

    def _at_the_top(self, room: QRect) -> QRect:
        width = min(self.sizeHint().width(), room.width() - 2 * _TOP)
        height = self.heightForWidth(width) if self.hasHeightForWidth() else -1
        height = height if height > 0 else self.sizeHint().height()
        return QRect((room.width() - width) // 2, _TOP, width, height)


class Veils(QObject):
    """Lay veils over every view that shows a run, for as long as it is an earlier one.

    Parameters
    ----------
    document : Document
    appearance : Appearance
    main : QWidget
        The view over which the sentence stands; its own veil is laid too.
    actions : mapping of str to QAction
    """

    def __init__(
        self,
        document: Document,
        appearance: Appearance,
        main: QWidget,
        actions: Mapping[str, QAction],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._freshness = document.freshness
        self._appearance = appearance
        self._veils: list[Veil] = []
        self.cover(main)
        self.notice = StaleNotice(main, actions)
        self._freshness.changed.connect(self._lay)

    def cover(self, view: QWidget) -> None:
        """Have a veil for `view` too."""
        veil = Veil(view, self._appearance)
        veil.show_veil(on=bool(self._freshness.notice))
        self._veils.append(veil)

    def _lay(self) -> None:
        notice = self._freshness.notice
        for veil in self._veils:
            veil.show_veil(on=bool(notice))
        self.notice.show_notice(notice, self._freshness.state)
