"""The help window: an index, a page, and a picture of the run that is open."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QPixmap, QShowEvent, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from lstmviz.gui.document import Document
from lstmviz.gui.help.pages import Page, pages
from lstmviz.gui.richtext import Label
from lstmviz.gui.theme import Appearance, mono

_INDEX_WIDTH: Final = 190
_PICTURE_HEIGHT: Final = 190
_WITHOUT_PICTURE: Final = frozenset({"index", "getting-around"})


class HelpWindow(QDialog):
    """Show the help pages beside the window; links lead from one to another.

    Parameters
    ----------
    document : Document
        Its run is the one pictured.
    appearance : Appearance
    subject : QWidget
        What the live picture shows.
    """

    def __init__(
        self,
        document: Document,
        appearance: Appearance,
        subject: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("lstmviz help")
        self.resize(860, 720)
        self._subject = subject
        self._appearance = appearance
        self._pages = {page.name: page for page in pages()}
        self.index = QListWidget()
        self.index.setFixedWidth(_INDEX_WIDTH)
        self.index.setAccessibleName("Help pages")
        for page in self._pages.values():
            item = QListWidgetItem(page.title)
            item.setData(Qt.ItemDataRole.UserRole, page.name)
            self.index.addItem(item)
        self._picture = Label()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._caption = Label("The shapes of the run that is open now.")
        self._caption.setProperty("role", "muted")
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setAccessibleName("Help page")
        column = QVBoxLayout()
        column.addWidget(self._picture)
        column.addWidget(self._caption)
        column.addWidget(self.text, 1)
        layout = QHBoxLayout(self)
        layout.addWidget(self.index)
        layout.addLayout(column, 1)
        self.index.currentItemChanged.connect(self._open_chosen)
        self.text.anchorClicked.connect(self._follow)
        document.run_changed.connect(self._show_picture)
        appearance.changed.connect(self._open_chosen)

    @property
    def shown(self) -> str:
        """Name of the page that is open."""
        item = self.index.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item else ""

    def open_page(self, name: str) -> None:
        """Open the page called `name`; the first one where there is none."""
        names = list(self._pages)
        self.index.setCurrentRow(names.index(name) if name in names else 0)
        self.show()
        self.raise_()
        self.activateWindow()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_picture()

    def _open_chosen(self) -> None:
        page = self._pages.get(self.shown)
        if page is None:
            return
        self._lay_out(page)
        has_picture = page.name not in _WITHOUT_PICTURE
        self._picture.setVisible(has_picture)
        self._caption.setVisible(has_picture)

    def _lay_out(self, page: Page) -> None:
        """Write `page` into the one document there is: a new one for each would stay for good."""
        document = self.text.document()
        document.setDefaultFont(self.font())
        document.setDefaultStyleSheet(f"a {{ color: {self._appearance.theme.accent} }}")
        document.setMarkdown(page.text, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        # Through HTML, because only there does the style sheet reach the code.
        html = document.toHtml().replace("'monospace'", f"'{mono().family()}'")
        self.text.setHtml(html)
        self.text.document().setDocumentMargin(14)

    def _follow(self, url: QUrl) -> None:
        name = url.toString().removesuffix(".md")
        if name in self._pages:
            self.open_page(name)

    def _show_picture(self) -> None:
        if not self.isVisible():
            return
        size = self._subject.size()
        ratio = self.devicePixelRatioF()
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(self._appearance.theme.card)
        self._subject.render(picture)
        room = QSize(self.width() - _INDEX_WIDTH - 40, _PICTURE_HEIGHT) * ratio
        self._picture.setPixmap(
            picture.scaled(
                room,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
