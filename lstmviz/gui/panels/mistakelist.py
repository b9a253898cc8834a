"""The classic mistakes in groups, with a field that finds them by any words."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from lstmviz.core.mistakes import CATALOGUE, GROUPS, Mistake, mistake
from lstmviz.core.scenes.colors import Theme
from lstmviz.core.spec import RunSpec
from lstmviz.gui.richtext import plain_tip


class MistakeList(QWidget):
    """Lists the mistakes, and says which is chosen.

    Attributes
    ----------
    search : QLineEdit
    rows : QListWidget
        Groups' names, which cannot be chosen, each above its mistakes.
    """

    chosen_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: dict[str, QListWidgetItem] = {}
        self._headers: list[tuple[QListWidgetItem, tuple[Mistake, ...]]] = []
        self._nothing = QListWidgetItem("None holds all these words; a message goes above.")
        self._nothing.setFlags(Qt.ItemFlag.NoItemFlags)
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setPlaceholderText(f"Search the {len(CATALOGUE)} mistakes…")
        self.search.setAccessibleName("Search the classic mistakes")
        self.rows = QListWidget()
        self.rows.setAccessibleName("Classic mistakes")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.rows, 1)
        self.search.textChanged.connect(self._filter)
        self.rows.currentItemChanged.connect(self.chosen_changed)

    @property
    def chosen(self) -> Mistake | None:
        """The mistake that is chosen; None before there are any."""
        item = self.rows.currentItem()
        name = item.data(Qt.ItemDataRole.UserRole) if item else None
        return mistake(name) if name else None

    def choose(self, name: str, *, quietly: bool = False) -> None:
        """Choose the mistake called `name`; `quietly` without saying that it changed."""
        self.fill()
        was_blocked = self.rows.blockSignals(quietly)
        self.rows.setCurrentItem(self._items[name])
        self.rows.blockSignals(was_blocked)

    def fill(self) -> None:
        """List the mistakes, if that has not been done."""
        if self._items:
            return
        for title, group in GROUPS:
            header = QListWidgetItem(title)
            header.setFlags(Qt.ItemFlag.NoItemFlags)
            self.rows.addItem(header)
            self._headers.append((header, group))
            for entry in group:
                item = QListWidgetItem(f"   {entry.title}")
                item.setData(Qt.ItemDataRole.UserRole, entry.name)
                item.setToolTip(plain_tip(f"{entry.kind}: {entry.why}"))
                self.rows.addItem(item)
                self._items[entry.name] = item
        self.rows.addItem(self._nothing)
        self._nothing.setHidden(True)
        self.choose(CATALOGUE[0].name)

    def show_applicable(self, spec: RunSpec, theme: Theme) -> int:
        """Draw what `spec` cannot show in a muted colour; return how many it can show."""
        applicable = {entry.name for entry in CATALOGUE if entry.applies(spec)}
        for name, item in self._items.items():
            item.setForeground(QColor(theme.text if name in applicable else theme.muted))
        for header, _ in self._headers:
            header.setForeground(QColor(theme.muted))
        self._nothing.setForeground(QColor(theme.muted))
        return len(applicable)

    def _filter(self, query: str) -> None:
        """Show the mistakes that hold every word of `query`, and the groups that hold any."""
        words = query.lower().split()
        for header, group in self._headers:
            for entry in group:
                text = f"{entry.title} {entry.name} {entry.why} {entry.kind}".lower()
                is_hidden = not all(word in text for word in words)
                self._items[entry.name].setHidden(is_hidden)
            header.setHidden(all(self._items[entry.name].isHidden() for entry in group))
        if self._items:
            self._nothing.setHidden(not all(header.isHidden() for header, _ in self._headers))
