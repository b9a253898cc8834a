"""The main window. It arranges; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QSplitter,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lstmviz.gui.app.actions import ACTIONS, MENUS
from lstmviz.gui.banner import Banner
from lstmviz.gui.notice import Notice

_SETTINGS_WIDTH: Final = 262
_PANELS_WIDTH: Final = 392
_TITLE_HEIGHT: Final = 40
"""What a desktop puts above a window, at most."""
_SHAPES_HEIGHT: Final = 320
_SHAPES_SHARE: Final = 0.26
_AROUND: Final = 200
"""Height of the bars above and below the diagram and the plots."""


class MainWindow(QMainWindow):
    """Settings on the left, shapes above the time steps in the middle, panels on the right.

    Parameters
    ----------
    actions : mapping of str to QAction
    closing : callable
        Called once, before the window goes.
    """

    def __init__(self, actions: Mapping[str, QAction], closing: Callable[[], None]) -> None:
        super().__init__()
        self._closing = closing
        self._is_split_by_hand = False
        self.setObjectName("main")
        self.setWindowTitle("lstmviz")
        self.resize(1440, 900)
        self.setMinimumSize(880, 560)
        self.setDockNestingEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._add_menus(actions)
        self._bar = QToolBar("Tools", self)
        self._bar.setObjectName("tools")
        self._bar.setMovable(False)
        self._bar.setIconSize(QSize(16, 16))
        self.addToolBar(self._bar)
        self._middle = QSplitter(Qt.Orientation.Vertical)
        self._middle.setChildrenCollapsible(False)
        self._middle.setHandleWidth(9)
        center = QWidget()
        self._column = QVBoxLayout(center)
        self._column.setContentsMargins(10, 10, 10, 10)
        self._column.setSpacing(9)
        self.notice = Notice()
        self._column.addWidget(self.notice)
        self._column.addWidget(self._middle, 1)
        self._banner = Banner(center, actions["start_engine"])
        self.setCentralWidget(center)
        self.figure = center

    @property
    def picture_area(self) -> QRect:
        """What a picture shows: all but the menu bar and what the status line says just now."""
        top = self.menuBar().height() if self.menuBar().isVisible() else 0
        below = self.statusBar().height() if self.statusBar().isVisible() else 0
        return self.rect().adjusted(0, top, 0, -below)

    def hide_bars(self) -> None:
        """Leave out what no picture shows, as where there is only a picture."""
        self.menuBar().hide()
        self.statusBar().hide()

    def fit_screen(self) -> None:
        """Fill a screen on which the window, with its title, would not stand whole."""
        room = self.screen().availableGeometry()
        if self.width() > room.width() or self.height() + _TITLE_HEIGHT > room.height():
            self.setWindowState(self.windowState() | Qt.WindowState.WindowMaximized)

    def arrange(
        self,
        *,
        settings: QWidget,
        shapes: QWidget,
        steps: QWidget,
        scrubber: QWidget,
        panels: QWidget,
        status: QWidget,
    ) -> None:
        """Put every part in its place."""
        self.settings_dock = self._dock("Settings", settings, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.panels_dock = self._dock("Panels", panels, Qt.DockWidgetArea.RightDockWidgetArea)
        self.resizeDocks(
            [self.settings_dock, self.panels_dock],
            [_SETTINGS_WIDTH, _PANELS_WIDTH],
            Qt.Orientation.Horizontal,
        )
        self._settings = settings
        self._middle.addWidget(_card(shapes))
        self._middle.addWidget(_card(steps))
        self._middle.setStretchFactor(0, 0)
        self._middle.setStretchFactor(1, 1)
        self._middle.splitterMoved.connect(self._take_split)
        self._column.addWidget(scrubber)
        self.setStatusBar(status)  # type: ignore[arg-type]  # a QStatusBar, as the caller knows

    def arrange_tools(
        self, actions: Mapping[str, QAction], names: tuple[str, ...], right: list[QWidget]
    ) -> None:
        """Fill the tool bar: what is shown, buttons, and on the right `right` and Export."""
        self._choose = QToolButton()
        self._choose.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._choose.setMenu(self._menus["&Scenarios"])
        self._choose.setAccessibleName("what is shown: a single LSTM or a scenario")
        self._choose.setToolTip("A single LSTM, or one of the real uses of it.")
        self._bar.addWidget(self._choose)
        for name in names:
            self._bar.addAction(actions[name])
            button = self._bar.widgetForAction(actions[name])
            if isinstance(button, QToolButton):
                button.setAccessibleName(actions[name].toolTip())
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._bar.addWidget(spacer)
        for widget in right:
            self._bar.addWidget(widget)
        export = QToolButton()
        export.setText("Export ▾")
        export.setProperty("primary", True)
        export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        export.setMenu(self._menus["E&xport"])
        export.setAccessibleName("Export")
        self._bar.addWidget(export)

    def seat_form(self, form: QWidget) -> None:
        """Give the form of scenarios its place, behind that of the settings."""
        self._form = form
        form.hide()
        layout = self.settings_dock.widget().layout()
        if layout is not None:
            layout.addWidget(form)

    def seat_strip(self, strip: QWidget) -> None:
        """Give the pipeline strip its place above the shapes."""
        self._strip = strip
        strip.hide()
        self._column.insertWidget(self._column.indexOf(self._middle), strip)

    def show_form(self, *, on: bool) -> None:
        """Show the form of a scenario, or the settings of a single LSTM."""
        self._settings.setVisible(not on)
        self._form.setVisible(on)

    def show_strip(self, *, on: bool) -> None:
        """Show the pipeline strip, or give its room back."""
        self._strip.setVisible(on)

    def show_title(self, title: str) -> None:
        """Name what is shown: a scenario, or a single LSTM."""
        self._choose.setText(f"{title} ▾")

    def show_fault(self, sentence: str) -> None:
        """Say what is wrong above the last good picture; empty for nothing."""
        self._banner.show_sentence(sentence)

    def offer_start(self, *, on: bool) -> None:
        """Offer to start an engine, beside what is said of the one that is not there."""
        self._banner.offer(on=on)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._is_split_by_hand:
            # The plots need the room more than the diagram does.
            shapes = min(_SHAPES_HEIGHT, round(_SHAPES_SHARE * self.height()))
            self._middle.setSizes([shapes, self.height() - shapes - _AROUND])

    def _take_split(self) -> None:
        self._is_split_by_hand = True

    def closeEvent(self, event: QCloseEvent) -> None:
        self._closing()
        super().closeEvent(event)

    def _add_menus(self, actions: Mapping[str, QAction]) -> None:
        self._menus: dict[str, QMenu] = {title: self.menuBar().addMenu(title) for title in MENUS}
        for spec in ACTIONS:
            if spec.separated:
                self._menus[spec.menu].addSeparator()
            self._menus[spec.menu].addAction(actions[spec.name])
            # Also the window's own, so that a shortcut works with the menu bar out of reach.
            self.addAction(actions[spec.name])

    def _dock(self, title: str, content: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(title.lower())
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        dock.setTitleBarWidget(QWidget())
        side = QFrame()
        side.setObjectName(
            "leftSide" if area is Qt.DockWidgetArea.LeftDockWidgetArea else "rightSide"
        )
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(content)
        dock.setWidget(side)
        self.addDockWidget(area, dock)
        return dock


def _card(content: QWidget) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    layout = QVBoxLayout(card)
    layout.setContentsMargins(1, 1, 1, 1)
    layout.addWidget(content)
    return card
