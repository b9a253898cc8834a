"""The menu that every view of numbers has: copy what is there, save what it is drawn from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from lstmviz.core.taken import NumberTable
from lstmviz.core.words.amounts import quoted
from lstmviz.gui.taking.offer import Offer

_LONGEST = 60


class TakingMenu(QObject):
    """Show what a view offers, and do what is chosen.

    Parameters
    ----------
    window : QWidget
    """

    copied = Signal(str)
    """What is on the clipboard now, for the status line."""
    picture_wanted = Signal(str)
    """Save the figure of a view."""
    copy_wanted = Signal(str)
    """Copy the figure of a view."""
    refused = Signal(str)
    """Why a file was not saved."""

    def __init__(
        self,
        window: QWidget,
        save: Callable[[Path, Callable[[], bytes]], None],
    ) -> None:
        super().__init__(window)
        self._window, self._save = window, save
        self._folder = Path.home()

    def show_offer(self, offer: Offer, place: QPoint) -> None:
        """Pop the menu of `offer` up at `place`, in pixels of the screen."""
        self.menu_of(offer).popup(place)

    def menu_of(self, offer: Offer) -> QMenu:
        """Return the menu of `offer`; it is gone once it has been shown."""
        menu = QMenu(self._window)
        menu.setAccessibleName("Copy and save")
        menu.aboutToHide.connect(menu.deleteLater)
        for name, text in offer.texts:
            self._add(menu, name, partial(self._copy, name, text))
        if offer.texts:
            menu.addSeparator()
        self._add(menu, "Copy picture", lambda: self.copy_wanted.emit(offer.view))
        self._add(menu, "Save picture…", lambda: self.picture_wanted.emit(offer.view))
        if offer.table is not None:
            table = offer.table
            self._add(menu, "Save data…", lambda: self._ask(table))
            if offer.seen is not None:
                part = table.part(offer.seen)
                self._add(menu, "Save data of the steps in sight…", lambda: self._ask(part))
        return menu

    def _add(self, menu: QMenu, text: str, act: Callable[[], object]) -> None:
        # An ampersand would be taken for the letter that reaches the entry.
        short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        menu.addAction(short.replace("&", "&&")).triggered.connect(lambda *_: act())

    def _copy(self, name: str, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(name.replace("Copy ", "Copied ", 1))

    def _ask(self, table: NumberTable) -> None:
        start = str(self._folder / f"{table.name}.csv")
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save data", start, "Tables (*.csv);;NumPy arrays (*.npz)"
        )
        if not name:
            return
        path = Path(name)
        path = path if path.suffix else path.with_suffix(".csv")
        makers = {".csv": table.csv, ".npz": table.npz}
        make = makers.get(path.suffix.lower())
        if make is None:
            self.refused.emit(f"Not saved: {quoted(path.name)} must end in .csv or .npz.")
            return
        self._folder = path.parent
        self._save(path, make)
